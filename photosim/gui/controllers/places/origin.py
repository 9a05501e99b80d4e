"""Finding the original of a photo, or of an image that was dropped or pasted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.services.origin import FamilySearch
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, Query, View
from photosim.gui.viewer.origin import OriginView
from photosim.gui.viewer.viewer import Viewer
from photosim.library.search.origin import Family
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library.library import Library


class OriginController(QObject):
    """Connects the action with the search and the view that shows what it found."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        client: PhotoClient,
        view: OriginView,
        targets: ActionTargets,
        *,
        actions: Actions,
        browser: Browser,
        viewer: Viewer,
        navigator: Navigator,
        library_controller: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(view)
        self._view, self._targets, self._navigator = view, targets, navigator
        self._browser, self._viewer = browser, viewer
        self._start = partial(FamilySearch, library, jobs, client)
        self._search: FamilySearch | None = None
        view.closed.connect(self._leave)
        view.show_in_library_requested.connect(self._show_in_library)
        view.show_in_folder_requested.connect(lambda photo: library_controller.show_in_folder(photo.path))
        menus.contribute(
            MenuSection.VIEW,
            lambda context: (actions.find_original,) if len(context.queries) == 1 else (),
        )
        connect(((actions.find_original, self.find),))

    def find(self) -> None:
        """Find the original of the target, or end that."""
        if self._view.isVisible():
            self._view.dismiss()
            return
        query = self._targets.query()
        if query is not None:
            self._view.open(query.images[0])
            self._search = self._start(query.path, self._accept)

    def _accept(self, family: Family | None, error: Exception | None) -> None:
        self._search = None
        if family is None:
            self._view.show_error(str(error))
        else:
            self._view.show_family(family)

    def _leave(self) -> None:
        if self._search is not None:
            self._search.cancel()
            self._search = None
        if self._viewer.isVisible():
            self._viewer.setFocus()
        else:
            self._browser.focus()

    def _show_in_library(self, photo: Photo) -> None:
        """Show a photo among the others of its folder."""
        self._view.dismiss()
        if self._viewer.isVisible():
            self._viewer.dismiss()
        folder = str(Path(photo.path).parent)
        self._navigator.go(Place(View.FOLDER, folder=folder, selected=Query.of_photos(photo)))
