"""Naming a cluster: in its place in the grid, or in a small dialog where the cluster is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QRect
from PySide6.QtWidgets import QInputDialog, QLineEdit, QStyleOptionViewItem, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.browser.cluster_delegate import ClusterDelegate
from photosim.gui.grid.tile_model import Index, Role
from photosim.library.cluster_edits import MAX_NAME
from photosim.records import Cluster


class RenameDelegate(ClusterDelegate):
    """A cluster's tile whose caption can be typed over."""

    def __init__(self, name: Callable[[Cluster, str], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002
        """A line to type the name into."""
        editor = QLineEdit(parent)
        editor.setObjectName("in-place")
        editor.setMaxLength(MAX_NAME)
        editor.setAccessibleName(tr("Name of the cluster"))
        editor.setPlaceholderText(", ".join(index.data(Role.CLUSTER).labels) or tr("Name"))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Start from the name that the person gave."""
        if isinstance(editor, QLineEdit):
            editor.setText(index.data(Role.CLUSTER).name or "")
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: ARG002
        """Tell the new name, if it is one."""
        cluster = index.data(Role.CLUSTER)
        if isinstance(editor, QLineEdit) and editor.text().strip() != (cluster.name or ""):
            self._name(cluster, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        """Lay the line over the caption."""
        line = self.caption_rect(option.rect)
        height = editor.sizeHint().height()
        editor.setGeometry(QRect(line.left() - 2, line.center().y() - height // 2, line.width() + 4, height))


def ask_name(window: QWidget, cluster: Cluster, name: Callable[[Cluster, str], object]) -> QInputDialog:
    """Ask for the name of an open cluster."""
    dialog = QInputDialog(window)
    dialog.setWindowTitle(tr("Rename cluster"))
    dialog.setLabelText(tr("Name of the cluster:"))
    dialog.setTextValue(cluster.name or "")
    dialog.textValueSelected.connect(lambda text: name(cluster, text))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
