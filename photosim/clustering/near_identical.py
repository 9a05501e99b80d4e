"""Find the photos that are near-identical, directly or through others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosim.search.compact_vectors import UnitVectors
from photosim.search.exact import NO_ID, QUERY_ROWS, Ids, Vectors, round_similarities

COMPARED_UP_TO = 10_000
"""Photos with only near-identical neighbours up to which all of them are compared with each other, in 3 s of one core.
With more, those are together that are each other's nearest neighbours, as good as always all of them."""


def near_identical(
    vectors: UnitVectors,
    rows: Ids,
    neighbours: NDArray[np.signedinteger],
    similarities: Vectors,
    same_cosine: float,
) -> Ids:
    """Return the group (K,) of each node with vector `rows` (K,): connected by cosines of at least `same_cosine`.

    `neighbours` and `similarities` (K, k) are the nearest nodes of each node and their cosines, padded with NO_ID.
    """
    total = len(rows)
    is_same = (similarities >= same_cosine) & (neighbours != NO_ID)
    place = np.flatnonzero(is_same)
    source = (place // max(is_same.shape[1], 1)).astype(np.int32)
    groups = connected_components(total, source, neighbours.ravel()[place])
    # A pair that neither node has among its neighbours is of two nodes whose neighbours are all near-identical.
    crowded = np.flatnonzero(is_same.all(axis=1)) if is_same.shape[1] else np.empty(0, np.int64)
    if 1 < len(crowded) <= COMPARED_UP_TO:
        crowded = crowded[np.argsort(groups[crowded], kind="stable")]
        pairs = _pairs_of_groups(vectors[rows[crowded]], groups[crowded], same_cosine)
        groups = connected_components(int(groups.max()) + 1, *pairs)[groups]
    return groups


def _pairs_of_groups(vectors: Vectors, groups: Ids, same_cosine: float) -> tuple[Ids, Ids]:
    """Return pairs of different groups with near-identical vectors; `groups` (N,) are sorted."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    names = groups[starts]
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, len(vectors), QUERY_ROWS):
        part = slice(start, start + QUERY_ROWS)
        is_same = round_similarities(vectors[part] @ vectors.T) >= same_cosine
        row, column = np.nonzero(np.logical_or.reduceat(is_same, starts, axis=1))
        found.append(np.unique(np.stack([groups[part][row], names[column]], axis=1), axis=0))
    pairs = np.concatenate(found)
    return pairs[:, 0], pairs[:, 1]


def connected_components(
    nodes: int, source: NDArray[np.signedinteger], target: NDArray[np.signedinteger]
) -> Ids:
    """Return the connected component (nodes,) of each node, numbered by their first nodes.

    Hooking and pointer jumping (Shiloach and Vishkin, 1982), whole arrays at once: a graph of igraph would take 200 bytes
    for each edge.
    """
    # In a library of near-identical photos nearly all neighbours are edges: with int64 they would take as much memory again.
    parent = np.arange(nodes, dtype=np.int32)
    source, target = source.astype(np.int32, copy=False), target.astype(np.int32, copy=False)
    while True:
        one, other = parent[source], parent[target]
        is_open = one != other
        if not is_open.any():
            return np.unique(parent, return_inverse=True)[1].astype(np.int64)
        source, target = one[is_open], other[is_open]
        np.minimum.at(parent, np.maximum(source, target), np.minimum(source, target))
        while not np.array_equal(parent, grandparent := parent[parent]):
            parent = grandparent
