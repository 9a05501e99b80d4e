"""Boxes of objects in photos: their outlines, and the part of a photo that a tile shows around one."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

Box = tuple[float, float, float, float]
"""x, y, width and height in fractions of the upright photo."""

RADIUS = 6.0
"""Of the corners of outlines, in logical pixels; less on small ones."""

_MARGIN = 0.4
"""Shown around an object on each side, as a fraction of its size."""

_MAX_ENLARGEMENT = 1.6
"""Device pixels of a tile for each pixel of the thumbnail: with more a small object looks blurred."""

_STRONG = ((QColor(0, 0, 0, 150), 3.5), (QColor(255, 255, 255, 235), 1.5))
_QUIET = ((QColor(0, 0, 0, 70), 3.0), (QColor(255, 255, 255, 150), 1.5))
"""Colors and widths of a dark line and a light one on it, so that one of them is seen on any photo."""


class FoundObject(NamedTuple):
    """The object of a photo that a search has found; `label` is empty where it is not known."""

    box: Box
    label: str = ""


def part_around(box: Box, size: tuple[int, int], tile: tuple[int, int]) -> Box:
    """Return the part of a photo that a tile shows around a box, as a box in the photo.

    It has the proportions of the tile. `size` is the width and height of the thumbnail in pixels, `tile` that of the
    tile in device pixels.
    """
    width, height = max(size[0], 1), max(size[1], 1)
    aspect = tile[0] / max(tile[1], 1)
    x, y, box_width, box_height = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    shown = 1 + 2 * _MARGIN
    wanted = max(box_height * shown, box_width * shown / aspect, tile[1] / _MAX_ENLARGEMENT)
    part_height = min(wanted, height, width / aspect)
    part_width = part_height * aspect
    left = min(max(x + box_width / 2 - part_width / 2, 0.0), width - part_width)
    top = min(max(y + box_height / 2 - part_height / 2, 0.0), height - part_height)
    return left / width, top / height, part_width / width, part_height / height


def box_in_part(box: Box, part: Box) -> Box:
    """Return a box in a photo as one in a part of the photo."""
    x, y, width, height = part
    return (box[0] - x) / width, (box[1] - y) / height, box[2] / width, box[3] / height


def box_rect(box: Box, photo: QRectF) -> QRectF:
    """Return the rectangle of a box, where `photo` is the rectangle that the photo covers."""
    return placed(QRectF(*box), photo)


def placed(rect: QRectF, photo: QRectF) -> QRectF:
    """Return where a rectangle in fractions of a photo is, in the coordinates of the rectangle of the photo."""
    left, top = photo.x() + rect.x() * photo.width(), photo.y() + rect.y() * photo.height()
    return QRectF(left, top, rect.width() * photo.width(), rect.height() * photo.height())


def paint_outline(painter: QPainter, rect: QRectF, *, strong: bool = False) -> None:
    """Outline a rectangle, quietly or `strong`, visibly on light and dark photos."""
    radius = min(RADIUS, min(rect.width(), rect.height()) / 5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in _STRONG if strong else _QUIET:
        painter.setPen(QPen(color, width))
        painter.drawRoundedRect(rect, radius, radius)


def paint_frame(painter: QPainter, rect: QRect) -> None:
    """Outline a rectangle quietly, with square corners: a tenth of the time, which a screen full of tiles needs."""
    for inset, width, (color, _) in ((0, 3, _QUIET[0]), (1, 1, _QUIET[1])):
        outer = rect.adjusted(inset, inset, -inset, -inset)
        inner = outer.adjusted(width, width, -width, -width)
        left, top, right, bottom = outer.x(), outer.y(), inner.right() + 1, inner.bottom() + 1
        painter.fillRect(left, top, outer.width(), width, color)
        painter.fillRect(left, bottom, outer.width(), width, color)
        painter.fillRect(left, inner.y(), width, inner.height(), color)
        painter.fillRect(right, inner.y(), width, inner.height(), color)
