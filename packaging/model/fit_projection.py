"""Fit the projections of the embedding in the box to unlabelled photos.

    python packaging/model/fit_projection.py PHOTOS [--photos N] [--seed S] [--out FILE]

PHOTOS is a folder or a tar archive with photos in sub-folders. As many are drawn from each sub-folder as from the
others, as far as it has them, and only from every second photo by name: the rest stays apart for measuring. What
YOLO11n in the box answers in five regions of each layer (`photosim.ml.regions`) is projected to the directions
that hold most of it, not centred, each scaled by its eigenvalue to the power of -0.2: between a plain projection
and whitening, which finds more of the same kind but fewer edited copies. No label is used. The same photos, seed
and machine give the same bytes.
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
from photosim.ml.catalog import MAX_POOLED, REGION_POOLED, weights_path
from photosim.ml.embedder import BATCH, Embedder
from photosim.ml.preprocess import preprocess

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "resources" / "models"
OUT = MODELS / "yolo11n-coco-regions.npz"

DIRECTIONS = {6: 112, 8: 144, 9: 144, 13: 112}
"""By layer: the directions kept, 512 in all. Layers 8 and 9 have twice the channels of 6 and 13."""

VALUES = {6: 640, 8: 1280, 9: 1280, 13: 640}
"""By layer: what five regions give."""

POWER = 0.2
"""0 is a plain projection, 0.5 whitens. 0.1 to 0.3 differ little; more loses edited copies and kinds."""

PHOTOS, SEED = 6_000, 0
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}

Rows = npt.NDArray[np.float32]


def main() -> int:
    """Draw, look, fit, write; exit status 0, or 1 with the reason."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", metavar="PHOTOS", type=Path, help="a folder or a tar archive")
    parser.add_argument("--photos", type=int, default=PHOTOS, help="how many to draw (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the draw (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        make(arguments.source, arguments.photos, arguments.seed, arguments.out)
    except (OSError, ValueError, tarfile.TarError, PhotoSimError) as error:
        print(f"fit_projection: {error}", file=sys.stderr)
        return 1
    return 0


def make(source: Path, wanted: int, seed: int, out: Path) -> None:
    """Write the projections and their provenance (`out` with the ending .json)."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if source.is_dir():
            names = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
            paths = {name: source / name for name in drawn(names, wanted, seed)}
        else:
            with tarfile.open(source) as archive:
                members = {member.name: member for member in archive if member.isfile()}
                paths = {name: folder / name for name in drawn(list(members), wanted, seed)}
                archive.extractall(folder, [members[name] for name in paths], filter="data")
        parts = look(list(paths.values()), folder)
    projections = {f"layer{layer}": fit(rows, DIRECTIONS[layer]) for layer, rows in parts.items()}
    with out.open("wb") as file:
        np.savez(file, allow_pickle=False, **projections)
    told = json.dumps(provenance(out.read_bytes(), list(paths), seed, source.name), indent=2) + "\n"
    out.with_suffix(".json").write_text(told, encoding="utf-8")
    print(f"{out}: {out.stat().st_size:,} bytes, from {len(paths):,} photos")


def drawn(names: list[str], wanted: int, seed: int) -> list[str]:
    """At most `wanted` names of photos, from every second of each folder, as evenly as the folders allow."""
    folders: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        if PurePosixPath(name).suffix.lower() in SUFFIXES:
            folders[str(PurePosixPath(name).parent)].append(name)
    random = np.random.default_rng(seed)
    chosen: list[str] = []
    halves = sorted((members[::2] for members in folders.values()), key=len)
    for place, half in enumerate(halves):
        share = (wanted - len(chosen)) // (len(halves) - place)
        chosen += [half[index] for index in random.permutation(len(half))[:share]]
    if len(chosen) < DIRECTIONS[8]:
        raise ValueError(f"{len(chosen)} photos are too few to fit anything to")
    return sorted(chosen)


def look(paths: list[Path], settings: Path) -> dict[int, Rows]:
    """By layer: what the model answers in the regions of each photo, float32 (N, 5 C), rows of unit length."""
    plain = replace(REGION_POOLED, projection=None, dimensions=sum(VALUES.values()))
    embedder = Embedder(plain, weights_path(MAX_POOLED, MODELS), settings)
    rows = np.empty((len(paths), plain.dimensions), np.float32)
    for start in range(0, len(paths), BATCH):
        pictures = [picture(path) for path in paths[start : start + BATCH]]
        rows[start : start + BATCH] = embedder.embed(np.stack(pictures))
    ends = np.cumsum([VALUES[layer] for layer in plain.layers])[:-1]
    split = np.split(rows * np.sqrt(len(plain.layers), dtype=np.float32), ends, axis=1)
    return dict(zip(plain.layers, split, strict=True))


def picture(path: Path) -> npt.NDArray[np.uint8]:
    """The photo as an indexing sees it."""
    image: Image.Image = read_photo(path).image
    return preprocess(image, REGION_POOLED.preprocessing)


def fit(rows: Rows, directions: int) -> npt.NDArray[np.float16]:
    """The projection (D, directions) of rows (N, D): strongest direction first, its largest value positive."""
    wide = rows.astype(np.float64)
    values, vectors = np.linalg.eigh(wide.T @ wide / len(wide))
    values, vectors = values[::-1][:directions], vectors[:, ::-1][:, :directions]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(directions)])
    scaled: npt.NDArray[np.float16] = (vectors * np.maximum(values, 1e-12) ** -POWER).astype(np.float16)
    return scaled


def provenance(data: bytes, names: list[str], seed: int, source: str) -> dict[str, Any]:
    """What the file is made of, to lie beside it."""
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
