"""How often a search by an object finds the same object in another photo.

    python -m tests.benchmarks.bench_objects FOLDER [--objects N] [--pastes N] [--others N] [--seed S]

Objects are cut out of photos in the folder and pasted into two others each, or `--pastes`, turned, scaled and lit otherwise
(`tests.benchmarks.object_pairs`). Each of these photos is searched by among the others and among photos of the folder. R@1 is
the share of the searches whose nearest is the same object in another photo, R@10 of those that find one among the ten
nearest, P@10 the mean share of the same object among the ten nearest: with P pastes at most (P - 1) / 10. Only every second
photo of each folder is used: the projection was fitted to the others.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from photosim.imaging.color import Picture
from photosim.imaging.decode import read_photo
from photosim.ml.embedder import BATCH, Embedder
from photosim.ml.models.catalog import DEFAULT, weights_path
from photosim.ml.object_features import embed_boxes
from photosim.ml.objects import letterbox
from photosim.paths import resource_path
from photosim.records import EmbeddedObject
from photosim.search.query import Region
from tests.benchmarks.object_pairs import SUFFIXES, Box, make_pasted

Floats = npt.NDArray[np.float32]

SAME = 0.5
"""Least intersection over union of a found box and that of the pasted object."""


@dataclass
class Objects:
    """Objects of many photos: vectors, the number of the photo of each, and its box."""

    vectors: list[Floats] = field(default_factory=list)
    photos: list[int] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def add(self, photo: int, found: Sequence[EmbeddedObject]) -> None:
        """Add the objects of a photo."""
        for one in found:
            self.vectors.append(one.vector.astype(np.float32))
            self.photos.append(photo)
            self.boxes.append(one.object.box)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--objects", type=int, default=60, help="to paste (default: %(default)s)")
    parser.add_argument("--pastes", type=int, default=2, help="of each object (default: %(default)s)")
    parser.add_argument("--others", type=int, default=5000, help="photos (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as settings:
        weights = weights_path(DEFAULT, resource_path("models"))
        measure(Embedder(DEFAULT, weights, Path(settings)), arguments)


def measure(embedder: Embedder, arguments: argparse.Namespace) -> None:
    """Make the photos, search, and print."""
    random = np.random.default_rng(arguments.seed)
    paths = every_second(arguments.folder)
    pasted = list(make_pasted(paths, arguments.objects, random, embedder.detect, arguments.pastes))
    pictures = [picture for one in pasted for picture in one.pictures]
    boxes = [box for one in pasted for box in one.boxes]
    order = random.permutation(len(paths))[: arguments.others]
    photos, rows, others = embed_all(embedder, [read_photo(paths[row]).picture for row in order])
    made, made_rows, _ = embed_all(embedder, pictures)
    started = time.process_time()
    closer = [embedder.look_closer(picture) for picture in pictures]
    seconds = time.process_time() - started
    print(
        f"{len(pasted)} objects pasted {arguments.pastes} times, "
        f"among {len(others.vectors)} of {len(photos)} other photos"
    )
    print(f"look closer: {1000 * seconds / len(pictures):.0f} ms of CPU time a photo")
    whole = np.stack([vector_in_photo(embedder, *each) for each in zip(pictures, boxes, strict=True)])
    crops = np.stack(
        [embedder.embed_region(picture, Region(*box)) for picture, box in zip(pictures, boxes, strict=True)]
    )
    strangers = np.stack(others.vectors)
    places, pastes = np.arange(len(pictures)), arguments.pastes
    show("whole photos", hits(made_rows, pastes, made_rows, places, rows))
    show("box, features of the photo", hits(whole, pastes, whole, places, strangers))
    show("box, embedded from a crop", hits(crops, pastes, crops, places, strangers))
    show("searched by a crop, found by features of the photo", hits(crops, pastes, whole, places, strangers))
    for name, found in (("indexing", made), ("look closer", closer)):
        detected = Objects()
        for photo, some in enumerate(found):
            detected.add(photo, some)
        in_photo = np.array(detected.photos)
        is_pasted = np.array(
            [
                overlap(box, boxes[photo]) > SAME
                for photo, box in zip(detected.photos, detected.boxes, strict=True)
            ]
        )
        share = len(np.unique(in_photo[is_pasted])) / len(made)
        print(f"found by {name}: {share:.1%} of the pasted objects")
        vectors = np.stack(detected.vectors)
        show(f"objects that {name} found", hits(crops, pastes, vectors, in_photo, strangers, is_pasted))


def every_second(folder: Path) -> list[Path]:
    """Return the photos of each folder that nothing was fitted to."""
    folders: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            folders.setdefault(path.parent, []).append(path)
    return [path for members in folders.values() for path in members[1::2]]


def embed_all(
    embedder: Embedder, pictures: Sequence[Picture]
) -> tuple[list[tuple[EmbeddedObject, ...]], Floats, Objects]:
    """Return the objects of each photo, the embeddings (N, D) of the photos, and all objects, as an indexing does."""
    size = embedder.spec.preprocessing.size
    rows, objects, every = [], list[tuple[EmbeddedObject, ...]](), Objects()
    for start in range(0, len(pictures), BATCH):
        some = pictures[start : start + BATCH]
        squares = np.stack([letterbox(picture, size, embedder.resize) for picture in some])
        vectors, _, found = embedder.embed_label_and_detect(
            squares, [(picture.shape[1], picture.shape[0]) for picture in some]
        )
        rows.append(vectors)
        objects += found
    for photo, found_there in enumerate(objects):
        every.add(photo, found_there)
    return objects, np.concatenate(rows), every


def vector_in_photo(embedder: Embedder, picture: Picture, box: Box) -> Floats:
    """Return the embedding (D,) of a box from the feature maps of the whole photo."""
    size, projection = embedder.spec.preprocessing.size, embedder._objects
    assert projection is not None
    square = torch.from_numpy(letterbox(picture, size, embedder.resize))
    maps = embedder._network.feature_maps(square[None])
    vector: Floats = embed_boxes(maps, [0], [box], [(picture.shape[1], picture.shape[0])], size, projection)[
        0
    ].numpy()
    return vector


def hits(
    queries: Floats,
    pastes: int,
    made: Floats,
    photos: npt.NDArray[np.int64],
    strangers: Floats,
    is_pasted: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.bool_]:
    """Return which of the ten nearest to each query (N, D) show its object (N, 10).

    Query i is by the pasted object of made photo i, and each object is in `pastes` of them, one after the other. `made`
    (M, D) are objects in the made photos `photos` (M,), which are the pasted ones where `is_pasted` (M,), or all. A photo
    counts once, and that of a query not at all.
    """
    places = np.concatenate([photos, np.full(len(strangers), -1)])
    is_object = np.concatenate(
        [np.ones(len(made), bool) if is_pasted is None else is_pasted, np.zeros(len(strangers), bool)]
    )
    cosines = queries @ np.concatenate([made, strangers]).T
    result = np.zeros((len(queries), 10), bool)
    for row in range(len(queries)):
        cosines[row, places == row] = -np.inf
        nearest = np.argsort(-cosines[row], kind="stable")[:10]
        same = is_object[nearest] & (places[nearest] // pastes == row // pastes)
        first = np.unique(places[nearest][same], return_index=True)[1]
        result[row, np.flatnonzero(same)[first]] = True
    return result


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over union of two boxes."""
    corners = [(x, y, x + width, y + height) for x, y, width, height in (first, second)]
    left, top = (max(one) for one in zip(*(corner[:2] for corner in corners), strict=True))
    right, bottom = (min(one) for one in zip(*(corner[2:] for corner in corners), strict=True))
    common = max(right - left, 0) * max(bottom - top, 0)
    return common / (first[2] * first[3] + second[2] * second[3] - common)


def show(what: str, found: npt.NDArray[np.bool_]) -> None:
    """Print a row of the table, of what `hits` returns."""
    print(
        f"{what}: R@1 {found[:, 0].mean():.3f}, R@10 {found.any(axis=1).mean():.3f}, P@10 {found.mean():.3f}"
    )


if __name__ == "__main__":
    main()
