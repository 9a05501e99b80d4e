"""Image canvas that outlines the objects in the photo, to search by one of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from photosim.gui.viewer.canvas import ImageCanvas
from photosim.gui.widgets.object_outlines import ObjectOutlines
from photosim.records import PhotoObject


class ObjectCanvas(ImageCanvas):
    """A click on an object chooses it; a double click zooms as everywhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.outlines = ObjectOutlines(self, lambda: self.target_rect)
        self.outlines.current_changed.connect(self._update_cursor)
        self._pressed_at: QPointF | None = None
        self._clicked: PhotoObject | None = None
        self._click_timer = QTimer(self, singleShot=True)
        self._click_timer.timeout.connect(lambda: self.outlines.chosen.emit(self._clicked))

    def clear_objects(self) -> None:
        """Forget the objects, for another photo."""
        self._click_timer.stop()
        self.outlines.clear()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.outlines.leave()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        is_plain = event.button() == Qt.MouseButton.LeftButton and not self.is_selecting
        self._pressed_at = event.position() if is_plain else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not (event.buttons() or self.is_selecting):
            self.outlines.hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed_at, self._pressed_at = self._pressed_at, None
        if pressed_at is None:
            return
        self._clicked = self.outlines.object_at(pressed_at)
        distance = (event.position() - pressed_at).manhattanLength()
        if distance < QApplication.startDragDistance() and self._clicked is not None:
            # A double click zooms instead.
            self._click_timer.start(QApplication.doubleClickInterval())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._click_timer.stop()
        super().mouseDoubleClickEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_selecting:
            self.outlines.paint(QPainter(self))

    def _cursor_shape(self) -> Qt.CursorShape:
        is_over_object = self.outlines.current is not None
        if is_over_object and self._drag_position is None and not self.is_selecting:
            return Qt.CursorShape.PointingHandCursor
        return super()._cursor_shape()
