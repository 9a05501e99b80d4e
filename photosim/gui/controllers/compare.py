"""Which photos are compared: the selected ones, or one of them with the photo in question."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query
from photosim.gui.viewer.compare import MAX_PHOTOS, MIN_PHOTOS, CompareView
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Photo


class CompareController(QObject):
    """Between the grid, the viewer, the menus and the comparison."""

    def __init__(
        self,
        view: CompareView,
        browser: Browser,
        viewer: Viewer,
        navigator: Navigator,
        commands: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(view)
        self.view = view
        self._browser, self._viewer, self._navigator = browser, viewer, navigator
        self._say = commands.message.emit
        self.beside: Callable[[], Sequence[Photo]] = tuple
        """The matches chosen in the panel beside the photos, while that has the keyboard."""

        view.closed.connect(self._return_focus)
        view.show_in_folder_requested.connect(lambda photo: commands.show_in_folder(photo.path))
        menus.filling.connect(self._fill)

    def toggle(self) -> None:
        """Compare what can be compared here, or end the comparison."""
        if self.view.isVisible():
            self.view.dismiss()
            return
        photos = self._at_hand()
        if len(photos) >= MIN_PHOTOS:
            self.view.open(photos)
        else:
            self._say(tr("Select two to four photos to compare them, by clicks with Ctrl or Shift."))

    # --- helpers -----------------------------------------------------------------------------------------

    def _at_hand(self) -> list[Photo]:
        """The first of the selected photos; one alone, or that of the viewer, beside the photo in question."""
        if self._viewer.isVisible() and self._viewer.photo is not None:
            return self._with_that_in_question(self._viewer.photo)
        chosen = list(self.beside()) or self._browser.selected_photos()
        return chosen[:MAX_PHOTOS] if len(chosen) != 1 else self._with_that_in_question(chosen[0])

    def _with_that_in_question(self, photo: Photo) -> list[Photo]:
        query = self._navigator.current.selected
        other = None if query is None else query.photo
        return [photo] if other is None or other.file_id == photo.file_id else [other, photo]

    def _fill(self, menu: QMenu, queries: Sequence[Query]) -> None:
        photos = [query.photo for query in queries if query.photo is not None]
        text = tr("&Compare")
        if len(photos) == 1:
            photos = self._with_that_in_question(photos[0])
            if len(photos) == MIN_PHOTOS:
                text = tr("&Compare with {name}").format(name=formatting.display_name(photos[0].path))
        if len(photos) < MIN_PHOTOS:
            return
        action = menu.addAction(text, lambda: self.view.open(photos))
        action.setEnabled(len(photos) <= MAX_PHOTOS)

    def _return_focus(self) -> None:
        if self._viewer.isVisible():
            self._viewer.setFocus()
        else:
            self._browser.focus()
