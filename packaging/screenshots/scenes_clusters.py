"""Clusters, events and the map."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window import Scene, favourite, go_to, select_favourite, settle

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.library.map import MapColoring
from photosim.search.filters.criteria import PhotoFilter


def _clusters(window: MainWindow, library: Library) -> None:
    select_favourite(window, library)
    window.services.navigator.go(Place(View.CLUSTERS))


def _cluster_selected(window: MainWindow, library: Library) -> None:
    _clusters(window, library)
    settle(window)
    window.views.browser.cluster_grid.select_row(1)


def _cluster(window: MainWindow, library: Library) -> None:
    _clusters(window, library)
    settle(window)
    window.services.navigator.open_cluster(window.views.browser.cluster_model.cluster(0))


def _events(window: MainWindow, library: Library) -> None:  # noqa: ARG001
    window.services.navigator.go(Place(View.EVENTS))
    settle(window)


def _event_selected(window: MainWindow, library: Library) -> None:
    _events(window, library)
    window.views.browser.cluster_grid.select_row(1)


def _event(window: MainWindow, library: Library) -> None:
    _events(window, library)
    window.services.navigator.open_cluster(window.views.browser.cluster_model.cluster(1))


def _map(window: MainWindow, _: Library) -> None:
    window.services.navigator.go(Place(View.MAP))
    settle(window)


def _map_zoomed(zoom: float, window: MainWindow, library: Library) -> None:
    """Part of the map, with a photo selected."""
    _map(window, library)
    window.services.navigator.select(favourite(library))
    settle(window)
    window.views.map_page.canvas.zoom_by(zoom)
    settle(window)


def _map_colored(coloring: MapColoring, window: MainWindow, library: Library) -> None:
    _map(window, library)
    page = window.views.map_page
    page.coloring.setCurrentIndex(page.coloring.findData(coloring))
    settle(window)


def _map_lasso(window: MainWindow, library: Library) -> None:
    """A line that is drawn around photos."""
    _map(window, library)
    canvas = window.views.map_page.canvas
    canvas.set_lasso(True)
    middle = canvas.rect().center()
    corners = [
        middle + QPoint(round(radius * math.cos(angle)), round(radius * math.sin(angle)))
        for angle, radius in ((number / 8, 120 + 25 * math.sin(number / 3)) for number in range(46))
    ]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(canvas, corner)


def _map_filtered(window: MainWindow, library: Library) -> None:
    """Photos that the filter leaves out are dimmed."""
    _map_zoomed(1.8, window, library)
    window.views.filter_bar.apply(PhotoFilter(text="2023"))
    settle(window)


SCENES: dict[str, Scene] = {
    "clusters": _clusters,
    "cluster-selected": _cluster_selected,
    "cluster": _cluster,
    "events": _events,
    "event-selected": _event_selected,
    "event": _event,
    "map": _map,
    "map-covers": partial(_map_zoomed, 1.8),
    "map-photos": partial(_map_zoomed, 5.0),
    "map-filtered": _map_filtered,
    "map-dates": partial(_map_colored, MapColoring.DATE),
    "map-folders": partial(_map_colored, MapColoring.FOLDER),
    "map-lasso": _map_lasso,
    "loose": partial(go_to, Place(View.UNGROUPED)),
}
