"""The page that a view shows when it has no content."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.gui.base import theme

_ICON_SIZE = 48  # logical pixels
_MAX_TEXT_WIDTH = 420  # logical pixels


class EmptyState(QWidget):
    """An icon, a title, a text and buttons."""

    def __init__(self, parent: QWidget | None = None, *, small: bool = False) -> None:
        super().__init__(parent)
        self._icon_name = ""
        self.icon = QLabel(self)
        self.title = QLabel(self)
        theme.set_font(self.title, 1.05 if small else 1.6, bold=True)
        self.title.setWordWrap(True)
        self.text = QLabel(self)
        self.text.setObjectName("quiet-text")
        self.text.setWordWrap(True)
        self.text.setMaximumWidth(_MAX_TEXT_WIDTH)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addStretch(2)
        for label in (self.icon, self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setTextFormat(Qt.TextFormat.PlainText)
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
        icon_name: str,
        title: str,
        text: str,
        *buttons: tuple[str, Callable[[], object]],
    ) -> None:
        """Replace the content; `buttons` are labels with callbacks, the primary one first."""
        self._icon_name = icon_name
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self._buttons.addStretch(1)
        for number, (label, callback) in enumerate(buttons):
            button = QPushButton(label, self)
            if number == 0:
                button.setObjectName("primary")
            button.clicked.connect(lambda _=False, callback=callback: callback())
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._update_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_icon()

    def sizeHint(self) -> QSize:
        return QSize(_MAX_TEXT_WIDTH + 40, 260)

    def _update_icon(self) -> None:
        if self._icon_name:
            color = self.palette().color(QPalette.ColorRole.PlaceholderText)
            pixmap = theme.icon_pixmap(self._icon_name, color, _ICON_SIZE, self.devicePixelRatioF())
            self.icon.setPixmap(pixmap)
