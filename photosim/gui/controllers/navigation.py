"""What arriving at a place means for the window: its title, its bar, and the lists on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photosim import APP_NAME
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, View

if TYPE_CHECKING:
    from photosim.gui.main_window import MainWindow


class NavigationController(QObject):
    """Shows in all parts of a window where it is."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._beside = QTimer(self, interval=0, singleShot=True)
        self._beside.timeout.connect(self._show_beside)
        window.navigator.place_changed.connect(self._arrive)
        window.detail.similar.focus_handed_over.connect(window.browser.grid.setFocus)

    def _arrive(self, place: Place, anchor: Query | None) -> None:
        window, top = self._window, self._window.top
        title, crumb = window.navigator.title()
        top.show_place(title, crumb)
        window.setWindowTitle(f"{title} – {APP_NAME}")
        top.set_available(
            sorting=place.shows_photos and place.view is not View.SIMILAR,
            size=place.view is not View.UNREADABLE,
        )
        top.order_actions[SortOrder.SIMILARITY].setEnabled(place.selected is not None)
        top.show_order(SortOrder.SIMILARITY if place.view is View.SIMILAR else window.browser.order)
        window.sources.show_place(place)
        self._beside.start()
        window.browser.show_place(place, anchor=anchor)
        window.actions_.back.setEnabled(window.navigator.can_go_back)
        window.actions_.forward.setEnabled(window.navigator.can_go_forward)
        for action in window.actions_.photo_actions:
            action.setEnabled(place.selected is not None)

    def _show_beside(self) -> None:
        """The panel at the right, once the centre has been painted: both in one turn would hold the window up."""
        place, detail = self._window.navigator.current, self._window.detail
        detail.similar.set_shown_in_grid(place.view is View.SIMILAR and place.search == place.selected)
        detail.show_query(place.selected)
