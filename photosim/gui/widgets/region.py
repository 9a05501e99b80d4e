"""The rectangle that a person draws on a photo to search by that part of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from photosim.search.query import Region

_SMALLEST = 12.0
"""Logical pixels across below which a rectangle is a slip of the hand."""

_SHADE = QColor(0, 0, 0, 120)
_STEP = 0.02
"""How far an arrow key moves or stretches it, in fractions of the photo."""


class RegionSelector:
    """A rectangle in fractions of the photo, drawn with the mouse or made with the arrow keys."""

    def __init__(self) -> None:
        self._from: QPointF | None = None
        self.rect = QRectF()

    @property
    def is_drawn(self) -> bool:
        """Whether there is a rectangle."""
        return not self.rect.isEmpty()

    @property
    def is_dragging(self) -> bool:
        """Whether the mouse holds it."""
        return self._from is not None

    def start_drag(self, at: QPointF, photo: QRectF) -> None:
        """Put down the first corner; `photo` is where the photo lies."""
        self._from = _fraction(at, photo)
        self.rect = QRectF()

    def update_drag(self, at: QPointF, photo: QRectF) -> None:
        """Move the other corner."""
        if self._from is not None:
            self.rect = QRectF(self._from, _fraction(at, photo)).normalized()

    def finish_drag(self, photo: QRectF) -> Region | None:
        """Let go: the part that was drawn, or None when it is too small to be meant."""
        self._from = None
        if min(self.rect.width() * photo.width(), self.rect.height() * photo.height()) < _SMALLEST:
            self.rect = QRectF()
            return None
        return self.region()

    def nudge(self, right: int, down: int, *, stretch: bool) -> None:
        """Move or stretch it by a step; the first one makes it, in the middle."""
        if not self.is_drawn:
            self.rect = QRectF(0.3, 0.3, 0.4, 0.4)
            return
        by = QSizeF(right * _STEP, down * _STEP)
        rect = self.rect
        if stretch:
            width = min(max(rect.width() + by.width(), 0.05), 1 - rect.x())
            height = min(max(rect.height() + by.height(), 0.05), 1 - rect.y())
            self.rect = QRectF(rect.topLeft(), QSizeF(width, height))
        else:
            x = min(max(rect.x() + by.width(), 0.0), 1 - rect.width())
            y = min(max(rect.y() + by.height(), 0.0), 1 - rect.height())
            self.rect = QRectF(QPointF(x, y), rect.size())

    def region(self) -> Region | None:
        """The part of the photo, or None."""
        if not self.is_drawn:
            return None
        return Region(self.rect.x(), self.rect.y(), self.rect.width(), self.rect.height())

    def clear(self) -> None:
        """Take it away."""
        self._from, self.rect = None, QRectF()


def paint_region(painter: QPainter, rect: QRectF, photo: QRectF) -> None:
    """A rectangle in fractions over the photo: what is outside lies in shade, the edge shows on light and dark."""
    if rect.isEmpty():
        return
    inside = QRectF(
        photo.x() + rect.x() * photo.width(),
        photo.y() + rect.y() * photo.height(),
        rect.width() * photo.width(),
        rect.height() * photo.height(),
    )
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_SHADE)
    shade = QPainterPath()
    shade.addRect(photo)
    shade.addRect(inside)  # the default fill rule leaves the inside out
    painter.drawPath(shade)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
    painter.drawRect(inside)
    painter.setPen(QPen(Qt.GlobalColor.white, 1.5))
    painter.drawRect(inside)
    painter.restore()


def region_rect(region: Region | None) -> QRectF:
    """A part of a photo as a rectangle in fractions; empty for none."""
    return QRectF() if region is None else QRectF(region.x, region.y, region.width, region.height)


def _fraction(point: QPointF, photo: QRectF) -> QPointF:
    x = (point.x() - photo.x()) / max(photo.width(), 1.0)
    y = (point.y() - photo.y()) / max(photo.height(), 1.0)
    return QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
