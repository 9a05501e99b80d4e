"""The whole window: file operations are undone and redone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.errors import PhotoSimError
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.journal import OperationJournal
from photosim.gui.main_window import MainWindow
from photosim.gui.services import file_operations
from photosim.gui.state.grouping import GroupBy
from photosim.library import Library
from photosim.library.files.moves import FileOperations
from photosim.library.files.operations import FileOperation, OperationKind
from photosim.store.files.file_moves import FileMoves
from tests.gui.file_operations.steps import (
    cancel_after_first,
    choose_folder,
    list_files,
    select_photos,
    wait_for_question,
    wait_until_done,
)
from tests.support.photo_folders import photo_files
from tests.support.window_driver import shown_names, wait_until_idle


def test_what_is_undone_twice_and_done_again_ends_where_it_says(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "3.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    for _ in range(2):
        window.views.actions.undo.trigger()
        window.views.actions.redo.trigger()
        wait_until_done(qtbot, window)
        assert "a/3.jpg" not in list_files(folder)
        assert "3.jpg" not in shown_names(window)
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before


def test_an_undo_that_was_stopped_can_go_on(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "0.jpg", "1.jpg", "2.jpg")
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.move_to.trigger()
    wait_until_done(qtbot, window)
    with monkeypatch.context() as patched:
        cancel_after_first(patched, window)
        window.views.actions.undo.trigger()
        wait_until_done(qtbot, window)
    assert len(list_files(tmp_path / "target")) == 2
    assert window.views.actions.undo.isEnabled()
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    assert list_files(tmp_path / "target") == []


def test_an_operation_that_was_not_redone_undoes_nothing(
    qtbot: QtBot, window: MainWindow, folder: Path, isolated_home: Path
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "3.jpg", "same 3.jpg")
    window.views.actions.trash.trigger()
    wait_for_question(qtbot, window).all_button.click()
    wait_until_done(qtbot, window)
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    window.views.actions.redo.trigger()
    wait_for_question(qtbot, window).cancel_button.click()
    wait_until_done(qtbot, window)
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    assert list((isolated_home / "Trash" / "files").iterdir()) == []
    assert window.views.file_strip.text.text() == "No photos were changed."


def test_what_the_catalog_cannot_record_is_done_and_can_be_undone(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "0.jpg")
    choose_folder(monkeypatch, tmp_path / "target")

    def fail(*_: object) -> None:
        raise PhotoSimError("The disk with the library is full.")

    with monkeypatch.context() as patched:
        patched.setattr(FileMoves, "move", fail)
        window.views.actions.move_to.trigger()
        wait_until_done(qtbot, window)
    assert list_files(tmp_path / "target") == ["0.jpg"]
    assert window.controllers.library.error_dialog is not None
    assert "full" in window.controllers.library.error_dialog.message.text()
    window.controllers.library.error_dialog.close()
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before


def test_all_photos_that_undo_restores_are_selected_again(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    selected = select_photos(qtbot, window, "1.jpg", "3.jpg", "same 4.jpg")
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.move_to.trigger()
    wait_until_done(qtbot, window)
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert window.views.browser.selected_photos() == selected
    selected = select_photos(qtbot, window, "3.jpg", "same 4.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert window.views.browser.selected_photos() == selected
    [alone] = select_photos(qtbot, window, "0.jpg")
    window.views.browser.reload()
    wait_until_idle(qtbot, window)
    assert window.views.browser.selected_photos() == [alone], "the earlier selection is not restored"


@pytest.mark.parametrize("group_by", [GroupBy.NONE, GroupBy.DAY, GroupBy.FOLDER])
def test_what_changed_is_applied_without_loading_the_place_again(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    group_by: GroupBy,
) -> None:
    browser, actions = window.views.browser, window.views.actions
    browser.set_group_by(group_by)
    wait_until_idle(qtbot, window)
    before, sections = shown_names(window), list(browser.photo_model.sections)
    loads: list[object] = []
    load = browser._loader.load
    monkeypatch.setattr(browser._loader, "load", lambda *args, **kw: loads.append(args) or load(*args, **kw))
    select_photos(qtbot, window, "3.jpg", "same 4.jpg")
    actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert shown_names(window) == [name for name in before if name not in ("3.jpg", "same 4.jpg")]
    actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert shown_names(window) == before
    assert list(browser.photo_model.sections) == sections
    select_photos(qtbot, window, "0.jpg")
    choose_folder(monkeypatch, folder / "b")
    actions.move_to.trigger()
    wait_until_done(qtbot, window)
    moved = shown_names(window), list(browser.photo_model.sections)
    assert loads == []
    browser.reload()
    wait_until_idle(qtbot, window)
    assert (shown_names(window), list(browser.photo_model.sections)) == moved, "a reload finds nothing else"


def test_undo_restores_photos_without_resetting_the_view(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    photos, grid = window.views.browser.photo_model, window.views.browser.grid
    before, resets = shown_names(window), []
    photos.modelReset.connect(lambda: resets.append(True))
    select_photos(qtbot, window, "3.jpg")
    grid.set_tile_size(320)
    grid.verticalScrollBar().setValue(40)
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert "3.jpg" not in shown_names(window)
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert shown_names(window) == before
    assert [Path(one.path).name for one in window.views.browser.selected_photos()] == ["3.jpg"]
    assert resets == []


@pytest.fixture
def copied(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of a photo, whose original is gone."""
    select_photos(qtbot, window, "0.jpg")
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.copy_to.trigger()
    wait_until_done(qtbot, window)
    (folder / "a" / "0.jpg").unlink()
    return tmp_path / "target" / "0.jpg"


def test_undo_of_a_copy_asks_before_it_trashes_the_last_one(
    qtbot: QtBot, window: MainWindow, copied: Path, isolated_home: Path
) -> None:
    window.views.actions.undo.trigger()
    question = wait_for_question(qtbot, window)
    assert "last copy" in question.text()
    question.cancel_button.click()
    wait_until_done(qtbot, window)
    assert copied.exists()
    window.views.actions.undo.trigger()
    wait_for_question(qtbot, window).all_button.click()
    wait_until_done(qtbot, window)
    assert not copied.exists()
    assert [path.name for path in (isolated_home / "Trash" / "files").iterdir()] == ["0.jpg"]


def test_undo_of_copies_can_leave_those_whose_originals_are_gone_for_later(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_photos(qtbot, window, "0.jpg", "1.jpg")
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.copy_to.trigger()
    wait_until_done(qtbot, window)
    (folder / "a" / "0.jpg").unlink()
    window.views.actions.undo.trigger()
    question = wait_for_question(qtbot, window)
    assert question.keep_button is not None
    question.keep_button.click()
    wait_until_done(qtbot, window)
    assert list_files(tmp_path / "target") == ["0.jpg"]
    window.views.actions.undo.trigger()
    wait_for_question(qtbot, window).all_button.click()
    wait_until_done(qtbot, window)
    assert list_files(tmp_path / "target") == []


def test_undo_says_that_another_file_is_there_now(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_photos(qtbot, window, "0.jpg")
    choose_folder(monkeypatch, tmp_path / "target")
    window.views.actions.move_to.trigger()
    wait_until_done(qtbot, window)
    moved = tmp_path / "target" / "0.jpg"
    moved.rename(tmp_path / "target" / "kept.jpg")
    moved.write_bytes(b"somebody else's")
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert moved.read_bytes() == b"somebody else's"
    assert not (folder / "a" / "0.jpg").exists()
    text = window.views.file_strip.text.text()
    assert text == "“0.jpg” wasn't changed: The file was changed or replaced by another program."


def test_what_was_interrupted_is_finished_and_told_at_the_next_start(
    qtbot: QtBot,
    library: Library,
    folder: Path,
    open_window: Callable[[Library], MainWindow],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        """As the process ends; the journal stays."""

    def kill(*_: object) -> None:
        raise Killed

    files = (photo_files(folder / "a" / "0.jpg"), photo_files(folder / "a" / "1.jpg"))
    operation = FileOperation(OperationKind.MOVE, files=files, folder=folder / "b")
    with monkeypatch.context() as patched:
        patched.setattr(FileOperations, "_record", kill)
        patched.setattr(OperationJournal, "__exit__", lambda self, *_: self._lock.release(force=True))
        with pytest.raises(Killed):
            library.file_moves.run(operation, file_operations.move_to_trash, TransferProgress())
    window = open_window(library)
    assert window.views.file_strip.isVisible()
    assert window.views.file_strip.text.text() == "An interrupted operation was finished: 2 files moved."
    shown = {photo.path for photo in window.views.browser.photo_model.photos}
    assert {str(folder / "b" / "0.jpg"), str(folder / "b" / "1.jpg")} < shown
    assert str(folder / "a" / "0.jpg") not in shown
