"""Comparing photos: the selection, or one photo with the current one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.state.places import Query
from photosim.gui.viewer.compare import MAX_PHOTOS, MIN_PHOTOS, CompareView
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Photo


class CompareController(QObject):
    """Connects the Compare action and the context menu with the comparison."""

    def __init__(
        self,
        view: CompareView,
        targets: ActionTargets,
        *,
        actions: Actions,
        browser: Browser,
        viewer: Viewer,
        library_controller: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(view)
        self._view, self._targets = view, targets
        self._browser, self._viewer = browser, viewer
        self._library_controller = library_controller
        view.closed.connect(self._return_focus)
        view.show_in_folder_requested.connect(lambda photo: library_controller.show_in_folder(photo.path))
        menus.filling.connect(self._fill)
        connect(((actions.compare, self.toggle),))

    def toggle(self) -> None:
        """Compare the targets, or end the comparison."""
        if self._view.isVisible():
            self._view.dismiss()
            return
        photos = self._candidates(self._targets.selection())
        if len(photos) >= MIN_PHOTOS:
            self._view.open(photos[:MAX_PHOTOS])
        else:
            text = tr("Select 2–4 photos to compare (Ctrl+click or Shift+click).")
            self._library_controller.message.emit(text)

    def _candidates(self, photos: list[Photo]) -> list[Photo]:
        """Return the photos to compare: a single one is compared with the current photo."""
        return self._targets.with_current(photos[0]) if len(photos) == 1 else photos

    def _fill(self, menu: QMenu, queries: Sequence[Query]) -> None:
        photos = [query.photo for query in queries if query.photo is not None]
        candidates = self._candidates(photos)
        if len(candidates) < MIN_PHOTOS:
            return
        text = tr("&Compare")
        if len(photos) == 1:
            text = tr("&Compare with {name}").format(name=formatting.display_name(candidates[0].path))
        action = menu.addAction(text, lambda: self._view.open(candidates))
        action.setEnabled(len(candidates) <= MAX_PHOTOS)

    def _return_focus(self) -> None:
        if self._viewer.isVisible():
            self._viewer.setFocus()
        else:
            self._browser.focus()
