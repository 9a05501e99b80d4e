"""Correlate two pictures part by part where one lies on the other."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import GreyImage

Floats = npt.NDArray[np.float64]

_PARTS = 5
"""The overlap is correlated in this many parts along each edge."""

_MIN_OVERLAP_PX = 200
_MIN_PART_PX = 25
_MIN_PARTS = 4

_STEP = 2
_MIN_STEPPED_PX = 4_000
"""Of an overlap as large as this only every other pixel of every other row is looked at: the pictures are blurred."""

_OUTLINE_BITS = 8
"""Of a pixel's fraction, in the outline of the overlap."""

_MAX = 20_000 * 2**_OUTLINE_BITS
"""Coordinates are clipped, so that they are no overflow."""

_NOISE = 0.003
"""Variance of noise, as a share of that of the whole picture: parts without a pattern correlate by chance."""


def correlations_of_parts(
    source: GreyImage, target: GreyImage, matrix: npt.NDArray[np.float64]
) -> tuple[Floats, Floats, float, float] | None:
    """Return the correlation and weight of each part of the overlap, how much of the target it is, and how much brighter.

    The part of the target is a share of it, the brightness -1 to 1.
    """
    (a, b, c), (d, e, f) = matrix.tolist()
    step = _STEP if abs(a * e - b * d) * source.size >= _MIN_STEPPED_PX else 1
    target, matrix = target[::step, ::step], matrix / step
    height, width = target.shape
    warped = cv2.warpAffine(source, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((height, width), np.uint8)
    right, bottom = source.shape[1] - 1, source.shape[0] - 1
    unit = 2**_OUTLINE_BITS / step
    outline = [
        [round(min(max(place * unit, -_MAX), _MAX)) for place in (a * x + b * y + c, d * x + e * y + f)]
        for x, y in ((0, 0), (right, 0), (right, bottom), (0, bottom))
    ]
    cv2.fillConvexPoly(mask, np.array(outline, np.int32), 1, shift=_OUTLINE_BITS)
    count = cv2.countNonZero(mask)
    x, y, columns, rows = cv2.boundingRect(mask)
    if count * step**2 < _MIN_OVERLAP_PX or min(columns, rows) < _PARTS:
        return None
    box = np.s_[y : y + rows, x : x + columns]
    pixels = np.empty((6, rows, columns), np.float32)
    pixels[0], pixels[1], pixels[2] = mask[box], warped[box], target[box]
    if count < rows * columns:
        pixels[1:3] *= pixels[0]
    np.multiply(pixels[1:3], pixels[1:3], out=pixels[3:5])
    np.multiply(pixels[1], pixels[2], out=pixels[5])
    across = (pixels.reshape(-1, columns) @ _shares(columns).T).reshape(6, rows, _PARTS)
    sums = (_shares(rows) @ across).reshape(6, -1).astype(np.float64)
    is_part = sums[0] >= max(_MIN_PART_PX * _PARTS**2 / (rows * columns * step**2), 0.5)
    found = int(np.count_nonzero(is_part))
    if found < _MIN_PARTS:
        return None
    covered, *totals = sums.sum(axis=1).tolist()
    mean, other_mean, squares, other_squares = (total / covered for total in totals[:4])
    variance = (math.sqrt(max(squares - mean**2, 0)) + 1e-3) ** 2
    other_variance = (math.sqrt(max(other_squares - other_mean**2, 0)) + 1e-3) ** 2
    if found < len(is_part):
        sums = sums[:, is_part]
    parts = sums[1:] / sums[0]
    means = parts[:2]
    variances = np.maximum(parts[2:4] - means * means, 0)
    scales = np.array([[variance], [other_variance]])
    values = (parts[4] - means[0] * means[1]) / np.sqrt((variances + _NOISE * scales).prod(axis=0))
    weights = np.minimum(np.sqrt((variances / scales).max(axis=0)), 0.5) + 0.02
    return values, weights, count / (width * height), (other_mean - mean) / 255


@lru_cache(maxsize=1024)
def _shares(length: int) -> npt.NDArray[np.float32]:
    """Return how much of each part, of _PARTS that a line of pixels is divided into, each pixel is: (_PARTS, length)."""
    ends = np.linspace(0, length, _PARTS + 1)[:, np.newaxis]
    pixels = np.arange(length)
    inside = np.minimum(ends[1:], pixels + 1) - np.maximum(ends[:-1], pixels)
    return np.asarray(inside.clip(0) * _PARTS / length, np.float32)
