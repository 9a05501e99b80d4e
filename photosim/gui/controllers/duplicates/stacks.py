"""Stacks of duplicates and bursts: turning them on, and opening one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject
from PySide6.QtGui import QAction

from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import ActionTargets, MenuContext
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.state.navigator import Navigator
from photosim.library.files.operations import PhotoChanges


class StackController(QObject):
    """Connects the actions and badges of stacks with the grids."""

    def __init__(
        self,
        targets: ActionTargets,
        *,
        actions: Actions,
        browser: Browser,
        detail: DetailPanel,
        navigator: Navigator,
        library_controller: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(browser)
        self._targets, self._navigator, self._browser, self._detail = targets, navigator, browser, detail
        self._show_stack, self._library_controller = actions.show_stack, library_controller
        for grid in (browser.grid, detail.similar.grid):
            grid.stack_requested.connect(self._open_at)
        menus.contribute(MenuSection.VIEW, self._menu_actions)
        actions.stack.toggled.connect(self._set_stacked)
        library_controller.files_changed.connect(self._tell_of_others)
        connect(((actions.show_stack, self.open),))

    def open(self) -> None:
        """Show the photos of the stack that is selected."""
        if stack := self._targets.stack():
            [photo] = self._targets.selection()
            self._navigator.open_stack(photo, stack)

    def _open_at(self, index: QModelIndex) -> None:
        model = index.model()
        assert isinstance(model, PhotoModel)
        photo = index.data(Role.PHOTO)
        self._navigator.open_stack(photo, model.photo_list.stacks[photo.file_id])

    def _tell_of_others(self, changes: PhotoChanges) -> None:
        """Say how many photos stay that were below those which are gone."""
        stacks = self._browser.photo_model.photo_list.stacks
        below = {file_id for top in changes.removed for file_id in stacks.get(top, ())}
        if left := len(below - changes.removed):
            self._library_controller.message.emit(
                tr("%Ln other photo(s) of the stack (was|were) left.", "", left)
            )

    def _menu_actions(self, _: MenuContext) -> Sequence[QAction]:
        return (self._show_stack,) if self._targets.stack() else ()

    def _set_stacked(self, stacked: bool) -> None:
        self._browser.set_stacked(stacked)
        self._detail.refresh()
