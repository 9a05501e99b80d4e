"""What the menus and buttons do: adding folders, searching by an image, and the errands around photo files."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from photosim import APP_NAME
from photosim.errors import DamagedLibraryError, PhotoSimError, ReadOnlyLibraryError
from photosim.files.scan import PHOTO_SUFFIXES
from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.services.external import ExternalOpener
from photosim.gui.services.index_process import IndexProcess
from photosim.gui.services.write_guard import WriteGuard
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import DroppedItems, Place, Query, QueryImage, View
from photosim.records import Source

if TYPE_CHECKING:
    from photosim.gui.dialogs.messages import ErrorDialog
    from photosim.library.library import Library


class LibraryController(QObject):
    """Errands of one window."""

    library_changed = Signal()
    """A folder was taken out of the library."""

    photos_changed = Signal()
    """Photos of a folder were forgotten, kept or moved."""

    repair_wanted = Signal()
    """The library is damaged, and the person wants it repaired: for that it must be closed."""

    message = Signal(str)
    """A sentence for the person that needs no answer."""

    folders_changed = Signal()
    """A folder is to be watched, or no more."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        indexing: IndexProcess,
        navigator: Navigator,
        guard: WriteGuard,
        *,
        actions: Actions,
        sources: SourcesPanel,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs = window, library, jobs
        self._indexing, self._navigator = indexing, navigator
        self.guard = guard
        self._outside = ExternalOpener(library, jobs, self)
        self._outside.failed.connect(self.message)
        self._error: ErrorDialog | None = None
        self._start = pictures()
        sources.add_folder_requested.connect(self.add_folder)
        guard.enable_with(actions.add_folder, actions.rescan, sources.add_button)
        connect(
            (
                (actions.add_folder, self.add_folder),
                (actions.search_image, self.search_image),
                (actions.rescan, self.rescan),
                (actions.shortcuts, self.show_shortcuts),
                (actions.about, self.show_about),
            )
        )

    def check_writable(self) -> bool:
        """Whether the library may be changed; when it may not, the person is told why."""
        if not self.guard.can_write:
            self.show_error(ReadOnlyLibraryError(self.guard.reason))
        return self.guard.can_write

    # --- into the library, and out of it -----------------------------------------------------------------

    def add_folder(self) -> None:
        """Ask for a folder and index it."""
        if not self.check_writable():
            return
        title = tr("Add a folder of photos")
        folder = QFileDialog.getExistingDirectory(self._window, title, self._start)
        if folder:
            self._start = str(Path(folder).parent)
            self.add_folders([folder])

    def add_folders(self, folders: Sequence[str | Path]) -> None:
        """Index these folders, and show where their photos will appear."""
        if not self.check_writable():
            return
        self._indexing.start(folders)
        if not self._navigator.current.shows_photos:
            self._navigator.go(Place(View.ALL))

    def rescan(self, folders: Sequence[str] = ()) -> None:
        """Look for what changed, in these folders or in all."""
        if self.check_writable():
            self._indexing.start(folders)

    def remove(self, source: Source) -> None:
        """Take a folder out of the library, after asking."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(APP_NAME)
        box.setText(tr("Remove “{name}” from the library?").format(name=formatting.display_name(source.path)))
        box.setInformativeText(
            tr("{photos} will no longer be shown. The files themselves are not touched.").format(
                photos=formatting.count_photos(source.photos)
            )
        )
        yes = box.addButton(tr("Remove from library"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(lambda _: self._forget(source) if box.clickedButton() is yes else None)
        box.finished.connect(box.deleteLater)
        box.open()

    def forget_missing(self, source: Source) -> None:
        """Forget the photos of a folder that are missing."""
        self._change(lambda _: self._library.folders.forget_missing(source.path))

    def keep_missing(self, source: Source) -> None:
        """Keep the photos of a folder that are missing, and ask no more."""
        self._change(lambda _: self._library.folders.keep_missing(source.path))

    def watch(self, source: Source, wanted: bool) -> None:
        """Watch a folder for changes, or no more."""
        self._jobs.start(
            lambda _: self._library.folders.set_watched(source.path, wanted),
            lambda _, error: self._watched(error),
            Priority.HIGH,
        )

    def locate(self, source: Source) -> None:
        """Ask where a folder's photos are now, and let the library find them there."""
        title = tr("Where is “{name}” now?").format(name=formatting.display_name(source.path))
        folder = QFileDialog.getExistingDirectory(self._window, title, self._start)
        if folder:
            self.move(source, folder)

    def move(self, source: Source, folder: str) -> None:
        """Let a folder of the library lie elsewhere, and look through it there."""
        self._jobs.start(
            lambda _: self._library.folders.move(source.path, folder),
            self._moved,
            Priority.HIGH,
        )

    def keep_computer_quiet(self, choice: str) -> None:
        """Let what is being indexed follow the new choice at once."""
        self._indexing.set_quiet_mode(choice)

    def take_drop(self, dropped: DroppedItems) -> None:
        """Add the folders that were dropped, and search by the images."""
        if dropped.folders:
            self.add_folders(dropped.folders)
        if dropped.files:
            self.search_by_all(dropped.files)

    # --- searching by an image ---------------------------------------------------------------------------

    def search_image(self) -> None:
        """Ask for an image file and show what looks like it."""
        path, _ = QFileDialog.getOpenFileName(
            self._window,
            tr("Search by an image"),
            self._start,
            tr("Images ({patterns});;All files (*)").format(patterns=" ".join(_PATTERNS)),
            options=QFileDialog.Option.HideNameFilterDetails,  # some dozens
        )
        if path:
            self._start = str(Path(path).parent)
            self.search_by(path)

    def search_by(self, path: str) -> None:
        """Show what looks like an image file, whether it is in the library or not."""
        self.search_by_all((path,))

    def search_by_all(self, paths: Sequence[str]) -> None:
        """Show what looks like image files, together one question; a few are enough."""
        paths = tuple(paths)[:_MOST_FILES]
        self._jobs.start(partial(_find, self._library, paths), self._found, Priority.HIGH)

    # --- photo files -------------------------------------------------------------------------------------

    def open_file(self, path: str) -> None:
        """Open a file with the default program."""
        self._outside.open_file(path)

    def show_in_folder(self, path: str) -> None:
        """Show a file or folder in the file manager."""
        self._outside.show_in_folder(path)

    # --- dialogs -----------------------------------------------------------------------------------------

    def show_shortcuts(self) -> None:
        """Show the keyboard's keys."""
        from photosim.gui.dialogs.shortcuts import ShortcutsDialog

        ShortcutsDialog(self._window).open()

    def show_about(self) -> None:
        """Say what this program is."""
        from photosim.gui.dialogs.messages import AboutDialog

        AboutDialog(self._jobs, self._window).open()

    # --- errors ------------------------------------------------------------------------------------------

    def show_error(self, error: BaseException) -> None:
        """Show an error; with a report to copy, unless its sentence says all there is to say."""
        told = isinstance(error, PhotoSimError) and error.__cause__ is None
        details = "" if told else "".join(traceback.format_exception(error))
        sentence = str(error)
        if not isinstance(error, PhotoSimError):
            sentence = tr("Something unexpected went wrong. The report says more.")
        self.tell_failure(sentence, details, damaged=isinstance(error, DamagedLibraryError))

    def tell_failure(self, sentence: str, details: str, *, damaged: bool = False) -> None:
        """Show an error given as a sentence and details; one dialog at a time. A damaged library can be repaired."""
        from photosim.gui.dialogs.messages import ErrorDialog

        if self._error is not None:
            return
        self._error = ErrorDialog(sentence, details, self._window)
        if damaged:
            self._error.add_action(tr("Repair…"), self.repair_wanted.emit)
        self._error.finished.connect(self._forget_error)
        self._error.open()

    # --- helpers -----------------------------------------------------------------------------------------

    def _forget_error(self) -> None:
        self._error = None

    def _forget(self, source: Source) -> None:
        self._jobs.start(lambda _: self._library.remove_source(source.path), self._forgotten, Priority.HIGH)

    def _watched(self, error: Exception | None) -> None:
        if error is not None:
            self.show_error(error)
        self.folders_changed.emit()

    def _moved(self, path: str | None, error: Exception | None) -> None:
        if path is None:
            self.show_error(error or PhotoSimError(tr("The folder could not be moved.")))
            return
        self.library_changed.emit()
        self._indexing.start([path])

    def _change(self, work: Callable[[CancelToken], object]) -> None:
        self._jobs.start(work, self._changed, Priority.HIGH)

    def _changed(self, _: object, error: Exception | None) -> None:
        if error is not None:
            self.show_error(error)
        self.photos_changed.emit()

    def _forgotten(self, _: object, error: Exception | None) -> None:
        if error is not None:
            self.show_error(error)
            return
        self.library_changed.emit()

    def _found(self, parts: tuple[QueryImage, ...] | None, error: Exception | None) -> None:
        if error is not None:
            self.show_error(error)
        elif parts:
            self._navigator.find_similar(Query(parts))


_PATTERNS = [f"*{case(suffix)}" for suffix in sorted(PHOTO_SUFFIXES) for case in (str.lower, str.upper)]


def pictures() -> str:
    """Where people keep their photos: there they look first."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return pictures if Path(pictures).is_dir() else str(Path.home())


_MOST_FILES = 12
"""Files of one drop that are searched by: each takes a moment, and more say nothing new."""


def _find(library: Library, paths: Sequence[str], cancel: CancelToken) -> tuple[QueryImage, ...]:
    cancel.check()
    photos = {path: library.find(path) for path in paths}
    return tuple(QueryImage(path if photo is None else photo.path, photo) for path, photo in photos.items())
