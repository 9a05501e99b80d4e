"""Choose the photos that stand for a cluster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photosim.search.compact_vectors import UnitVectors
from photosim.search.exact import Ids, Vectors, round_similarities

COVER_PHOTOS = 4
"""Photos of a cluster's cover."""

_TYPICAL_SHARE, _MIN_TYPICAL = 0.6, 12
"""The photos most similar to the medoid, of which the cover is made: their share, and their least number."""

_ROWS = 16_384
"""Vectors processed at once: 34 MB at 512 dimensions."""


def cover_first(vectors: Vectors) -> Ids:
    """Return the rows of one cluster (N, D), its cover first; see `covers_first`."""
    rows = np.arange(len(vectors))
    return covers_first(vectors, rows, [rows])[0]


def covers_first(vectors: UnitVectors, order: Ids, clusters: Sequence[Ids]) -> list[Ids]:
    """Return each cluster of positions in `order`, which are rows of `vectors` (N, D), with its cover first.

    The cover is the medoid, then the photos of a farthest-first traversal (Gonzalez, 1985) of the typical photos; the
    others follow by their similarity to the medoid.
    """
    sizes = np.array([len(cluster) for cluster in clusters], np.int64)
    ordered: list[Ids] = list(clusters)
    by_size = np.argsort(sizes, kind="stable")
    for same_size in np.split(by_size, np.flatnonzero(np.diff(sizes[by_size])) + 1):
        if not len(same_size) or sizes[same_size[0]] <= 2:  # of two photos, each is as near to the other
            continue
        step = max(_ROWS // int(sizes[same_size[0]]), 1)
        for start in range(0, len(same_size), step):
            batch = same_size[start : start + step]
            positions = np.stack([clusters[index] for index in batch])
            ranks = _ranks(vectors[order[positions]])
            for index, row in zip(batch, np.take_along_axis(positions, ranks, axis=1), strict=True):
                ordered[index] = row
    return ordered


def _ranks(vectors: Vectors) -> Ids:
    """Return the order (C, n) of the photos of each of C clusters of the same size, (C, n, D)."""
    count, size = vectors.shape[:2]
    each = np.arange(count)

    def similarities(to: Vectors) -> Vectors:
        return round_similarities(np.matmul(vectors, to[:, :, None])[:, :, 0])

    # The sum of the similarities to all members is the similarity to the sum of all members.
    medoid = similarities(vectors.mean(axis=1)).argmax(axis=1)
    nearest = similarities(vectors[each, medoid])
    nearest[each, medoid] = np.inf
    order = np.argsort(-nearest, axis=1, kind="stable")
    rank = np.argsort(order, axis=1)
    rank[each, medoid] = -COVER_PHOTOS
    nearest[rank >= max(_MIN_TYPICAL, round(_TYPICAL_SHARE * size))] = np.inf
    for chosen in range(1, min(COVER_PHOTOS, size)):
        photo = nearest.argmin(axis=1)
        rank[each, photo] = chosen - COVER_PHOTOS
        nearest = np.maximum(nearest, similarities(vectors[each, photo]))
        nearest[each, photo] = np.inf
    return np.argsort(rank, axis=1)
