"""Groups of photos that look alike: communities in the graph of mutual nearest neighbours."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from photosim.core.exact import NOBODY, QUERY_ROWS, Answers, Ids, Vectors, rounded, top_k

Search = Callable[[Vectors, int], Answers]
"""Queries (Q, D) and k -> ids and similarities (Q, k), best first; see `NeighbourIndex.search_quickly`."""

Find = Callable[[Vectors, int], Ids]
"""Like `Search`, but answers with kinds (Q, k), a kind being one of the different vectors."""

Report = Callable[[int, int], None]
"""Told how many photos are compared and how many there are; may raise to stop the work."""

EXACT_UP_TO = 10_000
"""Photos up to which all pairs are compared, which takes seconds and depends on nothing but the photos."""

EDGE_ROWS = 16_384
"""Edges weighed at once: two arrays of 42 MB at 640 dimensions."""

PASSES = 5
"""Leiden's iterations: more change next to nothing."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """What counts as a group; the defaults were chosen with tests/benchmarks/bench_clusters.py.

    `neighbours`: how many nearest neighbours of a photo count, when it is also among theirs. `floor`: the
    least cosine of two neighbours after the mean of the library is taken away, 0 being two photos picked at
    random: so it fits a library of one theme as well as a mixed one. `same`: the cosine above which two photos
    are neighbours whatever the rest looks like. `resolution`: the least density of a group (the constant Potts
    model's gamma). `smallest`: photos in the smallest group.
    """

    neighbours: int = 12
    floor: float = 0.5
    same: float = 0.95
    resolution: float = 0.01
    smallest: int = 3


DEFAULT = Grouping()

_leiden_runs = threading.Lock()


def cluster(
    ids: Ids,
    vectors: Vectors,
    search: Search | None = None,
    *,
    grouping: Grouping = DEFAULT,
    report: Report | None = None,
) -> tuple[Ids, ...]:
    """The groups among photos, as rows (indices into `ids`), largest group first; a photo is in one at most.

    `ids` (N,) are distinct, `vectors` (N, D) of unit length; `search` finds among the same photos and is asked
    when there are more than EXACT_UP_TO. In a group the medoid (the photo most similar to the others on
    average) comes first, the others follow by their similarity to it. The order of the rows does not matter.

    Mutual k-nearest-neighbour graph (Brito et al., 1997), then Leiden (Traag, Waltman and van Eck, 2019) with
    the constant Potts model, which unlike modularity finds groups of the same kind in any size of library.
    """
    order, first = _canonical(vectors)
    kinds, copies = order[first], np.diff(first, append=len(order))
    kind_of_place = np.repeat(np.arange(len(kinds)), copies)
    if search is None or len(ids) <= EXACT_UP_TO:
        find = _by_comparing(vectors[kinds])
    else:
        find = _by_asking(search, ids[order], kind_of_place)
    pairs = _mutual(_neighbours(vectors, kinds, find, grouping.neighbours + 1, report))
    weights = _weights(vectors, kinds, pairs, grouping)
    alike = weights > 0
    community = _communities(len(kinds), pairs[alike], weights[alike], grouping.resolution)
    return _groups(vectors, order, community[kind_of_place], grouping.smallest)


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


def _by_asking(search: Search, ids: Ids, kinds: Ids) -> Find:
    """Ask for ids, answer with their `kinds`; NOBODY also for a photo that is not among `ids`."""
    by_id = np.argsort(ids)

    def find(queries: Vectors, k: int) -> Ids:
        named = search(queries, k)[0]
        place = by_id[np.minimum(np.searchsorted(ids, named, sorter=by_id), len(ids) - 1)]
        return np.where(ids[place] == named, kinds[place], NOBODY)

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
    forward = np.unique(here[here < there] * total + there[here < there])
    backward = np.unique(there[there < here] * total + here[there < here])
    both = np.intersect1d(forward, backward, assume_unique=True)
    return np.stack(np.divmod(both, max(total, 1)), axis=1)


def _weights(vectors: Vectors, kinds: Ids, pairs: Ids, grouping: Grouping) -> NDArray[np.float64]:
    """How surely each pair (E, 2) belongs together: 1 when equal, 0 when not."""
    mean = _mean(vectors, kinds)
    weights = np.zeros(len(pairs))
    for start in range(0, len(pairs), EDGE_ROWS):
        part = slice(start, start + EDGE_ROWS)
        left, right = (vectors[kinds[pairs[part, side]]] for side in (0, 1))
        plain = rounded(np.einsum("ed,ed->e", left, right))
        left, right = left - mean, right - mean
        lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        centred = rounded(np.einsum("ed,ed->e", left, right) / np.maximum(lengths, np.finfo(np.float32).tiny))
        weights[part] = np.where(centred >= grouping.floor, _above(centred, grouping.floor), 0)
        surely = plain >= grouping.same
        weights[part][surely] = np.maximum(weights[part][surely], _above(plain[surely], grouping.same))
    return weights


def _above(similarities: Vectors, floor: float) -> Vectors:
    """A weight from 0.1 at the floor to 1: barely alike counts, but little."""
    return np.asarray(0.1 + 0.9 * (similarities - floor) / (1 - floor), np.float32)


def _mean(vectors: Vectors, rows: Ids) -> Vectors:
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(rows), EDGE_ROWS):
        total += vectors[rows[start : start + EDGE_ROWS]].sum(axis=0, dtype=np.float64)
    return (total / max(len(rows), 1)).astype(np.float32)


def _communities(kinds: int, pairs: Ids, weights: NDArray[np.float64], resolution: float) -> Ids:
    """The community (K,) of each kind."""
    if not len(pairs):
        return np.arange(kinds)
    import igraph  # here, not above: a window opens without it

    graph: Any = igraph.Graph(n=kinds, edges=pairs)
    # igraph has one source of chance for the whole process: lend it a seeded one, alone.
    with _leiden_runs:
        igraph.set_random_number_generator(random.Random(0))  # noqa: S311 - no secret
        try:
            found = graph.community_leiden(
                objective_function="CPM",
                weights=weights.tolist(),
                resolution=resolution,
                n_iterations=PASSES,
            )
        finally:
            igraph.set_random_number_generator(random)
    return np.asarray(found.membership, np.int64)


def _groups(vectors: Vectors, order: Ids, community: Ids, smallest: int) -> tuple[Ids, ...]:
    """Rows by community (N,) of the ordered rows: those that are large enough, each in its order, largest first."""
    by_community = np.argsort(community, kind="stable")
    ends = np.flatnonzero(np.diff(community[by_community])) + 1
    members = [places for places in np.split(by_community, ends) if len(places) >= max(smallest, 1)]
    members = [_medoid_first(vectors[order[places]], places) for places in members]
    members.sort(key=lambda places: (-len(places), places[0]))
    return tuple(order[places] for places in members)


def _medoid_first(vectors: Vectors, places: Ids) -> Ids:
    # The sum of the similarities to all members is the similarity to the sum of all members.
    medoid = int(np.argmax(rounded(vectors @ vectors.mean(axis=0))))
    similarities = rounded(vectors @ vectors[medoid])
    similarities[medoid] = np.inf
    return places[np.lexsort((places, -similarities))]
