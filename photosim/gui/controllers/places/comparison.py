"""Comparing folders with the library or each other: starts it, shows the results, and copies the new photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosim.duplicates.comparison import ComparedPhoto, ComparedState
from photosim.files.fspaths import is_inside
from photosim.gui.base import formatting
from photosim.gui.base.formatting import show_in_folder_text
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.comparison.page import ComparisonListing, ComparisonPage
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.files import FileController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.panels.comparison_strip import ComparisonStrip
from photosim.gui.services.processes.comparison import ComparisonProcess
from photosim.gui.services.processes.index_queue import Folders
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, Query, View
from photosim.gui.viewer.compare import CompareView
from photosim.gui.widgets.drop_area import DropArea
from photosim.library.files.operations import FileOperation, OperationResult
from photosim.records import Photo, Progress
from photosim.store.comparisons.results import ComparisonSummary

if TYPE_CHECKING:
    from photosim.library import Library


class ComparisonController(QObject):
    """Connects the process that compares, and the library that keeps the results, with their page."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        process: ComparisonProcess,
        *,
        actions: Actions,
        page: ComparisonPage,
        strip: ComparisonStrip,
        compare: CompareView,
        drop_area: DropArea,
        navigator: Navigator,
        index_process: IndexProcess,
        library_controller: LibraryController,
        files: FileController,
        menus: Menus,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs, self._process = window, library, jobs, process
        self._actions, self._page, self._strip, self._compare = actions, page, strip, compare
        self._navigator, self._index_process = navigator, index_process
        self._library_controller, self._files, self._menus = library_controller, files, menus
        self._shown: Folders = ()  # on the page
        self._kept: frozenset[Folders] = frozenset()
        """Comparisons of which there is a result."""

        self._load_job: int | None = None
        self._to_compare_again: Folders = ()
        """The comparison whose new photos are being added to the library."""
        connect(((actions.compare_folder, self.ask), (actions.compare_folders, self.ask_two)))
        drop_area.compare_dropped.connect(self.compare_all)
        process.progressed.connect(strip.show_progress)
        process.state_changed.connect(strip.show_state)
        process.state_changed.connect(lambda _: page.set_busy(not process.is_idle))
        process.finished.connect(self._finish)
        process.failed.connect(self._fail)
        strip.pause_requested.connect(process.pause)
        strip.resume_requested.connect(process.resume)
        strip.cancel_requested.connect(process.cancel)
        strip.show_requested.connect(lambda: self._go(process.folders))
        page.again_requested.connect(lambda: self.compare(*self._shown))
        page.library_chosen.connect(lambda: self._compare_with(""))
        page.other_requested.connect(self._ask_other)
        page.copy_requested.connect(self._copy)
        page.compare_requested.connect(self._show_beside)
        page.menu_requested.connect(self._show_menu)
        navigator.place_changed.connect(lambda place, _: self._show_place(place))
        index_process.finished.connect(lambda _: self._compare_again())
        process.set_enabled(library_controller.guard.can_write)
        library_controller.guard.changed.connect(process.set_enabled)

    def start(self) -> None:
        """Offer the last comparisons in the menu."""
        self._jobs.start(lambda _: self._library.comparisons.recent(), self._show_recent, Priority.LOW)

    def ask(self) -> None:
        """Ask for a folder, and compare it with the library."""
        folder = self._library_controller.ask_library_folder(tr("Compare a folder with the library"))
        if folder:
            self.compare(folder)

    def ask_two(self) -> None:
        """Ask for two folders, and compare the first one with the second one."""
        folder = self._library_controller.ask_library_folder(tr("Compare two folders: choose the first one"))
        if not folder:
            return
        title = tr("Compare “{name}” with").format(name=formatting.display_name(folder))
        if other := self._library_controller.ask_library_folder(title):
            self.compare(folder, other)

    def compare_all(self, folders: Sequence[str]) -> None:
        """Compare folders with the library, one after the other, and show the first one."""
        for folder in reversed(folders):
            self.compare(folder)

    def compare(self, *folders: str) -> None:
        """Compare a folder with the library, or two with each other; the last result is shown until then."""
        if folders and self._library_controller.check_writable():
            self._process.start(folders)
            self._go(folders)

    def _ask_other(self) -> None:
        """Ask for a folder to compare the one on the page with."""
        title = tr("Compare “{name}” with").format(name=formatting.display_name(self._shown[0]))
        if other := self._library_controller.ask_library_folder(title):
            self._compare_with(other)

    def _compare_with(self, other: str) -> None:
        """Show the folder on the page compared with another one, or with the library; compare them if they never were."""
        folders = (self._shown[0], other) if other else self._shown[:1]
        if folders in self._kept:
            self._go(folders)
        else:
            self.compare(*folders)

    def _go(self, folders: Folders) -> None:
        if folders:
            folder, other = folders[0], folders[1] if len(folders) > 1 else None
            self._navigator.go(Place(View.COMPARISON, folder=folder, other=other))

    def _show_place(self, place: Place) -> None:
        folders = tuple(folder for folder in (place.folder, place.other) if folder)
        if place.view is View.COMPARISON and folders and folders != self._shown:
            self._load(folders, select_first=True)

    def _load(self, folders: Folders, *, select_first: bool) -> None:
        """Load the result of a comparison, and show it on the page."""
        is_new, self._shown = folders != self._shown, folders
        if is_new:
            self._page.show_running(*folders)
        self._jobs.cancel(self._load_job)

        def work(_: CancelToken) -> ComparisonListing | None:
            result = self._library.comparisons.result(*map(Path, folders))
            return None if result is None else ComparisonListing.of(result)

        self._load_job = self._jobs.start(work, partial(self._show, folders, select_first), Priority.HIGH)

    def _show(
        self, folders: Folders, select_first: bool, listing: ComparisonListing | None, error: Exception | None
    ) -> None:
        if error is not None:
            self._library_controller.show_error(error)
        if listing is not None:
            self._page.show_result(listing, select_first=select_first)
        elif self._process.is_idle or self._process.folders != folders:
            self._page.show_none(*folders)

    def _finish(self, progress: Progress) -> None:
        folders = self._process.folders
        if progress.cancelled:
            stopped = self._process.stopped
            self._strip.show_stopped(None if stopped is None else stopped.left)
        else:
            self._jobs.start(
                lambda _: self._library.comparisons.result(*map(Path, folders)),
                lambda result, _: None if result is None else self._strip.show_result(result),
            )
        self.start()
        if folders == self._shown:
            self._load(folders, select_first=self._page.listing is None)

    def _fail(self, message: str, details: str) -> None:
        self._strip.hide()
        self._library_controller.show_failure(message, details, damaged=self._process.found_damage)
        if self._page.listing is None and self._shown:
            self._page.show_none(*self._shown)

    def _show_recent(self, recent: list[ComparisonSummary] | None, _: Exception | None) -> None:
        menu = self._actions.recent_comparisons
        for old in menu.actions():
            menu.removeAction(old)
            old.deleteLater()
        self._kept = frozenset(_folders(summary) for summary in recent or () if summary.is_finished)
        for summary in recent or ():
            action = QAction(_recent_text(summary), menu)
            action.triggered.connect(partial(lambda folders, _=False: self._go(folders), _folders(summary)))
            menu.addAction(action)
        menu.setEnabled(not menu.isEmpty())

    def _copy(self, photos: Sequence[ComparedPhoto], add: bool) -> None:
        """Ask for a folder, copy photos into folders by date there, and `add` it to the library."""
        result = self._page.result
        if not photos or result is None or (add and not self._library_controller.check_writable()):
            return
        title = tr("Copy %Ln photo(s) to", "", len(photos))
        target = self._library_controller.ask_library_folder(title)
        if not target:
            return

        def finished(done: OperationResult | None) -> None:
            if done is None or not (done.report.done or done.report.unchanged):
                return
            if add:
                self._to_compare_again = (result.folder,)
                self._index_process.start([target])
            elif result.other and is_inside(target, result.other):
                self._process.start((result.folder, result.other))

        def prepared(operation: FileOperation | None, error: Exception | None) -> None:
            if operation is not None:
                self._files.run(operation, finished)
            elif error is not None:
                self._library_controller.show_error(error)

        def prepare(_: CancelToken) -> FileOperation:
            return self._library.comparisons.copy_operation(result, photos, Path(target))

        self._jobs.start(prepare, prepared, Priority.HIGH)

    def _compare_again(self) -> None:
        """Once the new photos of a folder are in the library, they are no longer new."""
        folders, self._to_compare_again = self._to_compare_again, ()
        if folders:
            self._process.start(folders)

    def _show_beside(self, photo: ComparedPhoto) -> None:
        """Show a photo and its match side by side; neither can be moved to the trash there."""
        self._find_match(photo, lambda match: self._compare.open([photo.photo, match], can_trash=False))

    def _show_in_library(self, photo: ComparedPhoto) -> None:
        def show(match: Photo) -> None:
            place = Place(View.FOLDER, folder=str(Path(match.path).parent))
            self._navigator.go(place.with_selected(Query.of_photos(match)))

        self._find_match(photo, show)

    def _find_match(self, photo: ComparedPhoto, show: Callable[[Photo], object]) -> None:
        """Find the match of a photo in the library or the other folder, and call `show` with it."""
        path, result = photo.match, self._page.result
        if path is None or result is None:
            return

        def done(match: Photo | None, _: Exception | None) -> None:
            if match is None:
                name = formatting.display_name(path)
                text = (
                    tr("“{name}” is no longer in the other folder. Compare again to update the result.")
                    if result.other
                    else tr("“{name}” is no longer in the library. Compare again to update the result.")
                )
                self._library_controller.message.emit(text.format(name=name))
            else:
                show(match)

        self._jobs.start(lambda _: self._library.comparisons.match_of(result, photo), done, Priority.HIGH)

    def _show_menu(self, point: QPoint) -> None:
        photos, result = self._page.selected, self._page.result
        if not photos or result is None:
            return
        menu = QMenu(self._window)
        first = photos[0]
        if len(photos) == 1:
            if first.match is not None and not first.is_itself:
                menu.addAction(tr("&Compare side by side"), partial(self._show_beside, first))
            if first.match is not None and not result.other:
                menu.addAction(tr("Show in &library"), partial(self._show_in_library, first))
            show_in_folder = self._library_controller.show_in_folder
            menu.addAction(show_in_folder_text(), partial(show_in_folder, first.photo.path))
            if first.match is not None and result.other and not first.is_itself:
                menu.addAction(tr("Show in other &folder"), partial(show_in_folder, first.match))
            menu.addSeparator()
        menu.addAction(tr("C&opy to…"), partial(self._copy, photos, False))
        if not result.other:
            menu.addAction(tr("Copy and &add to library…"), partial(self._copy, photos, True))
        self._menus.show_menu(menu, point)


def _folders(summary: ComparisonSummary) -> Folders:
    return (summary.folder, summary.other) if summary.other else (summary.folder,)


def _recent_text(summary: ComparisonSummary) -> str:
    """A kept comparison as the menu offers it."""
    new = summary.counts.get(ComparedState.NEW, 0)
    folder, other = (
        formatting.display_path(path).replace("&", "&&") if path else ""
        for path in (summary.folder, summary.other)
    )
    if not summary.is_finished:
        text = tr("{folder} with {other} (interrupted)") if other else tr("{folder} (interrupted)")
        return text.format(folder=folder, other=other)
    if other:
        return tr("{folder} with {other} (%Ln new)", "", new).format(folder=folder, other=other)
    return tr("{folder} (%Ln new)", "", new).format(folder=folder)
