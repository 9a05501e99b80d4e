"""What a view says when it has nothing to show, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.gui.base import theme

_GLYPH = 48  # logical pixels
_TEXT_WIDTH = 420


class EmptyState(QWidget):
    """An icon, a headline, a sentence, and buttons for what can be done; `framed` draws a drop zone around it."""

    def __init__(self, parent: QWidget | None = None, *, small: bool = False) -> None:
        super().__init__(parent)
        self._framed = False
        self._glyph = ""
        self.icon = QLabel(self)
        self.title = QLabel(self)
        theme.set_font(self.title, 1.05 if small else 1.6, bold=True)
        self.title.setWordWrap(True)
        self.text = QLabel(self)
        self.text.setObjectName("quiet-text")
        self.text.setWordWrap(True)
        self.text.setMaximumWidth(_TEXT_WIDTH)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addStretch(2)
        for widget in (self.icon, self.title, self.text):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
                widget.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self.icon, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addSpacing(4)
        layout.addWidget(self.title)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.text, 10)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addSpacing(10)
        layout.addLayout(self._buttons)
        layout.addStretch(3)

    def show_message(
        self,
        glyph: str,
        title: str,
        text: str,
        *buttons: tuple[str, Callable[[], object]],
        framed: bool = False,
    ) -> None:
        """Show this; the first button is the one to press."""
        self._glyph, self._framed = glyph, framed
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self._buttons.addStretch(1)
        for number, (label, action) in enumerate(buttons):
            button = QPushButton(label, self)
            if number == 0:
                button.setObjectName("primary")
            button.clicked.connect(lambda _=False, action=action: action())
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self.update_icons()
        self.update()

    def update_icons(self) -> None:
        """Take the icon of the present palette."""
        if self._glyph:
            colour = self.palette().color(QPalette.ColorRole.PlaceholderText)
            self.icon.setPixmap(theme.icon_pixmap(self._glyph, colour, _GLYPH, self.devicePixelRatioF()))

    def sizeHint(self) -> QSize:
        """Room for the sentence in its widest form."""
        return QSize(_TEXT_WIDTH + 40, 260)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dashed outline of a drop zone."""
        super().paintEvent(event)
        if not self._framed:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.palette().color(QPalette.ColorRole.Dark), 1.6, Qt.PenStyle.DashLine)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(self.rect().adjusted(24, 24, -24, -24), 14, 14)
