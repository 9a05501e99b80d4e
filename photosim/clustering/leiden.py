"""Cluster similar photos: communities in the graph of mutual nearest neighbours."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photosim.clustering.covers import covers_first
from photosim.clustering.graph_library import load_igraph
from photosim.clustering.mutual_graph import MutualGraph, mutual_graph
from photosim.clustering.neighbour_search import ProgressCallback, Search
from photosim.records import DEFAULT_LEVEL
from photosim.search.compact_vectors import UnitVectors
from photosim.search.exact import Ids

LEIDEN_ITERATIONS = 5
"""More iterations change next to nothing."""

MANY_PAIRS, MANY_PAIRS_ITERATIONS = 100_000, 3
"""Fewer iterations for a large graph, where they take seconds. Of 300,000 photos, the clusters of three and of five have an
adjusted Rand index of 0.9995, those of two seeds one of 0.997."""

NEIGHBOURS = 12
"""Nearest neighbours of a photo that count, if it is also one of theirs."""

MIN_SIZE = 2
"""Photos in the smallest cluster."""


@dataclass(frozen=True, slots=True)
class LevelParams:
    """What counts as a cluster; the values were chosen with tests/benchmarks/bench_clusters.py.

    `min_cosine`: least cosine of two neighbours after the mean of the library is subtracted, so that it fits a library
    of one theme as well as a mixed one; 0 is the value of random pairs. `resolution`: least density of a cluster (gamma
    of the constant Potts model).
    """

    min_cosine: float = 0.39
    resolution: float = 0.03


DEFAULT_PARAMS = LevelParams()

LEVELS = (
    LevelParams(min_cosine=0.34, resolution=0.002),
    LevelParams(min_cosine=0.37, resolution=0.008),
    DEFAULT_PARAMS,
    LevelParams(resolution=0.07),
    LevelParams(resolution=0.15),
)
"""From few large clusters to many small ones."""

_igraph_lock = threading.Lock()


def cluster(
    ids: Ids,
    vectors: UnitVectors,
    search: Search | None = None,
    *,
    same_cosine: float,
    params: LevelParams = DEFAULT_PARAMS,
    on_progress: ProgressCallback | None = None,
) -> tuple[Ids, ...]:
    """Return disjoint clusters as rows (indices into `ids`), the largest first.

    `ids` (N,) are distinct, `vectors` (N, D) of unit length; `search` finds among the same photos and is used if there
    are many, None compares all. Photos whose cosine is at least `same_cosine` are in one cluster. A cluster starts with
    its cover: the medoid (the photo most similar to the others on average), then photos that are typical of the cluster
    but different; the others follow by their similarity to the medoid. The result does not depend on the order of the
    rows.

    Mutual k-nearest-neighbour graph (Brito et al., 1997), then Leiden (Traag, Waltman and van Eck, 2019) with the
    constant Potts model, which unlike modularity finds clusters of the same kind in a library of any size.
    """
    graph = mutual_graph(ids, vectors, search, NEIGHBOURS, same_cosine, on_progress)
    [clusters] = build_clusters(vectors, graph, [_Division.into_groups(graph).join(params).community_of_node])
    return clusters


def communities_of_levels(graph: MutualGraph) -> list[Ids]:
    """Return the community (K,) of each node at each of LEVELS.

    Levels are nested. From one level to the next finer one there are never fewer clusters and never more photos in
    them: a coarser level joins clusters and adds photos to them, but makes no cluster of photos that were in none; a
    finer level divides clusters, and keeps one whole of which nothing would be left.
    """
    levels = {DEFAULT_LEVEL: _Division.into_groups(graph).join(DEFAULT_PARAMS)}
    for level in range(DEFAULT_LEVEL + 1, len(LEVELS)):
        levels[level] = levels[level - 1].divide(LEVELS[level])
    for level in range(DEFAULT_LEVEL - 1, -1, -1):
        levels[level] = levels[level + 1].join(LEVELS[level], from_single=False)
    return [levels[level].community_of_node for level in range(len(LEVELS))]


@dataclass(frozen=True, slots=True)
class _Division:
    """A division of the mutual graph into communities that keep near-identical photos together.

    `group` (K,) is the near-identical group of each node, `photos` (G,) the number of photos in each group, `community`
    (G,) the community of each group.
    """

    graph: MutualGraph
    group: Ids
    photos: Ids
    community: Ids

    @classmethod
    def into_groups(cls, graph: MutualGraph) -> _Division:
        """Return the finest division: every group is a community."""
        photos = np.bincount(graph.near_identical[graph.node_of_position])
        return cls(graph, graph.near_identical, photos, np.arange(len(photos)))

    @property
    def community_of_node(self) -> Ids:
        """The community (K,) of each node."""
        return self.community[self.group]

    def join(self, params: LevelParams, *, from_single: bool = True) -> _Division:
        """Join communities; without `from_single` none is made of communities of a single photo alone."""
        names, part = np.unique(self.community, return_inverse=True)
        joined = _aggregated_leiden(self.graph, part[self.group], params)
        if not from_single:
            is_cluster = np.bincount(part, self.photos, minlength=len(names)) >= MIN_SIZE
            has_cluster = np.bincount(joined, is_cluster) > 0
            alone = joined.max(initial=0) + 1 + np.arange(len(names))
            joined = np.where(has_cluster[joined], joined, alone)
        return replace(self, community=_numbered(joined)[part])

    def divide(self, params: LevelParams) -> _Division:
        """Divide communities; one of which no cluster would be left stays whole."""
        parts = _aggregated_leiden(self.graph, self.group, params, within=self.community)
        is_cluster = np.bincount(parts, self.photos)[parts] >= MIN_SIZE
        keeps_cluster = np.bincount(self.community, is_cluster) > 0
        stays = ~keeps_cluster[self.community]
        whole = parts.max(initial=0) + 1 + self.community
        return replace(self, community=_numbered(np.where(stays, whole, parts)))


def _aggregated_leiden(graph: MutualGraph, part: Ids, params: LevelParams, within: Ids | None = None) -> Ids:
    """Return communities (P,) of the parts that nodes belong to, `part` (K,); only inside those of `within` (P,)."""
    count = int(part.max(initial=-1)) + 1
    weights = graph.weights(params.min_cosine)
    ends = np.sort(part[graph.pairs], axis=1)
    is_edge = (ends[:, 0] != ends[:, 1]) & (weights > 0)
    if within is not None:
        is_edge &= within[ends[:, 0]] == within[ends[:, 1]]
    # Leiden's own aggregation: a part becomes one node that weighs as much as its nodes.
    keys, edge = np.unique(ends[is_edge] @ np.array([max(count, 1), 1]), return_inverse=True)
    sums = np.bincount(edge, weights[is_edge], minlength=len(keys)).astype(np.float64)
    pairs = np.stack(np.divmod(keys, max(count, 1)), axis=1)
    return _leiden(count, pairs, sums, params.resolution, np.bincount(part, minlength=count))


def _numbered(communities: Ids) -> Ids:
    """Return the communities (N,) numbered from 0."""
    return np.unique(communities, return_inverse=True)[1].astype(np.int64)


def _leiden(nodes: int, pairs: Ids, weights: NDArray[np.float64], resolution: float, sizes: Ids) -> Ids:
    """Return the community (nodes,) of each node; `sizes` (nodes,) are node weights."""
    # A node without edges is its own community. Most nodes are; in the graph they would take most of the time.
    has_edges = np.zeros(nodes, bool)
    has_edges[pairs] = True
    count = int(np.count_nonzero(has_edges))
    community = count + np.arange(nodes)
    if not count:
        return community
    igraph = load_igraph()
    graph = igraph.Graph(n=count, edges=(np.cumsum(has_edges) - 1)[pairs])
    # igraph has one random number generator per process: set a seeded one while no other thread uses it.
    with _igraph_lock:
        igraph.set_random_number_generator(random.Random(0))  # noqa: S311 - not for cryptography
        try:
            found = graph.community_leiden(
                objective_function="CPM",
                weights=weights.tolist(),
                resolution=resolution,
                n_iterations=LEIDEN_ITERATIONS if len(pairs) <= MANY_PAIRS else MANY_PAIRS_ITERATIONS,
                node_weights=sizes[has_edges].tolist(),
            )
        finally:
            igraph.set_random_number_generator(random)
    community[has_edges] = found.membership
    return community


def build_clusters(vectors: UnitVectors, graph: MutualGraph, levels: Sequence[Ids]) -> list[tuple[Ids, ...]]:
    """Turn the communities of nested levels, by node (K,), into rows, cover first, the largest cluster first."""
    found = []
    for level in levels:
        community = level[graph.node_of_position]
        positions = np.flatnonzero(np.bincount(community)[community] >= MIN_SIZE)
        positions = positions[np.argsort(community[positions], kind="stable")]
        ends = np.flatnonzero(np.diff(community[positions])) + 1
        found.append([part for part in np.split(positions, ends) if len(part)])
    # Of nested clusters with a photo in common, those of the same size are the same.
    distinct = {(part[0], len(part)): part for parts in found for part in parts}
    ordered = covers_first(vectors, graph.order, list(distinct.values()))
    by_key = dict(zip(distinct, ordered, strict=True))
    clusters = []
    for parts in found:
        parts.sort(key=lambda part: (-len(part), part[0]))
        clusters.append(tuple(graph.order[by_key[part[0], len(part)]] for part in parts))
    return clusters
