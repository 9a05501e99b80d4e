"""What each action of the menus, keys and buttons does in a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from photosim.gui.controllers.actions import connect
from photosim.gui.state.empty_text import EmptyAction
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, View
from photosim.ml.closeness import SLIDER_MAX, threshold_at

if TYPE_CHECKING:
    from photosim.gui.main_window import MainWindow

_ZOOM_STEP = 16  # logical pixels by which tiles grow


class ViewController(QObject):
    """Connects the actions; holds what several parts of the window do together."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._connect_actions()
        window.navigator.place_about_to_change.connect(self._uncover)
        window.browser.status.action_requested.connect(self._grant)
        window.top.order_changed.connect(self._sort)
        for grid in (window.browser.grid, window.browser.cluster_grid):
            grid.zoom_requested.connect(self._zoom)

    def back(self) -> None:
        """Leave what lies over the places, or go one place back."""
        over = next(self._window.overlays(), None)
        if over is not None:
            over.dismiss()
        else:
            self._window.navigator.back()

    def forward(self) -> None:
        """Go one place forward, unless something lies over the places."""
        if next(self._window.overlays(), None) is None:
            self._window.navigator.forward()

    # --- helpers -----------------------------------------------------------------------------------------

    def _connect_actions(self) -> None:
        window, actions, commands = self._window, self._window.actions_, self._window.commands
        connect(
            (
                (actions.add_folder, commands.add_folder),
                (actions.search_image, commands.search_image),
                (actions.find, self._find),
                (actions.rescan, commands.rescan),
                (actions.settings, window.settings.open),
                (actions.quit, window.close),
                (actions.back, self.back),
                (actions.forward, self.forward),
                (actions.larger, lambda: self._zoom(1)),
                (actions.smaller, lambda: self._zoom(-1)),
                (actions.view, window.desk.view),
                (actions.find_similar, window.queries.find_similar),
                (actions.paste, window.queries.paste),
                (actions.compare, window.comparing.toggle),
                (actions.open, window.desk.open),
                (actions.show_in_folder, window.desk.show_in_folder),
                (actions.copy_files, window.desk.copy_files),
                (actions.copy_path, window.desk.copy_paths),
                (actions.shortcuts, commands.show_shortcuts),
                (actions.about, commands.show_about),
            )
        )
        window.guard.enable_with(
            *(actions.add_folder, actions.rescan, window.sources.add_button, actions.move_to, actions.trash)
        )
        actions.square.toggled.connect(window.browser.set_square)
        actions.panel.toggled.connect(window.detail.setVisible)
        actions.filter.toggled.connect(window.filter.set_open)
        actions.full_screen.toggled.connect(self._set_full_screen)

    def _uncover(self) -> None:
        for over in self._window.overlays():
            over.dismiss()

    def _find(self) -> None:
        window = self._window
        if next(window.overlays(), None) is None:
            window.actions_.filter.setChecked(True)
            window.filter.bar.focus_text()

    def _grant(self, wish: EmptyAction) -> None:
        """Do what the button of an empty place says."""
        window = self._window
        granted: dict[EmptyAction, Callable[[], object]] = {
            EmptyAction.ADD_FOLDER: window.commands.add_folder,
            EmptyAction.SHOW_UNREADABLE: lambda: window.navigator.go(Place(View.UNREADABLE)),
            EmptyAction.SHOW_MORE: lambda: window.detail.similar.set_threshold(threshold_at(SLIDER_MAX)),
            EmptyAction.RESCAN: window.commands.rescan,
            EmptyAction.CLEAR_FILTER: window.filter.bar.clear,
        }
        granted[wish]()

    def _sort(self, order: SortOrder) -> None:
        self._window.top.show_order(order)
        self._window.browser.set_order(order)

    def _zoom(self, steps: int) -> None:
        browser = self._window.browser
        browser.set_tile_size(browser.grid.tile_size + steps * _ZOOM_STEP)
        self._window.top.show_tile_size(browser.grid.tile_size)

    def _set_full_screen(self, full: bool) -> None:
        state, whole = self._window.windowState(), Qt.WindowState.WindowFullScreen
        self._window.setWindowState(state | whole if full else state & ~whole)
