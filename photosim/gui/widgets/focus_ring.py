"""A ring around the list that has the keyboard: a list says by its tiles what is chosen, not where the keys go."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette, QRegion
from PySide6.QtWidgets import QWidget

_WIDTH = 2  # logical pixels
_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class FocusRing(QWidget):
    """Lies over the edges of a list while the keyboard came to it by keys; the mouse needs no ring."""

    def __init__(self, window: QWidget, lists: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._by_keys = False
        self._around: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        for one in lists:
            one.installEventFilter(self)

    @property
    def target(self) -> QWidget | None:
        """The list that it is shown around."""
        return self._around if not self.isHidden() else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the keyboard and the list."""
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
            if event.reason() in _BY_KEYS:
                self._by_keys = True
            elif event.reason() == Qt.FocusReason.MouseFocusReason:
                self._by_keys = False
            self._around = watched if self._by_keys else None
            self._place()
        elif kind == QEvent.Type.FocusOut and watched is self._around:
            self._around = None
            self._place()
        elif kind in (QEvent.Type.Resize, QEvent.Type.Move) and watched is self._around:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The mask makes a ring of it."""
        QPainter(self).fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Highlight))

    def _place(self) -> None:
        if self._around is None:
            self.hide()
            return
        size = self._around.size()
        self.setGeometry(QRect(self._around.mapTo(self.window(), QPoint()), size))
        whole = QRect(QPoint(), size)
        self.setMask(QRegion(whole).subtracted(whole.adjusted(_WIDTH, _WIDTH, -_WIDTH, -_WIDTH)))
        self.show()
        self.raise_()
