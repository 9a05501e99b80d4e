"""A page of the settings: a title, and rows of a name, a control and a word about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from photosim.gui.base import theme


class SettingsPage(QWidget):
    """Add rows from the top; the room below them stays free."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel(self.heading(), self)
        theme.set_font(heading, 1.3, bold=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 12)
        self.column.setSpacing(16)
        self.column.addWidget(heading)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(18)
        self.column.addLayout(self._rows)

    @classmethod
    def heading(cls) -> str:
        """Its name in the list of pages."""
        raise NotImplementedError

    def add_row(self, name: str, control: QWidget, note: str = "") -> None:
        """A name with its control at the right and, under it, what it means."""
        label = QLabel(name, self)
        label.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(name)
        control.setAccessibleDescription(note)
        line = QHBoxLayout()
        line.setSpacing(16)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(label)
        if note:
            quiet = QLabel(note, self)
            quiet.setObjectName("quiet-text")
            quiet.setTextFormat(Qt.TextFormat.PlainText)
            quiet.setWordWrap(True)
            text.addWidget(quiet)
        line.addLayout(text, 1)
        line.addWidget(control, alignment=Qt.AlignmentFlag.AlignTop)
        self._rows.addLayout(line)
