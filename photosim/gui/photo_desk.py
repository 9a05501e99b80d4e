"""What is done with the chosen photos: between the grid, the viewer, the menus and the places."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint

from photosim.core.records import Photo
from photosim.gui import photo_actions
from photosim.gui.browser import Browser
from photosim.gui.commands import Commands
from photosim.gui.navigator import Navigator
from photosim.gui.places import Query
from photosim.gui.viewer import Viewer


class PhotoDesk(QObject):
    """Knows which photos an action is about."""

    def __init__(self, browser: Browser, viewer: Viewer, navigator: Navigator, commands: Commands) -> None:
        super().__init__(viewer.parent())
        self._browser, self._viewer = browser, viewer
        self._navigator, self._commands = navigator, commands
        viewer.left.connect(self._leave)

    def view(self) -> None:
        """Open the photo in question in the full window, in the order of the view that shows it."""
        query = self._navigator.here.query
        if query is not None and query.photo is not None:
            self.view_photo(query.photo)

    def view_photo(self, photo: Photo) -> None:
        """Open a photo in the full window, among the others of the view when that shows it."""
        row = self._browser.photos.row_of(photo.file_id)
        if row is None or not self._browser.grid.isVisible():
            self._viewer.open((photo,), 0)
        else:
            self._viewer.open(tuple(self._browser.photos.photos), row)

    def find_similar(self) -> None:
        """Show in the centre what looks like the photo in question."""
        query = self._navigator.here.query
        if self._viewer.isVisible() and self._viewer.photo is not None:
            query = Query.of(self._viewer.photo)
            self._viewer.leave()
        if query is not None:
            self._navigator.find_similar(query)

    def open(self) -> None:
        """Open the first chosen file with the default program."""
        for path in self.paths()[:1]:
            self._commands.open_file(path)

    def show_in_folder(self) -> None:
        """Show the first chosen file in the file manager."""
        for path in self.paths()[:1]:
            self._commands.show_in_folder(path)

    def copy_files(self) -> None:
        """Put all chosen files on the clipboard."""
        photo_actions.copy_files(self.files())

    def copy_paths(self) -> None:
        """Put the paths of all chosen files on the clipboard."""
        photo_actions.copy_paths(self.paths())

    def paths(self) -> list[str]:
        """The files that an action is about: the one in the viewer, the selected ones, or the one in question."""
        if self._viewer.isVisible() and self._viewer.photo is not None:
            return [self._viewer.photo.path]
        paths = [photo.path for photo in self._browser.current_photos()]
        query = self._navigator.here.query
        return [query.path] if query is not None and query.path not in paths else paths

    def files(self) -> list[str]:
        """The files that an action is about, with the RAW files of shots that have one."""
        chosen = [self._viewer.photo] if self._viewer.isVisible() else self._browser.current_photos()
        raws = {photo.path: photo.raw_files for photo in chosen if photo is not None}
        return [file for path in self.paths() for file in (path, *raws.get(path, ()))]

    def pop_up_menu(self, photos: Sequence[Photo], point: QPoint) -> None:
        """Show the menu of some photos."""
        if photos:
            queries = [Query.of(photo) for photo in photos]
            menu = self._commands.photo_menu(queries, lambda: self.view_photo(photos[0]))
            self._commands.pop_up(menu, point)

    def pop_up_query_menu(self, query: Query, point: QPoint) -> None:
        """Show the menu of the photo in question."""
        self._commands.pop_up(self._commands.photo_menu([query], self.view), point)

    def _leave(self, photo: Photo | None) -> None:
        self._browser.focus()
        query = self._navigator.here.query
        if photo is not None and (query is None or query.photo != photo):
            self._navigator.look_at(photo, by_keyboard=False)
