"""Renaming a cluster: inline in the grid, or in a dialog where the cluster is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QRect
from PySide6.QtWidgets import QInputDialog, QLineEdit, QStyleOptionViewItem, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.browser.cluster_delegate import ClusterDelegate
from photosim.gui.grid.tile_model import Index, Role
from photosim.library.clusters.edits import MAX_NAME
from photosim.records import Cluster

RenameCallback = Callable[[Cluster, str], object]


class RenameDelegate(ClusterDelegate):
    """A ClusterDelegate with an editor for the caption, which passes the new name to a callback."""

    def __init__(self, rename: RenameCallback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rename = rename

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002
        editor = QLineEdit(parent)
        editor.setObjectName("inline-editor")
        editor.setMaxLength(MAX_NAME)
        editor.setAccessibleName(tr("Cluster name"))
        editor.setPlaceholderText(index.data(Role.CLUSTER).automatic_name or tr("Name"))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(index.data(Role.CLUSTER).name or "")
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: ARG002
        cluster = index.data(Role.CLUSTER)
        if isinstance(editor, QLineEdit) and editor.text().strip() != (cluster.name or ""):
            self._rename(cluster, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        rect = self.caption_rect(option.rect)
        height = editor.sizeHint().height()
        editor.setGeometry(QRect(rect.left() - 2, rect.center().y() - height // 2, rect.width() + 4, height))


def open_rename_dialog(window: QWidget, cluster: Cluster, rename: RenameCallback) -> QInputDialog:
    """Open a dialog for the name of a cluster, without blocking; `rename` is called if it is accepted."""
    dialog = QInputDialog(window)
    dialog.setWindowTitle(tr("Rename cluster"))
    dialog.setLabelText(tr("Cluster name:"))
    dialog.setTextValue(cluster.name or "")
    dialog.textValueSelected.connect(lambda text: rename(cluster, text))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
