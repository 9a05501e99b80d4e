"""The way from one photo to another along photos that look alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from photosim.clustering.near_identical import connected_components
from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.search.exact import NO_ID, Ids, Vectors

FindOutside = Callable[[int, Ids], tuple[int, float] | None]
"""A node and those of its component (n,) to the nearest node that is none of these, with its cosine; None if all are."""

MAX_FRAMES = 24

_SAMPLE = 8
"""Nodes of a component from which the nearest ones outside are searched."""

_LEAST_COST = 1e-6
"""Of a step: without it, copies would be visited for nothing."""

_Floats = NDArray[np.float64]


class Ways:
    """The graph in which ways are searched: nodes that are neighbours, either of the other."""

    def __init__(self, graph: NeighbourGraph, allowed: NDArray[np.bool_] | None = None) -> None:
        """Use the nodes that are `allowed` (K,), by default all."""
        source = np.repeat(np.arange(graph.node_count, dtype=np.int32), graph.neighbours.shape[1])
        target, cosines = graph.neighbours.ravel(), graph.cosines.ravel()
        is_edge = (target != NO_ID) & (target != source)
        if allowed is not None:
            is_edge &= allowed[source] & allowed[target]
        self._count = graph.node_count
        self._links = [(source[is_edge], target[is_edge], _costs(cosines[is_edge]))]

    def shortest(
        self, start: int, end: int, find_outside: FindOutside, check: Callable[[], None] = lambda: None
    ) -> list[int]:
        """Return the nodes of the cheapest way from one node to another.

        A step costs (1 - cosine)², so that many small steps win over a large one. Where no way leads, components are
        linked by their nearest nodes, from the smaller one of both ends, until one does; if none can be linked, the way
        is a single step. `check` is called now and then, and may raise to end the search.
        """
        if start == end:
            return [start]
        self._connect(start, end, find_outside, check)
        both_ways = [*self._links, *((target, source, costs) for source, target, costs in self._links)]
        source, target, costs = (np.concatenate(part) for part in zip(*both_ways, strict=True))
        order = np.argsort(target, kind="stable")
        source, target, costs = source[order], target[order], costs[order]
        ends, firsts = np.unique(target, return_index=True)
        distances = np.full(self._count, np.inf)
        distances[start] = 0
        # Bellman and Ford's algorithm on whole arrays: as many passes as the longest way has steps, each of some
        # milliseconds for a million links, between which other threads can run.
        is_better = np.ones(1, bool)
        while is_better.any():
            check()
            found = np.minimum.reduceat(distances[source] + costs, firsts)
            is_better = (found < distances[ends]) & (
                found < distances[end]
            )  # one that costs more leads nowhere
            distances[ends[is_better]] = found[is_better]
        way = [end]
        while way[-1] != start:
            first, after = np.searchsorted(target, (way[-1], way[-1] + 1)).tolist()
            links = slice(first, after)
            way.append(int(source[links][np.argmin(distances[source[links]] + costs[links])]))
        return way[::-1]

    def _connect(self, start: int, end: int, find_outside: FindOutside, check: Callable[[], None]) -> None:
        while True:
            check()
            components = _components(self._count, self._links)
            if components[start] == components[end]:
                return
            inside = min((np.flatnonzero(components == components[node]) for node in (start, end)), key=len)
            sample = inside[np.unique(np.linspace(0, len(inside) - 1, _SAMPLE).astype(np.intp))]
            found = [(node, find_outside(node, inside)) for node in sample.tolist()]
            links = [(node, *other) for node, other in found if other is not None]
            if not links:
                links = [(start, end, 0.0)]
            best = max(links, key=lambda link: (link[2], -link[0]))
            self._links.append((np.array([best[0]]), np.array([best[1]]), _costs(np.array([best[2]]))))


def thin(vectors: Vectors, copy_cosine: float, count: int = MAX_FRAMES) -> list[int]:
    """Return at most `count` of the rows of a way, `vectors` (N, D) of unit length, the first and the last among them.

    A row whose cosine to the one before is at least `copy_cosine` is left out; of more than `count`, the rest is spread
    evenly.
    """
    last = len(vectors) - 1
    kept = [0]
    for row in range(1, last):
        if max(vectors[row] @ vectors[kept[-1]], vectors[row] @ vectors[last]) < copy_cosine:
            kept.append(row)
    kept += [last] if last else []
    places = np.unique(np.linspace(0, len(kept) - 1, min(count, len(kept))).round().astype(np.intp))
    return [kept[place] for place in places]


def _costs(cosines: NDArray[np.floating]) -> _Floats:
    return np.maximum((1 - cosines.astype(np.float64)) ** 2, _LEAST_COST)


def _components(count: int, links: Sequence[tuple[Ids, Ids, _Floats]]) -> Ids:
    """Return the connected component (count,) of each node, named by its first node."""
    source, target = (np.concatenate([link[end] for link in links]) for end in (0, 1))
    return connected_components(count, source, target)
