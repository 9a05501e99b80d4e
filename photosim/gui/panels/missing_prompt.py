"""Prompt under the folders that asks whether missing photos are to be removed from the library."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.records import Source


class MissingPrompt(QFrame):
    """Asks about one folder at a time; hidden while there is nothing to ask."""

    remove_requested = Signal(Source)
    keep_requested = Signal(Source)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self._source: Source | None = None
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.remove_button = self._button(tr("Remove from library"), self.remove_requested)
        self.remove_button.setToolTip(tr("Choose this if you deleted these photos."))
        self.keep_button = self._button(tr("Keep in library"), self.keep_requested)
        self.keep_button.setToolTip(tr("They stay in the library, marked as missing, until they are found."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 9, 10, 9)
        layout.setSpacing(6)
        layout.addWidget(self.text)
        layout.addWidget(self.keep_button)
        layout.addWidget(self.remove_button)
        self.hide()

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Ask about the first online folder with missing photos; hide if there is none."""
        with_missing = (source for source in sources if source.missing and source.online)
        self._source = next(with_missing, None)
        if self._source is not None:
            self.text.setText(_question(self._source))
            self.text.setToolTip(formatting.plain_tooltip(formatting.display_path(self._source.path)))
        self.setVisible(self._source is not None)

    def set_answerable(self, enabled: bool) -> None:
        """Enable the buttons, or disable them while the library cannot be written."""
        self.remove_button.setEnabled(enabled)
        self.keep_button.setEnabled(enabled)

    def _button(self, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(lambda: signal.emit(self._source))
        return button


def _question(source: Source) -> str:
    name = formatting.display_name(source.path)
    if source.missing == source.photos:
        text = tr("%Ln photo(s) in “{name}” can't be found.", "", source.missing)
        return text.format(name=name)
    text = tr("%Ln of {photos} in “{name}” can't be found.", "", source.missing)
    return text.format(photos=formatting.count_photos(source.photos), name=name)
