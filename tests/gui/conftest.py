"""A library of similar photos, indexed once, and windows on copies of it."""

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
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.processes.photo_workers import PhotoWorkerPool
from photosim.indexing.reader import BATCH, WORKERS
from photosim.library import Library
from photosim.paths import program_command
from tests.support.images import make_exif, make_photo
from tests.support.photo_worker import new_worker
from tests.support.program_script import WAIT_BEFORE_SAVING, write_program
from tests.support.timeouts import TIMEOUT_MS
from tests.support.window_driver import wait_until_idle

SEEDS, VARIANTS = 6, 4
"""Scenes in the library, and similar photos of each."""

MANY = (WORKERS + 3) * BATCH
"""Photos in the large folder: more than are in flight when the first batch is saved."""


class PatientBot(QtBot):
    """Waits longer than the default of five seconds, for busy computers."""

    waitExposed = partialmethod(QtBot.waitExposed, timeout=TIMEOUT_MS)  # noqa: N815 - names of pytest-qt
    waitSignal = partialmethod(QtBot.waitSignal, timeout=TIMEOUT_MS)  # noqa: N815
    waitUntil = partialmethod(QtBot.waitUntil, timeout=TIMEOUT_MS)  # noqa: N815


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """A bot with longer timeouts."""
    return PatientBot(request)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Collect garbage now: later it might be collected in the thread of a job, where destroying widgets crashes."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def released_mouse_button(qapp: QApplication) -> Iterator[None]:
    """Release the button after a test: a double click of QTest leaves it pressed, and later moves would be drags."""
    yield
    QTest.mouseRelease(QWidget(), Qt.MouseButton.LeftButton)


@pytest.fixture(scope="session", autouse=True)
def frozen_objects() -> None:
    """Freeze the objects of the program, so that collecting after each test is quick."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def cleared_clipboard(qapp: QApplication) -> Iterator[None]:
    """Clear the clipboard at the end: offscreen, Qt does so after Python has shut down, and crashes."""
    yield
    qapp.clipboard().clear()


@pytest.fixture(autouse=True)
def nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no process ahead of an indexing: it would load PyTorch beside every test."""
    monkeypatch.setattr(IndexProcess, "prepare", lambda _: None)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of photos with dates and a camera, and one unreadable file."""
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(SEEDS):
        for variant in range(VARIANTS):
            name = f"scene {seed} take {variant}.jpg"
            day = 1 + seed * VARIANTS + variant
            exif = make_exif(taken_at=f"2024:05:{day:02} 12:00:00", make="Canon", model="Canon EOS R6")
            subfolder = folder / ("harbour" if seed % 2 else "meadow")
            make_photo(subfolder / name, seed, variant=variant, exif=exif)
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
    """A folder of more photos than one batch."""
    folder = tmp_path_factory.mktemp("many")
    photo = make_photo(folder / "0.jpg").read_bytes()
    for number in range(1, MANY):
        (folder / f"{number}.jpg").write_bytes(photo + str(number).encode())
    return folder


@pytest.fixture
def waiting_indexing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexing saves its first batch, and waits with the others until it is cancelled."""
    program = write_program(tmp_path / "program.py", WAIT_BEFORE_SAVING)
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(program)])


@pytest.fixture(scope="session")
def indexed(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library folder with these photos, indexed by a child process, so that torch is not loaded here."""
    base = tmp_path_factory.mktemp("indexed")
    command = [*program_command(), "--library", str(base / "library"), "index"]
    environment = {**os.environ, "HOME": str(base), "USERPROFILE": str(base)}
    folders = [str(photo_folder / "harbour"), str(photo_folder / "meadow")]
    subprocess.run([*command, *folders], check=True, capture_output=True, env=environment)
    return base / "library"


@pytest.fixture
def library(indexed: Path, tmp_path: Path) -> Iterator[Library]:
    """An open copy of the indexed library."""
    shutil.copytree(indexed, tmp_path / "library")
    opened = Library.open(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture
def empty_library(tmp_path: Path) -> Iterator[Library]:
    """An open, empty library."""
    opened = Library.open(tmp_path / "empty library")
    yield opened
    opened.close()


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    """A job runner that must be idle when the test ends."""
    runner = Jobs()
    yield runner
    assert runner.close(TIMEOUT_MS)


@pytest.fixture(autouse=True)
def photo_workers_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos to be shown are decoded in threads, since each process takes a while to start."""
    monkeypatch.setattr(PhotoWorkerPool, "_new_process", new_worker)


@pytest.fixture
def photo_client(jobs: Jobs, tmp_path: Path) -> Iterator[PhotoClient]:
    """A client whose photo workers run in threads."""
    client = PhotoClient(tmp_path / "library", jobs)
    yield client
    client.close()


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Callable[[Library], MainWindow]]:
    """Open windows as the program does; close them at the end, and check that nothing is left running."""
    windows: list[MainWindow] = []

    def open_library(library: Library) -> MainWindow:
        window = MainWindow(library)
        windows.append(window)
        window.resize(1200, 800)
        window.start()
        window.show()
        wait_until_idle(qtbot, window)
        return window

    yield open_library
    for window in windows:
        window.close()
        assert window.services.jobs.close(TIMEOUT_MS)
        assert not window.services.jobs.is_busy
        assert window.services.index_process._process is None
        assert window.services.photo_client._pool._workers == []
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    leaked = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)]
    assert leaked == [], "closed windows must be destroyed"


@pytest.fixture
def window(library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    """A window on the indexed library, with its photos shown."""
    return open_window(library)


@pytest.fixture(autouse=True, scope="session")
def app_theme(qapp: QApplication) -> None:
    """Apply the theme of the program."""
    theme.follow_system(qapp)
