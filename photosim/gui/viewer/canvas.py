"""Image canvas with zoom, pan and selection of a region."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from photosim.gui.base.translation import tr
from photosim.gui.widgets import region
from photosim.gui.widgets.region import RegionSelector
from photosim.search.query import Region

MAX_ZOOM = 16.0
"""Largest zoom, in device pixels of the screen per image pixel."""

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ZOOM_STEP = 1.25  # factor for one notch of the wheel or one key press
_NOTCH = 120.0  # angle delta of one notch
_MESSAGE_MARGIN = 36  # logical pixels below a message that is shown over the image


class ImageCanvas(QWidget):
    """Shows an image, painted from the smallest of its mipmap levels that is large enough."""

    zoom_changed = Signal(float)
    """The zoom, in device pixels of the screen per image pixel."""

    region_selected = Signal(object)
    """A rectangle was drawn: the Region."""

    selecting_changed = Signal(bool)
    """Whether dragging draws a rectangle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: Sequence[QImage] = ()
        self._full_size = QSize()
        self._zoom = 1.0
        self._is_fitted = True
        self._centre = QPointF()
        self._drag_position: QPointF | None = None
        self.message = ""
        self.is_selecting = False
        self.selector = RegionSelector()
        self.setMouseTracking(True)

    def show_image(self, levels: Sequence[QImage], full_size: QSize, *, reset_view: bool = True) -> None:
        """Show an image by its mipmap levels, the largest first.

        `full_size` is the size of the image itself; `reset_view` fits it to the widget.
        """
        self._levels, self.message = levels, ""
        changed = full_size != self._full_size
        self._full_size = full_size
        if reset_view or changed:
            self.fit()
        self.update()

    def show_message(self, text: str) -> None:
        """Show a message, over the image if there is one."""
        self.message = text
        self.update()

    def set_selecting(self, selecting: bool) -> None:
        """Switch between drawing a rectangle and moving the image."""
        changed, self.is_selecting = selecting != self.is_selecting, selecting
        self.selector.clear()
        self._update_cursor()
        self.update()
        if changed:
            self.selecting_changed.emit(selecting)

    def handle_key(self, event: QKeyEvent) -> bool:
        """Handle the keys of a selection, and return whether the key was one of them.

        Arrow keys move the rectangle, or resize it with Shift; Enter accepts it; Escape cancels.
        """
        if not self.is_selecting:
            return False
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.set_selecting(False)
        elif key in _ARROWS:
            stretch = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.selector.nudge(*_ARROWS[key], stretch=stretch)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish_selection(self.selector.region())
        else:
            return False
        return True

    def _finish_selection(self, region: Region | None) -> None:
        if region is not None:
            self.set_selecting(False)
            self.region_selected.emit(region)

    @property
    def zoom(self) -> float:
        """Device pixels of the screen per image pixel."""
        return self._zoom

    @property
    def target_rect(self) -> QRectF:
        """Rectangle of the whole image, in logical pixels of the widget."""
        scale = self._zoom / self.devicePixelRatioF()
        size = QSizeF(self._full_size) * scale
        middle = QPointF(self.width() / 2, self.height() / 2)
        corner = middle - QPointF(self._centre.x() * scale, self._centre.y() * scale)
        return QRectF(corner, size)

    def fit(self) -> None:
        """Show the whole image, at 100% at most."""
        self._is_fitted = True
        self._set_zoom(self._fit_zoom(), QPointF(self.width() / 2, self.height() / 2))

    def show_actual_size(self, at: QPointF | None = None) -> None:
        """Show the image at 100%."""
        self._is_fitted = False
        self._set_zoom(1.0, at)

    def toggle_fit(self, at: QPointF | None = None) -> None:
        """Toggle between fit and 100%."""
        if self._is_fitted and self._zoom < 1.0:
            self.show_actual_size(at)
        else:
            self.fit()

    def zoom_by(self, notches: float, at: QPointF | None = None) -> None:
        """Zoom in, or out if negative, around a position of the widget (default: its centre)."""
        zoom = self._zoom * _ZOOM_STEP**notches
        lowest = min(self._fit_zoom(), 1.0)
        if zoom <= lowest:
            self.fit()
            return
        self._is_fitted = False
        self._set_zoom(zoom, at)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        if self._levels:
            self._paint_image(painter)
        if self.is_selecting:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            region.paint_region(painter, self.selector.rect, self.target_rect)
        hint = tr("Drag around what you want to find, or use the arrow keys and Enter. Esc cancels.")
        if self.message or (self.is_selecting and not self.selector.is_dragging):
            self._paint_message(painter, self.message or hint)

    def _paint_image(self, painter: QPainter) -> None:
        target = self.target_rect
        width = target.width() * self.devicePixelRatioF()
        level = next((image for image in reversed(self._levels) if image.width() >= width), self._levels[0])
        # At high zoom the single pixels are what the user wants to see.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 3.0)
        visible = target.intersected(QRectF(self.rect()))
        if visible.isEmpty():
            return
        scale_x, scale_y = level.width() / target.width(), level.height() / target.height()
        source = QRectF(
            (visible.x() - target.x()) * scale_x,
            (visible.y() - target.y()) * scale_y,
            visible.width() * scale_x,
            visible.height() * scale_y,
        )
        painter.drawImage(visible, level, source)

    def _paint_message(self, painter: QPainter, message: str) -> None:
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        available = self.rect().adjusted(40, 0, -40, 0)
        rect = painter.boundingRect(available, flags, message)
        if self._levels:
            rect.moveBottom(self.height() - _MESSAGE_MARGIN)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190))
        painter.drawRoundedRect(rect.adjusted(-16, -9, 16, 9), 8, 8)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(rect, flags, message)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()
        else:
            self._set_zoom(self._zoom, None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() or event.angleDelta().x()
        self.zoom_by(delta / _NOTCH, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_selecting(True)
        if self.is_selecting:
            self.selector.start_drag(event.position(), self.target_rect)
            return
        self._drag_position = event.position()
        self._update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.selector.is_dragging:
            self.selector.update_drag(event.position(), self.target_rect)
            self.update()
            return
        if self._drag_position is None:
            event.ignore()
            return
        moved = event.position() - self._drag_position
        self._drag_position = event.position()
        self._centre -= moved * (self.devicePixelRatioF() / self._zoom)
        self._clamp_centre()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.selector.is_dragging:
            self._finish_selection(self.selector.finish_drag(self.target_rect))
            self.update()
            return
        self._drag_position = None
        self._update_cursor()
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.is_selecting:
            self.toggle_fit(event.position())

    def _fit_zoom(self) -> float:
        if self._full_size.isEmpty() or self.width() < 2 or self.height() < 2:
            return 1.0
        ratio = self.devicePixelRatioF()
        horizontal = self.width() / self._full_size.width()
        vertical = self.height() / self._full_size.height()
        return min(horizontal * ratio, vertical * ratio, 1.0)

    def _set_zoom(self, zoom: float, at: QPointF | None) -> None:
        at = at or QPointF(self.width() / 2, self.height() / 2)
        ratio = self.devicePixelRatioF()
        from_middle = at - QPointF(self.width() / 2, self.height() / 2)
        fixed = self._centre + from_middle * (ratio / self._zoom)
        self._zoom = min(max(zoom, 0.001), MAX_ZOOM)
        self._centre = fixed - from_middle * (ratio / self._zoom)
        self._clamp_centre()
        self._update_cursor()
        self.zoom_changed.emit(self._zoom)

    def _clamp_centre(self) -> None:
        """Keep the image in the widget, centred where it is smaller."""
        scale = self._zoom / self.devicePixelRatioF()
        half_x, half_y = self.width() / 2 / scale, self.height() / 2 / scale
        width, height = self._full_size.width(), self._full_size.height()
        x = width / 2 if width <= 2 * half_x else min(max(self._centre.x(), half_x), width - half_x)
        y = height / 2 if height <= 2 * half_y else min(max(self._centre.y(), half_y), height - half_y)
        self._centre = QPointF(x, y)
        self.update()

    def _update_cursor(self) -> None:
        shape = self._cursor_shape()
        if shape != self.cursor().shape():
            self.setCursor(shape)

    def _cursor_shape(self) -> Qt.CursorShape:
        if self.is_selecting:
            return Qt.CursorShape.CrossCursor
        target = self.target_rect
        if target.width() <= self.width() + 1 and target.height() <= self.height() + 1:
            return Qt.CursorShape.ArrowCursor
        return (
            Qt.CursorShape.OpenHandCursor if self._drag_position is None else Qt.CursorShape.ClosedHandCursor
        )
