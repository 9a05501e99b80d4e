"""The window stands at the next start as it stood at the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize

from photosim.gui.base.screen import resize_within_screen
from photosim.gui.services.window_state import WindowState
from photosim.gui.state.ordering import SortOrder

if TYPE_CHECKING:
    from photosim.gui.main_window import MainWindow

_SIZE = (1280, 820)  # logical pixels of the first start
_SIDE, _DETAIL = 220, 372
_LEAST_DETAIL = 290  # a date and a lens have room
_SIDE_PART, _DETAIL_PART = 0.172, 0.29  # of a narrower window: the photos keep half of it


class WindowSession:
    """Between the parts of a window and what is kept of them."""

    def __init__(self, window: MainWindow, state: WindowState) -> None:
        self._window, self._state = window, state

    def restore(self) -> None:
        """Let the window stand as it did, or as it should at the first start."""
        window, state = self._window, self._state
        if not state.restore_window(window):
            resize_within_screen(window, QSize(*_SIZE))
        if not state.restore_splitter("panels", window.splitter):
            whole = window.width()
            side = max(min(_SIDE, round(whole * _SIDE_PART)), window.sources.minimumWidth())
            detail = max(min(_DETAIL, round(whole * _DETAIL_PART)), _LEAST_DETAIL)
            window.splitter.setSizes([side, whole - side - detail, detail])
        state.restore_splitter("details", window.detail.splitter)
        window.browser.set_tile_size(state.tile_edge)
        window.top.show_tile_size(state.tile_edge)
        window.browser.set_order(state.order)
        window.top.show_order(state.order)
        window.browser.set_group_by(state.group_by)
        window.top.show_group_by(state.group_by)
        window.browser.set_level(state.level)
        window.detail.similar.set_threshold(state.threshold)
        window.browser.set_threshold(window.detail.similar.threshold)
        window.actions_.square.setChecked(state.square)
        window.actions_.panel.setChecked(state.detail_panel)
        window.actions_.filter.setChecked(state.filter_bar)
        window.viewer.set_info_visible(state.info_panel)

    def save(self) -> None:
        """Keep how the window stands."""
        window, state = self._window, self._state
        state.tile_edge = window.browser.grid.tile_size
        if window.browser.order is not SortOrder.SIMILARITY:  # the next start has no photo to be similar to
            state.order = window.browser.order
        state.group_by = window.browser.group_by
        state.level = window.browser.level
        state.threshold = window.detail.similar.threshold
        state.square, state.detail_panel = (
            window.actions_.square.isChecked(),
            window.actions_.panel.isChecked(),
        )
        state.filter_bar = window.actions_.filter.isChecked()
        state.info_panel = window.viewer.is_info_visible
        state.save_window(window, panels=window.splitter, details=window.detail.splitter)
