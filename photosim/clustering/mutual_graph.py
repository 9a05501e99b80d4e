"""The graph of photos that are each other's nearest neighbours, with their similarities."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from photosim.clustering.near_identical import near_identical
from photosim.search.exact import (
    NO_ID,
    QUERY_ROWS,
    RESOLUTION,
    Ids,
    Neighbours,
    Vectors,
    empty_result,
    round_similarities,
    top_k,
)
from photosim.search.hnsw import principal_directions
from photosim.search.id_sets import intersection, sorted_unique

Search = Callable[[Vectors, int], Ids]
"""Queries (Q, D) and k to ids (Q, k or more), unordered; see `NeighbourIndex.search_approximate`."""

FindNodes = Callable[[Vectors, int], Neighbours]
"""Queries (Q, D) and k to nodes (Q, k) and their cosines (Q, k)."""

ProgressCallback = Callable[[int, int], None]
"""Called with the number of photos compared and the total; may raise to stop the work."""

EXACT_UP_TO = 10_000
"""Photos up to which all pairs are compared, which takes seconds and is deterministic."""

CANDIDATE_FACTOR = 3
"""Neighbours requested per neighbour needed: an approximate search is uncertain about their order."""

THREADS = os.cpu_count() or 1
"""Queries processed in parallel: one thread compares while another searches."""

RERANK_ROWS = 32
"""Queries compared with their candidates at once: 2.5 MB of vectors, which fit in the processor's cache."""

ANCHORS, ANCHOR_DIMENSIONS, PCA_SAMPLE = 1000, 32, 10_000
"""For `_locality_order`: anchor vectors, dimensions in which they are compared, and vectors that these are computed
from. With a million vectors the ordering costs 2 s and saves two thirds of the search."""

EDGE_ROWS = 16_384
"""Edges weighted at once: two arrays of 34 MB at 512 dimensions."""

_NO_KEY = np.iinfo(np.int64).max
_NODE_MASK = 2**32 - 1


@dataclass(frozen=True, slots=True)
class MutualGraph:
    """Mutual nearest neighbours among N photos; a node is one of their K distinct vectors.

    `order` (N,) are the rows of the photos in an order that depends on their vectors alone; `node_of_position` (N,) is
    the node of each position in it. `pairs` (E, 2) are mutual neighbours, each pair once, sorted;
    `centred_cosines` (E,) are their cosines after the mean of the library is subtracted. `near_identical` (K,) is
    the group of each node: nodes are in one group if their cosine is at least `same_cosine`, or through others.
    """

    order: Ids
    node_of_position: Ids
    node_count: int
    pairs: Ids
    centred_cosines: Vectors
    near_identical: Ids

    def weights(self, min_cosine: float) -> NDArray[np.float64]:
        """Return the weight (E,) of each pair by its centred cosine: from 0.1 at `min_cosine` to 1, 0 below it."""
        weights = 0.1 + 0.9 * (self.centred_cosines.astype(np.float64) - min_cosine) / (1 - min_cosine)
        return np.where(self.centred_cosines >= min_cosine, weights, 0.0)

    def has_partner(self, min_cosine: float) -> NDArray[np.bool_]:
        """Return whether each photo (N,), by row, has a partner.

        A partner is a photo in the same near-identical group, or a mutual neighbour whose centred cosine is at least
        `min_cosine`.
        """
        groups = self.near_identical[self.node_of_position]
        is_paired = np.zeros(self.node_count, bool)
        is_paired[self.pairs[self.centred_cosines >= min_cosine]] = True
        has_partner = np.zeros(len(self.order), bool)
        has_partner[self.order] = is_paired[self.node_of_position] | (np.bincount(groups)[groups] > 1)
        return has_partner


def mutual_graph(
    ids: Ids,
    vectors: Vectors,
    search: Search | None,
    k: int,
    same_cosine: float,
    on_progress: ProgressCallback | None = None,
) -> MutualGraph:
    """Build the graph of photos `ids` (N,) with `vectors` (N, D) of unit length, each with at most `k` neighbours.

    `search` finds among the same photos; it is used for more than EXACT_UP_TO of them, None compares all. Mutual
    k-nearest-neighbour graph (Brito et al., 1997).
    """
    order, first = _canonical_order(vectors)
    rows, copies = order[first], np.diff(first, append=len(order))
    node_of_position = np.repeat(np.arange(len(rows)), copies)
    if search is None or len(ids) <= EXACT_UP_TO:
        find = _find_exactly(vectors[rows])
    else:
        find = _find_by_index(search, ids[order], node_of_position, vectors, rows)
    neighbours, similarities = _neighbours(vectors, rows, find, k + 1, on_progress)
    groups = near_identical(vectors, rows, neighbours, similarities, same_cosine)
    pairs = _mutual_pairs(neighbours)
    centred_cosines = _centred_cosines(vectors, rows, pairs)
    return MutualGraph(order, node_of_position, len(rows), pairs, centred_cosines, groups)


def _canonical_order(vectors: Vectors) -> tuple[Ids, Ids]:
    """Order rows by their vectors alone; return the order, and the positions where each distinct vector begins.

    Photos with equal vectors are one node: otherwise they would be each other's only neighbours.
    """
    digests = np.fromiter(
        (xxhash.xxh3_64_intdigest(row.tobytes()) for row in vectors), np.uint64, len(vectors)
    )
    order = np.argsort(digests, kind="stable")
    is_first = np.diff(digests[order], prepend=~digests[order[:1]]) != 0
    return order, np.flatnonzero(is_first)


def _find_exactly(vectors: Vectors) -> FindNodes:
    return lambda queries, k: top_k(queries, np.arange(len(vectors)), vectors, k)


def _find_by_index(search: Search, ids: Ids, nodes: Ids, vectors: Vectors, rows: Ids) -> FindNodes:
    """Take candidates from `search` and rank them by their vectors; ids that are not in `ids` are ignored."""
    # Ids are small integers (row ids of SQLite), so an array indexed by them is faster than a search in sorted ids.
    node_of_id = np.full(ids.max() + 2, NO_ID)
    node_of_id[ids] = nodes

    def find(queries: Vectors, k: int) -> Neighbours:
        candidates = node_of_id[np.minimum(search(queries, CANDIDATE_FACTOR * k), len(node_of_id) - 1)]
        keys = np.empty(candidates.shape, np.int64)
        for start in range(0, len(queries), RERANK_ROWS):
            part = slice(start, start + RERANK_ROWS)
            similarities = np.einsum("qd,qcd->qc", queries[part], vectors[rows[candidates[part]]])
            keys[part] = _sort_keys(similarities, candidates[part])
        return _best_nodes(keys, k)

    return find


def _sort_keys(similarities: Vectors, nodes: Ids) -> Ids:
    """Encode similarity and node in one integer, in the order: most similar first, ties by the lower node."""
    distances = np.rint(similarities * -RESOLUTION).astype(np.int64)
    return np.where(nodes == NO_ID, _NO_KEY, (distances << 32) + nodes)


def _best_nodes(keys: Ids, k: int) -> Neighbours:
    """Return the nodes and cosines (Q, k) of the smallest keys of each row, each node once."""
    keys = np.sort(keys, axis=1)
    keys[:, 1:][keys[:, 1:] == keys[:, :-1]] = _NO_KEY
    keys = np.sort(keys, axis=1)[:, :k]
    similarities = np.where(keys == _NO_KEY, -np.inf, -(keys >> 32) / RESOLUTION).astype(np.float32)
    return np.where(keys == _NO_KEY, NO_ID, keys & _NODE_MASK), similarities


def _neighbours(
    vectors: Vectors, rows: Ids, find: FindNodes, k: int, on_progress: ProgressCallback | None
) -> Neighbours:
    """Find the `k` nearest nodes (K, k) of each node with vector `rows` (K,), itself included, and their cosines."""
    neighbours, similarities = empty_result(len(rows), k)
    order = _locality_order(vectors, rows)

    def search(start: int) -> None:
        part = order[start : start + QUERY_ROWS]
        neighbours[part], similarities[part] = find(vectors[rows[part]], k)

    def finish_oldest() -> None:
        done, future = running.popleft()
        future.result()
        if on_progress is not None:
            on_progress(min(done, len(rows)), len(rows))

    running: deque[tuple[int, Future[None]]] = deque()
    with ThreadPoolExecutor(THREADS, "neighbours") as pool:
        for start in range(0, len(order), QUERY_ROWS):
            running.append((start + QUERY_ROWS, pool.submit(search, start)))
            if len(running) > 2 * THREADS:  # bounded, so that pause and cancel take effect soon
                finish_oldest()
        while running:
            finish_oldest()
    return neighbours, similarities


def _locality_order(vectors: Vectors, rows: Ids) -> Ids:
    """Order `rows` so that similar ones follow each other and find each other's data in the processor's cache."""
    if len(rows) <= QUERY_ROWS:
        return np.arange(len(rows))  # searched at once; the directions would cost more than the search
    directions = principal_directions(vectors[rows[:PCA_SAMPLE]], ANCHOR_DIMENSIONS)
    anchors = (vectors[rows[:ANCHORS]] @ directions).T
    nearest_anchor = np.empty(len(rows), np.int64)
    for start in range(0, len(rows), EDGE_ROWS):
        part = slice(start, start + EDGE_ROWS)
        nearest_anchor[part] = (vectors[rows[part]] @ directions @ anchors).argmax(axis=1)
    return np.argsort(nearest_anchor, kind="stable")


def _mutual_pairs(neighbours: Ids) -> Ids:
    """Return the pairs (E, 2) of nodes that are neighbours of each other, each once, sorted."""
    total = len(neighbours)
    source = np.repeat(np.arange(total), neighbours.shape[1])
    target = neighbours.ravel()
    is_edge = (target != NO_ID) & (target != source)
    source, target = source[is_edge], target[is_edge]
    ascending, descending = source < target, target < source
    forward = sorted_unique(source[ascending] * total + target[ascending])
    backward = sorted_unique(target[descending] * total + source[descending])
    return np.stack(np.divmod(intersection(forward, backward), max(total, 1)), axis=1)


def _centred_cosines(vectors: Vectors, rows: Ids, pairs: Ids) -> Vectors:
    """Return the cosine (E,) of each pair of nodes after the mean of all nodes is subtracted."""
    mean = _mean(vectors, rows)
    centred_cosines = np.zeros(len(pairs), np.float32)
    for start in range(0, len(pairs), EDGE_ROWS):
        part = slice(start, start + EDGE_ROWS)
        left, right = (vectors[rows[pairs[part, side]]] - mean for side in (0, 1))
        lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        centred_cosines[part] = round_similarities(
            np.einsum("ed,ed->e", left, right) / np.maximum(lengths, np.finfo(np.float32).tiny)
        )
    return centred_cosines


def _mean(vectors: Vectors, rows: Ids) -> Vectors:
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(rows), EDGE_ROWS):
        total += vectors[rows[start : start + EDGE_ROWS]].sum(axis=0, dtype=np.float64)
    return (total / max(len(rows), 1)).astype(np.float32)
