"""Cluster similar photos: communities in the graph of mutual nearest neighbours."""

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
"""More iterations change next to nothing."""


@dataclass(frozen=True, slots=True)
class LevelParams:
    """What counts as a cluster; the defaults were chosen with tests/benchmarks/bench_clusters.py.

    `k`: nearest neighbours of a photo that count, if it is also one of theirs. `min_cosine`: least cosine of two
    neighbours after the mean of the library is subtracted, so that it fits a library of one theme as well as a mixed
    one; 0 is the value of random pairs. `same_cosine`: cosine above which two photos are neighbours regardless of the
    library. `resolution`: least density of a cluster (gamma of the constant Potts model). `min_size`: photos in the
    smallest cluster.
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
"""From few large clusters to many small ones; chosen like the defaults. They are nested, see `cluster_levels`."""

_igraph_lock = threading.Lock()


def cluster(
    ids: Ids,
    vectors: Vectors,
    search: Search | None = None,
    *,
    params: LevelParams = DEFAULT_PARAMS,
    on_progress: ProgressCallback | None = None,
) -> tuple[Ids, ...]:
    """Return disjoint clusters as rows (indices into `ids`), the largest first.

    `ids` (N,) are distinct, `vectors` (N, D) of unit length; `search` finds among the same photos and is used if there
    are many, None compares all. A cluster starts with its medoid (the photo most similar to the others on average); the
    others follow by their similarity to it. The result does not depend on the order of the rows.

    Mutual k-nearest-neighbour graph (Brito et al., 1997), then Leiden (Traag, Waltman and van Eck, 2019) with the
    constant Potts model, which unlike modularity finds clusters of the same kind in a library of any size.
    """
    graph = mutual_graph(ids, vectors, search, params.k, on_progress)
    return _build_clusters(vectors, graph, _communities(graph, params), params.min_size)


def cluster_levels(
    ids: Ids, vectors: Vectors, search: Search | None = None, on_progress: ProgressCallback | None = None
) -> tuple[tuple[Ids, ...], ...]:
    """Return the clusters of each of LEVELS, from one search for neighbours.

    Levels are nested: finer levels divide the clusters of the default level, coarser ones join them.
    """
    graph = mutual_graph(ids, vectors, search, max(level.k for level in LEVELS), on_progress)
    communities = {DEFAULT_LEVEL: _communities(graph, DEFAULT_PARAMS)}
    for level in range(DEFAULT_LEVEL + 1, len(LEVELS)):
        communities[level] = _communities(graph, LEVELS[level], within=communities[level - 1])
    for level in range(DEFAULT_LEVEL - 1, -1, -1):
        communities[level] = _communities(graph, LEVELS[level], joining=communities[level + 1])
    return tuple(
        _build_clusters(vectors, graph, communities[level], params.min_size)
        for level, params in enumerate(LEVELS)
    )


def order_from_medoid(vectors: Vectors) -> Ids:
    """Return the rows of one cluster (N, D): the medoid, then the others by their similarity to it."""
    # The sum of the similarities to all members is the similarity to the sum of all members.
    medoid = int(np.argmax(round_similarities(vectors @ vectors.mean(axis=0))))
    similarities = round_similarities(vectors @ vectors[medoid])
    similarities[medoid] = np.inf
    return np.lexsort((np.arange(len(vectors)), -similarities))


def _communities(
    graph: MutualGraph, params: LevelParams, within: Ids | None = None, joining: Ids | None = None
) -> Ids:
    """Find the community (K,) of each node: inside communities `within` (K,), or as unions of those `joining` (K,)."""
    pairs, weights = graph.pairs, graph.weights(params.min_cosine, params.same_cosine)
    is_edge = weights > 0
    if within is not None:
        is_edge &= within[pairs[:, 0]] == within[pairs[:, 1]]
    pairs, weights = pairs[is_edge], weights[is_edge]
    if joining is None:
        return _leiden(graph.node_count, pairs, weights, params.resolution)
    # Leiden's own aggregation: a community becomes one node that weighs as much as its nodes.
    names, super_node = np.unique(joining, return_inverse=True)
    ends = super_node[pairs]
    is_between = ends[:, 0] != ends[:, 1]
    edges, edge_of = np.unique(np.sort(ends[is_between], axis=1), axis=0, return_inverse=True)
    sums = np.asarray(np.bincount(edge_of.ravel(), weights[is_between], minlength=len(edges)), np.float64)
    sizes = np.bincount(super_node, minlength=len(names))
    return _leiden(len(names), edges, sums, params.resolution, sizes)[super_node]


def _leiden(
    nodes: int, pairs: Ids, weights: NDArray[np.float64], resolution: float, sizes: Ids | None = None
) -> Ids:
    """Return the community (nodes,) of each node; `sizes` (nodes,) are node weights, 1 if not given."""
    # A node without edges is its own community. Most nodes are; in the graph they would take most of the time.
    has_edges = np.zeros(nodes, bool)
    has_edges[pairs] = True
    count = int(np.count_nonzero(has_edges))
    community = count + np.arange(nodes)
    if not count:
        return community
    import igraph  # imported late: opening a window does not need it

    graph: Any = igraph.Graph(n=count, edges=(np.cumsum(has_edges) - 1)[pairs])
    # igraph has one random number generator per process: set a seeded one while no other thread uses it.
    with _igraph_lock:
        igraph.set_random_number_generator(random.Random(0))  # noqa: S311 - not for cryptography
        try:
            found = graph.community_leiden(
                objective_function="CPM",
                weights=weights.tolist(),
                resolution=resolution,
                n_iterations=LEIDEN_ITERATIONS,
                node_weights=None if sizes is None else sizes[has_edges].tolist(),
            )
        finally:
            igraph.set_random_number_generator(random)
    community[has_edges] = found.membership
    return community


def _build_clusters(
    vectors: Vectors, graph: MutualGraph, community_of_node: Ids, min_size: int
) -> tuple[Ids, ...]:
    """Turn communities of at least `min_size` photos into rows, medoid first, the largest community first."""
    order, community = graph.order, community_of_node[graph.node_of_position]
    positions = np.flatnonzero(np.bincount(community)[community] >= min_size)
    positions = positions[np.argsort(community[positions], kind="stable")]
    ends = np.flatnonzero(np.diff(community[positions])) + 1
    members = [
        part[order_from_medoid(vectors[order[part]])] for part in np.split(positions, ends) if len(part)
    ]
    members.sort(key=lambda part: (-len(part), part[0]))
    return tuple(order[part] for part in members)
