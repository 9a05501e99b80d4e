"""Correlate two pictures part by part where one lies on the other."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import GreyImage

Floats = npt.NDArray[np.floating]

_PARTS = 5
"""The overlap is correlated in this many parts along each edge."""

_MIN_OVERLAP_PX = 200
_MIN_PART_PX = 25
_MIN_PARTS = 4

_NOISE = 0.003
"""Variance of noise, as a share of that of the whole picture: parts without a pattern correlate by chance."""


def correlations_of_parts(
    source: GreyImage, target: GreyImage, matrix: npt.NDArray[np.float64]
) -> tuple[Floats, Floats, float, float] | None:
    """Return the correlation and weight of each part of the overlap, how much of the target it is, and how much brighter.

    The part of the target is a share of it, the brightness -1 to 1.
    """
    height, width = target.shape
    warped = cv2.warpAffine(source, matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(np.full_like(source, 255), matrix, (width, height))
    mask = (mask >= 254).astype(np.uint8)
    count = cv2.countNonZero(mask)
    x, y, columns, rows = cv2.boundingRect(mask)
    if count < _MIN_OVERLAP_PX or min(columns, rows) < _PARTS:
        return None
    box = np.s_[y : y + rows, x : x + columns]
    covered = (mask[box] > 0).astype(np.float32)
    pictures, means = [], []
    for picture in (warped, target):
        mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(picture, mask=mask))
        pictures.append((picture[box].astype(np.float32) - np.float32(mean)) / np.float32(deviation + 1e-3))
        means.append(mean)
    one, other = (picture * covered for picture in pictures)
    sums = [covered, one, other, one * one, other * other, one * other]
    cover, *means_of_parts = (
        cv2.resize(each, (_PARTS, _PARTS), interpolation=cv2.INTER_AREA).ravel() for each in sums
    )
    is_part = cover >= max(_MIN_PART_PX * _PARTS**2 / (rows * columns), 0.5)
    if np.count_nonzero(is_part) < _MIN_PARTS:
        return None
    one, other, one_squared, other_squared, product = (
        np.asarray(each[is_part] / cover[is_part], np.float32) for each in means_of_parts
    )
    one_variance = np.maximum(one_squared - one * one, 0)
    other_variance = np.maximum(other_squared - other * other, 0)
    values = (product - one * other) / np.sqrt((one_variance + _NOISE) * (other_variance + _NOISE))
    weights = np.minimum(np.sqrt(np.maximum(one_variance, other_variance)), 0.5) + 0.02
    return values, weights, count / (width * height), (means[1] - means[0]) / 255
