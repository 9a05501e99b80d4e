"""A few photos that stand for many, and contact sheets of photos."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.services import contact_sheet
from photosim.gui.state.navigator import Navigator
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library import Library

DEFAULT_COUNT = 50
MAX_ON_SHEET = 1000
"""Photos on one contact sheet: fifty pages."""


class SelectionController(QObject):
    """Picks photos from the selection or from the place that is shown, and saves contact sheets of them."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        targets: ActionTargets,
        *,
        actions: Actions,
        browser: Browser,
        navigator: Navigator,
        library_controller: LibraryController,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs, self._targets = window, library, jobs, targets
        self._browser, self._navigator, self._library_controller = browser, navigator, library_controller
        self._job: int | None = None
        self.dialog: QInputDialog | None = None
        connect(((actions.pick_photos, self.ask_count), (actions.contact_sheet, self.ask_file)))

    def ask_count(self) -> None:
        """Ask how many photos to pick."""
        file_ids = self._file_ids()
        total = len(file_ids)
        if total < 2:
            if total:
                text = tr("There is only one photo here.")
            elif self._lists_clusters:
                text = tr("Select what to pick photos from.")
            else:
                text = tr("There are no photos to pick from here.")
            self._library_controller.message.emit(text)
            return
        dialog = self.dialog = QInputDialog(self._window)
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setWindowTitle(tr("Pick photos"))
        dialog.setLabelText(
            tr("Pick different, sharp photos, spread over the days.\n\nHow many of %Ln photo(s)?", "", total)
        )
        dialog.setIntRange(1, total - 1)
        dialog.setIntValue(min(DEFAULT_COUNT, max(total // 2, 1)))
        dialog.setOkButtonText(tr("Pick"))
        dialog.intValueSelected.connect(lambda count: self.pick(count, file_ids))
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def pick(self, count: int, file_ids: Sequence[int]) -> None:
        """Pick photos in a job and show them."""
        self._jobs.cancel(self._job)
        work = partial(_select, self._library, count, file_ids)
        self._job = self._jobs.start(work, partial(self._show, len(file_ids)), Priority.HIGH)

    def ask_file(self) -> None:
        """Ask where to save a contact sheet of the selection, or of all photos that are shown."""
        photos = self._photos()
        if not photos:
            self._library_controller.message.emit(
                tr("Select what to put on a contact sheet.")
                if self._lists_clusters
                else tr("There are no photos for a contact sheet here.")
            )
            return
        if len(photos) > MAX_ON_SHEET:
            self._library_controller.message.emit(
                tr(
                    "A contact sheet holds up to %Ln photo(s). Select fewer, or pick some first.",
                    "",
                    MAX_ON_SHEET,
                )
            )
            return
        title = self._navigator.title()[0]
        patterns = f"{tr('PDF')} (*.pdf);;{tr('Web page')} (*.html)"
        name = f"{_file_name(title)}.pdf"
        if file := self._library_controller.ask_new_file(tr("Save contact sheet"), name, patterns):
            self.save_sheet(Path(file), title, photos)

    def save_sheet(self, file: Path, title: str, photos: Sequence[Photo]) -> None:
        """Save a contact sheet in a job; a file that ends in .html or .htm becomes a web page, any other a PDF."""

        def finish(_: object, error: Exception | None) -> None:
            if error is not None:
                self._library_controller.show_error(error)
            else:
                text = tr("Saved {name}.").format(name=formatting.display_name(str(file)))
                self._library_controller.message.emit(text)

        self._jobs.start(partial(_write_sheet, self._library, file, title, photos), finish)

    @property
    def _lists_clusters(self) -> bool:
        """Whether clusters or events are listed, of which some have to be selected."""
        return self._browser.currentWidget() is self._browser.cluster_page

    def _file_ids(self) -> list[int]:
        """Return the selected files or those of selected clusters, or all of the place where less is selected."""
        selected = self._targets.selection()
        if len(selected) > 1:
            return [photo.file_id for photo in selected]
        if self._browser.currentWidget() is self._browser.grid:
            return [int(file_id) for file_id in self._browser.photo_model.photo_list.file_ids]
        return [file_id for cluster in self._browser.selected_clusters() for file_id in cluster.file_ids]

    def _photos(self) -> list[Photo]:
        selected = self._targets.selection()
        if selected or self._browser.currentWidget() is not self._browser.grid:
            return selected
        return list(self._browser.photo_model.photos[: MAX_ON_SHEET + 1])

    def _show(self, total: int, photos: Sequence[Photo] | None, error: Exception | None) -> None:
        self._job = None
        if photos is None:
            assert error is not None
            self._library_controller.show_error(error)
            return
        title = tr("{picked} of %Ln photo(s)", "", total).format(picked=formatting.format_number(len(photos)))
        self._navigator.open_selection(title, [photo.file_id for photo in photos])

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def _select(library: Library, count: int, file_ids: Sequence[int], cancel: CancelToken) -> list[Photo]:
    cancel.check()
    return library.selector.select(count, file_ids)


def _write_sheet(
    library: Library, file: Path, title: str, photos: Sequence[Photo], cancel: CancelToken
) -> None:
    is_page = file.suffix.lower() in (".html", ".htm")
    render = None if is_page else partial(contact_sheet.write_pdf, check_cancelled=cancel.check)
    # The file dialog has asked whether to replace a file.
    library.exports.contact_sheet(file, title, photos, force=True, render=render)


def _file_name(title: str) -> str:
    """Return a name for a file that every system allows."""
    return "".join("_" if character in '<>:"/\\|?*' else character for character in title).strip(" .")
