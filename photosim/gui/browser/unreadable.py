"""The files that could not be read, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.records import UnreadableFile

Index = QModelIndex | QPersistentModelIndex

FILE, REASON, FOLDER = range(3)


class UnreadableModel(QAbstractTableModel):
    """One row for each unreadable file: its name, why, and where it lies."""

    def __init__(self) -> None:
        super().__init__()
        self._files: Sequence[UnreadableFile] = ()

    def set_files(self, files: Sequence[UnreadableFile]) -> None:
        """Show other files; the same ones leave the table as it is."""
        if list(files) == list(self._files):
            return
        self.beginResetModel()
        self._files = files
        self.endResetModel()

    def path(self, row: int) -> str:
        """The file in a row."""
        return self._files[row].path

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many files there are."""
        return 0 if parent.isValid() else len(self._files)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """File, reason, folder."""
        return 0 if parent.isValid() else 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value of a role of one cell."""
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
        """The columns' names."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("File"), tr("Why it could not be read"), tr("Folder"))[section]
        return None


class UnreadableTable(QTreeView):
    """The table over an UnreadableModel."""

    menu_requested = Signal(str, QPoint)
    """The person asked for the menu of a file, at a point of the screen."""

    def __init__(self, model: UnreadableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(tr("Unreadable files"))
        self.setIndentation(16)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column in (REASON, FOLDER):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(FILE, 190)
        model.setParent(self)

    def _ask_menu(self, point: QPoint) -> None:
        index = self.indexAt(point)
        if index.isValid():
            model = self.model()
            assert isinstance(model, UnreadableModel)
            self.menu_requested.emit(model.path(index.row()), self.viewport().mapToGlobal(point))
