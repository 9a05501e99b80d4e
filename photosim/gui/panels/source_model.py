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


ICONS = ("photos", "clusters", "loose", "unreadable", "folder", "folder-away")
"""The icons of the lines."""


class SourceRole(IntEnum):
    """What a line of the side list knows, beside Qt's own roles."""

    PLACE = Qt.ItemDataRole.UserRole + 1
    """Where a click leads, or None for a heading."""
    COUNT = Qt.ItemDataRole.UserRole + 2
    """The number at the right as text, possibly empty."""
    ICON = Qt.ItemDataRole.UserRole + 3
    ONLINE = Qt.ItemDataRole.UserRole + 4
    SOURCE = Qt.ItemDataRole.UserRole + 5
    """The Source of a folder's line, else None."""
    CONTENT = Qt.ItemDataRole.UserRole + 6
    """What is painted, in one answer: a Shown."""


_CONTENT = int(SourceRole.CONTENT)


_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class RowContent(NamedTuple):
    """What stands in a line: icon, name, the number or word at the right, and whether it is there; or a heading."""

    title: str
    icon: str
    note: str
    online: bool
    is_heading: bool


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    icon: str = ""
    count: int | None = None
    place: Place | None = None
    source: Source | None = None

    def content(self) -> RowContent:
        """How it is painted."""
        online = self.source is None or self.source.online
        count = "" if self.count is None else formatting.format_number(self.count)
        return RowContent(
            self.title, self.icon, count if online else tr("offline"), online, is_heading=self.place is None
        )


class SourceModel(QAbstractListModel):
    """One row for each line of the side list."""

    def __init__(self, overview: Overview | None = None) -> None:
        super().__init__()
        self._overview = overview or Overview()
        self._rows = _rows_of(self._overview)
        self._contents = [line.content() for line in self._rows]

    @property
    def overview(self) -> Overview:
        """What is shown."""
        return self._overview

    def show(self, overview: Overview) -> None:
        """Show other numbers or folders; the rows stay when the folders do."""
        lines = _rows_of(overview)
        same = [line.place for line in lines] == [line.place for line in self._rows]
        self._overview = overview
        if same:
            self._rows, self._contents = lines, [line.content() for line in lines]
            self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self._rows, self._contents = lines, [line.content() for line in lines]
        self.endResetModel()

    def row_of(self, place: Place) -> int | None:
        """The row that leads to a place, or to the list that it was opened from."""
        view = View.CLUSTERS if place.view in (View.CLUSTER, View.HIDDEN) else place.view
        for row, line in enumerate(self._rows):
            if line.place is not None and (line.place.view, line.place.folder) == (view, place.folder):
                return row
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many lines there are."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not index.isValid() or self._rows[index.row()].place is None:
            return Qt.ItemFlag.NoItemFlags
        return _SELECTABLE

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value of a role of one line."""
        if not index.isValid():
            return None
        if role == _CONTENT:
            return self._contents[index.row()]
        line = self._rows[index.row()]
        online = line.source is None or line.source.online
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _accessible_text(line)
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
            SourceRole.ICON: line.icon,
            SourceRole.ONLINE: online,
            SourceRole.SOURCE: line.source,
        }
        return values.get(role)  # type: ignore[call-overload]


def _rows_of(overview: Overview) -> list[_Row]:
    lines = [
        _Row(tr("All photos"), "photos", overview.photos, Place(View.ALL)),
        _Row(tr("Clusters"), "clusters", overview.clusters, Place(View.CLUSTERS)),
        _Row(tr("In no cluster"), "loose", overview.ungrouped, Place(View.UNGROUPED)),
        _Row(tr("Unreadable"), "unreadable", overview.unreadable, Place(View.UNREADABLE)),
    ]
    if overview.sources:
        lines.append(_Row(tr("Folders")))
    for source in overview.sources:
        glyph = "folder" if source.online else "folder-away"
        place = Place(View.FOLDER, folder=source.path)
        lines.append(_Row(formatting.display_name(source.path), glyph, source.photos, place, source))
    return lines


def _accessible_text(line: _Row) -> str:
    parts = [line.title]
    if line.count is not None:
        parts.append(formatting.format_number(line.count))
    if line.source is not None and not line.source.online:
        parts.append(tr("offline"))
    return ", ".join(parts)
