"""Folders page of the settings: what is excluded from the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QPushButton, QWidget

from photosim.errors import FolderError
from photosim.files.exclusions import exclusion
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.dialogs.settings import SettingsPage
from photosim.gui.services.write_guard import WriteGuard


class FoldersPage(SettingsPage):
    """Lists the excluded names and folders, which are saved at once."""

    def __init__(
        self,
        excluded: Sequence[str],
        guard: WriteGuard,
        change: Callable[[Sequence[str]], bool],
        ask_folder: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """`change` saves what is excluded, and returns whether it was saved; `ask_folder` returns "" for none."""
        super().__init__(parent)
        self._guard, self._change, self._ask_folder = guard, change, ask_folder
        self._excluded = list(excluded)
        text = QLabel(
            tr("Photos in these folders are left out of the library. The files themselves are not touched."),
            self,
        )
        text.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(tr("Excluded folders"))
        self.list.setMinimumHeight(120)
        self.list.addItems(list(map(formatting.display_path, excluded)))
        self.folder_button = QPushButton(tr("Exclude folder…"), self)
        self.folder_button.clicked.connect(self._exclude_folder)
        self.remove_button = QPushButton(tr("Remove"), self)
        self.remove_button.setToolTip(tr("Photos in this folder return with the next scan."))
        self.remove_button.clicked.connect(self._remove)
        self.name_field = QLineEdit(self)
        self.name_field.setAccessibleName(tr("Name of folders to exclude"))
        self.name_field.setPlaceholderText(tr("Name, such as Thumbnails or *.cache"))
        self.name_field.returnPressed.connect(self._exclude_name)
        self.name_button = QPushButton(tr("Exclude name"), self)
        self.name_button.clicked.connect(self._exclude_name)
        self.column.addWidget(text)
        self.column.addWidget(self.list, 1)
        for widgets in ((self.folder_button, self.remove_button), (self.name_field, self.name_button)):
            row = QHBoxLayout()
            for widget in widgets:
                row.addWidget(widget, 1 if widget is self.name_field else 0)
            if self.name_field not in widgets:
                row.addStretch(1)
            self.column.addLayout(row)
        for changed in (
            self.list.itemSelectionChanged,
            self.name_field.textChanged,
            guard.changed,
        ):
            changed.connect(self._update_buttons)
        self._update_buttons()

    @classmethod
    def title(cls) -> str:
        return tr("Folders")

    @property
    def excluded(self) -> tuple[str, ...]:
        """The entries of the list, as the library saves them."""
        return tuple(self._excluded)

    def _exclude_folder(self) -> None:
        if folder := self._ask_folder():
            self._exclude(folder)

    def _exclude_name(self) -> None:
        if self._exclude(self.name_field.text()):
            self.name_field.clear()

    def _exclude(self, text: str) -> bool:
        try:
            entry = exclusion(text)
        except FolderError:  # it is empty
            return False
        if entry not in self._excluded:
            if not self._change((*self._excluded, entry)):
                return False
            self._excluded.append(entry)
            self.list.addItem(formatting.display_path(entry))
        return True

    def _remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0 and self._change((*self._excluded[:row], *self._excluded[row + 1 :])):
            del self._excluded[row]
            self.list.takeItem(row)

    def _update_buttons(self) -> None:
        can_write = self._guard.can_write
        self.folder_button.setEnabled(can_write)
        self.name_field.setEnabled(can_write)
        self.name_button.setEnabled(can_write and bool(self.name_field.text().strip()))
        self.remove_button.setEnabled(can_write and bool(self.list.selectedItems()))
