"""Fit the projections of the bundled embedding to unlabelled photos.

    python packaging/model/fit_projection.py PHOTOS [--photos N] [--seed S] [--out FILE]

PHOTOS is a folder or a tar archive with photos in sub-folders. They are drawn evenly from the sub-folders, and only from
every second photo by name: the others are reserved for measuring. The bundled YOLO11n's feature maps, pooled in five
regions of each layer (`photosim.ml.heads.pool_regions`), are projected to their principal directions, without centring,
each scaled by its eigenvalue to the power of -0.2: between a plain projection and whitening, which finds more photos of
the same kind but fewer edited copies. No labels are used. The same photos, seed and machine give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tarfile
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from photosim.errors import PhotoSimError
from photosim.imaging.decode import read_photo
from photosim.ml.embedder import BATCH, Embedder
from photosim.ml.models.catalog import MAX_POOLED, REGION_POOLED, weights_path
from photosim.ml.preprocess import preprocess

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "resources" / "models"
OUT = MODELS / "yolo11n-coco-regions.npz"

DIRECTIONS = {6: 112, 8: 144, 9: 144, 13: 112}
"""By layer: dimensions of the projection, 512 in all. Layers 8 and 9 have twice the channels of 6 and 13."""

VALUES = {6: 640, 8: 1280, 9: 1280, 13: 640}
"""By layer: dimensions of the five regions."""

POWER = 0.2
"""0 is a plain projection, 0.5 whitens. 0.1 to 0.3 differ little; more loses edited copies and kinds."""

PHOTOS, SEED = 6_000, 0
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}

Rows = npt.NDArray[np.float32]


def main() -> int:
    """Fit and write the projections; return exit status 0, or 1 after printing the error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", metavar="PHOTOS", type=Path, help="a folder or a tar archive")
    parser.add_argument("--photos", type=int, default=PHOTOS, help="how many to draw (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the draw (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        write_projections(arguments.source, arguments.photos, arguments.seed, arguments.out)
    except (OSError, ValueError, tarfile.TarError, PhotoSimError) as error:
        print(f"fit_projection: {error}", file=sys.stderr)
        return 1
    return 0


def write_projections(source: Path, count: int, seed: int, out: Path) -> None:
    """Write the projections and their provenance (`out` with the suffix .json)."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if source.is_dir():
            names = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
            paths = {name: source / name for name in draw_names(names, count, seed)}
        else:
            with tarfile.open(source) as archive:
                members = {member.name: member for member in archive if member.isfile()}
                paths = {name: folder / name for name in draw_names(list(members), count, seed)}
                archive.extractall(folder, [members[name] for name in paths], filter="data")
        parts = compute_region_vectors(list(paths.values()), folder)
    projections = {f"layer{layer}": fit(rows, DIRECTIONS[layer]) for layer, rows in parts.items()}
    with out.open("wb") as file:
        np.savez(file, allow_pickle=False, **projections)
    text = json.dumps(provenance(out.read_bytes(), list(paths), seed, source.name), indent=2) + "\n"
    out.with_suffix(".json").write_text(text, encoding="utf-8")
    print(f"{out}: {out.stat().st_size:,} bytes, from {len(paths):,} photos")


def draw_names(names: list[str], count: int, seed: int) -> list[str]:
    """Draw at most `count` names of photos, from every second of each folder, as evenly as possible."""
    folders: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        if PurePosixPath(name).suffix.lower() in SUFFIXES:
            folders[str(PurePosixPath(name).parent)].append(name)
    random = np.random.default_rng(seed)
    selected: list[str] = []
    halves = sorted((members[::2] for members in folders.values()), key=len)
    for place, half in enumerate(halves):
        share = (count - len(selected)) // (len(halves) - place)
        selected += [half[index] for index in random.permutation(len(half))[:share]]
    if len(selected) < DIRECTIONS[8]:
        raise ValueError(f"{len(selected)} photos are too few for a fit")
    return sorted(selected)


def compute_region_vectors(paths: list[Path], settings: Path) -> dict[int, Rows]:
    """Return the pooled regions of each photo by layer, float32 (N, 5 C) of unit length."""
    unprojected = replace(REGION_POOLED, projection=None, dimensions=sum(VALUES.values()))
    embedder = Embedder(unprojected, weights_path(MAX_POOLED, MODELS), settings)
    rows = np.empty((len(paths), unprojected.dimensions), np.float32)
    for start in range(0, len(paths), BATCH):
        pictures = [load_input(path) for path in paths[start : start + BATCH]]
        rows[start : start + BATCH] = embedder.embed(np.stack(pictures))
    ends = np.cumsum([VALUES[layer] for layer in unprojected.layers])[:-1]
    split = np.split(rows * np.sqrt(len(unprojected.layers), dtype=np.float32), ends, axis=1)
    return dict(zip(unprojected.layers, split, strict=True))


def load_input(path: Path) -> npt.NDArray[np.uint8]:
    """Load a photo as the model's input, like indexing does."""
    image: Image.Image = read_photo(path).image
    return preprocess(image, REGION_POOLED.preprocessing)


def fit(rows: Rows, directions: int) -> npt.NDArray[np.float16]:
    """Fit the projection (D, directions) of rows (N, D): by eigenvalue, the largest value of each positive."""
    wide = rows.astype(np.float64)
    values, vectors = np.linalg.eigh(wide.T @ wide / len(wide))
    values, vectors = values[::-1][:directions], vectors[:, ::-1][:, :directions]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(directions)])
    scaled: npt.NDArray[np.float16] = (vectors * np.maximum(values, 1e-12) ** -POWER).astype(np.float16)
    return scaled


def provenance(data: bytes, names: list[str], seed: int, source: str) -> dict[str, Any]:
    """Return the origin of the file, for a file beside it."""
    by_folder: dict[str, int] = defaultdict(int)
    for name in names:
        by_folder[PurePosixPath(name).parent.as_posix()] += 1
    return {
        "what": "projections of YOLO11n's answers in five regions of layers 6, 8, 9 and 13, in half precision",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "license": "AGPL-3.0, as the weights that it is fitted to",
        "made_by": "packaging/model/fit_projection.py",
        "weights_sha256": MAX_POOLED.sha256,
        "directions": {str(layer): number for layer, number in DIRECTIONS.items()},
        "power": POWER,
        "centred": False,
        "source": {
            "photos": len(names),
            "from": source,
            "by_folder": dict(sorted(by_folder.items())),
            "seed": seed,
            "names_sha256": hashlib.sha256("\n".join(names).encode()).hexdigest(),
        },
    }


if __name__ == "__main__":
    sys.exit(main())
