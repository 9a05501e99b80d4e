"""Restoring the window's geometry and view settings from the previous session."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMainWindow, QSplitter

from photosim.gui.base.screen import resize_within_screen
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.panels.top_bar import TopBar
from photosim.gui.services.window_state import WindowState
from photosim.gui.state.cluster_listing import ClusterListing
from photosim.gui.state.ordering import SortOrder
from photosim.gui.viewer.viewer import Viewer

# All sizes in logical pixels.
_DEFAULT_SIZE = QSize(1280, 820)
_SOURCES_WIDTH, _DETAIL_WIDTH = 220, 372
_MIN_DETAIL_WIDTH = 290  # fits a date and a lens
_SOURCES_SHARE, _DETAIL_SHARE = 0.172, 0.29  # of a narrow window: half of it is left to the photos


class WindowSession:
    """Transfers state between the views and the settings file of the window."""

    def __init__(
        self,
        state: WindowState,
        window: QMainWindow,
        *,
        splitter: QSplitter,
        actions: Actions,
        top_bar: TopBar,
        sources: SourcesPanel,
        browser: Browser,
        detail: DetailPanel,
        viewer: Viewer,
    ) -> None:
        self._state, self._window, self._splitter, self._actions = state, window, splitter, actions
        self._top_bar, self._sources, self._browser = top_bar, sources, browser
        self._detail, self._viewer = detail, viewer

    def restore(self) -> None:
        """Restore the previous session, or set the defaults at the first start."""
        state = self._state
        if not state.restore_window(self._window):
            resize_within_screen(self._window, _DEFAULT_SIZE)
        if not state.restore_splitter("panels", self._splitter):
            self._set_default_widths()
        state.restore_splitter("details", self._detail.splitter)
        self._browser.set_tile_size(state.tile_edge)
        self._top_bar.show_tile_size(state.tile_edge)
        self._browser.set_order(state.order, descending=state.descending)
        self._top_bar.show_order(state.order, descending=state.descending)
        self._browser.set_group_by(state.group_by)
        self._top_bar.show_group_by(state.group_by)
        self._browser.set_level(state.level)
        self._browser.cluster_page.bar.set_listing(ClusterListing.from_text(state.cluster_order))
        self._actions.square.setChecked(state.square_thumbnails)
        self._actions.stack.setChecked(state.stack_photos)
        self._actions.panel.setChecked(state.show_detail_panel)
        self._actions.filter.setChecked(state.show_filter_bar)
        self._viewer.set_info_visible(state.show_info_panel)
        self._sources.expand(state.expanded_folders)

    def save(self) -> None:
        """Save the session for the next start."""
        state, browser = self._state, self._browser
        state.tile_edge = browser.grid.tile_size
        if browser.order is not SortOrder.SIMILARITY:  # no photo is selected at the next start
            state.order, state.descending = browser.order, browser.is_descending
        state.group_by = browser.group_by
        state.level = browser.level
        state.collection = browser.place.collection.id if browser.place.collection is not None else 0
        state.cluster_order = browser.cluster_page.bar.listing.to_text()
        state.square_thumbnails = self._actions.square.isChecked()
        state.stack_photos = self._actions.stack.isChecked()
        state.show_detail_panel = self._actions.panel.isChecked()
        state.show_filter_bar = self._actions.filter.isChecked()
        state.expanded_folders = self._sources.expanded
        state.show_info_panel = self._viewer.is_info_visible
        state.save_window(self._window, panels=self._splitter, details=self._detail.splitter)

    def _set_default_widths(self) -> None:
        width = self._window.width()
        sources = max(min(_SOURCES_WIDTH, round(width * _SOURCES_SHARE)), self._sources.minimumWidth())
        detail = max(min(_DETAIL_WIDTH, round(width * _DETAIL_SHARE)), _MIN_DETAIL_WIDTH)
        self._splitter.setSizes([sources, width - sources - detail, detail])
