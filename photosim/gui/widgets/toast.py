"""A short message at the bottom of the window that disappears by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QLabel, QWidget

_TIMEOUT_MS = 6000
_MARGIN = 28  # logical pixels to the edges of the window
_MAX_WIDTH = 520  # logical pixels
_WIDTH_STEP = 8  # logical pixels


class Toast(QLabel):
    """A message over the window; a click dismisses it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._bottom_widget: QWidget | None = None
        self.setObjectName("toast")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._hide_timer = QTimer(self, interval=_TIMEOUT_MS, singleShot=True)
        self._hide_timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def stay_above(self, bottom_widget: QWidget) -> None:
        """Never cover this widget, which is at the bottom of the window."""
        self._bottom_widget = bottom_widget

    def show_message(self, text: str) -> None:
        """Show a message, and announce it to screen readers."""
        self.setText(text)
        self.setAccessibleName(text)
        self._update_geometry()
        self.show()
        self.raise_()
        self._hide_timer.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def mousePressEvent(self, event: object) -> None:  # noqa: ARG002
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._update_geometry()
        return False

    def _update_geometry(self) -> None:
        max_width = min(self._window.width() - 2 * _MARGIN, _MAX_WIDTH)
        width = min(self.fontMetrics().horizontalAdvance(self.text()) + 40, max_width)
        height = self.heightForWidth(width)
        # The narrowest width with as many lines: otherwise the last line may hold a single word.
        while self.heightForWidth(width - _WIDTH_STEP) == height and width > max_width // 2:
            width -= _WIDTH_STEP
        size = QSize(width, height)
        self.resize(size)
        bottom = self._bottom_widget.height() if self._bottom_widget is not None else 0
        y = self._window.height() - size.height() - bottom - _MARGIN
        self.move((self._window.width() - width) // 2, y)
