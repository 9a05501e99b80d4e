"""The graph of photos that are each other's nearest neighbours, with their similarities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosim.clustering.near_identical import near_identical
from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.clustering.neighbour_search import BLOCK_ROWS, ProgressCallback, Search, find_neighbours
from photosim.search.compact_vectors import UnitVectors, cosines_of
from photosim.search.exact import NO_ID, Ids, Vectors, round_similarities
from photosim.search.id_sets import intersection, sorted_unique

CACHED_ROWS = 256
"""Vectors or pairs processed at once: 0.5 MB at 512 dimensions, which stay in the processor's cache."""

NEAREST = 3
"""Nearest nodes kept of each node, mutual or not: by them the map finds a place for a photo with few mutual neighbours."""


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
    vectors: UnitVectors,
    search: Search | None,
    k: int,
    same_cosine: float,
    on_progress: ProgressCallback | None = None,
    on_neighbours: Callable[[NeighbourGraph], None] | None = None,
    before: NeighbourGraph | None = None,
) -> MutualGraph:
    """Build the graph of photos `ids` (N,) with `vectors` (N, D) of unit length, each with at most `k` neighbours.

    `search`, `on_progress` and `before` are as of `find_neighbours`; `on_neighbours` is called with what that found.
    Mutual k-nearest-neighbour graph (Brito et al., 1997).
    """
    found = find_neighbours(ids, vectors, search, k, on_progress, before)
    if on_neighbours is not None:
        on_neighbours(found.graph(ids))
    rows, neighbours = found.rows, found.neighbours
    groups = near_identical(vectors, rows, neighbours, found.cosines, same_cosine)
    pairs = _mutual_pairs(neighbours)
    centred_cosines = _centred_cosines(vectors, rows, pairs)
    nearest = _nearest_others(neighbours)
    return MutualGraph(
        found.order, found.node_of_position, len(rows), pairs, centred_cosines, groups, nearest
    )


def _nearest_others(neighbours: NDArray[np.int32]) -> Ids:
    """Return the first NEAREST of the neighbours (K, k) of each node other than itself, padded with NO_ID."""
    others = np.where(neighbours == np.arange(len(neighbours))[:, None], NO_ID, neighbours)
    first = np.argsort(others == NO_ID, axis=1, kind="stable")[:, :NEAREST]
    found = np.full((len(neighbours), NEAREST), NO_ID)
    found[:, : first.shape[1]] = np.take_along_axis(others, first, axis=1)
    return found


def _mutual_pairs(neighbours: NDArray[np.signedinteger]) -> Ids:
    """Return the pairs (E, 2) of nodes that are neighbours of each other, each once, sorted."""
    total, nothing = len(neighbours), np.empty(0, np.int64)
    forward, backward = [nothing], [nothing]
    for start in range(
        0, total, BLOCK_ROWS
    ):  # at once, it would take five times the memory of the neighbours
        target = neighbours[start : start + BLOCK_ROWS].astype(np.int64)
        source = np.arange(start, start + len(target))[:, np.newaxis]
        forward.append((source * total + target)[target > source])
        backward.append((target * total + source)[(target < source) & (target != NO_ID)])
    keys = intersection(*(sorted_unique(np.concatenate(part)) for part in (forward, backward)))
    return np.stack(np.divmod(keys, max(total, 1)), axis=1)


def _centred_cosines(vectors: UnitVectors, rows: Ids, pairs: Ids) -> Vectors:
    """Return the cosine (E,) of each pair of nodes after the mean of all nodes is subtracted."""
    mean = _mean(vectors, rows)
    lengths, along_mean = np.empty(len(rows), np.float32), np.empty(len(rows), np.float32)
    for start in range(0, len(rows), CACHED_ROWS):
        part = slice(start, start + CACHED_ROWS)
        centred = vectors[rows[part]] - mean
        lengths[part], along_mean[part] = np.linalg.norm(centred, axis=1), centred @ mean
    centred_cosines = np.zeros(len(pairs), np.float32)
    for start in range(0, len(pairs), CACHED_ROWS):
        part = slice(start, start + CACHED_ROWS)
        left, right = pairs[part].T
        products = cosines_of(vectors, vectors[rows[left]] - mean, rows[right][:, np.newaxis])[:, 0]
        products -= along_mean[left]
        scale = np.maximum(lengths[left] * lengths[right], np.finfo(np.float32).tiny)
        centred_cosines[part] = round_similarities(products / scale)
    return centred_cosines


def _mean(vectors: UnitVectors, rows: Ids) -> Vectors:
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(rows), BLOCK_ROWS):
        part = vectors[rows[start : start + BLOCK_ROWS]]
        total += np.ones(len(part), np.float32) @ part
    return (total / max(len(rows), 1)).astype(np.float32)
