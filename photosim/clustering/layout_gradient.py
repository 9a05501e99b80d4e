"""Move the nodes of a graph so that linked ones are near each other and others are not: UMAP's gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from photosim.search.exact import Ids

Floats = NDArray[np.float32]

_Number = TypeVar("_Number", np.float32, np.float64)

PassCallback = Callable[[int], None]
"""Called with the number of passes done; may raise to stop the work."""

ATTRACTION, REPULSION = 1.5, 5.0
"""Weights of the mean pull of a node's links, and of its mean push away from random nodes.

UMAP has 2 and 5, its number of negative samples per edge. Of the 15 nearest of 10,000 photos, 1.5 keeps 2% more.
"""

NEGATIVES = 5
"""Random nodes that push each node in a pass."""

MAX_STEP = np.float32(4.0)
"""Farthest that a gradient moves a node along one axis; UMAP's value."""

ROOM = 0.35
"""Radius of the circle that photos are kept in, for one photo: its area grows with their number."""

_SOFTENING = np.float32(0.001)
"""Keeps the push between two nodes at the same place finite; UMAP's value."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links of N nodes, each in both directions, ordered by the node that it pulls.

    `source` (L,) is pulled by `target` (L,) with `weight` (L,); of `share` (L,) those of a node have the sum 1.
    """

    count: int
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    weight: NDArray[np.float64]
    share: Floats

    @classmethod
    def from_pairs(cls, count: int, pairs: Ids, weights: NDArray[np.float64]) -> Links:
        """Build it from pairs (E, 2) of different nodes and their positive weights (E,)."""
        source = np.concatenate([pairs[:, 0], pairs[:, 1]])
        target = np.concatenate([pairs[:, 1], pairs[:, 0]])
        both = np.concatenate([weights, weights])
        order = np.argsort(source, kind="stable")
        source, target, both = source[order], target[order], both[order]
        share = both / np.bincount(source, both, count)[source]
        return cls(count, source.astype(np.int32), target.astype(np.int32), both, share.astype(np.float32))

    def mean_of_targets(self, values: Floats, known: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the mean of the known `values` (N, 2) that each node is linked to, and whether it has any."""
        share = np.where(known[self.target], self.share, 0)
        total = np.bincount(self.source, share, self.count)
        sums = [np.bincount(self.source, share * axis[self.target], self.count) for axis in values.T]
        return (np.stack(sums, axis=1) / np.maximum(total, 1e-12)[:, None]).astype(np.float32), total > 0


def optimize(
    links: Links, xy: Floats, passes: int, rates: Floats | None = None, on_pass: PassCallback | None = None
) -> Floats:
    """Return the places (N, 2) after `passes` over all links, from the places `xy` (N, 2).

    `rates` (N,) from 0 to 1 say how far each node may move, by default as far as it is pulled. The same input always
    gives the same result.

    The gradient of UMAP (McInnes, Healy and Melville, 2018) with the kernel 1 / (1 + d²), as if every edge was drawn in
    every pass, divided by the weight of the node's edges, so that a node with many moves no farther than one with few.
    A pull towards the middle, which grows with the distance, keeps parts that nothing links from drifting apart.
    """
    chance = np.random.default_rng(0)
    x, y = (np.array(axis, np.float32) for axis in xy.T)
    count = links.count
    pull = links.share * np.float32(2 * ATTRACTION)
    radius = np.float32(ROOM * np.sqrt(count))
    for done in range(passes):
        rate = np.float32(1 - done / passes)
        dx, dy = x[links.target] - x[links.source], y[links.target] - y[links.source]
        strength = pull / (1 + dx * dx + dy * dy)
        step_x, step_y = _sums(links, strength * dx), _sums(links, strength * dy)
        for other in chance.integers(0, count, (NEGATIVES, count), np.int32):
            dx, dy = x - x[other], y - y[other]
            squared = dx * dx + dy * dy
            strength = np.float32(2 * REPULSION / NEGATIVES) / ((_SOFTENING + squared) * (1 + squared))
            step_x += _limited(strength * dx)
            step_y += _limited(strength * dy)
        middle_x, middle_y = x.mean(), y.mean()
        inward = ((x - middle_x) ** 2 + (y - middle_y) ** 2) / radius**3
        step_x -= inward * (x - middle_x)
        step_y -= inward * (y - middle_y)
        scale = rate if rates is None else rate * rates
        x += (scale * _limited(step_x)).astype(np.float32)
        y += (scale * _limited(step_y)).astype(np.float32)
        if on_pass is not None:
            on_pass(done + 1)
    return np.stack([x, y], axis=1)


def _limited(steps: NDArray[_Number]) -> NDArray[_Number]:
    """Return steps of at most MAX_STEP; for few nodes np.clip takes longer than all else in a pass."""
    return np.maximum(np.minimum(steps, MAX_STEP), -MAX_STEP)


def _sums(links: Links, values: Floats) -> NDArray[np.float64]:
    """Return the sum (N,) of the values (L,) of each node's links; without any link bincount would count integers."""
    return np.bincount(links.source, values, links.count).astype(np.float64, copy=False)
