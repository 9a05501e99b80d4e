"""A ring around the view that has the keyboard focus."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette, QRegion
from PySide6.QtWidgets import QWidget

_WIDTH = 2  # logical pixels
_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class FocusRing(QWidget):
    """Highlights the edges of a view that got the focus by keyboard; focus by mouse needs no ring."""

    def __init__(self, window: QWidget, views: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._by_keyboard = False
        self._target: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        for view in views:
            view.installEventFilter(self)

    @property
    def target(self) -> QWidget | None:
        """The view that the ring is shown around."""
        return self._target if not self.isHidden() else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
            if event.reason() in _KEYBOARD_REASONS:
                self._by_keyboard = True
            elif event.reason() == Qt.FocusReason.MouseFocusReason:
                self._by_keyboard = False
            self._target = watched if self._by_keyboard else None
            self._update_geometry()
        elif kind == QEvent.Type.FocusOut and watched is self._target:
            self._target = None
            self._update_geometry()
        elif kind in (QEvent.Type.Resize, QEvent.Type.Move) and watched is self._target:
            self._update_geometry()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        # Fills everything; the mask leaves only the ring.
        QPainter(self).fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Highlight))

    def _update_geometry(self) -> None:
        if self._target is None:
            self.hide()
            return
        size = self._target.size()
        self.setGeometry(QRect(self._target.mapTo(self.window(), QPoint()), size))
        outer = QRect(QPoint(), size)
        self.setMask(QRegion(outer).subtracted(outer.adjusted(_WIDTH, _WIDTH, -_WIDTH, -_WIDTH)))
        self.show()
        self.raise_()
