"""Find the parts of an image that may come from different photos: what is inside bars and frames, and cells of collages."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import Box, GreyImage, look_at

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)

_EDGE = 512
"""Pixels of the longer edge of the picture in which seams are searched."""

_MIN_CELL = 0.12
"""Least edge of a cell, as a share of the picture's edge."""

_MIN_STEP = 12
"""Difference of grey values between two lines of pixels that is an edge."""

_SEAM_SHARE = 0.55
"""Share of the pixels of a line that are edges where two photos meet; of lines inside a photo hardly any has as many."""

_GUTTER_TOLERANCE = 4
_GUTTER_SHARE = 0.97
"""A line is a gutter if this share of its pixels has its middle grey value, within this tolerance."""

_MAX_CELLS = 16
_MAX_DEPTH = 6


def content_box(grey: GreyImage) -> Box:
    """Return what is inside uniform borders of a grey picture (H, W)."""
    return look_at(grey).content


def cells(grey: GreyImage) -> list[Box]:
    """Return the cells of a collage, a grey picture (H, W), the largest first; none if no line divides it.

    Recursive cuts along straight lines from edge to edge: gutters, and seams where two photos meet (after Nagy and Seth,
    "Hierarchical representation of optically scanned documents", ICPR 1984).
    """
    height, width = grey.shape
    factor = min(_EDGE / max(height, width), 1.0)
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)
    height, width = small.shape
    found: list[tuple[int, int, int, int]] = []
    _cut(small, (0, 0, width, height), 0, found)
    if len(found) < 2:
        return []
    found.sort(key=lambda cell: -(cell[2] - cell[0]) * (cell[3] - cell[1]))
    return [
        (left / width, top / height, (right - left) / width, (bottom - top) / height)
        for left, top, right, bottom in found[:_MAX_CELLS]
    ]


def area(box: Box) -> float:
    """Return the area of a box as a share of the picture."""
    return box[2] * box[3]


def common_area(one: Box, other: Box) -> float:
    """Return the area that two boxes have in common."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _cut(
    grey: GreyImage, cell: tuple[int, int, int, int], depth: int, found: list[tuple[int, int, int, int]]
) -> None:
    """Divide a cell (left, top, right, bottom) along its clearest line, and its parts again."""
    left, top, right, bottom = cell = _trimmed(grey, cell)
    height, width = grey.shape
    if right - left < _MIN_CELL * width or bottom - top < _MIN_CELL * height:
        return
    picture = grey[top:bottom, left:right]
    across, column = _best_line(picture, round(_MIN_CELL * width))
    down, row = _best_line(picture.T, round(_MIN_CELL * height))
    if depth == _MAX_DEPTH or max(across, down) < _SEAM_SHARE or len(found) >= _MAX_CELLS:
        found.append(cell)
    elif across >= down:
        _cut(grey, (left, top, left + column, bottom), depth + 1, found)
        _cut(grey, (left + column, top, right, bottom), depth + 1, found)
    else:
        _cut(grey, (left, top, right, top + row), depth + 1, found)
        _cut(grey, (left, top + row, right, bottom), depth + 1, found)


def _trimmed(grey: GreyImage, cell: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return a cell without the gutters along its edges."""
    left, top, right, bottom = cell
    columns = np.flatnonzero(~_is_gutter(grey[top:bottom, left:right]))
    rows = np.flatnonzero(~_is_gutter(grey[top:bottom, left:right].T))
    if not len(columns) or not len(rows):
        return left, top, left, top
    return left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1


def _best_line(picture: GreyImage, margin: int) -> tuple[float, int]:
    """Return how clearly a vertical line divides a picture (H, W), 0 to 1, and its column."""
    margin = max(margin, 2)
    if picture.shape[1] <= 2 * margin:
        return 0.0, 0
    gutters = _is_gutter(picture)[margin:-margin]
    if gutters.any():
        # The middle of the first gutter: others are found in the parts.
        first = int(gutters.argmax())
        length = int(np.argmin(gutters[first:])) or len(gutters) - first
        return 1.0, margin + first + length // 2
    steps = np.abs(np.diff(picture.astype(np.int16), axis=1))
    # A seam is a step between two columns that are like their other neighbours, a contour or texture is not.
    beside = np.maximum(np.pad(steps, ((0, 0), (1, 0)))[:, :-1], np.pad(steps, ((0, 0), (0, 1)))[:, 1:])
    shares = ((steps >= _MIN_STEP) & (steps > beside)).mean(axis=0)[margin - 1 : -margin]
    column = int(shares.argmax())
    return float(shares[column]), column + margin


def _is_gutter(picture: GreyImage) -> npt.NDArray[np.bool_]:
    """Return whether each column of a picture (H, W) has one grey value."""
    middle = np.median(picture, axis=0)
    deviation = np.abs(picture.astype(np.float32) - middle.astype(np.float32))
    return np.asarray((deviation <= _GUTTER_TOLERANCE).mean(axis=0) >= _GUTTER_SHARE)
