"""Drives a window as a user does: clicks and drops, and waits until it has settled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.base import qt_paths
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Query
from photosim.library import Library
from photosim.records import Photo
from photosim.search.filters.criteria import PhotoFilter

_LEFT = Qt.MouseButton.LeftButton

_NEXT_TURN_MS = 1
"""Single timers up to this long put something off until the window has handled its events; longer ones wait for a person."""


def wait_until_idle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until no job is running, no photo is being decoded, and nothing is put off to the next turns."""
    services = window.services

    def is_idle() -> bool:
        if services.jobs.is_busy or services.photo_client.is_busy:
            return False
        return not any(map(_is_due, window.findChildren(QTimer)))

    qtbot.waitUntil(is_idle)
    QApplication.sendPostedEvents()
    qtbot.wait(1)
    qtbot.waitUntil(is_idle)


def _is_due(timer: QTimer) -> bool:
    return timer.isActive() and timer.isSingleShot() and timer.interval() <= _NEXT_TURN_MS


def tile_center(grid: PhotoGrid, row: int) -> QPoint:
    """Scroll to a tile, and return its center in the viewport."""
    index = grid.model().index(row, 0)
    grid.scrollTo(index)
    return grid.visualRect(index).center()


def click(qtbot: QtBot, grid: PhotoGrid, row: int, button: Qt.MouseButton = _LEFT) -> None:
    """Click a tile."""
    qtbot.mouseClick(grid.viewport(), button, pos=tile_center(grid, row))


def double_click(qtbot: QtBot, grid: PhotoGrid, row: int) -> None:
    """Double-click a tile."""
    point = tile_center(grid, row)
    qtbot.mouseClick(grid.viewport(), _LEFT, pos=point)
    qtbot.mouseDClick(grid.viewport(), _LEFT, pos=point)


def drag_over(target: QWidget, paths: Sequence[Path]) -> QMimeData:
    """Drag files over a widget; keep the returned data alive until the drop."""
    data = qt_paths.to_mime(list(map(str, paths)))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(target, event)
    return data


def drop(
    target: QWidget, paths: Sequence[Path], keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Drop files on a widget, with these keys held."""
    data = drag_over(target, paths)
    buttons = Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(target, event)


def set_filter(window: MainWindow, photo_filter: PhotoFilter) -> None:
    """Apply a filter as the filter bar does."""
    window.views.filter_bar.show_filter(photo_filter)
    window.views.filter_bar.filter_changed.emit(photo_filter)


def shown_names(window: MainWindow) -> list[str]:
    """Return the file names of the photos in the browser."""
    return [Path(photo.path).name for photo in window.views.browser.photo_model.photos]


def similar_paths(window: MainWindow) -> list[str]:
    """Return the paths of the photos in the similar panel."""
    return [photo.path for photo in window.views.detail.similar.model.photos]


def exact_matches(library: Library, photo: Photo, tmp_path: Path, lowest: float) -> list[str]:
    """Return the paths of similar photos, best first, by comparing the embedding with all others."""
    library.exports.embeddings(tmp_path / "all.npz")
    with np.load(tmp_path / "all.npz") as file:
        paths, vectors = [str(path) for path in file["paths"]], file["embeddings"]
    similarities = vectors @ vectors[paths.index(photo.path)]
    order = [index for index in np.argsort(-similarities, kind="stable") if paths[index] != photo.path]
    return [paths[index] for index in order if similarities[index] >= lowest]


def photo_menu_actions(window: MainWindow, photo: Photo) -> list[QAction]:
    """Return the actions of the context menu of a photo."""
    menus = window.controllers.menus
    menus.show_photo_menu([Query.of_photos(photo)], window.mapToGlobal(window.rect().center()))
    assert menus.menu is not None
    actions = menus.menu.actions()
    menus.menu.close()
    return actions


def select_photo(qtbot: QtBot, window: MainWindow, name: str) -> Photo:
    """Click a photo of the grid by its file name, and return its record."""
    row = shown_names(window).index(name)
    click(qtbot, window.views.browser.grid, row)
    wait_until_idle(qtbot, window)
    return window.views.browser.photo_model.photo(row)
