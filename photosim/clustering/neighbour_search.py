"""Find the nearest neighbours of all photos of a library."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.search.compact_vectors import UnitVectors, cosines_of, digests
from photosim.search.exact import NO_ID, QUERY_ROWS, RESOLUTION, Ids, Neighbours, Vectors, top_k
from photosim.search.hnsw import principal_directions
from photosim.search.locality import ANCHOR_DIMENSIONS, locality_order

Search = Callable[[Vectors, int], Ids]
"""Queries (Q, D) and k to ids (Q, k or more), unordered; see `NeighbourIndex.search_approximate`."""

FindNodes = Callable[[Ids, int], Neighbours]
"""Nodes (Q,) and k to their nearest nodes (Q, k), themselves among them, and the cosines (Q, k)."""

ProgressCallback = Callable[[int, int], None]
"""Called with the number of photos compared and the total; may raise to stop the work."""

EXACT_UP_TO = 10_000
"""Photos up to which all pairs are compared, which takes seconds and is deterministic."""

CANDIDATE_FACTOR = 3
"""Neighbours requested per neighbour needed: an approximate search is uncertain about their order."""

REPEATED_FACTOR = 8
"""How many times as many are requested when a search is repeated: about one in a hundred is."""

MAX_ADDED_SHARE = 0.1
"""Share of the nodes that may be new since all were searched. A new node that belongs in the list of another is missing
there if the other is not even among its own candidates."""

THREADS = os.cpu_count() or 1
"""Queries processed in parallel: one thread compares while another searches."""

RERANK_ROWS = 16
"""Queries compared with their candidates at once: 1.3 MB of vectors, which fit in the processor's cache."""

PCA_SAMPLE = 10_000
"""Vectors from which the directions of the order are computed."""

BLOCK_ROWS = 16_384
"""Nodes processed at once: their vectors are 34 MB at 512 dimensions."""

_NO_KEY = np.iinfo(np.int64).max
_NODE_MASK = 2**32 - 1


@dataclass(frozen=True, slots=True, eq=False)
class FoundNeighbours:
    """The nearest neighbours among N photos; a node is one of their K distinct vectors.

    `order` (N,) are the rows of the photos in an order that depends on their vectors alone; `node_of_position` (N,) is
    the node of each position in it, `rows` (K,) is a row of each node. `neighbours` and `cosines` (K, k) are the nearest
    nodes of each node, itself among them, best first, padded with NO_ID. `added` nodes are new since all were searched.
    """

    order: Ids
    node_of_position: Ids
    rows: Ids
    neighbours: NDArray[np.int32]
    cosines: Vectors
    added: int

    def graph(self, ids: Ids) -> NeighbourGraph:
        """Return the neighbours as they are saved, of the photos `ids` (N,)."""
        nodes, k = self.node_of_position, max(self.neighbours.shape[1] - 1, 0)
        return NeighbourGraph.of_nodes(ids[self.order], nodes, self.neighbours, self.cosines, k, self.added)


def find_neighbours(
    ids: Ids,
    vectors: UnitVectors,
    search: Search | None,
    k: int,
    on_progress: ProgressCallback | None = None,
    before: NeighbourGraph | None = None,
) -> FoundNeighbours:
    """Find the `k` nearest neighbours of photos `ids` (N,) with `vectors` (N, D) of unit length.

    `search` finds among the same photos; it is used for more than EXACT_UP_TO of them, None compares all. Where it is,
    nodes that were in the graph of `before` are not searched again, if there are few others.
    """
    order, first = _canonical_order(vectors)
    rows, copies = order[first], np.diff(first, append=len(order))
    nodes = np.repeat(np.arange(len(rows)), copies)
    if search is None or len(ids) <= EXACT_UP_TO:
        lists = _Lists.empty(len(rows), k + 1)
        _search(vectors, rows, _find_exactly(vectors[rows]), lists, k + 1, on_progress)
    else:
        lists, candidates = _known(before, ids[order], nodes, len(rows), k + 1), CANDIDATE_FACTOR * (k + 1)
        find = _find_by_index(search, ids[order], nodes, vectors, rows, candidates)
        # Of all nodes, so many candidates would take too much memory.
        width = candidates if lists.is_known.any() else k + 1
        _add_missed(lists, *_search(vectors, rows, find, lists, width, on_progress))
    return FoundNeighbours(order, nodes, rows, lists.neighbours, lists.cosines, lists.added)


def _canonical_order(vectors: UnitVectors) -> tuple[Ids, Ids]:
    """Order rows by their vectors alone; return the order, and the positions where each distinct vector begins.

    Photos with equal vectors are one node: otherwise they would be each other's only neighbours.
    """
    hashes = digests(vectors)
    order = np.argsort(hashes, kind="stable")
    is_first = np.diff(hashes[order], prepend=~hashes[order[:1]]) != 0
    return order, np.flatnonzero(is_first)


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """Neighbours and cosines (K, k) of K nodes, of which those with `is_known` (K,) need no search."""

    neighbours: NDArray[np.int32]
    cosines: Vectors
    is_known: NDArray[np.bool_]
    added: int = 0

    @classmethod
    def empty(cls, count: int, k: int) -> _Lists:
        """Return lists of nodes of which nothing is known."""
        neighbours, cosines = np.full((count, k), NO_ID, np.int32), np.full((count, k), -np.inf, np.float32)
        return cls(neighbours, cosines, np.zeros(count, bool))


def _known(before: NeighbourGraph | None, photo_ids: Ids, nodes: Ids, count: int, k: int) -> _Lists:
    """Return what `before` tells of photos (N,) of these nodes (N,), of which there are `count`.

    The list of a node is known if no node that was in it is gone.
    """
    lists = _Lists.empty(count, k)
    if before is None or before.neighbours.shape[1] != k - 1:
        return lists
    found = before.nodes_of(photo_ids)
    was = np.full(count, NO_ID)
    was[nodes[found != NO_ID]] = found[found != NO_ID]
    known = np.flatnonzero(was != NO_ID)
    added = before.added + count - len(known)
    if added > MAX_ADDED_SHARE * count:
        return lists
    now = np.full(before.node_count + 1, NO_ID, np.int32)  # the last place is that of NO_ID
    now[was[known]] = known
    for start in range(0, len(known), BLOCK_ROWS):
        part = known[start : start + BLOCK_ROWS]
        listed = before.neighbours[was[part]]
        lists.neighbours[part, 0], lists.cosines[part, 0] = part, 1
        lists.neighbours[part, 1:] = now[listed]
        lists.cosines[part, 1:] = np.where(listed == NO_ID, -np.inf, before.cosines[was[part]])
        lists.is_known[part] = ((now[listed] == NO_ID) == (listed == NO_ID)).all(axis=1)
    return replace(lists, added=added)


def _find_exactly(vectors: Vectors) -> FindNodes:
    return lambda nodes, k: top_k(vectors[nodes], np.arange(len(vectors)), vectors, k)


def _find_by_index(
    search: Search, ids: Ids, nodes: Ids, vectors: UnitVectors, rows: Ids, candidate_count: int
) -> FindNodes:
    """Take so many candidates from `search` and rank them by their vectors; ids that are not in `ids` are ignored.

    A search that does not find the node itself went astray in the graph: it is repeated for more candidates.
    """
    # Ids are small integers (row ids of SQLite), so an array indexed by them is faster than a search in sorted ids.
    node_of_id = np.full(ids.max() + 2, NO_ID)
    node_of_id[ids] = nodes

    def nearest(queries: Vectors, k: int, count: int) -> Neighbours:
        candidates = node_of_id[np.minimum(search(queries, count), len(node_of_id) - 1)]
        keys = np.empty(candidates.shape, np.int64)
        for start in range(0, len(queries), RERANK_ROWS):
            part = slice(start, start + RERANK_ROWS)
            cosines = cosines_of(vectors, queries[part], rows[candidates[part]])
            keys[part] = _sort_keys(cosines, candidates[part])
        return _best_nodes(keys, k)

    def find(queried: Ids, k: int) -> Neighbours:
        queries = vectors[rows[queried]]
        found, cosines = nearest(queries, k, candidate_count)
        astray = np.flatnonzero((found != queried[:, np.newaxis]).all(axis=1))
        if len(astray):
            again = nearest(queries[astray], k, REPEATED_FACTOR * candidate_count)
            found[astray], cosines[astray] = again
        return found, cosines

    return find


def _sort_keys(cosines: Vectors, nodes: NDArray[np.signedinteger]) -> Ids:
    """Encode cosine and node in one integer, in the order: most similar first, ties by the lower node."""
    distances = np.rint(cosines * -RESOLUTION).astype(np.int64)
    return np.where(nodes == NO_ID, _NO_KEY, (distances << 32) + nodes)


def _best_nodes(keys: Ids, k: int) -> Neighbours:
    """Return the nodes and cosines (Q, k) of the smallest keys of each row, each node once."""
    keys = np.sort(keys, axis=1)
    keys[:, 1:][keys[:, 1:] == keys[:, :-1]] = _NO_KEY
    keys = np.sort(keys, axis=1)[:, :k]
    cosines = np.where(keys == _NO_KEY, -np.inf, -(keys >> 32) / RESOLUTION).astype(np.float32)
    return np.where(keys == _NO_KEY, NO_ID, keys & _NODE_MASK), cosines


def _search(
    vectors: UnitVectors,
    rows: Ids,
    find: FindNodes,
    lists: _Lists,
    width: int,
    on_progress: ProgressCallback | None,
) -> tuple[Ids, NDArray[np.int32], Vectors]:
    """Fill the lists of the nodes, with vector `rows` (K,), that are not known.

    Returns these nodes (n,), their nearest nodes (n, width), themselves among them, and the cosines (n, width).
    """
    missing = np.flatnonzero(~lists.is_known)
    order = missing[_locality_order(vectors, rows[missing])]
    found = _Lists.empty(len(order), width)

    def search(start: int) -> None:
        part = slice(start, start + QUERY_ROWS)
        found.neighbours[part], found.cosines[part] = find(order[part], width)

    def finish_oldest() -> None:
        done, future = running.popleft()
        future.result()
        if on_progress is not None:
            on_progress(min(done, len(order)), len(order))

    running: deque[tuple[int, Future[None]]] = deque()
    with ThreadPoolExecutor(THREADS, "neighbours") as pool:
        for start in range(0, len(order), QUERY_ROWS):
            running.append((start + QUERY_ROWS, pool.submit(search, start)))
            if len(running) > 2 * THREADS:  # bounded, so that pause and cancel take effect soon
                finish_oldest()
        while running:
            finish_oldest()
    k = lists.neighbours.shape[1]
    lists.neighbours[order], lists.cosines[order] = found.neighbours[:, :k], found.cosines[:, :k]
    return order, found.neighbours, found.cosines


def _locality_order(vectors: UnitVectors, rows: Ids) -> Ids:
    """Return the order (K,) of the vectors in `rows` (K,) in which similar ones follow each other."""
    if len(rows) <= QUERY_ROWS:
        return np.arange(len(rows))  # searched at once; the directions would cost more than the search
    sample = vectors[rows[:PCA_SAMPLE]]  # rows are in the order of digests, which is random
    parts = (vectors[rows[start : start + BLOCK_ROWS]] for start in range(0, len(rows), BLOCK_ROWS))
    return locality_order(parts, sample, principal_directions(sample, ANCHOR_DIMENSIONS))


def _add_missed(lists: _Lists, nodes: Ids, neighbours: NDArray[np.int32], cosines: Vectors) -> None:
    """Add each of the nodes (n,) to the lists of its neighbours (n, width) that miss it and where it is near enough.

    A search misses a few, and does not know of nodes that came after it. `cosines` (n, width) are those of the neighbours.
    """
    parts = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]
    for start in range(0, len(nodes), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        parts.append(_missed(lists, nodes[part], neighbours[part], cosines[part]))
    node, other, cosine = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((other, -cosine, node))
    node, other, cosine = node[order], other[order], cosine[order]
    firsts = np.flatnonzero(np.diff(node, prepend=NO_ID))
    counts = np.diff(firsts, append=len(node))
    rank, k = np.arange(len(node)) - np.repeat(firsts, counts), lists.neighbours.shape[1]
    is_near = rank < k
    row, column = np.repeat(np.arange(len(firsts)), counts)[is_near], rank[is_near]
    new, new_cosines = np.full((len(firsts), k), NO_ID, np.int64), np.zeros((len(firsts), k), np.float32)
    new[row, column], new_cosines[row, column] = other[is_near], cosine[is_near]
    changed = node[firsts]
    old, old_cosines = lists.neighbours[changed], np.maximum(lists.cosines[changed], -1)
    keys = np.concatenate([_sort_keys(old_cosines, old), _sort_keys(new_cosines, new)], axis=1)
    lists.neighbours[changed], lists.cosines[changed] = _best_nodes(keys, k)


def _missed(
    lists: _Lists, nodes: Ids, neighbours: NDArray[np.int32], cosines: Vectors
) -> tuple[Ids, Ids, Vectors]:
    """Return neighbours (m,) of some nodes, these nodes (m,), which their lists miss, and the cosines (m,)."""
    row, column = np.nonzero((neighbours != NO_ID) & (cosines > lists.cosines[neighbours, -1]))
    node, other = neighbours[row, column].astype(np.int64), nodes[row]
    is_missed = (lists.neighbours[node] != other[:, np.newaxis]).all(axis=1)
    return node[is_missed], other[is_missed], cosines[row, column][is_missed]
