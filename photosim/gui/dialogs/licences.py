"""Dialog with the licences of PhotoSim and of the third-party works in it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from photosim import APP_NAME, __version__, licences
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.screen import resize_within_screen
from photosim.gui.base.translation import tr
from photosim.licences import ThirdPartyWork

_SIZE, _LIST_WIDTH = QSize(900, 620), 260  # logical pixels


class LicencesDialog(QDialog):
    """Lists the works, and shows the licence of the selected one."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Licences"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        resize_within_screen(self, _SIZE)
        self._jobs = jobs
        self.model = WorkModel(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(2)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setAccessibleName(tr("Components"))
        self.heading = QLabel(self)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.heading.setWordWrap(True)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(tr("Licence"))
        self.list.selectionModel().currentChanged.connect(self._show)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        page = QVBoxLayout()
        page.addWidget(self.heading)
        page.addWidget(self.text, 1)
        columns = QHBoxLayout()
        columns.setSpacing(14)
        columns.addWidget(self.list)
        columns.addLayout(page, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(columns, 1)
        layout.addWidget(box)
        source_title = tr("Source code")
        self._job = jobs.start(
            lambda cancel: _load_works(source_title, cancel), self._accept_works, Priority.HIGH
        )
        self.finished.connect(lambda _: jobs.cancel(self._job))

    def _accept_works(self, works: list[ThirdPartyWork] | None, error: Exception | None) -> None:
        if works is None:
            self.heading.setText(tr("Couldn't load the licences: {reason}").format(reason=error))
            return
        self.model.show(works)
        self.list.setCurrentIndex(self.model.index(0))
        self.list.setFocus()

    def _show(self, index: QModelIndex) -> None:
        work = self.model.works[index.row()] if index.isValid() else None
        self.heading.setText("" if work is None else _heading(work))
        self.text.setPlainText("" if work is None else "\n\n".join(work.texts))


class WorkModel(QAbstractListModel):
    """List model of third-party works."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.works: list[ThirdPartyWork] = []

    def show(self, works: list[ThirdPartyWork]) -> None:
        """Replace the works."""
        self.beginResetModel()
        self.works = works
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.works)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        work = self.works[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{work.name} {work.version}".strip()
        if role == Qt.ItemDataRole.ToolTipRole:
            return work.licence
        return None


def _heading(work: ThirdPartyWork) -> str:
    return "\n".join(
        line for line in (f"{work.name} {work.version}".strip(), work.licence, work.home) if line
    )


def _load_works(source_title: str, cancel: CancelToken) -> list[ThirdPartyWork]:
    cancel.check()
    return [
        ThirdPartyWork(APP_NAME, __version__, "AGPL-3.0-or-later", "", (licences.own_licence_text(),)),
        ThirdPartyWork(source_title, "", "", "", (licences.source_offer(),)),
        *licences.third_party_works(),
    ]
