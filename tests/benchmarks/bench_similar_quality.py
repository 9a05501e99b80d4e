"""How many of a photo's best matches are of its kind: by cosine, and re-ranked as `photosim similar` orders them.

The sub-folders of the user's folder are the kinds. Each photo is searched by among all others (leave-one-out), by each
bundled model: all photos, and as many of each kind as in KIND_SIZES, drawn several times. The order is the one that a
search of the library gives.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim.library import Library
from photosim.library.search.filters import FilterResult
from photosim.ml.model_spec import Origin
from photosim.ml.models.catalog import CATALOG
from photosim.records import Photo
from tests.benchmarks.measures import Retrieval, mean_retrieval, query_measures
from tests.benchmarks.report import Row
from tests.benchmarks.setting import Setting, say

KIND_SIZES = (3, 5, 10, 20)
"""Photos of each kind; then all."""

DRAWN_QUERIES = 1_000
"""Queries of each size at least, if it can be drawn often enough; of all photos at most."""

MAX_DRAWS = 10

Ids = npt.NDArray[np.int64]


def measure(setting: Setting) -> Iterator[Row]:
    """Yield a row for each model and size of the kinds."""
    assert setting.own_photos is not None
    library = Library.open(setting.folder / "similar-quality")
    try:
        for spec in CATALOG:
            if spec.origin is Origin.BUNDLED:
                say(f"{spec.title}: indexing {setting.own_photos}")
                library.use_model(spec.id)
                for _ in library.index([setting.own_photos]):
                    pass
                yield from _rows(library, setting.own_photos)
    finally:
        library.close()


def _rows(library: Library, folder: Path) -> Iterator[Row]:
    photos = [photo for photo in library.photos() if Path(photo.path).parent != folder]
    names = [Path(photo.path).relative_to(folder).parts[0] for photo in photos]
    kinds = np.unique(names, return_inverse=True)[1]
    if len(set(names)) < 2:
        sys.exit(f"{folder} needs at least two sub-folders, each with the photos of one kind.")
    chance = np.random.default_rng(0)
    for size in (*KIND_SIZES, None):
        draws = [drawn for drawn in _draws(kinds, size, chance) if len(drawn)]
        if draws:
            what = "all photos" if size is None else f"{size} of each kind"
            say(f"{library.model.title}: {what}")
            yield _row(library, f"{library.model.title}, {what}", photos, kinds, draws, chance)


def _draws(kinds: Ids, size: int | None, chance: np.random.Generator) -> Iterator[Ids]:
    """Yield the rows (n,) of photos to search among, several times where they are few."""
    counts = np.bincount(kinds)
    if size is None:
        yield np.arange(len(kinds))
        return
    large_enough = np.flatnonzero(counts >= size)
    for _ in range(min(-(-DRAWN_QUERIES // max(size * len(large_enough), 1)), MAX_DRAWS)):
        members = [chance.choice(np.flatnonzero(kinds == kind), size, replace=False) for kind in large_enough]
        yield np.concatenate([np.empty(0, np.int64), *members])


def _row(
    library: Library,
    what: str,
    photos: list[Photo],
    kinds: Ids,
    draws: list[Ids],
    chance: np.random.Generator,
) -> Row:
    by_cosine, re_ranked = [], []
    for drawn in draws:
        some = [photos[row] for row in drawn]
        kind_of = dict(zip((photo.file_id for photo in some), kinds[drawn].tolist(), strict=True))
        within = FilterResult(
            np.array(sorted(kind_of), np.int64), np.unique([photo.photo_id for photo in some])
        )
        sizes = np.bincount(kinds[drawn])
        queries = [photo for photo in some if sizes[kind_of[photo.file_id]] > 1]
        for row in chance.permutation(len(queries))[:DRAWN_QUERIES]:
            photo = queries[row]
            matches = [match.file_id for match in library.similar(photo.file_id, len(some), within)]
            nearest = _by_cosine(library, photo, some, within)
            for order, measured in ((matches, re_ranked), (nearest, by_cosine)):
                hits = np.array([kind_of[file_id] == kind_of[photo.file_id] for file_id in order])
                measured.append(query_measures(hits[np.newaxis]))
    ours, theirs = mean_retrieval(re_ranked), mean_retrieval(by_cosine)
    return Row(
        f"{what}: P@10 / mAP / R@1, re-ranked",
        _figures(ours),
        f"{_figures(theirs)} by cosine",
        f"{ours.mean_average_precision / theirs.mean_average_precision:.2f}",
    )


def _by_cosine(library: Library, photo: Photo, some: list[Photo], within: FilterResult) -> list[int]:
    """Return the file ids of the other photos, by cosine alone."""
    view = library.models.active
    vector = view.vector_of(photo.photo_id)
    assert vector is not None
    order = [photo_id for photo_id, _ in view.nearest(vector, len(some), within.photo_ids)]
    rank = {photo_id: place for place, photo_id in enumerate(order)}
    others = [other for other in some if other.file_id != photo.file_id]
    return [other.file_id for other in sorted(others, key=lambda other: (rank[other.photo_id], other.path))]


def _figures(quality: Retrieval) -> str:
    values = (quality.precision_at_10, quality.mean_average_precision, quality.recall_at_1)
    return " / ".join(f"{value:.3f}" for value in values)
