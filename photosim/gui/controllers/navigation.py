"""Navigation: Back and Forward, and showing the current place in the title, the bar and the panels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from photosim import APP_NAME
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.panels.top_bar import TopBar
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, View
from photosim.gui.viewer.overlay import Overlay
from photosim.records import Photo


class NavigationController(QObject):
    """Connects the navigator with the views that show its place."""

    def __init__(
        self,
        window: QWidget,
        navigator: Navigator,
        *,
        actions: Actions,
        top_bar: TopBar,
        sources: SourcesPanel,
        browser: Browser,
        detail: DetailPanel,
        overlays: Sequence[Overlay],
    ) -> None:
        super().__init__(window)
        self._window, self._navigator = window, navigator
        self._top_bar, self._sources, self._browser = top_bar, sources, browser
        self._overlays = overlays
        navigator.place_about_to_change.connect(self._leave_overlays)
        navigator.place_changed.connect(self._show_place)
        sources.place_selected.connect(navigator.go)
        sources.focus_handed_over.connect(browser.focus)
        browser.selection.photo_selected.connect(self._select)
        browser.selection.deselected.connect(navigator.clear_selection)
        browser.selection.cluster_opened.connect(navigator.open_cluster)
        browser.order_changed.connect(self._show_order)
        detail.similar.grid.photo_chosen.connect(
            lambda photo: navigator.select_similar(photo, detail.similar.model.found(photo))
        )
        detail.similar.show_all_requested.connect(navigator.find_similar)
        top_bar.breadcrumb_clicked.connect(self._open_list)
        detail.similar.focus_handed_over.connect(browser.grid.setFocus)
        connect(
            (
                (actions.back, self.back),
                (actions.forward, self.forward),
                (actions.show_duplicates, lambda: navigator.go(Place(View.DUPLICATES))),
            )
        )

    def visible_overlays(self) -> Iterator[Overlay]:
        """The overlays that cover the window, the topmost first."""
        return (overlay for overlay in self._overlays if overlay.isVisible())

    def back(self) -> None:
        """Leave the topmost overlay, or go one place back."""
        overlay = next(self.visible_overlays(), None)
        if overlay is not None:
            overlay.dismiss()
        else:
            self._navigator.back()

    def forward(self) -> None:
        """Go one place forward, unless an overlay covers the window."""
        if next(self.visible_overlays(), None) is None:
            self._navigator.forward()

    def _open_list(self) -> None:
        """Show what the open cluster or event is part of."""
        is_event = self._navigator.current.view is View.EVENT
        self._navigator.go(Place(View.EVENTS if is_event else View.CLUSTERS))

    def _select(self, photo: Photo) -> None:
        self._navigator.select(photo, self._browser.photo_model.found(photo))

    def _leave_overlays(self) -> None:
        for overlay in self.visible_overlays():
            overlay.dismiss()

    def _show_place(self, place: Place, anchor: Query | None) -> None:
        navigator, top_bar = self._navigator, self._top_bar
        title, crumb = navigator.title()
        top_bar.show_place(title, crumb)
        self._window.setWindowTitle(f"{title} – {APP_NAME}")
        top_bar.set_available(
            sorting=place.shows_photos and not place.has_own_order,
            size=place.view not in (View.DUPLICATES, View.UNREADABLE, View.COMPARISON, View.MAP),
        )
        top_bar.order_actions[SortOrder.SIMILARITY].setEnabled(place.selected is not None)
        self._show_order()
        self._sources.show_place(place)
        self._browser.show_place(place, anchor=anchor)

    def _show_order(self) -> None:
        browser, top_bar = self._browser, self._top_bar
        has_objects = browser.view_filter.photo_filter.has_objects
        top_bar.order_actions[SortOrder.BEST_MATCH].setVisible(has_objects)
        if self._navigator.current.is_search:
            top_bar.show_order(SortOrder.SIMILARITY)
        elif browser.shown_order is SortOrder.BEST_MATCH:
            top_bar.show_order(SortOrder.BEST_MATCH)
        else:
            top_bar.show_order(browser.order, descending=browser.is_descending)
