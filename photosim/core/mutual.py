"""Which photos are each other's nearest neighbours, and how much each such pair is alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from photosim.core.exact import NOBODY, QUERY_ROWS, Answers, Ids, Vectors, rounded, top_k
from photosim.core.id_sets import common, distinct

Search = Callable[[Vectors, int], Answers]
"""Queries (Q, D) and k -> ids and similarities (Q, k), best first; see `NeighbourIndex.search_quickly`."""

Find = Callable[[Vectors, int], Ids]
"""Like `Search`, but answers with kinds (Q, k), a kind being one of the different vectors."""

Report = Callable[[int, int], None]
"""Told how many photos are compared and how many there are; may raise to stop the work."""

EXACT_UP_TO = 10_000
"""Photos up to which all pairs are compared, which takes seconds and depends on nothing but the photos."""

ASKED = 3
"""Times as many neighbours are asked for as are wanted: a quick search is unsure of their order."""

EDGE_ROWS = 16_384
"""Edges weighed at once: two arrays of 34 MB at 512 dimensions."""


@dataclass(frozen=True, slots=True)
class MutualGraph:
    """The mutual nearest neighbours among N photos of K different vectors ("kinds").

    `order` (N,) are the rows of the photos in an order that depends on their vectors alone, `kind_of_place` (N,) the
    kind of each place in it. `pairs` (E, 2) are kinds that are neighbours of each other, each pair once, sorted;
    `plain` (E,) is their cosine, `centred` (E,) that after the mean of the library is taken away.
    """

    order: Ids
    kind_of_place: Ids
    kinds: int
    pairs: Ids
    plain: Vectors
    centred: Vectors

    def weights(self, floor: float, same: float) -> NDArray[np.float64]:
        """How surely each pair (E,) belongs together: 1 when equal, 0 when not.

        A pair belongs together when its centred cosine reaches `floor` or its plain one `same`.
        """
        weights = np.where(self.centred >= floor, _above(self.centred, floor), 0).astype(np.float64)
        surely = self.plain >= same
        weights[surely] = np.maximum(weights[surely], _above(self.plain[surely], same))
        return weights


def mutual_graph(
    ids: Ids, vectors: Vectors, search: Search | None, neighbours: int, report: Report | None = None
) -> MutualGraph:
    """The graph of photos `ids` (N,) with `vectors` (N, D) of unit length, each with so many neighbours at most.

    `search` finds among the same photos and is asked when there are more than EXACT_UP_TO. Mutual k-nearest-neighbour
    graph (Brito et al., 1997).
    """
    order, first = _canonical(vectors)
    rows, copies = order[first], np.diff(first, append=len(order))
    kind_of_place = np.repeat(np.arange(len(rows)), copies)
    if search is None or len(ids) <= EXACT_UP_TO:
        find = _by_comparing(vectors[rows])
    else:
        find = _by_asking(search, ids[order], kind_of_place, vectors[rows])
    pairs = _mutual(_neighbours(vectors, rows, find, neighbours + 1, report))
    plain, centred = _cosines(vectors, rows, pairs)
    return MutualGraph(order, kind_of_place, len(rows), pairs, plain, centred)


def _canonical(vectors: Vectors) -> tuple[Ids, Ids]:
    """Rows in an order that depends on their vectors alone, and where in it each different vector begins.

    Photos with equal vectors count as one until the end: otherwise they would be each other's only neighbours.
    """
    digests = np.fromiter(
        (xxhash.xxh3_64_intdigest(row.tobytes()) for row in vectors), np.uint64, len(vectors)
    )
    order = np.argsort(digests, kind="stable")
    new = np.diff(digests[order], prepend=~digests[order[:1]]) != 0
    return order, np.flatnonzero(new)


def _by_comparing(vectors: Vectors) -> Find:
    return lambda queries, k: top_k(queries, np.arange(len(vectors)), vectors, k)[0]


def _by_asking(search: Search, ids: Ids, kinds: Ids, vectors: Vectors) -> Find:
    """Ask for ids, answer with their `kinds`, whose `vectors` (K, D) decide; NOBODY for an id not among `ids`."""
    by_id = np.argsort(ids)

    def find(queries: Vectors, k: int) -> Ids:
        named = search(queries, ASKED * k)[0]
        place = by_id[np.minimum(np.searchsorted(ids, named, sorter=by_id), len(ids) - 1)]
        found = np.where(ids[place] == named, kinds[place], NOBODY)
        similarities = np.einsum("qd,qcd->qc", queries, vectors[found])
        similarities[found == NOBODY] = -np.inf
        best = np.lexsort((found, -rounded(similarities)), axis=1)[:, :k]
        return np.take_along_axis(found, best, axis=1)

    return find


def _neighbours(vectors: Vectors, kinds: Ids, find: Find, k: int, report: Report | None) -> Ids:
    """The `k` nearest kinds (K, k) of each kind, itself among them."""
    found = np.full((len(kinds), k), NOBODY, np.int64)
    for start in range(0, len(kinds), QUERY_ROWS):
        part = slice(start, start + QUERY_ROWS)
        found[part] = find(vectors[kinds[part]], k)
        if report is not None:
            report(min(part.stop, len(kinds)), len(kinds))
    return found


def _mutual(neighbours: Ids) -> Ids:
    """The pairs (E, 2) of kinds that are neighbours of each other, each once, sorted."""
    total = len(neighbours)
    here = np.repeat(np.arange(total), neighbours.shape[1])
    there = neighbours.ravel()
    real = (there != NOBODY) & (there != here)
    here, there = here[real], there[real]
    forward = distinct(here[here < there] * total + there[here < there])
    backward = distinct(there[there < here] * total + here[there < here])
    both = common(forward, backward)
    return np.stack(np.divmod(both, max(total, 1)), axis=1)


def _cosines(vectors: Vectors, rows: Ids, pairs: Ids) -> tuple[Vectors, Vectors]:
    """The cosine (E,) of each pair of kinds, and that after the mean of all kinds is taken away."""
    mean = _mean(vectors, rows)
    plain, centred = np.zeros(len(pairs), np.float32), np.zeros(len(pairs), np.float32)
    for start in range(0, len(pairs), EDGE_ROWS):
        part = slice(start, start + EDGE_ROWS)
        left, right = (vectors[rows[pairs[part, side]]] for side in (0, 1))
        plain[part] = rounded(np.einsum("ed,ed->e", left, right))
        left, right = left - mean, right - mean
        lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        centred[part] = rounded(
            np.einsum("ed,ed->e", left, right) / np.maximum(lengths, np.finfo(np.float32).tiny)
        )
    return plain, centred


def _above(similarities: Vectors, floor: float) -> Vectors:
    """A weight from 0.1 at the floor to 1: barely alike counts, but little."""
    return np.asarray(0.1 + 0.9 * (similarities - floor) / (1 - floor), np.float32)


def _mean(vectors: Vectors, rows: Ids) -> Vectors:
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(rows), EDGE_ROWS):
        total += vectors[rows[start : start + EDGE_ROWS]].sum(axis=0, dtype=np.float64)
    return (total / max(len(rows), 1)).astype(np.float32)
