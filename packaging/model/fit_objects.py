"""Fit the projection of the bundled embedding of objects to unlabelled photos.

    python packaging/model/fit_objects.py PHOTOS [--objects N] [--photos N] [--seed S] [--out FILE]

PHOTOS is a folder with photos in sub-folders; only every second photo by name is used, as by fit_projection.py: the others
are reserved for measuring. Objects that the bundled YOLO11n finds are cut out and pasted into two other photos each
(`tests.benchmarks.object_pairs`). Each gives four vectors: from the maps of both whole photos, and of a crop around it in
both. Each layer's pooled quarters are reduced to their principal directions; then linear discriminant analysis (Fisher,
1936) keeps those that tell objects apart and hardly change with the background, turn, scale and light of one object. No
labels are used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from photosim.errors import PhotoSimError  # noqa: E402
from photosim.imaging.color import Picture  # noqa: E402
from photosim.imaging.decode import read_photo  # noqa: E402
from photosim.ml.embedder import BATCH, Embedder  # noqa: E402
from photosim.ml.model_spec import ModelFile  # noqa: E402
from photosim.ml.models.catalog import DEFAULT, weights_path  # noqa: E402
from photosim.ml.object_features import ObjectProjection, crop_around, embed_boxes, read_object_projection  # noqa: E402
from photosim.ml.objects import letterbox  # noqa: E402
from tests.benchmarks.object_pairs import SUFFIXES, Box, make_pasted  # noqa: E402

MODELS = ROOT / "resources" / "models"
OUT = MODELS / "yolo11n-coco-objects.npz"

CHANNELS = {4: 128, 6: 128, 8: 256, 13: 128, 16: 64}
"""By layer: channels, of which each quarter of a box has one maximum."""

DIRECTIONS = 128
"""Dimensions that are kept of each layer, and of the embedding."""

SHRINKAGE = 1.0
"""Of the covariance within objects: how many times the mean variance is added to each direction."""

SHARE = 0.75
"""Of the crops; larger than that of a search, so that the projection learns to ignore the scale."""

MIN_EDGE = 128
"""Pixels; shortest side of a photo that is used."""

OBJECTS, PHOTOS, SEED = 1000, 1500, 0

Rows = npt.NDArray[np.float64]


def main() -> int:
    """Fit and write the projection; return exit status 0, or 1 after printing the error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", metavar="PHOTOS", type=Path)
    parser.add_argument("--objects", type=int, default=OBJECTS, help="to paste (default: %(default)s)")
    parser.add_argument("--photos", type=int, default=PHOTOS, help="of other objects (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="(default: %(default)s)")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        write_projection(arguments.source, arguments.objects, arguments.photos, arguments.seed, arguments.out)
    except (OSError, ValueError, PhotoSimError) as error:
        print(f"fit_objects: {error}", file=sys.stderr)
        return 1
    return 0


def write_projection(source: Path, objects: int, photos: int, seed: int, out: Path) -> None:
    """Write the projection and its provenance (`out` with the suffix .json)."""
    random = np.random.default_rng(seed)
    paths = usable_photos(source)
    with tempfile.TemporaryDirectory() as folder:
        embedder, identity = unprojected(Path(folder))
        others = vectors_of_others(embedder, [paths[row] for row in random.permutation(len(paths))[:photos]])
        pairs = vectors_of_pairs(embedder, identity, paths, objects, random)
    # Embeddings have unit length, each quarter's features too.
    length = np.sqrt(4 * len(CHANNELS))
    matrix, offset = fit(pairs * length, others * length)
    ends = np.cumsum([4 * count for count in CHANNELS.values()])[:-1]
    arrays = {
        f"layer{layer}": part.astype(np.float16)
        for layer, part in zip(CHANNELS, np.split(matrix, ends), strict=True)
    }
    with out.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays, offset=offset.astype(np.float32))
    names = [path.relative_to(source).as_posix() for path in paths]
    about = {
        "what": "a projection of YOLO11n's answers in the quarters of an object's box, in half precision",
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "bytes": out.stat().st_size,
        "license": "AGPL-3.0, as the weights that it is fitted to",
        "made_by": "packaging/model/fit_objects.py",
        "weights_sha256": DEFAULT.sha256,
        "directions": DIRECTIONS,
        "shrinkage": SHRINKAGE,
        "source": {
            "photos": len(names),
            "objects": len(pairs),
            "other_objects": len(others),
            "seed": seed,
            "names_sha256": hashlib.sha256("\n".join(names).encode()).hexdigest(),
        },
    }
    out.with_suffix(".json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(f"{out}: {out.stat().st_size:,} bytes, from {len(pairs):,} pairs and {len(others):,} objects")


def usable_photos(source: Path) -> list[Path]:
    """Return every second photo of each folder, without the small ones."""
    folders: dict[Path, list[Path]] = {}
    for path in sorted(source.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            folders.setdefault(path.parent, []).append(path)
    halves = [path for members in folders.values() for path in members[::2]]
    return [path for path in halves if min(Image.open(path).size) >= MIN_EDGE]


def unprojected(folder: Path) -> tuple[Embedder, ObjectProjection]:
    """Return an embedder whose embeddings of objects are the pooled features themselves, and its projection."""
    size = 4 * sum(CHANNELS.values())
    identity, start = np.eye(size, dtype=np.float16), 0
    arrays = {}
    for layer, count in CHANNELS.items():
        arrays[f"layer{layer}"] = identity[start : start + 4 * count]
        start += 4 * count
    file = folder / "identity.npz"
    np.savez(file, allow_pickle=False, **arrays, offset=np.zeros(size, np.float32))
    weights = weights_path(DEFAULT, MODELS)
    for name in (weights.name, *(one.file for one in DEFAULT.companions)):
        shutil.copyfile(MODELS / name, folder / name)
    projection = ModelFile(file.name, hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size)
    spec = replace(DEFAULT, object_projection=projection, object_dimensions=size)
    return Embedder(spec, folder / weights.name, folder), read_object_projection(file)


def vectors_of_others(embedder: Embedder, paths: list[Path]) -> Rows:
    """Return the vectors (N, D) of the objects that are found in photos."""
    found = []
    for start in range(0, len(paths), BATCH):
        pictures = [read_photo(path).picture for path in paths[start : start + BATCH]]
        size = embedder.spec.preprocessing.size
        squares = np.stack([letterbox(picture, size, embedder.resize) for picture in pictures])
        sizes = [(picture.shape[1], picture.shape[0]) for picture in pictures]
        for objects in embedder.embed_label_and_detect(squares, sizes)[2]:
            found += [one.vector for one in objects if one.object.label]
    return np.stack(found).astype(np.float64)


def vectors_of_pairs(
    embedder: Embedder,
    projection: ObjectProjection,
    paths: list[Path],
    count: int,
    random: np.random.Generator,
) -> Rows:
    """Return the vectors (N, 4, D) of pasted objects."""
    rows = []
    for pasted in make_pasted(paths, count, random, embedder.detect):
        places = list(zip(pasted.pictures, pasted.boxes, strict=True))
        whole = [vector_in_photo(embedder, projection, picture, box) for picture, box in places]
        crops = [crop_around(picture, box, SHARE) for picture, box in places]
        rows.append([*whole, *(vector_in_photo(embedder, projection, *crop) for crop in crops)])
    return np.array(rows, np.float64)


def vector_in_photo(
    embedder: Embedder, projection: ObjectProjection, picture: Picture, box: Box
) -> npt.NDArray[np.float32]:
    """Return the vector (D,) of a box from the feature maps of the whole photo, as an indexing computes it."""
    square = embedder.spec.preprocessing.size
    pixels = torch.from_numpy(letterbox(picture, square, embedder.resize))
    maps = embedder._network.feature_maps(pixels[None])
    size = (picture.shape[1], picture.shape[0])
    vector: npt.NDArray[np.float32] = embed_boxes(maps, [0], [box], [size], square, projection)[0].numpy()
    return vector


def fit(pairs: Rows, others: Rows) -> tuple[Rows, Rows]:
    """Return a matrix (D, DIRECTIONS) and an offset (DIRECTIONS,) from vectors (N, 4, D) and (M, D)."""
    reduced = np.zeros((others.shape[1], DIRECTIONS * len(CHANNELS)))
    start = 0
    for place, count in enumerate(CHANNELS.values()):
        part = slice(start, start + 4 * count)
        columns = slice(place * DIRECTIONS, (place + 1) * DIRECTIONS)
        reduced[part, columns] = directions_of(others[:, part].T @ others[:, part], DIRECTIONS)
        start = part.stop
    views, strangers = pairs @ reduced, others @ reduced
    means = views.mean(axis=1)
    within = (views - means[:, None]).reshape(-1, views.shape[2])
    covariance = within.T @ within / (len(views) * (views.shape[1] - 1))
    covariance += SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    values, vectors = np.linalg.eigh(covariance)
    whiten = vectors * values**-0.5
    everything = np.concatenate([means, strangers])
    middle = everything.mean(axis=0)
    spread = (everything - middle) @ whiten
    matrix = whiten @ directions_of(spread.T @ spread, DIRECTIONS)
    matrix /= np.abs(reduced @ matrix).max()  # half precision
    return reduced @ matrix, middle @ matrix


def directions_of(covariance: Rows, count: int) -> Rows:
    """Return the eigenvectors (D, count) with the largest eigenvalues, the largest value of each positive."""
    vectors = np.linalg.eigh(covariance)[1][:, ::-1][:, :count]
    signed: Rows = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(count)])
    return signed


if __name__ == "__main__":
    sys.exit(main())
