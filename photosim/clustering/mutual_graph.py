"""Which photos are each other's nearest neighbours, and how much each such pair is alike."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from photosim.search.exact import NO_ID, QUERY_ROWS, RESOLUTION, Ids, Vectors, round_similarities, top_k
from photosim.search.hnsw import principal_directions
from photosim.search.id_sets import intersection, sorted_unique

Search = Callable[[Vectors, int], Ids]
"""Queries (Q, D) and k -> ids (Q, k or more) in no order; see `NeighbourIndex.search_approximate`."""

FindNodes = Callable[[Vectors, int], Ids]
"""Like `Search`, but answers with kinds, a kind being one of the different vectors."""

ProgressCallback = Callable[[int, int], None]
"""Told how many photos are compared and how many there are; may raise to stop the work."""

EXACT_UP_TO = 10_000
"""Photos up to which all pairs are compared, which takes seconds and depends on nothing but the photos."""

CANDIDATE_FACTOR = 3
"""Times as many neighbours are asked for as are wanted: a quick search is unsure of their order."""

THREADS = os.cpu_count() or 1
"""Parts answered at once: one compares while another asks."""

RERANK_ROWS = 32
"""Queries compared with what a search named at once: 2.5 MB of vectors, which stay in the processor's cache."""

ANCHORS, ANCHOR_DIMENSIONS, PCA_SAMPLE = 1000, 32, 10_000
"""Vectors that mark places on the way through all of them, strongest directions that tell which is near, and vectors
that these are learnt from: with a million vectors the way costs 2 s and saves two thirds of the search."""

EDGE_ROWS = 16_384
"""Edges weighed at once: two arrays of 34 MB at 512 dimensions."""

_NO_KEY = np.iinfo(np.int64).max
_NODE_MASK = 2**32 - 1


@dataclass(frozen=True, slots=True)
class MutualGraph:
    """The mutual nearest neighbours among N photos of K different vectors ("kinds").

    `order` (N,) are the rows of the photos in an order that depends on their vectors alone, `kind_of_place` (N,) the
    kind of each place in it. `pairs` (E, 2) are kinds that are neighbours of each other, each pair once, sorted;
    `plain` (E,) is their cosine, `centred` (E,) that after the mean of the library is taken away.
    """

    order: Ids
    node_of_position: Ids
    node_count: int
    pairs: Ids
    cosines: Vectors
    centred_cosines: Vectors

    def weights(self, min_cosine: float, same_cosine: float) -> NDArray[np.float64]:
        """How surely each pair (E,) belongs together: 1 when equal, 0 when not.

        A pair belongs together when its centred cosine reaches `floor` or its plain one `same`.
        """
        weights = np.where(
            self.centred_cosines >= min_cosine, _edge_weights(self.centred_cosines, min_cosine), 0
        ).astype(np.float64)
        surely = self.cosines >= same_cosine
        weights[surely] = np.maximum(weights[surely], _edge_weights(self.cosines[surely], same_cosine))
        return weights


def mutual_graph(
    ids: Ids, vectors: Vectors, search: Search | None, k: int, on_progress: ProgressCallback | None = None
) -> MutualGraph:
    """The graph of photos `ids` (N,) with `vectors` (N, D) of unit length, each with so many neighbours at most.

    `search` finds among the same photos and is asked when there are more than EXACT_UP_TO. Mutual k-nearest-neighbour
    graph (Brito et al., 1997).
    """
    order, first = _canonical_order(vectors)
    rows, copies = order[first], np.diff(first, append=len(order))
    node_of_position = np.repeat(np.arange(len(rows)), copies)
    if search is None or len(ids) <= EXACT_UP_TO:
        find = _find_exactly(vectors[rows])
    else:
        find = _find_by_index(search, ids[order], node_of_position, vectors, rows)
    pairs = _mutual(_neighbours(vectors, rows, find, k + 1, on_progress))
    plain, centred = _cosines(vectors, rows, pairs)
    return MutualGraph(order, node_of_position, len(rows), pairs, plain, centred)


def _canonical_order(vectors: Vectors) -> tuple[Ids, Ids]:
    """Rows in an order that depends on their vectors alone, and where in it each different vector begins.

    Photos with equal vectors count as one until the end: otherwise they would be each other's only neighbours.
    """
    digests = np.fromiter(
        (xxhash.xxh3_64_intdigest(row.tobytes()) for row in vectors), np.uint64, len(vectors)
    )
    order = np.argsort(digests, kind="stable")
    new = np.diff(digests[order], prepend=~digests[order[:1]]) != 0
    return order, np.flatnonzero(new)


def _find_exactly(vectors: Vectors) -> FindNodes:
    return lambda queries, k: top_k(queries, np.arange(len(vectors)), vectors, k)[0]


def _find_by_index(search: Search, ids: Ids, nodes: Ids, vectors: Vectors, rows: Ids) -> FindNodes:
    """Ask for ids, answer with their `kinds`, whose vectors decide; NO_ID for an id not among `ids`."""
    # Ids are small whole numbers, see the library's tables: a place for each is quicker than a search among them.
    node_of_id = np.full(ids.max() + 2, NO_ID)
    node_of_id[ids] = nodes

    def find(queries: Vectors, k: int) -> Ids:
        named = node_of_id[np.minimum(search(queries, CANDIDATE_FACTOR * k), len(node_of_id) - 1)]
        keys = np.empty(named.shape, np.int64)
        for start in range(0, len(queries), RERANK_ROWS):
            part = slice(start, start + RERANK_ROWS)
            keys[part] = _sort_keys(
                np.einsum("qd,qcd->qc", queries[part], vectors[rows[named[part]]]), named[part]
            )
        return _best_nodes(keys, k)

    return find


def _sort_keys(similarities: Vectors, nodes: Ids) -> Ids:
    """Numbers in whose order kinds come, the most similar first, of equally similar ones the lower."""
    closeness = np.rint(similarities * -RESOLUTION).astype(np.int64)
    return np.where(nodes == NO_ID, _NO_KEY, (closeness << 32) + nodes)


def _best_nodes(keys: Ids, k: int) -> Ids:
    """The kinds (Q, k) of the first keys of each row, each kind once: photos that are equal are of one kind."""
    keys = np.sort(keys, axis=1)
    keys[:, 1:][keys[:, 1:] == keys[:, :-1]] = _NO_KEY
    keys = np.sort(keys, axis=1)[:, :k]
    return np.where(keys == _NO_KEY, NO_ID, keys & _NODE_MASK)


def _neighbours(
    vectors: Vectors, nodes: Ids, find: FindNodes, k: int, on_progress: ProgressCallback | None
) -> Ids:
    """The `k` nearest kinds (K, k) of each kind, itself among them."""
    found = np.full((len(nodes), k), NO_ID, np.int64)
    way = _locality_order(vectors, nodes)

    def answer(start: int) -> None:
        part = way[start : start + QUERY_ROWS]
        found[part] = find(vectors[nodes[part]], k)

    def take() -> None:
        done, answered = waiting.popleft()
        answered.result()
        if on_progress is not None:
            on_progress(min(done, len(nodes)), len(nodes))

    waiting: deque[tuple[int, Future[None]]] = deque()
    with ThreadPoolExecutor(THREADS, "neighbours") as pool:
        for start in range(0, len(way), QUERY_ROWS):
            waiting.append((start + QUERY_ROWS, pool.submit(answer, start)))
            if len(waiting) > 2 * THREADS:  # no more, so that whoever pauses or stops the work is heard soon
                take()
        while waiting:
            take()
    return found


def _locality_order(vectors: Vectors, rows: Ids) -> Ids:
    """An order of the `rows` in which those that are near each other follow each other.

    What one of them makes the processor fetch is there for the next.
    """
    directions = principal_directions(vectors[rows[:PCA_SAMPLE]], ANCHOR_DIMENSIONS)
    places = (vectors[rows[:ANCHORS]] @ directions).T
    nearest = np.empty(len(rows), np.int64)
    for start in range(0, len(rows), EDGE_ROWS):
        part = slice(start, start + EDGE_ROWS)
        nearest[part] = (vectors[rows[part]] @ directions @ places).argmax(axis=1)
    return np.argsort(nearest, kind="stable")


def _mutual(neighbours: Ids) -> Ids:
    """The pairs (E, 2) of kinds that are neighbours of each other, each once, sorted."""
    total = len(neighbours)
    here = np.repeat(np.arange(total), neighbours.shape[1])
    there = neighbours.ravel()
    real = (there != NO_ID) & (there != here)
    here, there = here[real], there[real]
    forward = sorted_unique(here[here < there] * total + there[here < there])
    backward = sorted_unique(there[there < here] * total + here[there < here])
    both = intersection(forward, backward)
    return np.stack(np.divmod(both, max(total, 1)), axis=1)


def _cosines(vectors: Vectors, rows: Ids, pairs: Ids) -> tuple[Vectors, Vectors]:
    """The cosine (E,) of each pair of kinds, and that after the mean of all kinds is taken away."""
    mean = _mean(vectors, rows)
    plain, centred = np.zeros(len(pairs), np.float32), np.zeros(len(pairs), np.float32)
    for start in range(0, len(pairs), EDGE_ROWS):
        part = slice(start, start + EDGE_ROWS)
        left, right = (vectors[rows[pairs[part, side]]] for side in (0, 1))
        plain[part] = round_similarities(np.einsum("ed,ed->e", left, right))
        left, right = left - mean, right - mean
        lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        centred[part] = round_similarities(
            np.einsum("ed,ed->e", left, right) / np.maximum(lengths, np.finfo(np.float32).tiny)
        )
    return plain, centred


def _edge_weights(similarities: Vectors, floor: float) -> Vectors:
    """A weight from 0.1 at the floor to 1: barely alike counts, but little."""
    return np.asarray(0.1 + 0.9 * (similarities - floor) / (1 - floor), np.float32)


def _mean(vectors: Vectors, rows: Ids) -> Vectors:
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(rows), EDGE_ROWS):
        total += vectors[rows[start : start + EDGE_ROWS]].sum(axis=0, dtype=np.float64)
    return (total / max(len(rows), 1)).astype(np.float32)
