"""Correlate two pictures part by part where one lies on the other."""

from __future__ import annotations

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

_MAX_PX = 20_000
"""Coordinates are clipped, so that they are no overflow."""

_NOISE = 0.003
"""Variance of noise, as a share of that of the whole picture: parts without a pattern correlate by chance."""


def correlations_of_parts(
    source: GreyImage, target: GreyImage, matrix: npt.NDArray[np.float64]
) -> tuple[Floats, Floats, float, float] | None:
    """Return the correlation and weight of each part of the overlap, how much of the target it is, and how much brighter.

    The part of the target is a share of it, the brightness -1 to 1.
    """
    step = _STEP if abs(float(np.linalg.det(matrix[:, :2]))) * source.size >= _MIN_STEPPED_PX else 1
    target, matrix = target[::step, ::step], matrix / step
    height, width = target.shape
    warped = cv2.warpAffine(source, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((height, width), np.uint8)
    right, bottom = source.shape[1] - 1, source.shape[0] - 1
    corners = np.array([[0, 0, 1], [right, 0, 1], [right, bottom, 1], [0, bottom, 1]]) @ matrix.T
    outline = np.rint(corners.clip(-_MAX_PX, _MAX_PX) * 2**_OUTLINE_BITS).astype(np.int32)
    cv2.fillConvexPoly(mask, outline, 1, shift=_OUTLINE_BITS)
    count = cv2.countNonZero(mask)
    x, y, columns, rows = cv2.boundingRect(mask)
    if count * step**2 < _MIN_OVERLAP_PX or min(columns, rows) < _PARTS:
        return None
    box = np.s_[y : y + rows, x : x + columns]
    pixels = np.empty((6, rows, columns), np.float32)
    covered, one, other, squares, product = pixels[0], pixels[1], pixels[2], pixels[3:5], pixels[5]
    covered[:] = mask[box]
    np.multiply(warped[box], covered, out=one)
    np.multiply(target[box], covered, out=other)
    np.multiply(pixels[1:3], pixels[1:3], out=squares)
    np.multiply(one, other, out=product)
    across = (pixels.reshape(-1, columns) @ _shares(columns).T).reshape(6, rows, _PARTS)
    cover, *sums = (_shares(rows) @ across).reshape(6, -1).astype(np.float64)
    is_part = cover >= max(_MIN_PART_PX * _PARTS**2 / (rows * columns * step**2), 0.5)
    if np.count_nonzero(is_part) < _MIN_PARTS:
        return None
    everywhere = np.sum(sums, axis=1) / cover.sum()
    scales = np.sqrt(np.maximum(everywhere[2:4] - everywhere[:2] ** 2, 0)) + 1e-3
    parts = np.array(sums)[:, is_part] / cover[is_part]
    means, mean_squares, mean_product = parts[:2], parts[2:4], parts[4]
    variances = np.maximum(mean_squares - means * means, 0) / (scales * scales)[:, np.newaxis]
    covariances = (mean_product - means[0] * means[1]) / scales.prod()
    values = covariances / np.sqrt((variances + _NOISE).prod(axis=0))
    weights = np.minimum(np.sqrt(variances.max(axis=0)), 0.5) + 0.02
    return values, weights, count / (width * height), float(everywhere[1] - everywhere[0]) / 255


@lru_cache(maxsize=1024)
def _shares(length: int) -> npt.NDArray[np.float32]:
    """Return how much of each part, of _PARTS that a line of pixels is divided into, each pixel is: (_PARTS, length)."""
    ends = np.linspace(0, length, _PARTS + 1)[:, np.newaxis]
    pixels = np.arange(length)
    inside = np.minimum(ends[1:], pixels + 1) - np.maximum(ends[:-1], pixels)
    return np.asarray(inside.clip(0) * _PARTS / length, np.float32)
