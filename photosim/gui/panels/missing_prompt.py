"""A quiet question under the folders, about photos that are gone: shall they be forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
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
        self.remove_button = self._button(tr("Forget them"), self.remove_requested)
        self.remove_button.setToolTip(tr("You deleted these photos: they leave the library."))
        self.keep_button = self._button(tr("Keep them"), self.keep_requested)
        self.keep_button.setToolTip(tr("They stay in the library, marked as missing, until they are back."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 9, 10, 9)
        layout.setSpacing(6)
        layout.addWidget(self.text)
        layout.addWidget(self.keep_button)
        layout.addWidget(self.remove_button)
        self.hide()

    @property
    def source(self) -> Source | None:
        """The folder that is asked about."""
        return self._source

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Ask about the first of these folders that is there and lost many photos; about none, hide."""
        asked = [source for source in sources if source.missing and source.online]
        self._source = asked[0] if asked else None
        if self._source is not None:
            self.text.setText(_question(self._source))
            self.text.setToolTip(formatting.plain_tooltip(formatting.display_path(self._source.path)))
        self.setVisible(self._source is not None)

    def set_answerable(self, enabled: bool) -> None:
        """Whether an answer can be taken now: not while an indexing writes."""
        self.remove_button.setEnabled(enabled)
        self.keep_button.setEnabled(enabled)

    def _button(self, text: str, signal: object) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(lambda: signal.emit(self._source))  # type: ignore[attr-defined]
        return button


def _question(source: Source) -> str:
    name = formatting.display_name(source.path)
    if source.missing == source.photos:
        return tr("All {photos} of “{name}” are gone.").format(
            photos=formatting.count_photos(source.photos), name=name
        )
    text = tr("{missing} of {photos} of “{name}” are gone.")
    if source.missing == 1:
        text = tr("{missing} of {photos} of “{name}” is gone.")
    return text.format(
        missing=formatting.format_number(source.missing),
        photos=formatting.count_photos(source.photos),
        name=name,
    )
