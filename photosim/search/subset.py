"""The nearest neighbours among some of all photos: from the index where that has enough of them, else all compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from photosim.search.exact import Ids, Neighbours, Vectors, empty_result, merge, top_k
from photosim.search.id_sets import distinct

COMPARED = 10_000
"""Photos up to which all are compared at once: their embeddings are read in 70 ms, and nothing is left to chance."""

WIDEST = 4_000
"""Neighbours that the index is asked for at most: more take as long as comparing some ten thousand photos."""

READ_ROWS = 4096
"""Embeddings read at once."""


class Index(Protocol):
    """What finds the nearest among all."""

    def __len__(self) -> int:
        """How many there are."""

    def search(self, vectors: Vectors, k: int) -> Neighbours:
        """As `NeighbourIndex.search`."""


def nearest_within(
    query: Vectors, k: int, among: Ids, index: Index, vectors_of: Callable[[Ids], Vectors]
) -> Neighbours:
    """The `k` photos of `among` (N,) most like one query (1, D): ids and similarities (1, k), best first.

    Filled up with -1 and minus infinity when there are fewer. The index is asked for so many that `k` of them should be
    among those wanted; when they are, no photo that is wanted is nearer than these. KeyError when a photo has no
    embedding.
    """
    among = distinct(among)
    if len(among) > COMPARED:
        wide = min(2 * k * len(index) // len(among), len(index))
        if wide <= WIDEST:
            ids, similarities = index.search(query, wide)
            places = np.minimum(np.searchsorted(among, ids[0]), len(among) - 1)
            fits = among[places] == ids[0]
            if np.count_nonzero(fits) >= k:
                return ids[:, fits][:, :k], similarities[:, fits][:, :k]
    best = empty_result(1, k)
    for start in range(0, len(among), READ_ROWS):
        part = among[start : start + READ_ROWS]
        best = merge(best, top_k(query, part, vectors_of(part), k))
    return best
