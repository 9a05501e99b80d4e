"""Exact nearest neighbours by cosine similarity, computed block by block."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
"""One-dimensional; sorted and unique where a set is expected."""

Vectors = NDArray[np.float32]
"""Rows of unit length."""

Neighbours = tuple[Ids, Vectors]
"""Ids (Q, k) and similarities (Q, k) of the neighbours of Q queries."""

NO_ID = -1
"""Pads a row of results that has fewer than k neighbours."""

BLOCK_ROWS = 4096
"""Vectors compared at once: 8 MB at 512 dimensions."""

QUERY_ROWS = 512
"""Queries processed at once: with BLOCK_ROWS vectors, 8 MB of similarities."""

_REORDERED_COLUMNS = 16
"""Columns of vectors reordered at once: as many as a line of the processor's cache holds."""

RESOLUTION = np.float32(2.0**20)
"""Similarities are rounded to multiples of 1 / RESOLUTION: the order of summation changes them by up to 1e-7."""


MAX_PRODUCT = 4 * 65_536
"""Multiplications in a matrix product up to which OpenBLAS uses one thread."""


class VectorBuffer:
    """Vectors by id with exact search, stored in blocks so that it grows and shrinks without being copied."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._blocks: list[_Block] = []

    def __len__(self) -> int:
        return sum(len(block) for block in self._blocks)

    @property
    def ids(self) -> Ids:
        """The ids (N,) in the order they were added."""
        return np.concatenate([np.empty(0, np.int64), *(block.ids for block in self._blocks)])

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Append vectors (n, D); the ids (n,) must be new."""
        row = 0
        while row < len(ids):
            if not self._blocks or self._blocks[-1].is_full:
                self._blocks.append(_Block(self._dimensions))
            row += self._blocks[-1].append(ids[row:], vectors[row:])

    def extend(self, other: VectorBuffer) -> None:
        """Append all rows of another buffer; the ids must be new."""
        for block in other._blocks:
            self.add(block.ids, block.vectors)

    def remove(self, ids: Ids) -> None:
        """Remove the rows of these ids; unknown ids are ignored."""
        for block in self._blocks:
            block.remove(ids)
        self._blocks = [block for block in self._blocks if len(block)]

    def sample(self, rows: int) -> Vectors:
        """Return about `rows` vectors (n, D), spread evenly over the buffer."""
        step = max(1, len(self) // rows)
        parts = [block.vectors[::step] for block in self._blocks]
        return np.concatenate([np.empty((0, self._dimensions), np.float32), *parts])

    def parts(self) -> Iterator[Vectors]:
        """Yield all vectors in their order, as views (n, D) that are valid until the next change."""
        return (block.vectors for block in self._blocks)

    def reorder(self, order: Ids) -> None:
        """Put the rows in this order (N,), a few columns at a time: all at once would take as much memory again."""
        columns: list[list[NDArray[Any]]] = [[block.ids for block in self._blocks]]
        for start in range(0, self._dimensions, _REORDERED_COLUMNS):
            part = slice(start, start + _REORDERED_COLUMNS)
            columns.append([block.vectors[:, part] for block in self._blocks])
        ends = np.cumsum([len(block) for block in self._blocks])[:-1]
        for views in columns if self._blocks else ():
            for view, values in zip(views, np.split(np.concatenate(views)[order], ends), strict=True):
                view[:] = values

    def head(self, rows: int) -> tuple[Ids, Vectors]:
        """Return up to `rows` of the oldest rows as views, valid until the next change."""
        if not self._blocks:
            return np.empty(0, np.int64), np.empty((0, self._dimensions), np.float32)
        return self._blocks[0].ids[:rows], self._blocks[0].vectors[:rows]

    def drop_head(self, rows: int) -> None:
        """Remove the rows that `head` returned."""
        if rows:
            self._blocks[0].start += rows
        self._blocks = [block for block in self._blocks if len(block)]

    def nearest(self, query: Vectors, k: int) -> tuple[Ids, Vectors]:
        """Return the ids (n,) and vectors (n, D) of the `k` nearest neighbours of one query (1, D), unordered."""
        wanted = self.search(query, k)[0][0]
        ids, vectors = [np.empty(0, np.int64)], [np.empty((0, self._dimensions), np.float32)]
        for block in self._blocks:
            rows = np.isin(block.ids, wanted)
            ids.append(block.ids[rows])
            vectors.append(block.vectors[rows])
        return np.concatenate(ids), np.concatenate(vectors)

    def search(self, queries: Vectors, k: int) -> Neighbours:
        """Return the `k` nearest neighbours of each query (Q, D); see `top_k`."""
        best = empty_result(len(queries), k)
        for block in self._blocks:
            best = merge(best, block_top_k(queries, block.ids, block.vectors, k))
        return best


def one_thread_product(vectors: Vectors, matrix: Vectors) -> Vectors:
    """Return the product (n, R) of vectors (n, D) and a matrix (D, R), by one thread.

    OpenBLAS splits larger products among threads, which busy-wait and take processor time from other work.
    """
    rows = max(MAX_PRODUCT // matrix.size, 1)
    count = len(vectors) // rows * rows
    products = vectors[:count].reshape(-1, rows, vectors.shape[1]) @ matrix
    return np.concatenate([products.reshape(count, matrix.shape[1]), vectors[count:] @ matrix])


def top_k(queries: Vectors, ids: Ids, vectors: Vectors, k: int) -> Neighbours:
    """Return the `k` vectors (N, D) most similar to each query (Q, D), best first, ties by the lower id.

    `ids` (N,) are those of the vectors. Returns ids and similarities, both (Q, k), padded with NO_ID and minus infinity
    if N < k.
    """
    found = empty_result(len(queries), k)
    for start in range(0, len(queries), QUERY_ROWS):
        part = slice(start, start + QUERY_ROWS)
        best = empty_result(len(queries[part]), k)
        for row in range(0, len(vectors), BLOCK_ROWS):
            block = slice(row, row + BLOCK_ROWS)
            best = merge(best, block_top_k(queries[part], ids[block], vectors[block], k))
        found[0][part], found[1][part] = best
    return found


def block_top_k(queries: Vectors, ids: Ids, vectors: Vectors, k: int) -> Neighbours:
    """Like `top_k` in one matrix product, with unordered results (Q, min(k, N)): for blocks that fit in memory."""
    similarities = round_similarities(queries @ vectors.T)
    if k >= len(ids):
        return np.broadcast_to(ids, similarities.shape), similarities
    best_columns = np.argpartition(similarities, len(ids) - k, axis=1)[:, len(ids) - k :]
    values = np.take_along_axis(similarities, best_columns, axis=1)
    threshold = values.min(axis=1, keepdims=True)
    rows_with_ties = np.flatnonzero(np.count_nonzero(similarities >= threshold, axis=1) > k)
    for row in rows_with_ties:
        candidates = np.flatnonzero(similarities[row] >= threshold[row])
        best = candidates[np.lexsort((ids[candidates], -similarities[row, candidates]))][:k]
        best_columns[row], values[row] = best, similarities[row, best]
    return ids[best_columns], values


def merge(left: Neighbours, right: Neighbours) -> Neighbours:
    """Merge two results of the same queries into as many columns as `left` has, best first, ties by the lower id."""
    ids = np.concatenate([left[0], right[0]], axis=1)
    similarities = np.concatenate([left[1], right[1]], axis=1)
    order = np.lexsort((ids, -similarities), axis=1)[:, : left[0].shape[1]]
    return np.take_along_axis(ids, order, axis=1), np.take_along_axis(similarities, order, axis=1)


def empty_result(queries: int, k: int) -> Neighbours:
    """Return a result (queries, k) without any neighbour."""
    return np.full((queries, k), NO_ID, np.int64), np.full((queries, k), -np.inf, np.float32)


def round_similarities(similarities: Vectors) -> Vectors:
    """Round similarities in place to RESOLUTION and clip them to -1..1, so that equal pairs compare as equal."""
    similarities *= RESOLUTION
    np.rint(similarities, out=similarities)
    similarities /= RESOLUTION
    return np.clip(similarities, -1.0, 1.0, out=similarities)


class _Block:
    """Rows in arrays of fixed size; only those from `start` to `_end` are in use."""

    def __init__(self, dimensions: int) -> None:
        self._ids = np.empty(BLOCK_ROWS, np.int64)
        # In memory of its own, which goes back to the system with the block. Between other memory of the process it
        # would be free, but taken: as much as all vectors, once they are in a graph.
        size = BLOCK_ROWS * dimensions * np.dtype(np.float32).itemsize
        self._vectors = np.frombuffer(mmap.mmap(-1, size), np.float32).reshape(BLOCK_ROWS, dimensions)
        self.start = 0
        self._end = 0

    def __len__(self) -> int:
        return self._end - self.start

    @property
    def is_full(self) -> bool:
        return self._end == BLOCK_ROWS

    @property
    def ids(self) -> Ids:
        return self._ids[self.start : self._end]

    @property
    def vectors(self) -> Vectors:
        return self._vectors[self.start : self._end]

    def append(self, ids: Ids, vectors: Vectors) -> int:
        """Append as many of these rows as fit; return their number."""
        rows = min(len(ids), BLOCK_ROWS - self._end)
        new = slice(self._end, self._end + rows)
        self._ids[new], self._vectors[new] = ids[:rows], vectors[:rows]
        self._end += rows
        return rows

    def remove(self, ids: Ids) -> None:
        keep = ~np.isin(self.ids, ids)
        if keep.all():
            return
        rows = int(np.count_nonzero(keep))
        kept_ids, kept_vectors = self.ids[keep], self.vectors[keep]
        self.start, self._end = 0, rows
        self._ids[:rows], self._vectors[:rows] = kept_ids, kept_vectors
