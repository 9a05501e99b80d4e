"""What is known of a photo, in lines that can be selected and copied."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.state.places import Query, image_name
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.records import Photo


class PhotoFactsView(QWidget):
    """The name, and under it folder, date, camera, lens, exposure, RAW file, size and dimensions as far as they are known.

    What the photo shows comes later, from whoever listens to `shown`.
    """

    query_changed = Signal(object)
    """Another Query is shown, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel(self)
        theme.set_font(self.name, 1.05, bold=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self.rows: dict[str, tuple[QLabel, ElidedLabel]] = {}
        for row, (key, title) in enumerate(
            (
                ("folder", tr("Folder")),
                ("taken", tr("Taken")),
                ("camera", tr("Camera")),
                ("lens", tr("Lens")),
                ("exposure", tr("Exposure")),
                ("raw", tr("RAW file")),
                ("dimensions", tr("Dimensions")),
                ("size", tr("Size")),
                ("labels", tr("Shows")),
            )
        ):
            label, value = QLabel(title, self), ElidedLabel(self)
            label.setObjectName("quiet-text")
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(value, row, 1)
            self.rows[key] = (label, value)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 8)
        layout.setSpacing(6)
        layout.addWidget(self.name)
        layout.addLayout(self._grid)
        layout.addStretch(1)  # the name stays close to the facts

    def show_query(self, query: Query | None) -> None:
        """Show the facts of a photo, or of an image file outside the library."""
        self.name.set_text("" if query is None else image_name(replace(query.images[0], region=None)))
        facts = {} if query is None else _facts(query)
        for key in self.rows:
            if key != "labels":  # they stay until those of this photo are known: the panel must not jump
                self._show(key, facts.get(key, ""))
        self.query_changed.emit(query)

    def show_labels(self, text: str) -> None:
        """Show what the photo shows."""
        self._show("labels", text)

    def value(self, key: str) -> str:
        """One of the shown facts, or nothing."""
        return self.rows[key][1].text()

    def _show(self, key: str, text: str) -> None:
        label, value = self.rows[key]
        value.set_text(text)
        if label.isHidden() == bool(text):
            label.setVisible(bool(text))
            value.setVisible(bool(text))


def _facts(query: Query) -> dict[str, str]:
    pasted = query.images[0].pasted
    facts = {} if pasted else {"folder": formatting.display_folder(query.path)}
    photo = query.photo
    if photo is None:
        return facts
    facts["taken"] = formatting.format_timestamp(photo.facts.taken_at) if photo.facts.taken_at else ""
    facts["camera"] = photo.facts.camera or ""
    facts["lens"] = photo.facts.lens or ""
    facts["exposure"] = formatting.format_exposure(photo.facts)
    facts["raw"] = ", ".join(formatting.display_name(raw_file) for raw_file in photo.raw_files)
    facts["dimensions"] = formatting.format_dimensions(photo.facts.width, photo.facts.height)
    facts["size"] = _size(photo)
    return facts


def _size(photo: Photo) -> str:
    return (
        f"{formatting.format_size(photo.size)} · {photo.facts.format}"
        if photo.facts.format
        else formatting.format_size(photo.size)
    )
