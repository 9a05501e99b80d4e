"""Actions on photos: view, open with another program, show in folder, copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint

from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.services import external
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query, View
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Photo


class PhotoController(QObject):
    """Connects the photo actions with the browser, the detail panel and the viewer."""

    def __init__(
        self,
        targets: ActionTargets,
        *,
        actions: Actions,
        browser: Browser,
        detail: DetailPanel,
        viewer: Viewer,
        navigator: Navigator,
        library_controller: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(viewer.parent())
        self._targets, self._browser, self._viewer, self._menus = targets, browser, viewer, menus
        self._navigator, self._library_controller, self._actions = navigator, library_controller, actions
        self._openers: dict[View, Callable[[Photo], object]] = {}
        browser.selection.photo_opened.connect(partial(self._open, browser.photo_model))
        detail.open_requested.connect(self.view)
        for grid, model in zip(detail.grids, detail.models, strict=True):
            grid.photo_opened.connect(partial(self._open, model))
        detail.photo_set.open_requested.connect(viewer.open)
        detail.photo_set.grid.menu_requested.connect(self._show_menu)
        viewer.menu_requested.connect(lambda photo, point: self._show_menu([photo], point))
        viewer.closed.connect(self._leave_viewer)
        browser.file_menu_requested.connect(menus.show_file_menu)
        detail.menu_requested.connect(lambda query, point: menus.show_photo_menu([query], point))
        menus.contribute(MenuSection.VIEW, lambda _: () if viewer.isVisible() else (actions.view,))
        menus.contribute(
            MenuSection.OPEN,
            lambda _: (actions.open, actions.show_in_folder, actions.copy_files, actions.copy_path),
        )
        targets.context_changed.connect(self._update_text)
        connect(
            (
                (actions.view, self.view),
                (actions.open, self.open),
                (actions.show_in_folder, self.show_in_folder),
                (actions.copy_files, lambda: external.copy_files(targets.files())),
                (actions.copy_path, lambda: external.copy_paths(targets.paths())),
            )
        )

    def view(self) -> None:
        """Open the photo of the context menu, or the current one, in the viewer."""
        context = self._targets.context
        query = self._navigator.current.selected if context is None else context.queries[0]
        if query is not None and query.photo is not None:
            self.view_photo(query.photo)

    def view_photo(self, photo: Photo) -> None:
        """Open a photo in the viewer, with the other photos of the grid where that shows it."""
        opener = self._openers.get(self._navigator.current.view)
        if opener is not None:
            opener(photo)
            return
        row = self._browser.photo_model.row_of(photo.file_id)
        if row is None or not self._browser.grid.isVisible():
            self._viewer.open((photo,), 0)
        else:
            self._open(self._browser.photo_model, self._browser.photo_model.photos.copy(), row)

    def open_by(self, view: View, opener: Callable[[Photo], object]) -> None:
        """Let a function open photos in the viewer where a view without a grid is shown."""
        self._openers[view] = opener

    def open(self) -> None:
        """Open the first target with the default program."""
        for path in self._targets.paths()[:1]:
            self._library_controller.open_file(path)

    def show_in_folder(self) -> None:
        """Show the first target in the file manager."""
        for path in self._targets.paths()[:1]:
            self._library_controller.show_in_folder(path)

    def _open(self, model: PhotoModel, photos: Sequence[Photo], index: int) -> None:
        self._viewer.open(photos, index, model.photo_list.found)

    def _show_menu(self, photos: Sequence[Photo], point: QPoint) -> None:
        self._menus.show_photo_menu([Query.of_photos(photo) for photo in photos], point)

    def _update_text(self) -> None:
        context = self._targets.context
        count = 1 if context is None else len(context.queries)
        self._actions.copy_path.setText(tr("Copy &path") if count == 1 else tr("Copy &paths"))

    def _leave_viewer(self, photo: Photo | None) -> None:
        self._browser.focus()
        query = self._navigator.current.selected
        if photo is not None and (query is None or query.photo != photo):
            self._navigator.select(photo, self._browser.photo_model.found(photo))
