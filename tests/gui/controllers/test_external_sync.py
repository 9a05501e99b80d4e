"""A window that sees what another PhotoSim does to its library."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.controllers.others_desk import ExternalSync
from photosim.gui.main_window import MainWindow
from photosim.library.library import Library
from photosim.paths import program_command
from tests.support.window_driver import settle, shown


@pytest.fixture
def window(empty_library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    return open_window(empty_library)


@pytest.fixture
def desk(window: MainWindow, empty_library: Library) -> Iterator[ExternalSync]:
    desk = ExternalSync(
        empty_library,
        window.services.jobs,
        window.services.index_process,
        window.services.library_monitor,
        window.controllers.library,
        look_ms=100,
    )
    desk.start()
    yield desk
    desk.close()


def index_elsewhere(library: Library, folder: Path) -> None:
    command = [*program_command(), "--library", str(library.folder), "index", str(folder)]
    subprocess.run(command, check=True, capture_output=True)


def test_what_the_command_line_indexes_and_forgets_is_seen(
    qtbot: QtBot, window: MainWindow, desk: ExternalSync, empty_library: Library, three_photos: Path
) -> None:
    assert shown(window) == []
    with qtbot.waitSignal(window.controllers.library.photos_changed):
        index_elsewhere(empty_library, three_photos)
    qtbot.waitUntil(lambda: sorted(shown(window)) == ["0.jpg", "1.jpg", "2.jpg"])
    qtbot.waitUntil(lambda: window.services.library_monitor.overview.photos == 3)
    (three_photos / "0.jpg").unlink()
    index_elsewhere(empty_library, three_photos)
    qtbot.waitUntil(lambda: sorted(shown(window)) == ["1.jpg", "2.jpg"])


def test_its_own_indexing_is_shown_by_the_window_itself(
    qtbot: QtBot, window: MainWindow, desk: ExternalSync, three_photos: Path
) -> None:
    told: list[None] = []
    window.controllers.library.photos_changed.connect(lambda: told.append(None))
    with qtbot.waitSignal(window.services.index_process.finished):
        window.controllers.library.add_folders([three_photos])
    settle(qtbot, window)
    qtbot.wait(500)  # five looks
    assert sorted(shown(window)) == ["0.jpg", "1.jpg", "2.jpg"]
    assert told == []
