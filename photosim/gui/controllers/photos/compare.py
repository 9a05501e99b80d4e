"""Comparing photos: the selection, or one photo with the current one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import ActionTargets, MenuContext
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
        self._actions = actions
        view.closed.connect(self._return_focus)
        view.show_in_folder_requested.connect(lambda photo: library_controller.show_in_folder(photo.path))
        menus.contribute(MenuSection.VIEW, self._menu_actions)
        targets.context_changed.connect(self._update_action)
        connect(((actions.compare, self.toggle), (actions.why, self.explain)))

    def toggle(self) -> None:
        """Compare the targets, or end the comparison."""
        if self._view.isVisible():
            self._view.dismiss()
            return
        photos = self._candidates(self._targets.selection())
        if len(photos) >= MIN_PHOTOS:
            self._view.open(photos[:MAX_PHOTOS])

    def explain(self) -> None:
        """Show why two photos are similar: those that are compared, or the targets; or no longer."""
        if self._view.isVisible():
            self._view.set_explained(not self._view.is_explained)
            return
        photos = self._candidates(self._targets.selection())
        if len(photos) == MIN_PHOTOS:
            self._view.open(photos)
            self._view.set_explained(True)

    def _candidates(self, photos: list[Photo]) -> list[Photo]:
        """Return the photos to compare: a single one is compared with the current photo."""
        return self._targets.with_current(photos[0]) if len(photos) == 1 else photos

    def _menu_actions(self, context: MenuContext) -> Sequence[QAction]:
        count = len(self._candidates(context.photos))
        if count < MIN_PHOTOS:
            return ()
        return (self._actions.compare, self._actions.why) if count == MIN_PHOTOS else (self._actions.compare,)

    def _update_action(self) -> None:
        action, context = self._actions.compare, self._targets.context
        action.setText(tr("&Compare"))
        if context is None:
            return
        candidates = self._candidates(context.photos)
        if len(context.photos) == 1 and len(candidates) == MIN_PHOTOS:
            [other] = (photo for photo in candidates if photo != context.photos[0])
            name = formatting.display_name(other.path)
            action.setText(tr("&Compare with {name}").format(name=name))

    def _return_focus(self) -> None:
        if self._viewer.isVisible():
            self._viewer.setFocus()
        else:
            self._browser.focus()
