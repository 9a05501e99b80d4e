"""Steps of the tests of file operations."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from photosim.files.operations import transfer
from photosim.gui.dialogs.trash_questions import LastCopyQuestion
from photosim.gui.main_window import MainWindow
from photosim.records import Photo
from tests.support.window_driver import select_photo, shown_names, tile_center, wait_until_idle


def wait_until_done(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until all operations are done and shown."""
    qtbot.waitUntil(lambda: not window.controllers.files.queue.is_busy)
    wait_until_idle(qtbot, window)


def select_photos(qtbot: QtBot, window: MainWindow, *names: str) -> list[Photo]:
    """Select photos by their names."""
    grid = window.views.browser.grid
    select_photo(qtbot, window, names[0])
    for name in names[1:]:
        control = Qt.KeyboardModifier.ControlModifier
        row = shown_names(window).index(name)
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, control, tile_center(grid, row))
    wait_until_idle(qtbot, window)
    return window.views.browser.selected_photos()


def choose_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Answer the dialog that asks for a folder."""
    url = QUrl.fromLocalFile(str(folder))
    monkeypatch.setattr(QFileDialog, "getExistingDirectoryUrl", lambda *_: url)


def wait_for_question(qtbot: QtBot, window: MainWindow) -> LastCopyQuestion:
    """Wait for the question about last copies."""
    qtbot.waitUntil(lambda: window.controllers.files.question is not None)
    question = window.controllers.files.question
    assert question is not None
    return question


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def cancel_after_first(monkeypatch: pytest.MonkeyPatch, window: MainWindow) -> None:
    """Cancel the operation while its first file is transferred."""
    place = transfer.place

    def place_then_cancel(*arguments: object, **options: object) -> object:
        moved = place(*arguments, **options)  # type: ignore[arg-type]
        window.controllers.files.queue._stop.set()
        return moved

    monkeypatch.setattr(transfer, "place", place_then_cancel)
