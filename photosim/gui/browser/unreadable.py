"""The table of the files that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.records import UnreadableFile

Index = QModelIndex | QPersistentModelIndex

NAME_COLUMN, REASON_COLUMN, FOLDER_COLUMN = range(3)
_NAME_WIDTH = 190  # logical pixels


class UnreadableModel(QAbstractTableModel):
    """A row for each unreadable file, with its name, the reason and its folder."""

    def __init__(self) -> None:
        super().__init__()
        self._files: Sequence[UnreadableFile] = ()

    def set_files(self, files: Sequence[UnreadableFile]) -> None:
        """Show these files; the same ones leave the selection as it is."""
        if list(files) == list(self._files):
            return
        self.beginResetModel()
        self._files = files
        self.endResetModel()

    def path(self, row: int) -> str:
        """The path of the file in a row."""
        return self._files[row].path

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._files)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        file = self._files[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            texts = (formatting.display_name(file.path), file.reason, formatting.display_folder(file.path))
            return texts[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return formatting.plain_tooltip(formatting.display_path(file.path), file.reason)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("File"), tr("Reason"), tr("Folder"))[section]
        return None


class UnreadableTable(QTreeView):
    """The view of an UnreadableModel."""

    menu_requested = Signal(object, QPoint)
    """The user requested the context menu of the file at this path (str), at a global position."""

    def __init__(self, model: UnreadableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(tr("Unreadable files"))
        self.setIndentation(16)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._request_menu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column in (REASON_COLUMN, FOLDER_COLUMN):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(NAME_COLUMN, _NAME_WIDTH)
        model.setParent(self)

    def _request_menu(self, point: QPoint) -> None:
        index = self.indexAt(point)
        if index.isValid():
            path = self._model.path(index.row())
            self.menu_requested.emit(path, self.viewport().mapToGlobal(point))
