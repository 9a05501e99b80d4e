"""The settings' first page: where the library lies, and the choices that concern all of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPushButton, QWidget

from photosim.gui import words
from photosim.gui.commands import Commands
from photosim.gui.settings_page import SettingsPage


class GeneralPage(SettingsPage):
    """A row for each choice."""

    def __init__(self, library: Path, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        show = QPushButton(self.tr("Show in folder"), self)
        show.clicked.connect(lambda: commands.show_in_folder(str(library)))
        self.add_row(self.tr("Library"), show, words.path(str(library)))
        self.column.addStretch(1)

    @property
    def title(self) -> str:
        """Its name in the list of pages."""
        return self.tr("General")
