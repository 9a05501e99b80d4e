"""Nearest neighbours among a subset of the photos: from the index where it finds enough of them, else exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from photosim.search.exact import Ids, Neighbours, Vectors, empty_result, merge, top_k
from photosim.search.id_sets import sorted_unique

EXACT_UP_TO = 10_000
"""Size of a subset up to which it is searched exactly: reading its embeddings takes 70 ms."""

MAX_INDEX_K = 4_000
"""Neighbours requested from the index at most: more take as long as comparing some ten thousand photos."""

READ_ROWS = 4096
"""Embeddings read at once."""


class SearchIndex(Protocol):
    """An index of all photos."""

    def __len__(self) -> int:
        """Return the number of photos."""

    def search(self, vectors: Vectors, k: int) -> Neighbours:
        """See `NeighbourIndex.search`."""


def search_subset(
    query: Vectors, k: int, subset: Ids, index: SearchIndex, vectors_of: Callable[[Ids], Vectors]
) -> Neighbours:
    """Return the `k` photos of `subset` (N,) most similar to one query (1, D): ids and similarities (1, k), best first.

    Padded with NO_ID and minus infinity if there are fewer. The index is asked for so many neighbours that `k` of them
    should be in the subset; if they are, no photo of the subset is nearer. Raises KeyError if a photo has no embedding.
    """
    subset = sorted_unique(subset)
    if len(subset) > EXACT_UP_TO:
        index_k = min(2 * k * len(index) // len(subset), len(index))
        if index_k <= MAX_INDEX_K:
            ids, similarities = index.search(query, index_k)
            positions = np.minimum(np.searchsorted(subset, ids[0]), len(subset) - 1)
            in_subset = subset[positions] == ids[0]
            if np.count_nonzero(in_subset) >= k:
                return ids[:, in_subset][:, :k], similarities[:, in_subset][:, :k]
    best = empty_result(1, k)
    for start in range(0, len(subset), READ_ROWS):
        part = subset[start : start + READ_ROWS]
        best = merge(best, top_k(query, part, vectors_of(part), k))
    return best
