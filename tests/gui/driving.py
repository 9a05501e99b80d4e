"""What a person does to a window: clicks, keys, drops, and waiting until it has answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.photo_grid import PhotoGrid

PATIENCE_MS = 120_000
"""How long a test waits for what must come."""

_LEFT = Qt.MouseButton.LeftButton


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until nothing is being read any more."""
    qtbot.waitUntil(lambda: not window.jobs.busy, timeout=PATIENCE_MS)
    QApplication.sendPostedEvents()
    qtbot.wait(1)
    qtbot.waitUntil(lambda: not window.jobs.busy, timeout=PATIENCE_MS)


def middle_of(grid: PhotoGrid, row: int) -> QPoint:
    """The middle of a tile in the viewport, scrolled into sight."""
    index = grid.model().index(row, 0)
    grid.scrollTo(index)
    return grid.visualRect(index).center()


def click(qtbot: QtBot, grid: PhotoGrid, row: int, button: Qt.MouseButton = _LEFT) -> None:
    """Click a tile."""
    qtbot.mouseClick(grid.viewport(), button, pos=middle_of(grid, row))


def double_click(qtbot: QtBot, grid: PhotoGrid, row: int) -> None:
    """Double-click a tile."""
    point = middle_of(grid, row)
    qtbot.mouseClick(grid.viewport(), _LEFT, pos=point)
    qtbot.mouseDClick(grid.viewport(), _LEFT, pos=point)


def drag_over(target: QWidget, paths: Sequence[Path]) -> QMimeData:
    """Hold files over a widget; returns what is held, to be kept until the drop."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(target, event)
    return data


def drop(target: QWidget, paths: Sequence[Path]) -> None:
    """Drop files on a widget."""
    data = drag_over(target, paths)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(target, event)
