"""The whole window: photos are copied and moved to folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.library import Library
from tests.gui.file_operations.steps import (
    cancel_after_first,
    choose_folder,
    list_files,
    select_photos,
    wait_until_done,
)
from tests.support.window_driver import shown_names


def test_a_moved_photo_is_shown_in_its_new_place_and_undo_brings_it_back(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_files(folder)
    [photo] = select_photos(qtbot, window, "0.jpg")
    choose_folder(monkeypatch, folder / "b")
    window.views.actions.move_to.trigger()
    wait_until_done(qtbot, window)
    assert (folder / "b" / "0.jpg").is_file()
    assert not (folder / "a" / "0.jpg").exists()
    row = window.views.browser.photo_model.row_of(photo.file_id)
    assert row is not None
    assert window.views.browser.photo_model.photo(row).path == str(folder / "b" / "0.jpg")
    query = window.services.navigator.current.selected
    assert query is not None
    assert query.path == str(folder / "b" / "0.jpg"), "the photo in question is still the same"
    assert window.views.file_strip.text.text() == "1 photo moved to “b”."
    assert window.views.actions.undo.text() == "&Undo Move"
    window.views.file_strip.undo_button.click()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    assert window.views.browser.photo_model.photo(row).path == photo.path
    window.views.actions.redo.trigger()
    wait_until_done(qtbot, window)
    assert (folder / "b" / "0.jpg").is_file()


def test_photos_moved_out_of_the_library_leave_it_and_come_back_by_undo(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shown_names(window)
    select_photos(qtbot, window, "0.jpg", "1.jpg")
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.move_to.trigger()
    wait_until_done(qtbot, window)
    assert list_files(tmp_path / "target") == ["0.jpg", "1.jpg"]
    assert shown_names(window) == [name for name in before if name not in ("0.jpg", "1.jpg")]
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert shown_names(window) == before
    assert list_files(tmp_path / "target") == []


def test_copies_take_a_free_name_and_undo_puts_them_in_the_trash(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "0.jpg", "1.jpg")
    choose_folder(monkeypatch, folder / "a")
    window.views.actions.copy_to.trigger()
    wait_until_done(qtbot, window)
    assert set(list_files(folder)) - set(before) == {"a/0 (2).jpg", "a/1 (2).jpg"}
    assert {"0 (2).jpg", "1 (2).jpg"} < set(shown_names(window))
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    assert "0 (2).jpg" not in shown_names(window)
    assert window.views.file_strip.text.text() == "2 copies moved to trash."


def test_what_cannot_be_moved_stays_and_the_reason_is_told(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_photos(qtbot, window, "0.jpg", "1.jpg", "2.jpg")
    (folder / "a" / "0.jpg").unlink()
    (folder / "a" / "2.jpg").unlink()
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.move_to.trigger()
    wait_until_done(qtbot, window)
    assert list_files(tmp_path / "target") == ["1.jpg"]
    told = window.views.file_strip.text.text()
    assert told == "1 photo moved to “target”. 2 photos weren't changed: The file is unavailable."
    window.views.file_strip.details_button.click()
    assert window.controllers.library.error_dialog is not None
    assert str(folder / "a" / "0.jpg") in window.controllers.library.error_dialog.report
    window.controllers.library.error_dialog.close()


def test_a_folder_without_room_is_told_in_a_sentence_and_nothing_happens(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "0.jpg")
    monkeypatch.setattr(
        shutil,
        "disk_usage",
        lambda _: shutil._ntuple_diskusage(1, 1, 0),  # type: ignore[attr-defined]
    )
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.copy_to.trigger()
    wait_until_done(qtbot, window)
    assert window.controllers.library.error_dialog is not None
    assert "Not enough space" in window.controllers.library.error_dialog.message.text()
    window.controllers.library.error_dialog.close()
    assert list_files(folder) == before
    assert window.views.file_strip.isHidden()
    assert not window.views.actions.undo.isEnabled()


def test_the_library_s_own_folder_takes_no_photos(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_photos(qtbot, window, "0.jpg")
    choose_folder(monkeypatch, library.folder)
    window.views.actions.copy_to.trigger()
    assert window.controllers.library.error_dialog is not None
    assert "another folder" in window.controllers.library.error_dialog.message.text()
    window.controllers.library.error_dialog.close()
    assert not window.controllers.files.queue.is_busy


def test_a_long_copy_is_cancelled_between_two_photos(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_photos(qtbot, window, "0.jpg", "1.jpg", "2.jpg")
    strip = window.views.file_strip
    cancel_after_first(monkeypatch, window)
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.copy_to.trigger()
    assert not strip.isHidden()
    assert strip.cancel_button.isVisibleTo(strip)
    wait_until_done(qtbot, window)
    assert len(list_files(tmp_path / "target")) == 1
    assert strip.text.text() == "1 photo copied to “target”. Stopped. The remaining photos weren't changed."
