"""Photos carried to other programs: dragged, or copied to the clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QGuiApplication, QMouseEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.grid import drag
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from tests.support.window_driver import click, middle_of, settle


class Carried:
    """What was dragged, instead of a drag that waits for a drop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        self.actions = Qt.DropAction.IgnoreAction
        self.picture = QPixmap()
        carried = self

        def take(drag: QDrag, actions: Qt.DropAction) -> Qt.DropAction:
            carried.paths = [url.toLocalFile() for url in drag.mimeData().urls()]
            carried.actions, carried.picture = actions, drag.pixmap()
            return Qt.DropAction.CopyAction

        monkeypatch.setattr(QDrag, "exec", take)


def drag_tile(grid: PhotoGrid, row: int) -> None:
    """Press on a tile and move the pointer away."""
    start = middle_of(grid, row)
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
    carried = Carried(monkeypatch)
    grid = window.views.browser.grid
    click(qtbot, grid, 0)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, shift, middle_of(grid, 2))
    drag_tile(grid, 1)
    assert carried.paths == [window.views.browser.photos.photo(row).path for row in range(3)]
    assert carried.actions == Qt.DropAction.CopyAction, "what is dropped elsewhere stays here"
    assert not carried.picture.isNull()
    assert all(Path(path).is_file() for path in carried.paths)


def test_a_photo_that_was_not_selected_is_dragged_alone(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = Carried(monkeypatch)
    click(qtbot, window.views.browser.grid, 0)
    drag_tile(window.views.browser.grid, 3)
    assert carried.paths == [window.views.browser.photos.photo(3).path]


def test_a_cluster_is_dragged_with_all_its_photos(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = Carried(monkeypatch)
    window.services.navigator.go(Place(View.CLUSTERS))
    settle(qtbot, window)
    drag_tile(window.views.browser.cluster_grid, 0)
    assert carried.paths == list(window.views.browser.clusters.cluster(0).paths)


def test_the_pile_shows_what_is_carried(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    red = QPixmap(64, 64)
    red.fill(QColor("red"))
    one = drag.drag_pixmap([red], 1, widget)
    many = drag.drag_pixmap([red, None, red, red], 9, widget)
    assert one.toImage().pixelColor(one.rect().center()) == QColor("red")
    assert many.width() > one.width()
    plate = widget.palette().highlight().color()
    pixels = [many.toImage().pixelColor(x, drag._EDGE // 2) for x in range(drag._EDGE)]
    assert plate in pixels, "how many there are stands on the pile"


def test_copied_photos_can_be_pasted_as_files_and_their_paths_as_text(
    qtbot: QtBot, window: MainWindow
) -> None:
    click(qtbot, window.views.browser.grid, 0)
    settle(qtbot, window)
    path = window.views.browser.photos.photo(0).path
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
