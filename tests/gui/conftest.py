"""A library of look-alike photos, indexed once, and windows on copies of it."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partialmethod
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.main_window import MainWindow
from photosim.indexing.reader import BATCH, WORKERS
from photosim.library.library import Library
from photosim.paths import program_command
from tests.support.images import make_exif, make_photo
from tests.support.quick_program import WAITS_TO_SAVE, write_program
from tests.support.timeouts import PATIENCE_MS
from tests.support.window_driver import settle

SEEDS, VARIANTS = 6, 4
"""Scenes in the library, and photos of each that look alike."""

MANY = (WORKERS + 3) * BATCH
"""Photos in the large folder: more than are being read when the first of them are kept."""


class PatientBot(QtBot):
    """Does not give up after five seconds, which a busy computer may need for anything."""

    waitExposed = partialmethod(QtBot.waitExposed, timeout=PATIENCE_MS)  # noqa: N815 - names of pytest-qt
    waitSignal = partialmethod(QtBot.waitSignal, timeout=PATIENCE_MS)  # noqa: N815
    waitUntil = partialmethod(QtBot.waitUntil, timeout=PATIENCE_MS)  # noqa: N815


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """A person at the window, who waits patiently."""
    return PatientBot(request)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """What a test leaves goes at once: later the collector might destroy widgets in the thread of a job, and crash."""
    yield
    gc.collect()


@pytest.fixture(scope="session", autouse=True)
def frozen() -> None:
    """The collector need not look at the program itself after each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def emptied_clipboard(qapp: QApplication) -> Iterator[None]:
    """Without a display Qt empties the clipboard when Python is gone already, and crashes on what Python put there."""
    yield
    qapp.clipboard().clear()


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of photos with dates and a camera, and one file that is no photo."""
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(SEEDS):
        for variant in range(VARIANTS):
            name = f"scene {seed} take {variant}.jpg"
            day = 1 + seed * VARIANTS + variant
            exif = make_exif(taken_at=f"2024:05:{day:02} 12:00:00", make="Canon", model="Canon EOS R6")
            place = folder / ("harbour" if seed % 2 else "meadow")
            make_photo(place / name, seed, variant=variant, exif=exif)
    (folder / "meadow" / "broken.jpg").write_bytes(b"this is no photo")
    return folder


@pytest.fixture
def three_photos(tmp_path: Path) -> Path:
    """A folder of three photos: 0.jpg, 1.jpg and 2.jpg."""
    for number in range(3):
        make_photo(tmp_path / "photos" / f"{number}.jpg", number)
    return tmp_path / "photos"


@pytest.fixture(scope="session")
def many_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos that are not kept all at once."""
    folder = tmp_path_factory.mktemp("many")
    photo = make_photo(folder / "0.jpg").read_bytes()
    for number in range(1, MANY):
        (folder / f"{number}.jpg").write_bytes(photo + str(number).encode())
    return folder


@pytest.fixture
def waiting_indexing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The indexing keeps the first photos that it reads, and waits with the others until it is cancelled."""
    program = write_program(tmp_path / "program.py", WAITS_TO_SAVE)
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(program)])


@pytest.fixture(scope="session")
def indexed(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library folder that holds these photos; torch stays in the process that indexed them."""
    base = tmp_path_factory.mktemp("indexed")
    command = [*program_command(), "--library", str(base / "library"), "index"]
    environment = {**os.environ, "HOME": str(base), "USERPROFILE": str(base)}
    folders = [str(photo_folder / "harbour"), str(photo_folder / "meadow")]
    subprocess.run([*command, *folders], check=True, capture_output=True, env=environment)
    return base / "library"


@pytest.fixture
def library(indexed: Path, tmp_path: Path) -> Iterator[Library]:
    """A copy of the indexed library, open."""
    shutil.copytree(indexed, tmp_path / "library")
    opened = Library.open(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture
def empty_library(tmp_path: Path) -> Iterator[Library]:
    """A library with nothing in it, open."""
    opened = Library.open(tmp_path / "empty library")
    yield opened
    opened.close()


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    """Background work that ends with the test."""
    made = Jobs()
    yield made
    assert made.close(PATIENCE_MS)


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Callable[[Library], MainWindow]]:
    """Opens windows as the program does; they are closed in the end, with nothing left running."""
    windows: list[MainWindow] = []

    def open_one(library: Library) -> MainWindow:
        window = MainWindow(library)
        windows.append(window)
        window.resize(1200, 800)
        window.start()
        window.show()
        settle(qtbot, window)
        return window

    yield open_one
    for window in windows:
        window.close()
        assert window.services.jobs.close(PATIENCE_MS)
        assert not window.services.jobs.is_busy
        assert window.services.index_process._process is None
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gone = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)]
    assert gone == [], "a window must go when it is closed"


@pytest.fixture
def window(library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    """A window on the indexed library, with its photos on the screen."""
    return open_window(library)


@pytest.fixture(autouse=True, scope="session")
def dressed(qapp: QApplication) -> None:
    """The look that the program has."""
    theme.follow_system(qapp)
