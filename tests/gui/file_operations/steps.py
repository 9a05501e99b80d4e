"""What a person does with photo files in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from photosim.files import transfer
from photosim.gui.dialogs.last_copy import LastCopyQuestion
from photosim.gui.main_window import MainWindow
from photosim.records import Photo
from tests.support.window_driver import select_photo, shown_names, tile_center, wait_until_idle


def done(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until everything that was asked for is done and shown."""
    qtbot.waitUntil(lambda: not window.controllers.files.queue.is_busy)
    wait_until_idle(qtbot, window)


def select(qtbot: QtBot, window: MainWindow, *names: str) -> list[Photo]:
    """Select photos by their names."""
    grid = window.views.browser.grid
    select_photo(qtbot, window, names[0])
    for name in names[1:]:
        control = Qt.KeyboardModifier.ControlModifier
        row = shown_names(window).index(name)
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, control, tile_center(grid, row))
    wait_until_idle(qtbot, window)
    return window.views.browser.selected_photos()


def choose(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Answer the dialog that asks for a folder."""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def question(qtbot: QtBot, window: MainWindow) -> LastCopyQuestion:
    """The second question, which must come."""
    qtbot.waitUntil(lambda: window.controllers.files.question is not None)
    asked = window.controllers.files.question
    assert asked is not None
    return asked


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def stop_after_one(monkeypatch: pytest.MonkeyPatch, window: MainWindow) -> None:
    """Let the person press Cancel while the first file is on its way."""
    real = transfer.copy_or_move

    def put(*arguments: object, **options: object) -> object:
        entry = real(*arguments, **options)  # type: ignore[arg-type]
        window.controllers.files.queue._stop.set()
        return entry

    monkeypatch.setattr(transfer, "copy_or_move", put)
