"""A sentence at the foot of the window that goes away by itself: for what is worth saying and no dialog."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QLabel, QWidget

_SHOWN_MS = 6000
_MARGIN = 28  # logical pixels between the sentence and the edges of the window
_WIDEST = 520
_STEP = 8


class Toast(QLabel):
    """Lies over the window while it is shown; a click takes it away."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._foot: QWidget | None = None
        self.setObjectName("notice")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._end = QTimer(self, interval=_SHOWN_MS, singleShot=True)
        self._end.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def stay_above(self, foot: QWidget) -> None:
        """Leave what stands at the foot of the window in sight."""
        self._foot = foot

    def show_message(self, text: str) -> None:
        """Show a sentence."""
        self.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        self._end.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def mousePressEvent(self, event: object) -> None:  # noqa: ARG002 - any click will do
        """The person has read it."""
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the foot of the window whatever size it takes."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        room = min(self._window.width() - 2 * _MARGIN, _WIDEST)
        width = min(self.fontMetrics().horizontalAdvance(self.text()) + 40, room)
        height = self.heightForWidth(width)
        while self.heightForWidth(width - _STEP) == height and width > room // 2:
            width -= _STEP  # lines of about one length, and no word alone in the last
        size = QSize(width, height)
        self.resize(size)
        foot = self._foot.height() if self._foot is not None else 0
        below = self._window.height() - size.height() - foot - _MARGIN
        self.move((self._window.width() - width) // 2, below)
