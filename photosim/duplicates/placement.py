"""Search for the place where one picture lies within another, where keypoints find nothing.

Smooth pictures and very small ones have no corners in common with their cropped copies. Normalised cross-correlation at a
low resolution, at every place and in several sizes, needs none (Lewis, "Fast normalized cross-correlation", Vision
Interface 1995).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import GreyImage

Matrix = npt.NDArray[np.float64]

_EDGE = 32
"""Pixels of the longer edge of the picture that is searched."""

_SHARES = (0.95, 0.86, 0.77, 0.68)
"""Sizes of the picture that is searched for, as shares of the largest that fits; others are refined from these."""

_MIN_TEMPLATE_PX = 10

_MIN_DEVIATION = 2.0
"""Grey values; plain pictures correlate by their noise."""

_MIN_CORRELATION = 0.8
"""With 0.75 no more of 874 pairs of copies are found; of other pairs, one in twelve has as much."""


def placement(one: GreyImage, other: GreyImage) -> Matrix | None:
    """Return the matrix (2, 3) from pixels of one picture to those of the other that lays one within the other.

    It only scales and shifts, roughly. None if the pictures are alike nowhere.
    """
    if min(float(one.std()), float(other.std())) < _MIN_DEVIATION:
        return None
    correlation, matrix = _within(one, other)
    inverse_correlation, inverse = _within(other, one)
    if max(correlation, inverse_correlation) < _MIN_CORRELATION:
        return None
    if correlation >= inverse_correlation:
        return matrix
    return np.asarray(cv2.invertAffineTransform(inverse), np.float64)


def _within(template: GreyImage, picture: GreyImage) -> tuple[float, Matrix]:
    """Return the highest correlation of a picture with a part of another, and the matrix that lays it there."""
    reduced = _EDGE / max(picture.shape)
    searched = _scaled(picture, reduced)
    fit = min(searched.shape[0] / template.shape[0], searched.shape[1] / template.shape[1])
    best, matrix = -1.0, np.eye(2, 3)
    for share in _SHARES:
        scaled = _scaled(template, fit * share)
        if min(scaled.shape) < _MIN_TEMPLATE_PX:
            break
        correlations = cv2.matchTemplate(searched, scaled, cv2.TM_CCOEFF_NORMED)
        _, correlation, _, (x, y) = cv2.minMaxLoc(correlations)
        if correlation > best:
            scale = fit * share / reduced
            best, matrix = correlation, np.array([[scale, 0, x / reduced], [0, scale, y / reduced]])
    return best, matrix


def _scaled(picture: GreyImage, factor: float) -> GreyImage:
    height, width = picture.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
