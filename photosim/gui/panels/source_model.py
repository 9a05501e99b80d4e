"""Qt model of the sidebar: all photos, clusters, ungrouped photos, unreadable files and the folders."""

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


ICONS = ("photos", "clusters", "ungrouped", "unreadable", "folder", "folder-offline")
"""Icons of the rows."""


class SourceRole(IntEnum):
    """Roles of a row in addition to those of Qt."""

    PLACE = Qt.ItemDataRole.UserRole + 1
    """The Place that a click opens; None for a heading."""
    COUNT = Qt.ItemDataRole.UserRole + 2
    """The count as text, possibly empty."""
    ICON = Qt.ItemDataRole.UserRole + 3
    ONLINE = Qt.ItemDataRole.UserRole + 4
    SOURCE = Qt.ItemDataRole.UserRole + 5
    """The Source of a folder's row, else None."""
    CONTENT = Qt.ItemDataRole.UserRole + 6
    """All that is painted, in one call: a RowContent."""


_CONTENT = int(SourceRole.CONTENT)


_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class RowContent(NamedTuple):
    """What is painted in a row; `note` is the count or state at the right."""

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
        online = self.source is None or self.source.online
        count = "" if self.count is None else formatting.format_number(self.count)
        return RowContent(
            self.title, self.icon, count if online else tr("offline"), online, is_heading=self.place is None
        )


class SourceModel(QAbstractListModel):
    """One row for each place and folder, with a heading above the folders."""

    def __init__(self, overview: Overview | None = None) -> None:
        super().__init__()
        self._overview = overview or Overview()
        self._rows = _rows_of(self._overview)
        self._contents = [row.content() for row in self._rows]

    @property
    def overview(self) -> Overview:
        """The counts and folders that are shown."""
        return self._overview

    def show(self, overview: Overview) -> None:
        """Replace the counts and folders; the model is reset only if the folders differ."""
        rows = _rows_of(overview)
        has_same_places = [row.place for row in rows] == [row.place for row in self._rows]
        self._overview = overview
        if has_same_places:
            self._rows, self._contents = rows, [row.content() for row in rows]
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows, self._contents = rows, [row.content() for row in rows]
        self.endResetModel()

    def row_of(self, place: Place) -> int | None:
        """Return the row of a place, or of the list that it belongs to."""
        view = View.CLUSTERS if place.view in (View.CLUSTER, View.HIDDEN) else place.view
        for number, row in enumerate(self._rows):
            if row.place is not None and (row.place.view, row.place.folder) == (view, place.folder):
                return number
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._rows[index.row()].place is None:
            return Qt.ItemFlag.NoItemFlags
        return _SELECTABLE

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == _CONTENT:
            return self._contents[index.row()]
        row = self._rows[index.row()]
        online = row.source is None or row.source.online
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _accessible_text(row)
        if role == Qt.ItemDataRole.ToolTipRole and row.source is not None:
            path = formatting.display_path(row.source.path)
            return (
                formatting.plain_tooltip(path)
                if online
                else formatting.plain_tooltip(path, tr("This folder is offline."))
            )
        if role == SourceRole.COUNT:
            return "" if row.count is None else formatting.format_number(row.count)
        values = {
            SourceRole.PLACE: row.place,
            SourceRole.ICON: row.icon,
            SourceRole.ONLINE: online,
            SourceRole.SOURCE: row.source,
        }
        return values.get(role)  # type: ignore[call-overload]


def _rows_of(overview: Overview) -> list[_Row]:
    rows = [
        _Row(tr("All photos"), "photos", overview.photos, Place(View.ALL)),
        _Row(tr("Clusters"), "clusters", overview.clusters, Place(View.CLUSTERS)),
        _Row(tr("Ungrouped"), "ungrouped", overview.ungrouped, Place(View.UNGROUPED)),
        _Row(tr("Unreadable"), "unreadable", overview.unreadable, Place(View.UNREADABLE)),
    ]
    if overview.sources:
        rows.append(_Row(tr("Folders")))
    for source in overview.sources:
        icon = "folder" if source.online else "folder-offline"
        place = Place(View.FOLDER, folder=source.path)
        rows.append(_Row(formatting.display_name(source.path), icon, source.photos, place, source))
    return rows


def _accessible_text(row: _Row) -> str:
    parts = [row.title]
    if row.count is not None:
        parts.append(formatting.format_number(row.count))
    if row.source is not None and not row.source.online:
        parts.append(tr("offline"))
    return ", ".join(parts)
