"""Groups of photos that look alike: communities in the graph of mutual nearest neighbours."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosim.clustering.mutual_graph import MutualGraph, ProgressCallback, Search, mutual_graph
from photosim.records import DEFAULT_LEVEL
from photosim.search.exact import Ids, Vectors, round_similarities

LEIDEN_ITERATIONS = 5
"""Leiden's iterations: more change next to nothing."""


@dataclass(frozen=True, slots=True)
class LevelParams:
    """What counts as a group; the defaults were chosen with tests/benchmarks/bench_clusters.py.

    `neighbours`: how many nearest neighbours of a photo count, when it is also among theirs. `floor`: the
    least cosine of two neighbours after the mean of the library is taken away, 0 being two photos picked at
    random: so it fits a library of one theme as well as a mixed one. `same`: the cosine above which two photos
    are neighbours whatever the rest looks like. `resolution`: the least density of a group (the constant Potts
    model's gamma). `smallest`: photos in the smallest group.
    """

    k: int = 12
    min_cosine: float = 0.5
    same_cosine: float = 0.95
    resolution: float = 0.01
    min_size: int = 3


DEFAULT_PARAMS = LevelParams()

LEVELS = (
    LevelParams(min_cosine=0.2, resolution=0.001),
    LevelParams(min_cosine=0.35, resolution=0.003),
    DEFAULT_PARAMS,
    LevelParams(min_cosine=0.57, resolution=0.03),
    LevelParams(min_cosine=0.66, resolution=0.1),
)
"""From few large groups to many small ones; chosen as DEFAULT was. They lie in each other, see `cluster_levels`."""

_igraph_lock = threading.Lock()


def cluster(
    ids: Ids,
    vectors: Vectors,
    search: Search | None = None,
    *,
    params: LevelParams = DEFAULT_PARAMS,
    on_progress: ProgressCallback | None = None,
) -> tuple[Ids, ...]:
    """The groups among photos, as rows (indices into `ids`), largest group first; a photo is in one at most.

    `ids` (N,) are distinct, `vectors` (N, D) of unit length; `search` finds among the same photos and is asked
    when there are many. In a group the medoid (the photo most similar to the others on average) comes first, the
    others follow by their similarity to it. The order of the rows does not matter.

    Mutual k-nearest-neighbour graph (Brito et al., 1997), then Leiden (Traag, Waltman and van Eck, 2019) with
    the constant Potts model, which unlike modularity finds groups of the same kind in any size of library.
    """
    graph = mutual_graph(ids, vectors, search, params.k, on_progress)
    return _build_clusters(vectors, graph, _communities(graph, params), params.min_size)


def cluster_levels(
    ids: Ids, vectors: Vectors, search: Search | None = None, on_progress: ProgressCallback | None = None
) -> tuple[tuple[Ids, ...], ...]:
    """What `cluster` finds with each of LEVELS, from one search for neighbours.

    Two photos that are together on a level are together on every coarser one: the finer levels divide the groups of
    the default level, the coarser ones join them.
    """
    graph = mutual_graph(ids, vectors, search, max(level.k for level in LEVELS), on_progress)
    found = {DEFAULT_LEVEL: _communities(graph, DEFAULT_PARAMS)}
    for level in range(DEFAULT_LEVEL + 1, len(LEVELS)):
        found[level] = _communities(graph, LEVELS[level], within=found[level - 1])
    for level in range(DEFAULT_LEVEL - 1, -1, -1):
        found[level] = _communities(graph, LEVELS[level], joining=found[level + 1])
    return tuple(
        _build_clusters(vectors, graph, found[level], grouping.min_size)
        for level, grouping in enumerate(LEVELS)
    )


def _communities(
    graph: MutualGraph, params: LevelParams, within: Ids | None = None, joining: Ids | None = None
) -> Ids:
    """The community (K,) of each kind; `within` others (K,), or made by `joining` others as they are."""
    pairs, weights = graph.pairs, graph.weights(params.min_cosine, params.same_cosine)
    kept = weights > 0
    if within is not None:
        kept &= within[pairs[:, 0]] == within[pairs[:, 1]]
    pairs, weights = pairs[kept], weights[kept]
    if joining is None:
        return _leiden(graph.node_count, pairs, weights, params.resolution)
    # A community as one node that weighs as much as its kinds: Leiden's own aggregation.
    names, node = np.unique(joining, return_inverse=True)
    ends = node[pairs]
    apart = ends[:, 0] != ends[:, 1]
    keys, place = np.unique(np.sort(ends[apart], axis=1), axis=0, return_inverse=True)
    sums = np.asarray(np.bincount(place.ravel(), weights[apart], minlength=len(keys)), np.float64)
    sizes = np.bincount(node, minlength=len(names))
    return _leiden(len(names), keys, sums, params.resolution, sizes)[node]


def _leiden(
    nodes: int, pairs: Ids, weights: NDArray[np.float64], resolution: float, sizes: Ids | None = None
) -> Ids:
    """The community (nodes,) of each node; `sizes` (nodes,) weigh them, each 1 if not given."""
    # A node without an edge is a community of its own: most are, and in the graph they would take most of the time.
    tied = np.zeros(nodes, bool)
    tied[pairs] = True
    count = int(np.count_nonzero(tied))
    community = count + np.arange(nodes)
    if not count:
        return community
    import igraph  # imported late: opening a window does not need it

    graph: Any = igraph.Graph(n=count, edges=(np.cumsum(tied) - 1)[pairs])
    # igraph has one source of chance for the whole process: lend it a seeded one, alone.
    with _igraph_lock:
        igraph.set_random_number_generator(random.Random(0))  # noqa: S311 - no secret
        try:
            found = graph.community_leiden(
                objective_function="CPM",
                weights=weights.tolist(),
                resolution=resolution,
                n_iterations=LEIDEN_ITERATIONS,
                node_weights=None if sizes is None else sizes[tied].tolist(),
            )
        finally:
            igraph.set_random_number_generator(random)
    community[tied] = found.membership
    return community


def _build_clusters(
    vectors: Vectors, graph: MutualGraph, community_of_kind: Ids, min_size: int
) -> tuple[Ids, ...]:
    """The communities as rows: those that are large enough, each in its order, largest first."""
    order, community = graph.order, community_of_kind[graph.node_of_position]
    enough = np.flatnonzero(np.bincount(community)[community] >= min_size)
    by_community = enough[np.argsort(community[enough], kind="stable")]
    ends = np.flatnonzero(np.diff(community[by_community])) + 1
    members = [
        places[order_from_medoid(vectors[order[places]])]
        for places in np.split(by_community, ends)
        if len(places)
    ]
    members.sort(key=lambda places: (-len(places), places[0]))
    return tuple(order[places] for places in members)


def order_from_medoid(vectors: Vectors) -> Ids:
    """The rows of one group (N, D): the medoid, then the others by their similarity to it."""
    # The sum of the similarities to all members is the similarity to the sum of all members.
    medoid = int(np.argmax(round_similarities(vectors @ vectors.mean(axis=0))))
    similarities = round_similarities(vectors @ vectors[medoid])
    similarities[medoid] = np.inf
    return np.lexsort((np.arange(len(vectors)), -similarities))
