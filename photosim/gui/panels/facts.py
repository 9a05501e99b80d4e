"""Name and facts of the selected photo, in the details panel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.state.photo_facts import Fact, fact_title, photo_facts
from photosim.gui.state.places import Query, image_name
from photosim.gui.widgets.elided_label import ElidedLabel

_FACTS = (
    Fact.FOLDER,
    Fact.TAKEN,
    Fact.CAMERA,
    Fact.LENS,
    Fact.EXPOSURE,
    Fact.RAW_FILE,
    Fact.DIMENSIONS,
    Fact.SIZE,
    Fact.LABELS,
)

_SIZING_EVENTS = (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.LayoutRequest)


class PhotoFactsView(QWidget):
    """The name of a photo and a row for each known fact.

    Labels are loaded later: whoever listens to `query_changed` passes them to `show_labels`.
    """

    query_changed = Signal(object)
    """The Query that is shown, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel(self)
        theme.set_font(self.name, 1.05, bold=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        self.rows: dict[str, tuple[QLabel, ElidedLabel]] = {}
        for row, fact in enumerate(_FACTS):
            title, value = QLabel(fact_title(fact), self), ElidedLabel(self)
            title.setObjectName("quiet-text")
            grid.addWidget(title, row, 0)
            grid.addWidget(value, row, 1)
            self.rows[fact] = (title, value)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 8)
        layout.setSpacing(6)
        layout.addWidget(self.name)
        layout.addLayout(grid)
        layout.addStretch(1)

    def show_query(self, query: Query | None) -> None:
        """Show the facts of a photo, or of an image file outside the library."""
        self.name.set_text("" if query is None else image_name(query.images[0].whole()))
        facts = {} if query is None else _query_facts(query)
        for fact in _FACTS:
            if fact is not Fact.LABELS:  # replaced when the new ones are loaded, so that the rows do not jump
                self._show_value(fact, facts.get(fact, ""))
        self.query_changed.emit(query)

    def show_labels(self, text: str) -> None:
        """Show the labels of the photo."""
        self._show_value(Fact.LABELS, text)

    def value(self, fact: str) -> str:
        """Return the text of a fact, empty if it is not shown."""
        return self.rows[fact][1].text()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        layout = self.layout()
        if event.type() in _SIZING_EVENTS and layout is not None and layout.geometry() != self.rect():
            # In a scroll area the layout may keep the height from before rows were shown, and squeezes them into it.
            layout.setGeometry(self.rect())
        return handled

    def _show_value(self, fact: Fact, text: str) -> None:
        title, value = self.rows[fact]
        value.set_text(text)
        if title.isHidden() == bool(text):
            title.setVisible(bool(text))
            value.setVisible(bool(text))


def _query_facts(query: Query) -> dict[Fact, str]:
    if query.photo is None:
        is_pasted = query.images[0].pasted
        return {} if is_pasted else {Fact.FOLDER: formatting.display_folder(query.path)}
    facts = photo_facts(query.photo)
    facts[Fact.SIZE] = " · ".join(text for text in (facts[Fact.SIZE], facts[Fact.FORMAT]) if text)
    return facts
