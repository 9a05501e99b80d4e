"""Lay out the map of a library: a place for each photo, near those of the photos that look like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosim.clustering.layout_gradient import Floats, Links, PassCallback, optimize
from photosim.clustering.mutual_graph import MutualGraph
from photosim.clustering.neighbour_search import BLOCK_ROWS, PCA_SAMPLE, ProgressCallback
from photosim.search.compact_vectors import UnitVectors
from photosim.search.exact import NO_ID, Ids
from photosim.search.id_sets import sorted_unique

COARSE_PASSES, FINE_PASSES = 300, 200
"""Passes over the graph of clusters, and over that of photos."""

UPDATE_PASSES = 60
"""Passes when most photos have a place already."""

KNOWN_RATE = np.float32(0.003)
"""How far such a photo moves in each of them, as a share of what a new one does."""

MIN_KNOWN = 0.5
"""Share of the photos with a place from which the others are fitted in; with fewer the map is made anew."""

FEW_PAIRS = 4
"""A photo with fewer mutual neighbours is linked to its nearest photos, too. All photos are connected then, nearly always."""

ONE_WAY_WEIGHT = 0.2
"""Weight of these links, those of mutual neighbours have 1."""

SPREAD = 0.12
"""Distance of the first places from their centre (root mean square), for a photo: the area grows with their number."""

MARGIN = 0.04
"""Room around a new map, of its width, for photos that come later."""

COPY_DISTANCE = 0.05
"""Distance between photos with equal embeddings, in the units of the layout: linked photos have about 1."""

MIN_SPAN = 10.0
"""Least width of a map, in units of the layout: a few photos lie in its middle."""

MIN_SPREAD = 1e-6
"""Embeddings, of unit length, that differ less along a direction do not vary along it."""

_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True, slots=True)
class Layout:
    """A map: `xy` (N, 2) from 0 to 1, and the length on it of the unit of the layout."""

    xy: Floats
    unit: float


def lay_out(
    graph: MutualGraph,
    communities: Ids,
    vectors: UnitVectors,
    before: Layout | None = None,
    on_progress: ProgressCallback | None = None,
) -> Layout:
    """Return the map of the N photos of a graph, in the order of their rows in `vectors` (N, D).

    `communities` (K,) of the nodes are laid out first. `before` is the map of before, NaN for a photo that it did not
    have: where it had most, they stay about where they were, and the others come to their neighbours. Equal input gives
    an equal map; it does not depend on the order of the rows.
    """
    if not graph.node_count:
        return Layout(np.empty((0, 2), np.float32), 1.0)
    links = _links(graph)
    known = None if before is None else _node_places(graph, before)
    if before is None or known is None or np.isfinite(known[:, 0]).mean() < MIN_KNOWN:
        placed = _new_places(graph, links, communities, vectors, on_progress)
        if known is not None:
            placed = _aligned(placed, known, may_mirror=True)
        found = _fitted(_with_copies(graph, placed), None)
    else:
        placed = _aligned(_updated_places(links, known, on_progress), known, may_mirror=False)
        found = _fitted(_with_copies(graph, placed), before.unit)
    xy = np.empty_like(found.xy)
    xy[graph.order] = found.xy
    return Layout(xy, found.unit)


def _links(graph: MutualGraph) -> Links:
    """Return the mutual pairs as links, with those of photos that have few to their nearest ones."""
    count, pairs = graph.node_count, graph.pairs
    few = np.flatnonzero(np.bincount(pairs.ravel(), minlength=count) < FEW_PAIRS)
    nearest = graph.nearest[few]
    ends = np.stack([np.repeat(few, nearest.shape[1]), nearest.ravel()], axis=1)
    ends = np.sort(ends[ends[:, 1] != NO_ID], axis=1)
    keys = np.setdiff1d(sorted_unique(ends[:, 0] * count + ends[:, 1]), pairs[:, 0] * count + pairs[:, 1])
    one_way = np.stack(np.divmod(keys, count), axis=1)
    weights = np.concatenate([np.ones(len(pairs)), np.full(len(one_way), ONE_WAY_WEIGHT)])
    return Links.from_pairs(count, np.concatenate([pairs, one_way]), weights)


def _node_places(graph: MutualGraph, before: Layout) -> Floats:
    """Return where the nodes were, (K, 2) in units of the layout: the mean of their photos, NaN without any."""
    places = before.xy[graph.order] / np.float32(before.unit)
    known = np.isfinite(places).all(axis=1)
    count = np.bincount(graph.node_of_position, known, graph.node_count)
    sums = [
        np.bincount(graph.node_of_position, np.where(known, axis, 0), graph.node_count) for axis in places.T
    ]
    with np.errstate(invalid="ignore"):
        return (np.stack(sums, axis=1) / count[:, None]).astype(np.float32)


def _new_places(
    graph: MutualGraph,
    links: Links,
    communities: Ids,
    vectors: UnitVectors,
    on_progress: ProgressCallback | None,
) -> Floats:
    """Return places (K, 2) of the nodes, in units of the layout: communities first, then the nodes around theirs."""
    count = graph.node_count
    names, part = np.unique(communities, return_inverse=True)
    sizes = np.bincount(part, minlength=len(names))
    plane = _principal_plane(vectors, graph.order[_first_positions(graph)])
    centres = np.stack([np.bincount(part, axis) for axis in plane.T], axis=1) / sizes[:, None]
    centres -= centres.mean(axis=0)
    spread = max(float(np.sqrt(np.mean(centres**2))), 1e-6)  # no less: rounding errors are not to be enlarged
    places = (centres * (SPREAD * np.sqrt(len(names)) / spread)).astype(np.float32)
    if len(names) < count:
        places = optimize(_between(links, part, len(names)), places, COARSE_PASSES)
    xy = places[part] * np.sqrt(count / len(names)) + _discs(part)
    on_pass = _counting(on_progress, count, FINE_PASSES)
    return optimize(links, xy.astype(np.float32), FINE_PASSES, on_pass=on_pass)


def _updated_places(links: Links, known: Floats, on_progress: ProgressCallback | None) -> Floats:
    """Return places (K, 2) near those `known` (K, 2); a node without one, NaN, comes to its neighbours."""
    is_known = np.isfinite(known[:, 0])
    xy, is_placed = np.where(is_known[:, None], known, 0), is_known.copy()
    while not is_placed.all():
        mean, has_any = links.mean_of_targets(xy, is_placed)
        found = has_any & ~is_placed
        if not found.any():  # photos that nothing links to the others
            found = ~is_placed
            mean[found] = xy[is_placed].mean(axis=0)
        # Not all at the same place: nothing would push them apart.
        xy[found] = mean[found] + _spiral(np.arange(np.count_nonzero(found)) + 0.5, SPREAD)
        is_placed |= found
    if is_known.all():
        return xy
    rates = np.where(is_known, KNOWN_RATE, np.float32(1))
    return optimize(links, xy, UPDATE_PASSES, rates, _counting(on_progress, len(known), UPDATE_PASSES))


def _counting(on_progress: ProgressCallback | None, photos: int, passes: int) -> PassCallback | None:
    """Return a callback that tells passes as shares of the photos."""
    if on_progress is None:
        return None
    return lambda done: on_progress(photos * done // passes, photos)


def _first_positions(graph: MutualGraph) -> Ids:
    """Return the first position (K,) of each node."""
    return np.searchsorted(graph.node_of_position, np.arange(graph.node_count))


def _principal_plane(vectors: UnitVectors, rows: Ids) -> NDArray[np.float64]:
    """Return the first two principal components (K, 2) of the vectors of `rows` (K,), from a sample of them."""
    sample = vectors[rows[:PCA_SAMPLE]].astype(np.float64)
    mean = sample.mean(axis=0)
    plane = _largest_directions(sample - mean)
    plane *= np.sign(plane[np.abs(plane).argmax(axis=0), np.arange(plane.shape[1])])
    found = np.zeros((len(rows), 2))
    for start in range(0, len(rows), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        found[part, : plane.shape[1]] = (vectors[rows[part]] - mean) @ plane
    return found


def _largest_directions(sample: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the directions (D, 2) along which a sample (K, D) with a mean of zero varies most, as unit vectors.

    A direction along which it does not vary may be zero; a single row has one direction.
    """
    count, dimensions = sample.shape
    if count >= dimensions:
        _, columns = np.linalg.eigh(sample.T @ sample)
        return np.asarray(columns[:, :-3:-1])
    # The same from the products of the rows, of which there are fewer.
    values, rows = np.linalg.eigh(sample @ sample.T)
    lengths = np.sqrt(np.maximum(values[:-3:-1], 0))
    directions = sample.T @ rows[:, :-3:-1]
    return np.asarray(directions / np.maximum(lengths, MIN_SPREAD) * (lengths > MIN_SPREAD))


def _between(links: Links, part: Ids, count: int) -> Links:
    """Return the links between parts (K,) of the nodes: the sums of those between their nodes."""
    one, other = part[links.source], part[links.target]
    is_between = one < other
    keys, edge = np.unique(one[is_between] * count + other[is_between], return_inverse=True)
    weights = np.bincount(edge, links.weight[is_between], len(keys)).astype(np.float64)
    return Links.from_pairs(count, np.stack(np.divmod(keys, count), axis=1), weights)


def _discs(part: Ids) -> NDArray[np.float64]:
    """Return offsets (K, 2) that spread the nodes of each part over a disc as large as their number, by a spiral.

    Vogel, A better way to construct the sunflower head, 1979.
    """
    order, sizes = np.argsort(part, kind="stable"), np.bincount(part)
    rank = np.empty(len(part), np.int64)
    rank[order] = np.arange(len(part)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return _spiral(rank + 0.5, SPREAD)


def _spiral(rank: NDArray[np.floating], distance: float) -> NDArray[np.float64]:
    """Return points (K, 2) of a spiral at which each next one is about as far from those before."""
    angle = rank * _GOLDEN_ANGLE
    offsets = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.asarray((distance * np.sqrt(rank))[:, None] * offsets, np.float64)


def _aligned(xy: Floats, onto: Floats, *, may_mirror: bool) -> Floats:
    """Return `xy` (K, 2) turned and moved so that the nodes with a place in `onto` (K, 2) lie as near it as can be.

    Orthogonal Procrustes (Schönemann, 1966).
    """
    known = np.isfinite(onto[:, 0])
    if not known.any():
        return xy
    mine, theirs = xy[known].astype(np.float64), onto[known].astype(np.float64)
    centre, target = mine.mean(axis=0), theirs.mean(axis=0)
    left, _, right = np.linalg.svd((mine - centre).T @ (theirs - target))
    if not may_mirror and np.linalg.det(left @ right) < 0:
        left[:, 1] *= -1
    return np.asarray((xy - centre) @ (left @ right) + target, np.float32)


def _with_copies(graph: MutualGraph, xy: Floats) -> Floats:
    """Return the places (N, 2) of the photos, by position: those of one node lie around it."""
    copies = np.arange(len(graph.order)) - _first_positions(graph)[graph.node_of_position]
    return np.asarray(
        xy[graph.node_of_position] + _spiral(copies.astype(np.float64), COPY_DISTANCE), np.float32
    )


def _fitted(xy: Floats, unit: float | None) -> Layout:
    """Return a map of places (N, 2) in units of the layout: with `unit` on it as they are, if they lie within it."""
    if unit is not None:
        placed = xy * np.float32(unit)
        if placed.min() >= 0 and placed.max() <= 1:
            return Layout(placed, unit)
    low, high = xy.min(axis=0), xy.max(axis=0)
    unit = float((1 - 2 * MARGIN) / max(float((high - low).max()), MIN_SPAN))
    placed = (xy - (low + high) / 2) * np.float32(unit) + np.float32(0.5)
    return Layout(np.clip(placed, 0, 1).astype(np.float32), unit)
