"""The whole window while folders are indexed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes import index_queue
from photosim.gui.services.processes.index_queue import PendingIndexing
from photosim.gui.services.processes.indexing import IndexState
from photosim.library import Library
from photosim.records import Phase
from tests.gui.conftest import MANY
from tests.support.images import make_photo
from tests.support.window_driver import shown_names, wait_until_idle

Open = Callable[[Library], MainWindow]


def test_an_indexing_can_be_paused_and_cancelled_and_keeps_what_it_read(
    qtbot: QtBot, empty_library: Library, open_window: Open, many_photos: Path, waiting_indexing: None
) -> None:
    window = open_window(empty_library)
    window.controllers.library.add_folders([many_photos])
    strip = window.views.index_strip
    qtbot.waitUntil(lambda: window.views.browser.photo_model.rowCount() > 0)
    qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    assert window.services.index_process.state is IndexState.PAUSED
    assert strip.text.text().startswith("Paused")
    qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    assert window.services.index_process.state is IndexState.RUNNING
    with qtbot.waitSignal(window.services.index_process.finished) as finished:
        qtbot.mouseClick(strip.cancel_button, Qt.MouseButton.LeftButton)
    assert finished.args[0].cancelled
    wait_until_idle(qtbot, window)
    saved = len(empty_library.photos())
    assert 0 < saved < MANY
    assert window.views.browser.photo_model.rowCount() == saved
    assert strip.text.text().startswith("Indexing stopped. ")
    assert strip.text.text().endswith(" left.")
    window.close()
    window = open_window(empty_library)
    strip = window.views.index_strip
    assert strip.isVisible()
    assert strip.pause_button.text() == "Resume"
    qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    assert window.services.index_process.state is IndexState.RUNNING
    qtbot.waitUntil(lambda: strip.phase_labels[Phase.ANALYZING].text().startswith("2"))
    with qtbot.waitSignal(window.services.index_process.finished):
        window.services.index_process.cancel()
    wait_until_idle(qtbot, window)


def test_closing_the_window_while_it_indexes_leaves_no_process_and_a_sound_library(
    qtbot: QtBot, empty_library: Library, open_window: Open, many_photos: Path, waiting_indexing: None
) -> None:
    window = open_window(empty_library)
    window.controllers.library.add_folders([many_photos])
    qtbot.waitUntil(lambda: window.views.browser.photo_model.rowCount() > 0)
    assert window.services.index_process._process is not None
    window.close()
    assert window.services.index_process._process is None
    assert len(empty_library.photos()) > 0


def test_an_indexing_paused_before_the_window_was_closed_waits_with_a_button_to_resume_it(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    make_photo(tmp_path / "photos" / "1.jpg", 1)
    index_queue.save_pending(
        empty_library.folder, PendingIndexing(((str(tmp_path / "photos"),),), paused=True)
    )
    window = open_window(empty_library)
    strip = window.views.index_strip
    assert strip.isVisible()
    assert (strip.text.text(), strip.pause_button.text()) == ("Paused", "Resume")
    assert strip.pause_button.isEnabled()
    assert strip.cancel_button.isEnabled()
    with qtbot.waitSignal(window.services.index_process.finished):
        qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["1.jpg"]


def test_a_folder_that_vanished_is_told_in_a_dialog(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    from photosim.gui.dialogs.messages import ErrorDialog

    window = open_window(empty_library)
    with qtbot.waitSignal(window.services.index_process.failed):
        window.controllers.library.add_folders([tmp_path / "gone"])
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert "does not exist" in dialog.message.text()
    assert window.views.index_strip.isHidden()
    dialog.close()
    wait_until_idle(qtbot, window)


def test_a_rescan_finds_new_and_gone_photos(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    for number in range(4):
        make_photo(tmp_path / "photos" / f"{number}.jpg", number)
    window = open_window(empty_library)
    with qtbot.waitSignal(window.services.index_process.finished):
        window.controllers.library.add_folders([tmp_path / "photos"])
    wait_until_idle(qtbot, window)
    (tmp_path / "photos" / "0.jpg").unlink()
    make_photo(tmp_path / "photos" / "9.jpg", 9)
    with qtbot.waitSignal(window.services.index_process.finished):
        window.views.actions.rescan.trigger()
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == ["1.jpg", "2.jpg", "3.jpg", "9.jpg"]
    assert "1 photo indexed" in window.views.index_strip.text.text()
    assert "1 file removed" in window.views.index_strip.text.text()


def test_the_summary_says_that_a_folder_is_offline_once_that_is_known(
    qtbot: QtBot, empty_library: Library, open_window: Open, three_photos: Path, tmp_path: Path
) -> None:
    window = open_window(empty_library)
    for act in (
        lambda: window.controllers.library.add_folders([three_photos]),
        window.controllers.library.rescan,
    ):
        with qtbot.waitSignal(window.services.index_process.finished):
            act()
        wait_until_idle(qtbot, window)
        three_photos.rename(tmp_path / "elsewhere") if three_photos.exists() else None
    assert window.views.index_strip.text.text() == ("No photos found. Offline folders are skipped.")
