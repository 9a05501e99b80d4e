"""How photos are shown: sort order, grouping, tile size, panels, full screen, and the buttons of empty pages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.filters.bar import FilterBar
from photosim.gui.panels.query_chips import QueryBar
from photosim.gui.panels.strictness import ALL
from photosim.gui.panels.top_bar import TopBar
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, View
from photosim.gui.state.text.empty import EmptyAction
from photosim.gui.viewer.overlay import Overlay
from photosim.search.filters.criteria import PhotoFilter

_ZOOM_STEP = 16  # logical pixels by which tiles grow


class ViewController(QObject):
    """Connects the View menu, the top bar and the empty page with the views they change."""

    def __init__(
        self,
        window: QWidget,
        *,
        actions: Actions,
        top_bar: TopBar,
        browser: Browser,
        query_bar: QueryBar,
        filter_bar: FilterBar,
        overlays: tuple[Overlay, ...],
        navigator: Navigator,
        library_controller: LibraryController,
    ) -> None:
        super().__init__(window)
        self._window, self._top_bar, self._browser = window, top_bar, browser
        self._filter_bar = filter_bar
        self._empty_actions: dict[EmptyAction, Callable[[], object]] = {
            EmptyAction.ADD_FOLDER: library_controller.add_folder,
            EmptyAction.SHOW_UNREADABLE: lambda: navigator.go(Place(View.UNREADABLE)),
            EmptyAction.SHOW_ALL_RESULTS: lambda: query_bar.strictness_chosen.emit(ALL),
            EmptyAction.RESCAN: library_controller.rescan,
            EmptyAction.CLEAR_FILTER: filter_bar.clear,
            EmptyAction.SEARCH_EVERYWHERE: lambda: navigator.go(Place(View.ALL)),
            EmptyAction.SEARCH_IMAGE: actions.search_image.trigger,
        }
        browser.status.action_requested.connect(self._run_empty_action)
        browser.status.count_changed.connect(top_bar.show_count)
        top_bar.order_changed.connect(self._sort)
        top_bar.direction_changed.connect(self._sort_in_direction)
        top_bar.group_by_changed.connect(browser.set_group_by)
        top_bar.tile_size_changed.connect(browser.set_tile_size)
        for grid in (browser.grid, browser.cluster_grid):
            grid.zoom_requested.connect(self._zoom)
        connect(
            (
                (actions.larger, lambda: self._zoom(1)),
                (actions.smaller, lambda: self._zoom(-1)),
                (actions.select_all, self._select_all),
            )
        )
        actions.square.toggled.connect(browser.set_square)
        actions.full_screen.toggled.connect(self._set_full_screen)
        for overlay in overlays:
            overlay.full_screen_toggle_requested.connect(actions.full_screen.trigger)
            overlay.full_screen_ended.connect(lambda: actions.full_screen.setChecked(False))

    def _run_empty_action(self, action: EmptyAction | PhotoFilter) -> None:
        if isinstance(action, PhotoFilter):
            self._filter_bar.apply(action)
        else:
            self._empty_actions[action]()

    def _sort(self, order: SortOrder) -> None:
        self._top_bar.show_order(order)
        if order is not self._browser.shown_order:
            self._browser.set_order(order)
        elif order is not SortOrder.BEST_MATCH:
            self._sort_in_direction(self._browser.is_descending)

    def _sort_in_direction(self, descending: bool) -> None:
        self._top_bar.show_order(self._browser.order, descending=descending)
        self._browser.set_order(self._browser.order, descending=descending)

    def _select_all(self) -> None:
        browser = self._browser
        shows_clusters = browser.currentWidget() is browser.cluster_page
        grid = browser.cluster_grid if shows_clusters else browser.grid
        grid.setFocus()
        grid.selectAll()

    def _zoom(self, steps: int) -> None:
        self._browser.set_tile_size(self._browser.grid.tile_size + steps * _ZOOM_STEP)
        self._top_bar.show_tile_size(self._browser.grid.tile_size)

    def _set_full_screen(self, full: bool) -> None:
        state, full_screen = self._window.windowState(), Qt.WindowState.WindowFullScreen
        self._window.setWindowState(state | full_screen if full else state & ~full_screen)
