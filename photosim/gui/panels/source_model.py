"""Qt model of the sidebar: all photos, clusters, duplicates, unreadable files, collections, and the tree of folders."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal

from photosim.files.fspaths import is_inside
from photosim.gui.base import formatting, qt_paths
from photosim.gui.base.translation import tr
from photosim.gui.panels.source_rows import SourceRow, rows_of
from photosim.gui.state.folder_tree import Folder, FolderTree
from photosim.gui.state.places import Overview, Place, View
from photosim.library.collections import Collection

Index = QModelIndex | QPersistentModelIndex


ICONS = (
    "photos",
    "clusters",
    "calendar",
    "map",
    "ungrouped",
    "duplicates",
    "unreadable",
    "collection",
    "kept-search",
    "folder",
    "folder-offline",
    "down",
    "forward",
)
"""Icons of the rows, and of their arrows."""

BATCH_SIZE = 200
"""Subfolders that are added to the model at once; the others follow as the view is scrolled."""


class SourceRole(IntEnum):
    """Roles of a row in addition to those of Qt."""

    PLACE = Qt.ItemDataRole.UserRole + 1
    """The Place that a click opens; None for a heading."""
    COUNT = Qt.ItemDataRole.UserRole + 2
    """The count as text, possibly empty."""
    ICON = Qt.ItemDataRole.UserRole + 3
    ONLINE = Qt.ItemDataRole.UserRole + 4
    SOURCE = Qt.ItemDataRole.UserRole + 5
    """The Source of an added folder's row, else None."""
    CONTENT = Qt.ItemDataRole.UserRole + 6
    """All that is painted, in one call: a RowContent."""


_CONTENT = int(SourceRole.CONTENT)


_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_DROPPABLE = _SELECTABLE | Qt.ItemFlag.ItemIsDropEnabled


class SourceModel(QAbstractItemModel):
    """One row for each place, collection and source, with headings above, and the subfolders of sources below them.

    Photos can be dropped on collections that hold photos.
    """

    rows_fetched = Signal(QModelIndex, int, int)
    """Rows were created below a parent, from a first to a last one. Unlike in `rowsInserted`, more can be fetched."""

    tree_changed = Signal()
    """There may be folders now that there were not before."""

    photos_dropped = Signal(object, object)
    """Photos were dropped on a Collection: it, and the paths of their files (list of str)."""

    def __init__(self, overview: Overview | None = None) -> None:
        super().__init__()
        self._overview = overview or Overview()
        self._tree: FolderTree = {}
        self._is_changing = False
        self._ids = itertools.count(1)
        self._by_id: dict[int, SourceRow] = {}
        self._rows: list[SourceRow] = []
        self._set_rows(rows_of(self._overview))

    @property
    def overview(self) -> Overview:
        """The counts and sources that are shown."""
        return self._overview

    def show(self, overview: Overview) -> None:
        """Replace the counts and sources; the model is reset only if the rows, or the states of sources, differ."""
        rows = rows_of(overview)
        is_same = [row.identity for row in rows] == [row.identity for row in self._rows]
        self._overview = overview
        if is_same:
            for row, new in zip(self._rows, rows, strict=True):
                row.title, row.count, row.detail, row.source = new.title, new.count, new.detail, new.source
                row.place = new.place  # the photos of a kept search may have changed
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 0))
            return
        self._is_changing = True
        self.beginResetModel()
        self._by_id.clear()
        self._set_rows(rows)
        self.endResetModel()
        self._is_changing = False
        self.tree_changed.emit()

    def show_folders(self, tree: FolderTree) -> None:
        """Replace the folders below the sources; rows of folders that stay are kept."""
        self._tree = tree
        self._is_changing = True
        for row in self._rows:
            if row.source is not None:
                self._merge(row, tree.get(row.source.path, ()))
        self._is_changing = False
        self.tree_changed.emit()

    def index_of(self, place: Place) -> QModelIndex | None:
        """Return the row of a place, or of the list that it belongs to; its rows are created if necessary."""
        lists = {View.CLUSTER: View.CLUSTERS, View.HIDDEN: View.CLUSTERS, View.EVENT: View.EVENTS}
        view = lists.get(place.view, place.view)
        for row in self._rows:
            if row.place is None or row.place.view is not view:
                continue
            if row.place.collection is not None:
                if place.collection is not None and place.collection.id == row.place.collection.id:
                    return self._index_of(row)
                continue
            if place.folder is None or row.path == place.folder:
                return self._index_of(row)
            if row.path and is_inside(place.folder, row.path):
                return self._index_of(self._descend(row, place.folder))
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self._rows_below(parent))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008 - Qt's signature
        return 1

    def index(self, row: int, column: int = 0, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        rows = self._rows_below(parent)
        if column != 0 or not 0 <= row < len(rows):
            return QModelIndex()
        return self.createIndex(row, 0, rows[row].id)

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008 - Qt's signature
        row = self._by_id.get(index.internalId()) if index.isValid() else None
        return QModelIndex() if row is None or row.parent is None else self._index_of(row.parent)

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008 - Qt's signature
        row = self._by_id.get(parent.internalId()) if parent.isValid() else None
        return bool(row.folders) if row is not None else not parent.isValid()

    def canFetchMore(self, parent: Index) -> bool:
        row = self._by_id.get(parent.internalId()) if parent.isValid() else None
        # Views try to fetch while they are told of a change, which would be a change within a change.
        return row is not None and len(row.rows) < len(row.folders) and not self._is_changing

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            row = self._by_id[parent.internalId()]
            self._fetch(row, len(row.rows) + BATCH_SIZE)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._by_id[index.internalId()].place is None:
            return Qt.ItemFlag.NoItemFlags
        return _SELECTABLE if self._drop_target(index) is None else _DROPPABLE

    def mimeTypes(self) -> list[str]:
        return [qt_paths.URI_LIST]

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def canDropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,  # noqa: ARG002
        row: int,  # noqa: ARG002
        column: int,  # noqa: ARG002
        parent: Index,
    ) -> bool:
        return data.hasFormat(qt_paths.URI_LIST) and self._drop_target(parent) is not None

    def dropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,  # noqa: ARG002
        row: int,  # noqa: ARG002
        column: int,  # noqa: ARG002
        parent: Index,
    ) -> bool:
        collection = self._drop_target(parent)
        if collection is not None:
            self.photos_dropped.emit(collection, qt_paths.from_mime(data))
        return collection is not None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._by_id.get(index.internalId()) if index.isValid() else None
        if row is None:
            return None
        if role == _CONTENT:
            return row.content()
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.accessible_text
        if role == Qt.ItemDataRole.ToolTipRole and row.detail:
            return formatting.plain_tooltip(row.detail)
        if role == Qt.ItemDataRole.ToolTipRole and row.path:
            path = formatting.display_path(row.path)
            return (
                formatting.plain_tooltip(path)
                if row.online
                else formatting.plain_tooltip(path, tr("This folder is offline."))
            )
        if role == SourceRole.COUNT:
            return "" if row.count is None else formatting.format_number(row.count)
        values = {
            SourceRole.PLACE: row.place,
            SourceRole.ICON: row.icon,
            SourceRole.ONLINE: row.online,
            SourceRole.SOURCE: row.source,
        }
        return values.get(role)  # type: ignore[call-overload]

    def _drop_target(self, index: Index) -> Collection | None:
        """Return the collection of a row that photos can be dropped on."""
        row = self._by_id.get(index.internalId()) if index.isValid() else None
        collection = None if row is None or row.place is None else row.place.collection
        return collection if collection is not None and collection.holds_photos else None

    def _set_rows(self, rows: list[SourceRow]) -> None:
        self._rows = rows
        self._register(rows, 0)
        for row in rows:
            if row.source is not None:
                row.folders = self._tree.get(row.source.path, ())

    def _rows_below(self, parent: Index) -> list[SourceRow]:
        if not parent.isValid():
            return self._rows
        row = self._by_id.get(parent.internalId())
        return [] if row is None else row.rows

    def _index_of(self, row: SourceRow) -> QModelIndex:
        return self.createIndex(row.number, 0, row.id)

    def _register(self, rows: Sequence[SourceRow], first: int) -> None:
        """Give new rows their ids, and all of these their numbers from `first` on."""
        for number, row in enumerate(rows, first):
            row.number = number
            if not row.id:
                # An id is never used again: a stale index finds no row.
                row.id = next(self._ids)
                self._by_id[row.id] = row

    def _descend(self, row: SourceRow, folder: str) -> SourceRow:
        """Return the row of a folder below a row, or of the nearest one above it that has a row."""
        while row.path != folder:
            number = next(
                (number for number, child in enumerate(row.folders) if is_inside(folder, child.path)), None
            )
            if number is None:
                break
            self._fetch(row, number + 1)
            row = row.rows[number]
        return row

    def _fetch(self, row: SourceRow, end: int) -> None:
        """Create the rows of the first `end` folders below a row."""
        first, folders = len(row.rows), row.folders[len(row.rows) : end]
        if not folders:
            return
        self._is_changing = True
        self._insert(row, first, folders)
        self._is_changing = False
        self.rows_fetched.emit(self._index_of(row), first, len(row.rows) - 1)

    def _insert(self, row: SourceRow, first: int, folders: Sequence[Folder]) -> None:
        self.beginInsertRows(self._index_of(row), first, first + len(folders) - 1)
        row.rows[first:first] = [SourceRow.of_folder(folder, row) for folder in folders]
        self._register(row.rows[first:], first)
        self.endInsertRows()

    def _remove(self, row: SourceRow, number: int) -> None:
        self.beginRemoveRows(self._index_of(row), number, number)
        pending = [row.rows.pop(number)]
        while pending:
            gone = pending.pop()
            self._by_id.pop(gone.id)
            pending += gone.rows
        self._register(row.rows[number:], number)
        self.endRemoveRows()

    def _merge(self, row: SourceRow, folders: tuple[Folder, ...]) -> None:
        """Replace the folders below a row: remove and insert the rows that differ, and renew the counts."""
        was_complete = len(row.rows) == len(row.folders)
        by_path = {folder.path: folder for folder in folders}
        for number in reversed(range(len(row.rows))):
            if row.rows[number].path not in by_path:
                self._remove(row, number)
        had_children, row.folders = bool(row.folders), folders
        if row.rows:
            shown = folders[: len(row.rows) + (BATCH_SIZE if was_complete else 0)]
            for number, folder in enumerate(shown):
                if number == len(row.rows) or row.rows[number].path != folder.path:
                    self._insert(row, number, [folder])
            for number in reversed(range(len(shown), len(row.rows))):
                self._remove(row, number)  # fetched again when the view is scrolled there
            for child in row.rows:
                folder = by_path[child.path]
                child.count = folder.photos
                self._merge(child, folder.children)
            self.dataChanged.emit(self._index_of(row.rows[0]), self._index_of(row.rows[-1]))
        if had_children != bool(folders):
            self.dataChanged.emit(self._index_of(row), self._index_of(row))
