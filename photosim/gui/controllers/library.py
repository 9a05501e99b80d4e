"""Changes to the library: its folders, asking for files and folders, opening files, and showing errors."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from photosim import APP_NAME, settings
from photosim.errors import (
    DamagedLibraryError,
    FolderError,
    LibraryError,
    PhotoSimError,
    ReadOnlyLibraryError,
)
from photosim.files.exclusions import ExcludedFolders
from photosim.gui.base import formatting, qt_paths
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.services import external
from photosim.gui.services.external import ExternalOpener
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.services.write_guard import WriteGuard
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, View
from photosim.records import Source

if TYPE_CHECKING:
    from photosim.gui.dialogs.messages import ErrorDialog
    from photosim.library import Library


class LibraryController(QObject):
    """Runs changes to the library in jobs, and shows the dialogs that they need."""

    library_changed = Signal()
    """A folder was removed from the library, or moved."""

    photos_changed = Signal()
    """Photos of the library have changed: show them again."""

    files_changed = Signal(object)
    """A file operation has changed photos: its PhotoChanges."""

    folders_changed = Signal()
    """A folder is now watched for changes, or no longer."""

    repair_requested = Signal()
    """The user wants to repair the damaged library, which must be closed for that."""

    message = Signal(str)
    """A message to show without a dialog."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        index_process: IndexProcess,
        navigator: Navigator,
        guard: WriteGuard,
        *,
        actions: Actions,
        sources: SourcesPanel,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs = window, library, jobs
        self._index_process, self._navigator = index_process, navigator
        self.guard, self._sources = guard, sources
        self._opener = ExternalOpener(library, jobs, self)
        self._opener.failed.connect(self.message)
        self.error_dialog: ErrorDialog | None = None
        self._last_folder = external.pictures_folder() or str(Path.home())
        sources.add_folder_requested.connect(self.add_folder)
        guard.enable_with(sources.add_button)
        connect(
            (
                (actions.add_folder, self.add_folder),
                (actions.rescan, self.rescan),
            )
        )

    def ask_folder(self, title: str, start: str) -> str:
        """Ask for a folder, beginning at `start`; returns "" where the user chooses none."""
        try:
            return qt_paths.choose_folder(self._window, title, start)
        except FolderError as error:
            self.show_error(error)
            return ""

    def ask_image(self, title: str) -> str:
        """Ask for an image file, beginning in the last folder; returns "" where the user chooses none."""
        try:
            path = qt_paths.choose_file(self._window, title, self._last_folder)
        except FolderError as error:
            self.show_error(error)
            return ""
        if path:
            self._last_folder = str(Path(path).parent)
        return path

    def ask_new_file(self, title: str, name: str, patterns: str) -> str:
        """Ask where to write a file, by default of this name in the last folder; "" where the user does not."""
        try:
            path = qt_paths.choose_new_file(
                self._window, title, str(Path(self._last_folder) / name), patterns
            )
        except FolderError as error:
            self.show_error(error)
            return ""
        if path:
            self._last_folder = str(Path(path).parent)
        return path

    def check_writable(self) -> bool:
        """Return whether the library can be changed; show why where it cannot."""
        if not self.guard.can_write:
            self.show_error(ReadOnlyLibraryError(self.guard.reason))
        return self.guard.can_write

    def add_folder(self) -> None:
        """Ask for a folder and index it."""
        if not self.check_writable():
            return
        self._index_process.prepare()
        if folder := self.ask_folder(tr("Add a folder of photos"), self._last_folder):
            self._last_folder = str(Path(folder).parent)
            self.add_folders([folder])

    def add_folders(self, folders: Sequence[str | Path]) -> None:
        """Index folders, and show the place where their photos appear."""
        if not self.check_writable():
            return
        self._index_process.start(folders)
        if not self._navigator.current.shows_photos:
            self._navigator.go(Place(View.ALL))

    def rescan(self, folders: Sequence[str] = ()) -> None:
        """Index what has changed in folders, or in all of them."""
        if self.check_writable():
            self._index_process.start(folders)

    def remove(self, source: Source) -> None:
        """Remove a folder from the library after a confirmation."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(APP_NAME)
        name = formatting.display_name(source.path)
        box.setText(tr("Remove “{name}” from the library?").format(name=name))
        text = tr(
            "%Ln photo(s) will no longer be shown. The files themselves are not touched.", "", source.photos
        )
        box.setInformativeText(text)
        remove = box.addButton(tr("Remove from library"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(lambda _: self._remove(source) if box.clickedButton() is remove else None)
        box.finished.connect(box.deleteLater)
        box.open()

    def exclude(self, folder: str) -> None:
        """Exclude a folder from the library; its photos leave it."""
        excluded = settings.load(self._library.folder).excluded
        if self.set_excluded((*excluded, folder)):
            text = tr("“{name}” is excluded. You can change this in Settings → Folders.")
            self.message.emit(text.format(name=formatting.display_name(folder)))

    def ask_excluded_folder(self) -> str:
        """Ask for a folder to exclude; returns "" where the user chooses none."""
        return self.ask_library_folder(tr("Exclude a folder"))

    def ask_library_folder(self, title: str) -> str:
        """Ask for a folder, beginning at the last one that was added; returns "" where the user chooses none."""
        return self.ask_folder(title, self._last_folder)

    def set_excluded(self, excluded: Sequence[str]) -> bool:
        """Save what is excluded from the library, and rescan its folders; returns whether it was saved."""
        if not self.check_writable():
            return False
        for source in self._sources.model.overview.sources:
            if ExcludedFolders.parse(excluded).excludes_path(source.path):
                text = tr("“{name}” was added to the library. Remove it from the library instead.")
                self.show_error(FolderError(text.format(name=formatting.display_name(source.path))))
                return False
        try:
            settings.update(self._library.folder, excluded=tuple(dict.fromkeys(excluded)))
        except LibraryError as error:
            self.show_error(error)
            return False
        self._index_process.start()
        return True

    def forget_missing(self, source: Source) -> None:
        """Remove the missing photos of a folder from the library."""
        self._change(lambda _: self._library.folders.forget_missing(source.path))

    def keep_missing(self, source: Source) -> None:
        """Keep the missing photos of a folder in the library, without asking again."""
        self._change(lambda _: self._library.folders.keep_missing(source.path))

    def watch(self, source: Source, watched: bool) -> None:
        """Watch a folder for changes, or stop it."""
        self._jobs.start(
            lambda _: self._library.folders.set_watched(source.path, watched),
            lambda _, error: self._finish_watch(error),
            Priority.HIGH,
        )

    def locate(self, source: Source) -> None:
        """Ask for the new location of a folder."""
        title = tr("Where is “{name}” now?").format(name=formatting.display_name(source.path))
        if folder := self.ask_folder(title, self._last_folder):
            self.move(source, folder)

    def move(self, source: Source, folder: str) -> None:
        """Change the location of a folder of the library, and index it there."""
        self._jobs.start(
            lambda _: self._library.folders.move(source.path, folder),
            lambda path, error: self._finish_move(source, path, error),
            Priority.HIGH,
        )

    def open_file(self, path: str) -> None:
        """Open a file with the default app."""
        self._opener.open_file(path)

    def show_in_folder(self, path: str) -> None:
        """Show a file or folder in the file manager."""
        self._opener.show_in_folder(path)

    def show_error(self, error: BaseException) -> None:
        """Show an error, with its traceback where the message does not explain it."""
        is_explained = isinstance(error, PhotoSimError) and error.__cause__ is None
        details = "" if is_explained else "".join(traceback.format_exception(error))
        message = str(error)
        if not isinstance(error, PhotoSimError):
            message = tr("An unexpected error occurred. See the report for details.")
        self.show_failure(message, details, damaged=isinstance(error, DamagedLibraryError))

    def show_failure(self, message: str, details: str, *, damaged: bool = False) -> None:
        """Show an error message; one dialog at a time. Offer to repair a damaged library."""
        from photosim.gui.dialogs.messages import ErrorDialog

        if self.error_dialog is not None:
            return
        self.error_dialog = ErrorDialog(message, details, self._window)
        if damaged:
            self.error_dialog.add_action(tr("Repair…"), self.repair_requested.emit)
        self.error_dialog.finished.connect(self._close_error)
        self.error_dialog.open()

    def _close_error(self) -> None:
        self.error_dialog = None

    def _remove(self, source: Source) -> None:
        self._jobs.start(
            lambda _: self._library.remove_source(source.path),
            lambda _, error: self._finish_remove(source, error),
            Priority.HIGH,
        )

    def _finish_remove(self, source: Source, error: Exception | None) -> None:
        if error is not None:
            self.show_error(error)
            return
        self._index_process.forget(source.path)
        self.library_changed.emit()

    def _finish_watch(self, error: Exception | None) -> None:
        if error is not None:
            self.show_error(error)
        self.folders_changed.emit()

    def _finish_move(self, source: Source, path: str | None, error: Exception | None) -> None:
        if path is None:
            self.show_error(error or PhotoSimError(tr("Couldn't move the folder.")))
            return
        self._index_process.forget(source.path)
        self.library_changed.emit()
        self._index_process.start([path])

    def _change(self, work: Callable[[CancelToken], object]) -> None:
        self._jobs.start(work, self._finish_change, Priority.HIGH)

    def _finish_change(self, _: object, error: Exception | None) -> None:
        if error is not None:
            self.show_error(error)
        self.photos_changed.emit()
