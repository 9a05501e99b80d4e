"""Exact nearest neighbours by cosine similarity, a block of vectors at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]
Neighbours = tuple[Ids, Vectors]
"""Ids (Q, k) and similarities (Q, k) of the neighbours of Q queries."""

NO_ID = -1
"""The id that fills a row of answers when there are fewer neighbours than were asked for."""

BLOCK_ROWS = 4096
"""Vectors compared at once: 8 MB of them at 512 dimensions."""

QUERY_ROWS = 512
"""Queries answered at once: with BLOCK_ROWS vectors, 8 MB of similarities."""

RESOLUTION = np.float32(2.0**20)
"""Similarities are told apart to 1 in this many: the same pair may differ by 1e-7 with the order of the sums."""


class VectorBuffer:
    """Vectors by id, searched exactly; kept in blocks, so that it grows and shrinks without being copied."""

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
        """Append rows; the ids must be new."""
        row = 0
        while row < len(ids):
            if not self._blocks or self._blocks[-1].is_full:
                self._blocks.append(_Block(self._dimensions))
            row += self._blocks[-1].append(ids[row:], vectors[row:])

    def extend(self, other: VectorBuffer) -> None:
        """Append all rows of another pile; the ids must be new."""
        for block in other._blocks:
            self.add(block.ids, block.vectors)

    def remove(self, ids: Ids) -> None:
        """Drop the rows of these ids; unknown ones are ignored."""
        for block in self._blocks:
            block.remove(ids)
        self._blocks = [block for block in self._blocks if len(block)]

    def sample(self, rows: int) -> Vectors:
        """About so many vectors (n, D), evenly from all that there are."""
        step = max(1, len(self) // rows)
        parts = [block.vectors[::step] for block in self._blocks]
        return np.concatenate([np.empty((0, self._dimensions), np.float32), *parts])

    def head(self, rows: int) -> tuple[Ids, Vectors]:
        """Up to `rows` of the oldest rows, views, valid until the next change."""
        if not self._blocks:
            return np.empty(0, np.int64), np.empty((0, self._dimensions), np.float32)
        return self._blocks[0].ids[:rows], self._blocks[0].vectors[:rows]

    def drop_head(self, rows: int) -> None:
        """Drop the rows that `head` gave."""
        if rows:
            self._blocks[0].start += rows
        self._blocks = [block for block in self._blocks if len(block)]

    def search(self, queries: Vectors, k: int) -> Neighbours:
        """The `k` nearest of each query (Q, D): see `top_k`."""
        best = empty_result(len(queries), k)
        for block in self._blocks:
            best = merge(best, block_top_k(queries, block.ids, block.vectors, k))
        return best


def top_k(queries: Vectors, ids: Ids, vectors: Vectors, k: int) -> Neighbours:
    """The `k` vectors most similar to each query, best first, ties by the lower id.

    `queries` (Q, D) and `vectors` (N, D) are of unit length, `ids` (N,) names the vectors. Returns ids and
    similarities, both (Q, k), filled up with NO_ID and minus infinity when N < k.
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
    """Like `top_k` in one product, and the answers (Q, min(k, N)) in no order: for blocks that fit in memory."""
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
    """The best of two answers to the same queries, as many columns as `left`, best first, ties by the lower id."""
    ids = np.concatenate([left[0], right[0]], axis=1)
    similarities = np.concatenate([left[1], right[1]], axis=1)
    order = np.lexsort((ids, -similarities), axis=1)[:, : left[0].shape[1]]
    return np.take_along_axis(ids, order, axis=1), np.take_along_axis(similarities, order, axis=1)


def empty_result(queries: int, k: int) -> Neighbours:
    """Answers (queries, k) that hold no neighbour yet."""
    return np.full((queries, k), NO_ID, np.int64), np.full((queries, k), -np.inf, np.float32)


def round_similarities(similarities: Vectors) -> Vectors:
    """The similarities to the resolution at which equal pairs are equal, within -1 and 1; changes its argument."""
    similarities *= RESOLUTION
    np.rint(similarities, out=similarities)
    similarities /= RESOLUTION
    return np.clip(similarities, -1.0, 1.0, out=similarities)


class _Block:
    """A stretch of rows in arrays of fixed size: rows `start` to `end` are alive."""

    def __init__(self, dimensions: int) -> None:
        self._ids = np.empty(BLOCK_ROWS, np.int64)
        self._vectors = np.empty((BLOCK_ROWS, dimensions), np.float32)
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
        """Take what fits of these rows; how many that were."""
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
