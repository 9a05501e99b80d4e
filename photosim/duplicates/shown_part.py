"""Find which part of an image shows a photo that lies on it, pixel by pixel: up to where the two agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.image_parts import WHOLE
from photosim.duplicates.looks import Box, GreyImage

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_EDGE = 192
"""Pixels of the longer edge of the image in which it is compared."""

_AROUND = 0.05
"""How much of what is around the photo is compared, as a share of its edges."""

_WINDOW = 9
"""Edge in pixels of the window whose correlation decides."""

_NOISE = 30.0
"""Variance of noise, in grey values: windows without a pattern correlate by chance."""

_MIN_CORRELATION = 0.5
_MAX_DIFFERENCE = 25.0
"""Windows without a pattern agree if their grey values differ by no more, brightness and contrast of all matched."""

_MIN_LINE = 0.5
"""Share of a row or column that must agree."""

_MAX_GAP = 0.06
"""Rows and columns that do not agree, as a share of the image's longer edge, that a part may contain: a text, or noise."""

_MIN_PX = 8


@dataclass(frozen=True, slots=True)
class ShownPart:
    """The `box` of an image that shows a photo, and the box of the photo that is shown.

    `agreement` is the share of it that agrees, `correlation` the mean correlation there of what has a pattern.
    """

    box: Box
    box_in_source: Box
    agreement: float
    correlation: float


def shown_part(image: GreyImage, source: GreyImage, matrix: Matrix, content: Box = WHOLE) -> ShownPart | None:
    """Return which part of an image (H, W) shows a photo `source` (H, W); None if there is none.

    `matrix` (2, 3) maps fractions of the photo to fractions of the image. The photo covers what it maps to, or less: an
    image may show another one, or a bar, over the rest. `content` is what is inside uniform borders of the image.
    """
    around = _around(matrix)
    if around is None:
        return None
    rows, columns = image.shape
    left, top = math.floor(around[0] * columns), math.floor(around[1] * rows)
    right, bottom = math.ceil(around[2] * columns), math.ceil(around[3] * rows)
    part = left / columns, top / rows, (right - left) / columns, (bottom - top) / rows
    found = _shown_part(image[top:bottom, left:right], source, _within(matrix, part), _inside(content, part))
    if found is None:
        return None
    x, y, width, height = found.box
    box = part[0] + x * part[2], part[1] + y * part[3], width * part[2], height * part[3]
    return replace(found, box=box, box_in_source=_in_source(box, matrix))


def _shown_part(image: GreyImage, source: GreyImage, matrix: Matrix, content: Box) -> ShownPart | None:
    height, width = image.shape
    factor = min(_EDGE / max(height, width), 1.0)
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    picture = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    height, width = picture.shape
    warped, covers = _warped(source, matrix, (width, height))
    if not covers.any():
        return None
    agrees, correlation = _agreement(picture, warped, covers)
    rows, columns = np.flatnonzero(covers.any(axis=1)), np.flatnonzero(covers.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    gap = round(_MAX_GAP * max(height, width))
    x, y, w, h = content
    edges = (
        (top, bottom, round(y * height), round((y + h) * height)),
        (left, right, round(x * width), round((x + w) * width)),
    )
    for _ in range(3):  # what is left out of one axis changes the other
        lines = _shares(agrees[:, left:right], covers[:, left:right], axis=1)
        top, bottom = _longest_run(lines, gap)
        lines = _shares(agrees[top:bottom], covers[top:bottom], axis=0)
        left, right = _longest_run(lines, gap)
        if min(bottom - top, right - left) < _MIN_PX:
            return None
    (top, bottom), (left, right) = (
        _snapped(run, lines) for run, lines in zip(((top, bottom), (left, right)), edges, strict=True)
    )
    inside = np.s_[top:bottom, left:right]
    agreement = float(agrees[inside].sum() / max(covers[inside].sum(), 1))
    box = (left / width, top / height, (right - left) / width, (bottom - top) / height)
    patterned = correlation[inside][agrees[inside] & (correlation[inside] >= _MIN_CORRELATION)]
    mean = float(patterned.mean()) if patterned.size else 0.0
    return ShownPart(box, _in_source(box, matrix), agreement, mean)


def _around(matrix: Matrix) -> tuple[float, float, float, float] | None:
    """Return left, top, right and bottom of where a photo lies in an image, and some of what is around it."""
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]) @ matrix.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = _AROUND * (high - low)
    (left, top), (right, bottom) = (low - margin).clip(0, 1).tolist(), (high + margin).clip(0, 1).tolist()
    return None if right <= left or bottom <= top else (left, top, right, bottom)


def _within(matrix: Matrix, part: Box) -> Matrix:
    """Return a matrix to fractions of a part of the image."""
    x, y, width, height = part
    return np.asarray((matrix - [[0, 0, x], [0, 0, y]]) / [[width], [height]], np.float64)


def _inside(box: Box, part: Box) -> Box:
    """Return what of a box is in a part, in fractions of the part."""
    x, y, width, height = part
    left, right = ((edge - x) / width for edge in (box[0], box[0] + box[2]))
    top, bottom = ((edge - y) / height for edge in (box[1], box[1] + box[3]))
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in (left, top, right, bottom))
    return left, top, right - left, bottom - top


def _warped(source: GreyImage, matrix: Matrix, size: tuple[int, int]) -> tuple[GreyImage, Mask]:
    """Return the photo as it lies on an image of this size in pixels, and where it does."""
    scale = math.sqrt(
        abs(float(np.linalg.det(matrix[:, :2]))) * size[0] * size[1] / (source.shape[0] * source.shape[1])
    )
    if scale < 1:  # warping to a smaller size would skip pixels
        source = cv2.resize(
            source, None, fx=max(scale, 0.02), fy=max(scale, 0.02), interpolation=cv2.INTER_AREA
        ).astype(np.uint8, copy=False)
    height, width = source.shape
    pixels = matrix * [[size[0]], [size[1]]] / [width, height, 1]
    # The centre of a pixel is half a pixel from its edge.
    pixels[:, 2] += 0.5 * (pixels[:, 0] + pixels[:, 1]) - 0.5
    warped = cv2.warpAffine(source, pixels, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    covers = cv2.warpAffine(np.full_like(source, 255), pixels, size)
    return warped.astype(np.uint8, copy=False), covers >= 128


def _agreement(picture: GreyImage, warped: GreyImage, covers: Mask) -> tuple[Mask, npt.NDArray[np.float32]]:
    """Return where two pictures (H, W) agree, and the correlation of the windows around each pixel."""
    one, other = (
        cv2.GaussianBlur(each.astype(np.float32), (0, 0), 0.8).astype(np.float32)
        for each in (picture, warped)
    )
    one_mean, other_mean = _mean(one), _mean(other)
    one_variance = np.maximum(_mean(one * one) - one_mean**2, 0)
    other_variance = np.maximum(_mean(other * other) - other_mean**2, 0)
    product = _mean(one * other) - one_mean * other_mean
    correlation = product / np.sqrt((one_variance + _NOISE) * (other_variance + _NOISE))
    is_plain = np.maximum(one_variance, other_variance) < 2 * _NOISE
    is_patterned = covers & ~is_plain & (correlation >= _MIN_CORRELATION)
    # Matched where patterns agree, or anywhere if there are none.
    known = is_patterned if is_patterned.sum() >= _WINDOW**2 else covers
    contrast = float(one[known].std()) / max(float(other[known].std()), 1.0)
    matched = (other_mean - float(other[known].mean())) * contrast + float(one[known].mean())
    is_alike = is_plain & (np.abs(one_mean - matched) <= _MAX_DIFFERENCE)
    return np.asarray(is_patterned | (covers & is_alike)), np.asarray(correlation, np.float32)


def _mean(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return cv2.blur(values, (_WINDOW, _WINDOW)).astype(np.float32, copy=False)


def _shares(agrees: Mask, covers: Mask, axis: int) -> npt.NDArray[np.float64]:
    """Return the share that agrees of what is covered in each row (axis 1) or column (axis 0), 0 where nothing is."""
    covered = covers.sum(axis=axis)
    return np.where(covered > 0, agrees.sum(axis=axis) / np.maximum(covered, 1), 0.0)


def _longest_run(shares: npt.NDArray[np.float64], gap: int) -> tuple[int, int]:
    """Return the start and the end of the longest run of lines that agree, with gaps of up to `gap` lines."""
    lines = np.flatnonzero(shares >= _MIN_LINE)
    if not len(lines):
        return 0, 0
    runs = np.split(lines, np.flatnonzero(np.diff(lines) > gap + 1) + 1)
    longest = max(runs, key=lambda run: int(run[-1] - run[0]))
    return int(longest[0]), int(longest[-1]) + 1


def _snapped(run: tuple[int, int], edges: Sequence[int]) -> tuple[int, int]:
    """Return a run that reaches to edges that are near: windows across the edge of a photo show a part of it only."""
    start, end = (min(edges, key=lambda edge: abs(edge - line)) for line in run)
    near = _WINDOW // 2 + 2
    return start if abs(start - run[0]) <= near else run[0], end if abs(end - run[1]) <= near else run[1]


def _in_source(box: Box, matrix: Matrix) -> Box:
    """Return the bounding box in the photo of a box in the image."""
    x, y, width, height = box
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    corners = np.array([[x, y, 1], [x + width, y, 1], [x, y + height, 1], [x + width, y + height, 1]])
    places = (corners @ inverse.T).clip(0, 1)
    (left, top), (right, bottom) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return left, top, right - left, bottom - top
