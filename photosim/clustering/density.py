"""Draw points on a map as density: more opaque where more of them are, in the mean of their colors."""

from __future__ import annotations

import colorsys
from functools import cache

import numpy as np
from numpy.typing import NDArray

from photosim.search.exact import Ids

Pixels = NDArray[np.uint8]

COLORS = 24
"""Different colors; more could not be told apart."""

GREY = (153, 153, 153)
"""The color of what is in no group, or not known."""

SCALE = ((58, 98, 216), (140, 76, 196), (214, 66, 120), (236, 124, 52), (222, 172, 40))
"""Colors from the least to the greatest value, all to be seen on white and on black."""

OPACITY = 0.75
"""Opacity of a single point."""


@cache
def _palette() -> Pixels:
    """Return COLORS colors (COLORS, 3) that neighbours in the order differ in, after a grey one for no cluster."""
    hues = [number * 0.618034 % 1 for number in range(COLORS)]
    colors = [
        colorsys.hls_to_rgb(hue, (0.42, 0.52, 0.62)[number % 3], 0.55) for number, hue in enumerate(hues)
    ]
    return np.concatenate([[GREY], np.array(colors) * 255]).astype(np.uint8)


def colors_of(groups: Ids) -> Pixels:
    """Return the colors (N, 3) of groups (N,) numbered from 1; those of group 0, which is none, are grey."""
    return _palette()[np.where(groups > 0, (groups - 1) % COLORS + 1, 0)]


def colors_along(values: NDArray[np.floating]) -> Pixels:
    """Return the colors (N, 3) of values (N,) from 0 to 1; those of NaN are grey."""
    stops = np.linspace(0, 1, len(SCALE))
    channels = [np.interp(values, stops, channel) for channel in np.array(SCALE).T]
    found = np.where(np.isnan(values)[:, None], GREY, np.stack(channels, axis=1))
    return found.round().astype(np.uint8)


def density(points: NDArray[np.floating], colors: Pixels, width: int, height: int, radius: int = 1) -> Pixels:
    """Return premultiplied RGBA (height, width, 4) of points (N, 2) in pixels with colors (N, 3).

    A point covers (2 * radius + 1)² pixels; those outside the picture are left out.
    """
    column, row = (np.floor(axis).astype(np.int64) for axis in points.T)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    cell = row[inside] * width + column[inside]
    drawn = colors[inside]
    weights = [None, *drawn.T]
    sums = [
        np.bincount(cell, weight, width * height).reshape(height, width).astype(np.float32)
        for weight in weights
    ]
    count, *channels = (_spread(_spread(part, radius, 0), radius, 1) for part in sums)
    alpha = 1 - (1 - OPACITY) ** count
    scale = alpha / np.maximum(count, 1)
    found = np.empty((height, width, 4), np.uint8)
    for index, channel in enumerate(channels):
        found[..., index] = channel * scale
    found[..., 3] = alpha * 255
    return found


def _spread(values: NDArray[np.float32], radius: int, axis: int) -> NDArray[np.float32]:
    """Return the sums over windows of 2 * radius + 1 values along an axis."""
    total = values.copy()
    for shift in range(1, radius + 1):
        low, high = [slice(None)] * 2, [slice(None)] * 2
        low[axis], high[axis] = slice(shift, None), slice(None, -shift)
        total[tuple(low)] += values[tuple(high)]
        total[tuple(high)] += values[tuple(low)]
    return total
