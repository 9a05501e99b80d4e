"""The clusters of vectors at all levels, as an indexing makes them."""

from __future__ import annotations

import numpy as np

from photosim.clustering.leiden import NEIGHBOURS, build_clusters, communities_of_levels
from photosim.clustering.mutual_graph import mutual_graph
from photosim.search.exact import Ids, Vectors


def cluster_levels(vectors: Vectors, *, same_cosine: float) -> list[tuple[Ids, ...]]:
    """Return the clusters of vectors (N, D) at each level, as rows."""
    graph = mutual_graph(np.arange(len(vectors)), vectors, None, NEIGHBOURS, same_cosine)
    return build_clusters(vectors, graph, communities_of_levels(graph))
