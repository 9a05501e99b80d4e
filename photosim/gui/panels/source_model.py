"""The side list as a Qt model: the whole library, its clusters, what was unreadable, and each added folder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.places import Overview, Place, View
from photosim.records import Source

Index = QModelIndex | QPersistentModelIndex


GLYPHS = ("photos", "clusters", "loose", "unreadable", "folder", "folder-away")
"""The icons of the lines."""


class SourceRole(IntEnum):
    """What a line of the side list knows, beside Qt's own roles."""

    PLACE = Qt.ItemDataRole.UserRole + 1
    """Where a click leads, or None for a heading."""
    COUNT = Qt.ItemDataRole.UserRole + 2
    """The number at the right as text, possibly empty."""
    GLYPH = Qt.ItemDataRole.UserRole + 3
    ONLINE = Qt.ItemDataRole.UserRole + 4
    SOURCE = Qt.ItemDataRole.UserRole + 5
    """The Source of a folder's line, else None."""
    SHOWN = Qt.ItemDataRole.UserRole + 6
    """What is painted, in one answer: a Shown."""


_SHOWN = int(SourceRole.SHOWN)


_CHOSEN_BY_CLICK = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class Shown(NamedTuple):
    """What stands in a line: icon, name, the number or word at the right, and whether it is there; or a heading."""

    title: str
    glyph: str
    beside: str
    online: bool
    is_heading: bool


@dataclass(frozen=True, slots=True)
class _Line:
    title: str
    glyph: str = ""
    count: int | None = None
    place: Place | None = None
    source: Source | None = None

    def shown(self) -> Shown:
        """How it is painted."""
        online = self.source is None or self.source.online
        count = "" if self.count is None else formatting.format_number(self.count)
        return Shown(
            self.title, self.glyph, count if online else tr("offline"), online, is_heading=self.place is None
        )


class SourceModel(QAbstractListModel):
    """One row for each line of the side list."""

    def __init__(self, overview: Overview | None = None) -> None:
        super().__init__()
        self._overview = overview or Overview()
        self._lines = _lines(self._overview)
        self._shown = [line.shown() for line in self._lines]

    @property
    def overview(self) -> Overview:
        """What is shown."""
        return self._overview

    def show(self, overview: Overview) -> None:
        """Show other numbers or folders; the rows stay when the folders do."""
        lines = _lines(overview)
        same = [line.place for line in lines] == [line.place for line in self._lines]
        self._overview = overview
        if same:
            self._lines, self._shown = lines, [line.shown() for line in lines]
            self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self._lines, self._shown = lines, [line.shown() for line in lines]
        self.endResetModel()

    def row_of(self, place: Place) -> int | None:
        """The row that leads to a place, or to the list that it was opened from."""
        view = View.CLUSTERS if place.view in (View.CLUSTER, View.HIDDEN) else place.view
        for row, line in enumerate(self._lines):
            if line.place is not None and (line.place.view, line.place.folder) == (view, place.folder):
                return row
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many lines there are."""
        return 0 if parent.isValid() else len(self._lines)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not index.isValid() or self._lines[index.row()].place is None:
            return Qt.ItemFlag.NoItemFlags
        return _CHOSEN_BY_CLICK

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value of a role of one line."""
        if not index.isValid():
            return None
        if role == _SHOWN:
            return self._shown[index.row()]
        line = self._lines[index.row()]
        online = line.source is None or line.source.online
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(line)
        if role == Qt.ItemDataRole.ToolTipRole and line.source is not None:
            path = formatting.display_path(line.source.path)
            return (
                formatting.plain_tooltip(path)
                if online
                else formatting.plain_tooltip(path, tr("This folder is not there just now."))
            )
        if role == SourceRole.COUNT:
            return "" if line.count is None else formatting.format_number(line.count)
        values = {
            SourceRole.PLACE: line.place,
            SourceRole.GLYPH: line.glyph,
            SourceRole.ONLINE: online,
            SourceRole.SOURCE: line.source,
        }
        return values.get(role)  # type: ignore[call-overload]


def _lines(overview: Overview) -> list[_Line]:
    lines = [
        _Line(tr("All photos"), "photos", overview.photos, Place(View.ALL)),
        _Line(tr("Clusters"), "clusters", overview.clusters, Place(View.CLUSTERS)),
        _Line(tr("In no cluster"), "loose", overview.ungrouped, Place(View.UNGROUPED)),
        _Line(tr("Unreadable"), "unreadable", overview.unreadable, Place(View.UNREADABLE)),
    ]
    if overview.sources:
        lines.append(_Line(tr("Folders")))
    for source in overview.sources:
        glyph = "folder" if source.online else "folder-away"
        place = Place(View.FOLDER, folder=source.path)
        lines.append(_Line(formatting.display_name(source.path), glyph, source.photos, place, source))
    return lines


def _spoken(line: _Line) -> str:
    parts = [line.title]
    if line.count is not None:
        parts.append(formatting.format_number(line.count))
    if line.source is not None and not line.source.online:
        parts.append(tr("offline"))
    return ", ".join(parts)
