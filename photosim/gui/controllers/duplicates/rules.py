"""The keep rules and the protected folders of duplicates: editing, previewing and saving them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosim.errors import LibraryError
from photosim.files.fspaths import is_inside
from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.state.duplicates.keep_rules import RuleEffect, compare_groups, effect_text

if TYPE_CHECKING:
    from photosim.duplicates.keep_rules import KeepRuleSet
    from photosim.gui.dialogs.keep_rules import KeepRulesDialog
    from photosim.library import Library


class DuplicateRulesController(QObject):
    """Opens the dialog of the rules, and protects folders; saves both in the settings of the library."""

    rules_changed = Signal()
    """Other groups, or other photos of them, are to be kept."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        monitor: LibraryMonitor,
        library_controller: LibraryController,
        *,
        actions: Actions,
        menus: Menus,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs, self._monitor = window, library, jobs, monitor
        self._library_controller = library_controller
        self._preview_job: int | None = None
        self.dialog: KeepRulesDialog | None = None
        menus.contribute_to_folders(self._folder_actions)
        connect(((actions.keep_rules, self.open),))

    @property
    def protected(self) -> tuple[str, ...]:
        """The folders whose photos are never offered for the trash."""
        return self._library.duplicates.rules.protected

    def open(self) -> None:
        """Edit the rules."""
        from photosim.gui.dialogs.keep_rules import KeepRulesDialog

        if self.dialog is None:
            ask_folder = partial(self._library_controller.ask_library_folder, tr("Add a folder"))
            self.dialog = dialog = KeepRulesDialog(
                self._library.duplicates.rules,
                ask_folder,
                self._window,
                can_write=self._library_controller.guard.can_write,
            )
            dialog.preview_requested.connect(self._preview)
            dialog.accepted.connect(lambda: self._save(dialog.rules))
            dialog.finished.connect(self._release_dialog)
            dialog.open()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def set_protected(self, folders: Sequence[str]) -> bool:
        """Save which folders are protected; returns whether they can be saved."""
        if not self._library_controller.check_writable():
            return False
        self._save(replace(self._library.duplicates.rules, protected=tuple(dict.fromkeys(folders))))
        return True

    def ask_protected_folder(self) -> str:
        """Ask for a folder to protect; returns "" where the user chooses none."""
        return self._library_controller.ask_library_folder(tr("Protect a folder"))

    def _folder_actions(self, folder: str, menu: QMenu) -> Sequence[QAction]:
        protected = self.protected
        action = QAction(tr("&Protect from clean-up"), menu)
        action.setCheckable(True)
        action.setChecked(any(is_inside(folder, path) for path in protected))
        is_by_parent = action.isChecked() and folder not in protected
        action.setEnabled(self._library_controller.guard.can_write and not is_by_parent)
        action.setToolTip(tr("Its photos are never offered for the trash as duplicates."))
        action.toggled.connect(partial(self._protect, folder))
        return (action,)

    def _protect(self, folder: str, protect: bool) -> None:
        others = [path for path in self.protected if path != folder]
        if self.set_protected([*others, folder] if protect else others):
            text = (
                tr("Duplicates in “{name}” are never offered for the trash.")
                if protect
                else tr("“{name}” is no longer protected from clean-up.")
            )
            self._library_controller.message.emit(text.format(name=formatting.display_name(folder)))

    def _preview(self, rules: KeepRuleSet) -> None:
        self._jobs.cancel(self._preview_job)
        work = partial(_effect_of, self._library, rules)
        self._preview_job = self._jobs.start(work, self._show_effect, Priority.HIGH)

    def _show_effect(self, effect: RuleEffect | None, error: Exception | None) -> None:
        if self.dialog is not None:
            self.dialog.show_preview(str(error) if effect is None else effect_text(effect))

    def _save(self, rules: KeepRuleSet) -> None:
        if rules == self._library.duplicates.rules:
            return
        try:
            self._library.duplicates.set_rules(rules)
        except LibraryError as error:
            self._library_controller.show_error(error)
            return
        self._monitor.count_duplicates()
        self.rules_changed.emit()

    def _release_dialog(self) -> None:
        self._jobs.cancel(self._preview_job)
        self.dialog = None


def _effect_of(library: Library, rules: KeepRuleSet, cancel: CancelToken) -> RuleEffect:
    cancel.check()
    before = library.duplicates.groups()
    cancel.check()
    return compare_groups(before, library.duplicates.groups(rules=rules))
