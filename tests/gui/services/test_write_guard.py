"""Two windows on one library: the second looks only, and comes to life when the first is closed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosim.errors import LibraryLockedError, ReadOnlyLibraryError
from photosim.gui.base.theme import ThemeChoice
from photosim.gui.dialogs.settings_general import GeneralPage
from photosim.gui.main_window import MainWindow
from photosim.gui.services.write_guard import WriteGuard
from photosim.library import Library
from photosim.library.locks import WindowLock
from photosim.library.repair import repair
from photosim.records import Source
from tests.support.window_driver import wait_until_idle

HOLD = """
import sys
from pathlib import Path
from photosim.library.locks import WindowLock
lock = WindowLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(empty_library: Library) -> Iterator[subprocess.Popen[str]]:
    """Another program that has the library open."""
    words = [sys.executable, "-c", HOLD, str(empty_library.folder)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def said(window: MainWindow) -> str:
    error = window.controllers.library.error_dialog
    assert error is not None
    sentence = error.message.text()
    error.accept()
    return sentence


def test_the_first_window_has_the_library_until_it_is_closed(
    empty_library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    window = open_window(empty_library)
    assert window.services.write_guard.can_write
    assert window.views.read_only_banner.isHidden()
    with pytest.raises(LibraryLockedError, match="open in another PhotoSim"):
        WindowLock(empty_library.folder).acquire()
    window.close()
    WindowLock(empty_library.folder).acquire()


def test_a_second_window_looks_only_and_refuses_politely(
    empty_library: Library,
    open_window: Callable[[Library], MainWindow],
    other: subprocess.Popen[str],
    tmp_path: Path,
) -> None:
    window = open_window(empty_library)
    assert window.views.read_only_banner.isVisible()
    assert (
        window.views.read_only_banner.text.text()
        == "This library is open in another PhotoSim. You can view it but not change it."
    )
    assert not window.views.read_only_banner.close_button.isVisible()
    assert not window.views.read_only_banner.link.isVisible()
    for part in (
        window.views.actions.add_folder,
        window.views.actions.rescan,
        window.views.sources.add_button,
    ):
        assert not part.isEnabled()
    assert window.views.actions.settings.isEnabled()
    window.controllers.library.add_folders([tmp_path])
    assert "view it but not change it" in said(window)
    assert window.services.index_process.is_idle
    window.services.index_process.start([tmp_path])
    assert window.services.index_process.is_idle
    menu = {
        one.text(): one.isEnabled()
        for one in window.controllers.menus.source_menu(Source("/photos", 3, online=True)).actions()
    }
    assert menu.pop("&Show in folder")
    assert not any(on for text, on in menu.items() if text)


def test_the_library_itself_refuses_what_slips_through(
    empty_library: Library, open_window: Callable[[Library], MainWindow], other: subprocess.Popen[str]
) -> None:
    open_window(empty_library)
    for change in (
        lambda: empty_library.remove_source("/photos"),
        lambda: empty_library.folders.set_watched("/photos", False),
        lambda: list(empty_library.index([empty_library.folder.parent])),
    ):
        with pytest.raises(ReadOnlyLibraryError, match="view it but not change it"):
            change()
    assert empty_library.clusters().clusters == ()
    with pytest.raises(LibraryLockedError, match="open"):
        repair(empty_library.folder)


def test_choices_that_write_are_off_while_looking_only(
    qtbot: QtBot,
    empty_library: Library,
    open_window: Callable[[Library], MainWindow],
    other: subprocess.Popen[str],
) -> None:
    window = open_window(empty_library)
    page = GeneralPage(
        empty_library.folder,
        window.services.write_guard,
        window.controllers.settings.change,
        window.controllers.library.show_in_folder,
        ThemeChoice.SYSTEM,
        window.controllers.settings.choose_theme,
        window.views.actions.keep_rules.trigger,
    )
    qtbot.addWidget(page)
    assert not page.quiet_box.isEnabled()
    window.controllers.settings.change("quiet", "on")
    assert "view it but not change it" in said(window)
    assert not (empty_library.folder / "settings.json").exists()
    window.close()
    assert not (empty_library.folder / "window.ini").exists()


def test_it_comes_to_life_when_the_other_one_ends(
    qtbot: QtBot,
    empty_library: Library,
    open_window: Callable[[Library], MainWindow],
    other: subprocess.Popen[str],
) -> None:
    window = open_window(empty_library)
    other.kill()
    with qtbot.waitSignal(window.services.write_guard.changed):
        pass
    wait_until_idle(qtbot, window)
    assert window.services.write_guard.can_write
    assert window.views.read_only_banner.isHidden()
    assert window.views.actions.add_folder.isEnabled()
    assert window.views.sources.add_button.isEnabled()
    empty_library.remove_source("/photos")
    with pytest.raises(LibraryLockedError):
        WindowLock(empty_library.folder).acquire()


def test_a_command_reads_beside_a_window(
    empty_library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    open_window(empty_library)
    from photosim.cli.main import main

    assert main(["status", "--library", str(empty_library.folder)]) == 0


def test_a_library_that_cannot_be_written_has_the_same_kind_of_bar(
    qtbot: QtBot, empty_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "is_read_only", True)
    widget = QWidget()
    qtbot.addWidget(widget)
    guard = WriteGuard(empty_library, widget)
    action = QAction("Add", widget)
    guard.enable_with(action)
    assert guard.reason == "This library is read-only."
    assert not action.isEnabled()
    guard.close()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of folders are of another kind there")
def test_a_folder_where_no_lock_can_be_made_is_looked_at_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("photosim.library.locks.FileLock.acquire", refuse)
    with pytest.raises(ReadOnlyLibraryError):
        WindowLock(tmp_path).acquire()
