"""Split view: two images on top of each other with a draggable divider."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.viewer.compare_canvas import CompareCanvas

_DIVIDER_WIDTH = 28  # logical pixels that can be dragged
_STEP = 0.02  # of the width, for one key press


class Wipe(QWidget):
    """Shows the left canvas left of the divider and the right canvas right of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.left, self.right = CompareCanvas(self), CompareCanvas(self)
        self._divider = _Divider(self)
        self._divider.dragged.connect(lambda x: self.set_position(x / max(self.width(), 1)))
        self._position = 0.5

    @property
    def position(self) -> float:
        """Position of the divider, 0 (left) to 1 (right)."""
        return self._position

    def set_position(self, position: float) -> None:
        """Move the divider."""
        self._position = min(max(position, 0.0), 1.0)
        self._update_masks()

    def step(self, steps: int) -> None:
        """Move the divider by some steps, to the right if positive."""
        self.set_position(self._position + steps * _STEP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for canvas in (self.left, self.right):
            canvas.setGeometry(self.rect())
        self._update_masks()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.right.wheelEvent(event)  # reaches this widget from the divider

    def _update_masks(self) -> None:
        x = round(self._position * self.width())
        self.left.setMask(QRegion(0, 0, x, self.height()))
        self.right.setMask(QRegion(x, 0, self.width() - x, self.height()))
        self._divider.setGeometry(QRect(x - _DIVIDER_WIDTH // 2, 0, _DIVIDER_WIDTH, self.height()))
        self._divider.raise_()


class _Divider(QWidget):
    """A line with a handle, visible on any image: light with a dark edge."""

    dragged = Signal(float)

    def __init__(self, parent: Wipe) -> None:
        super().__init__(parent)
        self._wipe = parent
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Divider (Left, Right)"))
        self.setToolTip(tr("Drag to compare"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.dragged.emit(self.mapToParent(event.position()).x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self._wipe.step(steps)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.width() / 2
        painter.fillRect(QRect(round(middle) - 2, 0, 4, self.height()), QColor(0, 0, 0, 120))
        painter.fillRect(QRect(round(middle) - 1, 0, 2, self.height()), theme.VIEWER_TEXT)
        knob = QRect(round(middle) - 11, self.height() // 2 - 11, 22, 22)
        painter.setPen(QColor(0, 0, 0, 160))
        painter.setBrush(theme.VIEWER_TEXT)
        painter.drawEllipse(knob)
        painter.setPen(theme.VIEWER_BACKGROUND)
        painter.drawText(knob, Qt.AlignmentFlag.AlignCenter, "↔")
        if self.hasFocus():
            painter.setPen(self.palette().color(self.palette().ColorRole.Highlight))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(knob.adjusted(-2, -2, 2, 2))
