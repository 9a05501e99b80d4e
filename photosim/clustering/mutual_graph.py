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
from photosim.clustering.neighbour_graph import NeighbourGraph
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
from photosim.search.locality import ANCHOR_DIMENSIONS, locality_order

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

PCA_SAMPLE = 10_000
"""Vectors from which the directions of the order are computed."""

EDGE_ROWS = 16_384
"""Vectors processed at once: 34 MB at 512 dimensions."""

PAIR_ROWS = 2048
"""Pairs whose cosines are computed at once: five arrays of 4 MB at 512 dimensions."""

NEAREST = 3
"""Nearest nodes kept of each node, mutual or not: by them the map finds a place for a photo with few mutual neighbours."""

_NO_KEY = np.iinfo(np.int64).max
_NODE_MASK = 2**32 - 1


@dataclass(frozen=True, slots=True)
class MutualGraph:
    """Mutual nearest neighbours among N photos; a node is one of their K distinct vectors.

    `order` (N,) are the rows of the photos in an order that depends on their vectors alone; `node_of_position` (N,) is
    the node of each position in it. `pairs` (E, 2) are mutual neighbours, each pair once, sorted;
    `centred_cosines` (E,) are their cosines after the mean of the library is subtracted. `near_identical` (K,) is
    the group of each node: nodes are in one group if their cosine is at least `same_cosine`, or through others.
    `nearest` (K, NEAREST) are the nearest other nodes of each node, padded with NO_ID.
    """

    order: Ids
    node_of_position: Ids
    node_count: int
    pairs: Ids
    centred_cosines: Vectors
    near_identical: Ids
    nearest: Ids

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
    on_neighbours: Callable[[NeighbourGraph], None] | None = None,
) -> MutualGraph:
    """Build the graph of photos `ids` (N,) with `vectors` (N, D) of unit length, each with at most `k` neighbours.

    `search` finds among the same photos; it is used for more than EXACT_UP_TO of them, None compares all. `on_neighbours`
    is called with what it found. Mutual k-nearest-neighbour graph (Brito et al., 1997).
    """
    order, nodes, rows, neighbours, similarities = _all_neighbours(ids, vectors, search, k, on_progress)
    if on_neighbours is not None:
        on_neighbours(NeighbourGraph.of_nodes(ids[order], nodes, neighbours, similarities, k))
    groups = near_identical(vectors, rows, neighbours, similarities, same_cosine)
    pairs = _mutual_pairs(neighbours)
    centred_cosines = _centred_cosines(vectors, rows, pairs)
    nearest = _nearest_others(neighbours)
    return MutualGraph(order, nodes, len(rows), pairs, centred_cosines, groups, nearest)


def neighbour_graph(
    ids: Ids,
    vectors: Vectors,
    search: Search | None,
    k: int,
    on_progress: ProgressCallback | None = None,
) -> NeighbourGraph:
    """Return the `k` nearest neighbours of photos, with arguments as of `mutual_graph`."""
    order, nodes, _, neighbours, similarities = _all_neighbours(ids, vectors, search, k, on_progress)
    return NeighbourGraph.of_nodes(ids[order], nodes, neighbours, similarities, k)


def _all_neighbours(
    ids: Ids, vectors: Vectors, search: Search | None, k: int, on_progress: ProgressCallback | None
) -> tuple[Ids, Ids, Ids, Ids, Vectors]:
    """Return the order of the photos (N,), their nodes in it (N,), the row of each node (K,), and `_neighbours`."""
    order, first = _canonical_order(vectors)
    rows, copies = order[first], np.diff(first, append=len(order))
    node_of_position = np.repeat(np.arange(len(rows)), copies)
    if search is None or len(ids) <= EXACT_UP_TO:
        find = _find_exactly(vectors[rows])
    else:
        find = _find_by_index(search, ids[order], node_of_position, vectors, rows)
    neighbours, similarities = _neighbours(vectors, rows, find, k + 1, on_progress)
    return order, node_of_position, rows, neighbours, similarities


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
    """Return the order (K,) of the nodes with vector `rows` (K,) in which similar ones follow each other."""
    if len(rows) <= QUERY_ROWS:
        return np.arange(len(rows))  # searched at once; the directions would cost more than the search
    sample = vectors[rows[:PCA_SAMPLE]]  # rows are in the order of digests, which is random
    parts = (vectors[rows[start : start + EDGE_ROWS]] for start in range(0, len(rows), EDGE_ROWS))
    return locality_order(parts, sample, principal_directions(sample, ANCHOR_DIMENSIONS))


def _nearest_others(neighbours: Ids) -> Ids:
    """Return the first NEAREST of the neighbours (K, k) of each node other than itself, padded with NO_ID."""
    others = np.where(neighbours == np.arange(len(neighbours))[:, None], NO_ID, neighbours)
    first = np.argsort(others == NO_ID, axis=1, kind="stable")[:, :NEAREST]
    found = np.full((len(neighbours), NEAREST), NO_ID)
    found[:, : first.shape[1]] = np.take_along_axis(others, first, axis=1)
    return found


def _mutual_pairs(neighbours: Ids) -> Ids:
    """Return the pairs (E, 2) of nodes that are neighbours of each other, each once, sorted."""
    total, nothing = len(neighbours), np.empty(0, np.int64)
    forward, backward = [nothing], [nothing]
    for start in range(0, total, EDGE_ROWS):  # at once, it would take five times the memory of the neighbours
        target = neighbours[start : start + EDGE_ROWS]
        source = np.arange(start, start + len(target))[:, np.newaxis]
        forward.append((source * total + target)[target > source])
        backward.append((target * total + source)[(target < source) & (target != NO_ID)])
    keys = intersection(*(sorted_unique(np.concatenate(part)) for part in (forward, backward)))
    return np.stack(np.divmod(keys, max(total, 1)), axis=1)


def _centred_cosines(vectors: Vectors, rows: Ids, pairs: Ids) -> Vectors:
    """Return the cosine (E,) of each pair of nodes after the mean of all nodes is subtracted."""
    mean = _mean(vectors, rows)
    centred_cosines = np.zeros(len(pairs), np.float32)
    for start in range(0, len(pairs), PAIR_ROWS):
        part = slice(start, start + PAIR_ROWS)
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
