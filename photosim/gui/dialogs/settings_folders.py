"""Folders page of the settings: what is excluded from the library, and what is protected from clean-up."""

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
    """Lists the excluded names and folders, and the protected folders, which are saved at once."""

    def __init__(
        self,
        excluded: Sequence[str],
        guard: WriteGuard,
        change: Callable[[Sequence[str]], bool],
        ask_folder: Callable[[], str],
        protected: Sequence[str],
        protect: Callable[[Sequence[str]], bool],
        ask_protected: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """`change` and `protect` save the lists, and return whether they were saved; to ask returns "" for none."""
        super().__init__(parent)
        self._protect, self._ask_protected = protect, ask_protected
        self._protected = list(protected)
        self._guard, self._change, self._ask_folder = guard, change, ask_folder
        self._excluded = list(excluded)
        text = QLabel(
            tr("Photos in these folders are left out of the library. The files themselves are not touched."),
            self,
        )
        text.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(tr("Excluded folders"))
        self.list.setMinimumHeight(72)
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
        self._add_protected_list()
        for changed in (
            self.list.itemSelectionChanged,
            self.protected_list.itemSelectionChanged,
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

    @property
    def protected(self) -> tuple[str, ...]:
        """The protected folders."""
        return tuple(self._protected)

    def _add_protected_list(self) -> None:
        text = QLabel(tr("Photos in protected folders are never offered for the trash as duplicates."), self)
        text.setWordWrap(True)
        self.protected_list = QListWidget(self)
        self.protected_list.setAccessibleName(tr("Protected folders"))
        self.protected_list.setMinimumHeight(48)
        self.protected_list.addItems(list(map(formatting.display_path, self._protected)))
        self.protect_button = QPushButton(tr("Protect folder…"), self)
        self.protect_button.clicked.connect(self._protect_folder)
        self.unprotect_button = QPushButton(tr("Remove protection"), self)
        self.unprotect_button.clicked.connect(self._unprotect)
        row = QHBoxLayout()
        for button in (self.protect_button, self.unprotect_button):
            row.addWidget(button)
        row.addStretch(1)
        self.column.addSpacing(8)
        self.column.addWidget(text)
        self.column.addWidget(self.protected_list, 1)
        self.column.addLayout(row)

    def _protect_folder(self) -> None:
        folder = self._ask_protected()
        if folder and folder not in self._protected and self._protect((*self._protected, folder)):
            self._protected.append(folder)
            self.protected_list.addItem(formatting.display_path(folder))

    def _unprotect(self) -> None:
        row = self.protected_list.currentRow()
        if row >= 0 and self._protect((*self._protected[:row], *self._protected[row + 1 :])):
            del self._protected[row]
            self.protected_list.takeItem(row)

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
        self.protect_button.setEnabled(can_write)
        self.unprotect_button.setEnabled(can_write and bool(self.protected_list.selectedItems()))
        self.name_field.setEnabled(can_write)
        self.name_button.setEnabled(can_write and bool(self.name_field.text().strip()))
        self.remove_button.setEnabled(can_write and bool(self.list.selectedItems()))
