"""Taking photos to other programs: dragging them out, and copying them to the clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QGuiApplication, QMouseEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.grid.drag import _THUMBNAIL_SIZE, drag_pixmap
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from tests.support.window_driver import click, tile_center, wait_until_idle


class DragRecorder:
    """Replaces QDrag.exec, which would wait for a drop, and records what was dragged."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        self.actions = Qt.DropAction.IgnoreAction
        self.pixmap, self.hot_spot = QPixmap(), QPoint()
        recorder = self

        def record(drag: QDrag, actions: Qt.DropAction) -> Qt.DropAction:
            recorder.paths = [url.toLocalFile() for url in drag.mimeData().urls()]
            recorder.actions, recorder.pixmap, recorder.hot_spot = actions, drag.pixmap(), drag.hotSpot()
            return Qt.DropAction.CopyAction

        monkeypatch.setattr(QDrag, "exec", record)


def drag_tile(grid: PhotoGrid, row: int) -> None:
    """Press the mouse on a tile, move it away and release it."""
    start = tile_center(grid, row)
    QTest.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in (4, 20, 60):
        left = Qt.MouseButton.LeftButton
        point = QPointF(start + QPoint(step, step))
        screen = grid.viewport().mapToGlobal(point)
        keys = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(QEvent.Type.MouseMove, point, screen, Qt.MouseButton.NoButton, left, keys)
        QApplication.sendEvent(grid.viewport(), event)
    QTest.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(60, 60))


def test_selected_photos_are_dragged_out_as_files_to_be_copied(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = DragRecorder(monkeypatch)
    grid = window.views.browser.grid
    click(qtbot, grid, 0)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, shift, tile_center(grid, 2))
    drag_tile(grid, 1)
    assert recorder.paths == [window.views.browser.photo_model.photo(row).path for row in range(3)]
    assert recorder.actions == Qt.DropAction.CopyAction, "what is dropped elsewhere stays here"
    assert not recorder.pixmap.isNull()
    hot_spot = recorder.hot_spot
    assert hot_spot.x() < 0 > hot_spot.y(), "the pixmap does not cover what it is dropped on"
    assert all(Path(path).is_file() for path in recorder.paths)


def test_a_photo_that_is_not_selected_is_dragged_alone(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = DragRecorder(monkeypatch)
    click(qtbot, window.views.browser.grid, 0)
    drag_tile(window.views.browser.grid, 3)
    assert recorder.paths == [window.views.browser.photo_model.photo(3).path]


def test_a_cluster_is_dragged_with_all_its_photos(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = DragRecorder(monkeypatch)
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    drag_tile(window.views.browser.cluster_grid, 0)
    assert recorder.paths == list(window.views.browser.cluster_model.cluster(0).paths)


def test_the_drag_pixmap_shows_the_thumbnails_and_their_number(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    red = QPixmap(64, 64)
    red.fill(QColor("red"))
    single = drag_pixmap([red], 1, widget)
    several = drag_pixmap([red, None, red, red], 9, widget)
    assert single.toImage().pixelColor(single.rect().center()) == QColor("red")
    assert several.width() > single.width()
    background = widget.palette().highlight().color()
    middle_line = [several.toImage().pixelColor(x, _THUMBNAIL_SIZE // 2) for x in range(_THUMBNAIL_SIZE)]
    assert background in middle_line, "the number is in the middle"


def test_copied_photos_can_be_pasted_as_files_and_their_paths_as_text(
    qtbot: QtBot, window: MainWindow
) -> None:
    click(qtbot, window.views.browser.grid, 0)
    wait_until_idle(qtbot, window)
    path = window.views.browser.photo_model.photo(0).path
    window.views.actions.copy_files.trigger()
    data = QGuiApplication.clipboard().mimeData()
    assert [url.toLocalFile() for url in data.urls()] == [path]
    command, *addresses = data.data("x-special/gnome-copied-files").data().decode().splitlines()
    assert command == "copy"
    assert [QUrl(address).toLocalFile() for address in addresses] == [path]
    assert data.text() == path
    window.views.actions.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == path
    assert not QGuiApplication.clipboard().mimeData().hasUrls()
