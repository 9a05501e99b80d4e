"""What is done with the chosen photos: between the grid, the viewer, the menus and the places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint

from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.services import external
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Photo


class PhotoDesk(QObject):
    """Knows which photos an action is about."""

    def __init__(
        self,
        browser: Browser,
        viewer: Viewer,
        navigator: Navigator,
        commands: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(viewer.parent())
        self.browser, self.viewer = browser, viewer
        self.navigator, self.commands, self.menus = navigator, commands, menus
        self.beside: Callable[[], Sequence[Photo]] = tuple
        """The matches chosen in the panel beside the photos, while that has the keyboard."""

        viewer.closed.connect(self._leave)

    def view(self) -> None:
        """Open the photo in question in the full window, in the order of the view that shows it."""
        query = self.navigator.current.selected
        if query is not None and query.photo is not None:
            self.view_photo(query.photo)

    def view_photo(self, photo: Photo) -> None:
        """Open a photo in the full window, among the others of the view when that shows it."""
        row = self.browser.photos.row_of(photo.file_id)
        if row is None or not self.browser.grid.isVisible():
            self.viewer.open((photo,), 0)
        else:
            self.viewer.open(tuple(self.browser.photos.photos), row)

    def find_similar(self) -> None:
        """Show in the centre what looks like the photo in question."""
        query = self.navigator.current.selected
        if self.viewer.isVisible() and self.viewer.photo is not None:
            query = Query.of_photos(self.viewer.photo)
            self.viewer.dismiss()
        if query is not None:
            self.navigator.find_similar(query)

    def open(self) -> None:
        """Open the first chosen file with the default program."""
        for path in self.paths()[:1]:
            self.commands.open_file(path)

    def show_in_folder(self) -> None:
        """Show the first chosen file in the file manager."""
        for path in self.paths()[:1]:
            self.commands.show_in_folder(path)

    def copy_files(self) -> None:
        """Put all chosen files on the clipboard."""
        external.copy_files(self.files())

    def copy_paths(self) -> None:
        """Put the paths of all chosen files on the clipboard."""
        external.copy_paths(self.paths())

    def paths(self) -> list[str]:
        """The files that an action is about: the one in the viewer, the selected ones, or the one in question."""
        if self.viewer.isVisible() and self.viewer.photo is not None:
            return [self.viewer.photo.path]
        if beside := self.beside():
            return [photo.path for photo in beside]
        paths = [photo.path for photo in self.browser.selected_photos()]
        query = self.navigator.current.selected
        return [query.path] if query is not None and query.path not in paths else paths

    def files(self) -> list[str]:
        """The files that an action is about, with the RAW files of shots that have one."""
        chosen = self.beside() or self.browser.selected_photos()
        if self.viewer.isVisible():
            chosen = [self.viewer.photo] if self.viewer.photo is not None else []
        raws = {photo.path: photo.raw_files for photo in chosen}
        return [file for path in self.paths() for file in (path, *raws.get(path, ()))]

    def pop_up_query_menu(self, query: Query, point: QPoint) -> None:
        """Show the menu of the photo in question."""
        self.menus.pop_up(self.menus.photo_menu([query], self.view), point)

    def _leave(self, photo: Photo | None) -> None:
        self.browser.focus()
        query = self.navigator.current.selected
        if photo is not None and (query is None or query.photo != photo):
            self.navigator.select(photo, by_keyboard=False)
