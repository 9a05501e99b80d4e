"""Selecting a rectangular region of a photo to search by."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from photosim.gui.base.boxes import placed
from photosim.search.query import Region

_MIN_SIZE = 12.0
"""Logical pixels; a smaller rectangle is taken for an accidental drag."""

_SHADE = QColor(0, 0, 0, 120)
_STEP = 0.02
"""By how much an arrow key moves or resizes the rectangle, as a fraction of the photo."""

_MIN_FRACTION = 0.05
_INITIAL_RECT = QRectF(0.3, 0.3, 0.4, 0.4)


class RegionSelector:
    """A rectangle in fractions of the photo, drawn with the mouse or made with the arrow keys."""

    def __init__(self) -> None:
        self._drag_start: QPointF | None = None
        self.rect = QRectF()

    @property
    def is_drawn(self) -> bool:
        """Whether there is a rectangle."""
        return not self.rect.isEmpty()

    @property
    def is_dragging(self) -> bool:
        """Whether a rectangle is being drawn with the mouse."""
        return self._drag_start is not None

    def start_drag(self, pos: QPointF, photo: QRectF) -> None:
        """Set the first corner; `photo` is the rectangle that the photo covers, in the coordinates of `pos`."""
        self._drag_start = _to_fraction(pos, photo)
        self.rect = QRectF()

    def update_drag(self, pos: QPointF, photo: QRectF) -> None:
        """Move the opposite corner."""
        if self._drag_start is not None:
            self.rect = QRectF(self._drag_start, _to_fraction(pos, photo)).normalized()

    def finish_drag(self, photo: QRectF) -> Region | None:
        """End the drag and return the region, or None when it is too small."""
        self._drag_start = None
        if min(self.rect.width() * photo.width(), self.rect.height() * photo.height()) < _MIN_SIZE:
            self.rect = QRectF()
            return None
        return self.region()

    def nudge(self, right: int, down: int, *, stretch: bool) -> None:
        """Move or resize the rectangle by a step; the first call creates it in the center."""
        if not self.is_drawn:
            self.rect = QRectF(_INITIAL_RECT)
            return
        rect, delta = self.rect, QSizeF(right * _STEP, down * _STEP)
        if stretch:
            width = min(max(rect.width() + delta.width(), _MIN_FRACTION), 1 - rect.x())
            height = min(max(rect.height() + delta.height(), _MIN_FRACTION), 1 - rect.y())
            self.rect = QRectF(rect.topLeft(), QSizeF(width, height))
        else:
            x = min(max(rect.x() + delta.width(), 0.0), 1 - rect.width())
            y = min(max(rect.y() + delta.height(), 0.0), 1 - rect.height())
            self.rect = QRectF(QPointF(x, y), rect.size())

    def region(self) -> Region | None:
        """The selected region, or None."""
        if not self.is_drawn:
            return None
        return Region(self.rect.x(), self.rect.y(), self.rect.width(), self.rect.height())

    def clear(self) -> None:
        """Remove the rectangle."""
        self._drag_start, self.rect = None, QRectF()


def paint_region(painter: QPainter, rect: QRectF, photo: QRectF) -> None:
    """Shade the photo outside of a rectangle in fractions, and outline it visibly on light and dark photos."""
    if rect.isEmpty():
        return
    inside = placed(rect, photo)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_SHADE)
    shade = QPainterPath()
    shade.addRect(photo)
    shade.addRect(inside)  # the odd-even fill rule leaves it clear
    painter.drawPath(shade)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
    painter.drawRect(inside)
    painter.setPen(QPen(Qt.GlobalColor.white, 1.5))
    painter.drawRect(inside)
    painter.restore()


def region_rect(region: Region | None) -> QRectF:
    """The rectangle of a region in fractions of the photo; empty for None."""
    return QRectF() if region is None else QRectF(region.x, region.y, region.width, region.height)


def _to_fraction(point: QPointF, photo: QRectF) -> QPointF:
    x = (point.x() - photo.x()) / max(photo.width(), 1.0)
    y = (point.y() - photo.y()) / max(photo.height(), 1.0)
    return QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
