"""Search a graph that hnswlib has saved, in NumPy.

hnswlib keeps Python's lock while it loads a file, so that a window that loads a large one is blocked. This reads the file a
part at a time, in less memory. A search takes up to twice as long, about a millisecond more.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from photosim.search.exact import Ids, Vectors
from photosim.search.graph_check import GraphContent
from photosim.search.id_sets import is_in, sorted_unique

MAX_ENTRIES = 4096
"""Elements with which a search begins, at most: comparing them takes a tenth of a millisecond."""

_ROUNDS, _MIN_WIDTH = 12, 32
"""In each round a search follows the links of a share of the elements that it looks for, or of so many at least, since
NumPy takes nearly as long for one."""


class GraphReader:
    """Answers like an `hnswlib.Index` that has loaded the file, and has those of its methods that a search needs.

    Not thread-safe while `mark_deleted` or `unmark_deleted` run.
    """

    def __init__(self, graph: GraphContent, removed: Ids) -> None:
        """`removed` are the sorted labels that the file marks as deleted."""
        self._graph = graph
        self._is_removed = is_in(graph.labels, removed)
        self._removed_count = len(removed)
        self._entries = _entries(graph.levels)
        self._entry_vectors = graph.vectors[self._entries]
        self._ef = 0

    def set_ef(self, ef: int) -> None:
        """Set how many elements a search looks for at least."""
        self._ef = ef

    def mark_deleted(self, label: int) -> None:
        """Exclude a label from searches."""
        self._is_removed[self._rows_of(np.array([label]))] = True
        self._removed_count += 1

    def unmark_deleted(self, label: int) -> None:
        """Include a label in searches again."""
        self._is_removed[self._rows_of(np.array([label]))] = False
        self._removed_count -= 1

    def get_items(self, labels: Ids) -> Vectors:
        """Return the vectors (n, D) of labels (n,) in the graph."""
        return self._graph.vectors[self._rows_of(labels)]

    def knn_query(self, queries: Vectors, k: int) -> tuple[Ids, Vectors]:
        """Return the nearest labels (Q, k) of queries (Q, D), best first, and their distances: one minus the cosine.

        Raises RuntimeError if a search meets fewer than `k`.
        """
        labels, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
        for row, query in enumerate(queries):
            labels[row], distances[row] = self._nearest(query, k)
        return labels, distances

    def _nearest(self, query: Vectors, k: int) -> tuple[Ids, Vectors]:
        """Search level 0 as HNSW does (algorithm 2), from the nearest of all elements of an upper level."""
        size = max(k, self._ef)
        width = max(size // _ROUNDS, _MIN_WIDTH)
        opposite = query / -max(float(np.linalg.norm(query)), 1e-30)
        rows, distances = self._entries, _products(self._entry_vectors, opposite)
        is_new, is_seen = np.ones(len(rows), bool), np.zeros(len(self._graph.labels), bool)
        is_seen[rows] = True
        farthest = np.float32(np.inf)
        while True:
            nearest = self._first(rows, np.argsort(distances), size)
            if len(nearest) < len(rows):
                farthest = distances[nearest[-1]]
            rows, distances, is_new = rows[nearest], distances[nearest], is_new[nearest]
            followed = np.flatnonzero(is_new)[:width]
            if not len(followed):
                break
            is_new[followed] = False
            linked = self._graph.links.take(rows[followed], axis=0).ravel().astype(np.int64)
            found = sorted_unique(linked[~is_seen[linked]])
            is_seen[found] = True
            found_distances = _products(self._graph.vectors.take(found, axis=0), opposite)
            is_near = found_distances < farthest
            rows = np.concatenate([rows, found[is_near]])
            distances = np.concatenate([distances, found_distances[is_near]])
            is_new = np.concatenate([is_new, is_near[is_near]])
        if self._removed_count:
            live = ~self._is_removed[rows]
            rows, distances = rows[live], distances[live]
        if len(rows) < k:
            raise RuntimeError("the search met fewer elements than requested")
        return self._graph.labels[rows[:k]], 1 + distances[:k]

    def _first(self, rows: Ids, order: Ids, size: int) -> Ids:
        """Return as much of the order of these rows as has `size` of them that are not removed."""
        if self._removed_count:
            live = np.cumsum(~self._is_removed[rows[order]])
            size = int(np.searchsorted(live, size)) + 1
        return order[:size]

    def _rows_of(self, labels: Ids) -> NDArray[np.int64]:
        return self._order[np.searchsorted(self._graph.labels, labels, sorter=self._order)]

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        """The rows in the order of their labels."""
        return np.argsort(self._graph.labels)


def _products(vectors: Vectors, query: Vectors) -> Vectors:
    """Return the products (n,) of vectors (n, D) and a query (D,), by one thread: see `one_thread_product`."""
    return np.asarray(np.einsum("ij,j->i", vectors, query), np.float32)


def _entries(levels: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the elements of the lowest level that has no more than MAX_ENTRIES; of the highest one, if all have more."""
    counts = np.bincount(levels, minlength=1)[::-1].cumsum()[::-1]  # elements of each level
    level = min(int(np.count_nonzero(counts > MAX_ENTRIES)), len(counts) - 1)
    return np.flatnonzero(levels >= level)[:MAX_ENTRIES]
