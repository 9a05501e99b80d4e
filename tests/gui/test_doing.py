"""The whole window: photos are copied, moved and thrown away, and all of that can be taken back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from photosim import file_actions
from photosim.core.records import Photo
from photosim.errors import PhotoSimError
from photosim.gui import trash
from photosim.gui.last_copy import LastCopyQuestion
from photosim.gui.main_window import MainWindow
from photosim.gui.places import Place, View
from photosim.gui.tile_model import Role
from photosim.library import Library
from photosim.store.placements import Placements
from tests.gui.driving import PATIENCE_MS, click, look_at, middle_of, settle, shown
from tests.images import make_photo
from tests.indexing import embed_quickly, index


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photos, of which two have a copy, in two folders; a third folder is empty."""
    photos = tmp_path / "photos"
    for number in range(5):
        make_photo(photos / "a" / f"{number}.jpg", number)
    (photos / "b").mkdir()
    for number in (3, 4):
        shutil.copy(photos / "a" / f"{number}.jpg", photos / "b" / f"same {number}.jpg")
    (tmp_path / "target").mkdir()
    return photos


@pytest.fixture
def library(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    embed_quickly(monkeypatch)
    opened = Library.open(tmp_path / "library")
    index(opened, folder)
    yield opened
    opened.close()


@pytest.fixture
def window(library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    made = open_window(library)
    made.browser.grid.setFocus()
    return made


def done(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until everything that was asked for is done and shown."""
    qtbot.waitUntil(lambda: not window.doing.errands.busy, timeout=PATIENCE_MS)
    settle(qtbot, window)


def select(qtbot: QtBot, window: MainWindow, *names: str) -> list[Photo]:
    """Select photos by their names."""
    grid = window.browser.grid
    look_at(qtbot, window, names[0])
    for name in names[1:]:
        control = Qt.KeyboardModifier.ControlModifier
        row = shown(window).index(name)
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, control, middle_of(grid, row))
    settle(qtbot, window)
    return window.browser.current_photos()


def choose(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Answer the dialog that asks for a folder."""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def question(qtbot: QtBot, window: MainWindow) -> LastCopyQuestion:
    """The second question, which must come."""
    qtbot.waitUntil(lambda: window.doing.question is not None, timeout=PATIENCE_MS)
    asked = window.doing.question
    assert asked is not None
    return asked


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- to folders ---------------------------------------------------------------------------------------------


def test_a_moved_photo_is_shown_in_its_new_place_and_undo_brings_it_back(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)
    [photo] = select(qtbot, window, "0.jpg")
    choose(monkeypatch, folder / "b")
    window.actions_.move_to.trigger()
    done(qtbot, window)
    assert (folder / "b" / "0.jpg").is_file()
    assert not (folder / "a" / "0.jpg").exists()
    row = window.browser.photos.row_of(photo.file_id)
    assert row is not None
    assert window.browser.photos.photo(row).path == str(folder / "b" / "0.jpg")
    query = window.navigator.here.query
    assert query is not None
    assert query.path == str(folder / "b" / "0.jpg"), "the photo in question is still the same"
    assert window.doing.strip.text.text() == "1 photo moved to “b”."
    assert window.actions_.undo.text() == "&Undo moving 1 photo"
    window.doing.strip.undo_button.click()
    done(qtbot, window)
    assert files(folder) == before
    assert window.browser.photos.photo(row).path == photo.path
    window.actions_.redo.trigger()
    done(qtbot, window)
    assert (folder / "b" / "0.jpg").is_file()


def test_photos_moved_out_of_the_library_leave_it_and_come_back_by_undo(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shown(window)
    select(qtbot, window, "0.jpg", "1.jpg")
    choose(monkeypatch, tmp_path / "target")
    window.actions_.move_to.trigger()
    done(qtbot, window)
    assert files(tmp_path / "target") == ["0.jpg", "1.jpg"]
    assert shown(window) == [name for name in before if name not in ("0.jpg", "1.jpg")]
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert shown(window) == before
    assert files(tmp_path / "target") == []


def test_copies_take_a_free_name_and_undo_puts_them_in_the_trash(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)
    select(qtbot, window, "0.jpg", "1.jpg")
    choose(monkeypatch, folder / "a")
    window.actions_.copy_to.trigger()
    done(qtbot, window)
    assert set(files(folder)) - set(before) == {"a/0 (2).jpg", "a/1 (2).jpg"}
    assert {"0 (2).jpg", "1 (2).jpg"} < set(shown(window))
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before
    assert "0 (2).jpg" not in shown(window)


def test_what_cannot_be_moved_stays_and_the_reason_is_told(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(qtbot, window, "0.jpg", "1.jpg", "2.jpg")
    (folder / "a" / "0.jpg").unlink()
    (folder / "a" / "2.jpg").unlink()
    choose(monkeypatch, tmp_path / "target")
    window.actions_.move_to.trigger()
    done(qtbot, window)
    assert files(tmp_path / "target") == ["1.jpg"]
    told = window.doing.strip.text.text()
    assert told == "1 photo moved to “target”. 2 photos stay as they are: It is no longer there."
    window.doing.strip.why_button.click()
    assert window.commands._error is not None
    assert str(folder / "a" / "0.jpg") in window.commands._error.report
    window.commands._error.close()


def test_a_folder_without_room_is_told_in_a_sentence_and_nothing_happens(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)
    select(qtbot, window, "0.jpg")
    monkeypatch.setattr(
        file_actions.shutil,
        "disk_usage",
        lambda _: shutil._ntuple_diskusage(1, 1, 0),  # type: ignore[attr-defined]
    )
    choose(monkeypatch, tmp_path / "target")
    window.actions_.copy_to.trigger()
    done(qtbot, window)
    assert window.commands._error is not None
    assert "too little room" in window.commands._error.sentence.text()
    window.commands._error.close()
    assert files(folder) == before
    assert window.doing.strip.isHidden()
    assert not window.actions_.undo.isEnabled()


def test_the_library_s_own_folder_takes_no_photos(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(qtbot, window, "0.jpg")
    choose(monkeypatch, library.folder)
    window.actions_.copy_to.trigger()
    assert window.commands._error is not None
    assert "another folder" in window.commands._error.sentence.text()
    window.commands._error.close()
    assert not window.doing.errands.busy


def test_a_long_copy_is_cancelled_between_two_photos(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(qtbot, window, "0.jpg", "1.jpg", "2.jpg")
    real, strip = file_actions._put, window.doing.strip

    def put(*arguments: object, **options: object) -> object:
        entry = real(*arguments, **options)  # type: ignore[arg-type]
        window.doing.errands._stop.set()
        return entry

    monkeypatch.setattr(file_actions, "_put", put)
    choose(monkeypatch, tmp_path / "target")
    window.actions_.copy_to.trigger()
    assert not strip.isHidden()
    assert strip.cancel_button.isVisibleTo(strip)
    done(qtbot, window)
    assert len(files(tmp_path / "target")) == 1
    assert strip.text.text() == "1 photo copied to “target”. Stopped; the others stay where they are."


# --- to the trash -------------------------------------------------------------------------------------------


def test_a_photo_with_a_copy_goes_to_the_system_s_trash_at_once_and_comes_back(
    qtbot: QtBot, window: MainWindow, folder: Path, own_home: Path
) -> None:
    before, listed = files(folder), shown(window)
    [photo] = select(qtbot, window, "3.jpg")
    row = listed.index("3.jpg")
    qtbot.keyClick(window.browser.grid, Qt.Key.Key_Delete)
    done(qtbot, window)
    assert window.doing.question is None
    assert not (folder / "a" / "3.jpg").exists()
    assert [path.name for path in (own_home / "Trash" / "files").iterdir()] == ["3.jpg"]
    assert shown(window) == [name for name in listed if name != "3.jpg"]
    assert [one.path for one in window.browser.current_photos()] == [
        window.browser.photos.photo(min(row, len(listed) - 2)).path
    ], "the next photo is the current one"
    assert window.doing.strip.text.text() == "1 photo moved to the trash."
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before
    assert shown(window) == listed
    assert window.browser.current_photos() == [photo]
    assert list((own_home / "Trash" / "info").iterdir()) == []


def test_a_compared_photo_goes_to_the_trash_and_the_comparison_goes_on_with_the_others(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = files(folder)
    photos = select(qtbot, window, "3.jpg", "same 3.jpg", "0.jpg")
    window.actions_.compare.trigger()
    settle(qtbot, window)
    view = window.comparing.view
    [pane] = [pane for pane in view.panes if pane.photo.path.endswith("same 3.jpg")]
    assert pane.trash_button.isVisible()
    pane.trash_button.click()
    done(qtbot, window)
    assert window.doing.question is None, "there is another copy"
    assert not (folder / "b" / "same 3.jpg").exists()
    assert view.isVisible()
    assert {photo.path for photo in view.photos} == {one.path for one in photos} - {pane.photo.path}
    [pane] = [pane for pane in view.panes if pane.photo.path.endswith("3.jpg")]
    pane.trash_button.click()
    asked = question(qtbot, window)
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    done(qtbot, window)
    assert (folder / "a" / "3.jpg").exists(), "now it is the last copy"
    assert view.isVisible()
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before


def test_the_last_copy_goes_only_after_a_second_question_that_keeps_by_default(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = files(folder)
    select(qtbot, window, "0.jpg")
    qtbot.keyClick(window.browser.grid, Qt.Key.Key_Delete)
    asked = question(qtbot, window)
    assert "last copy" in asked.text()
    assert asked.defaultButton() is asked.keep
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    done(qtbot, window)
    assert files(folder) == before
    assert not window.actions_.undo.isEnabled()
    window.actions_.trash.trigger()
    question(qtbot, window).all.click()
    done(qtbot, window)
    assert "a/0.jpg" not in files(folder)
    assert "0.jpg" not in shown(window)
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before


def test_all_copies_of_a_photo_chosen_together_are_asked_about(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    select(qtbot, window, "3.jpg", "same 3.jpg", "4.jpg")
    qtbot.keyClick(window.browser.grid, Qt.Key.Key_Delete)
    asked = question(qtbot, window)
    assert "3.jpg" in asked.informativeText()
    assert "\n4.jpg" not in asked.informativeText()
    assert asked.others is not None
    asked.others.click()
    done(qtbot, window)
    assert "a/4.jpg" not in files(folder)
    assert {"a/3.jpg", "b/same 3.jpg"} < set(files(folder))
    assert window.actions_.undo.text() == "&Undo moving 1 photo to the trash"
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert "a/4.jpg" in files(folder)


def test_a_trash_that_refuses_leaves_the_photo(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, listed = files(folder), shown(window)

    def refuse(_path: str) -> str:
        raise PhotoSimError("The system's trash does not take it: no space.")

    monkeypatch.setattr(trash, "throw", refuse)
    select(qtbot, window, "3.jpg")
    window.actions_.trash.trigger()
    done(qtbot, window)
    assert files(folder) == before
    assert shown(window) == listed
    assert (
        window.doing.strip.text.text()
        == "“3.jpg” stays as it is: The system's trash does not take it: no space."
    )
    assert not window.actions_.undo.isEnabled()


def test_in_the_viewer_the_next_photo_follows_one_that_is_thrown_away(
    qtbot: QtBot, window: MainWindow
) -> None:
    select(qtbot, window, "3.jpg")
    qtbot.keyClick(window.browser.grid, Qt.Key.Key_Space)
    names = shown(window)
    row = names.index("3.jpg")
    qtbot.keyClick(window.viewer, Qt.Key.Key_Delete)
    done(qtbot, window)
    assert window.viewer.isVisible()
    assert window.viewer.photo is not None
    rest = [name for name in names if name != "3.jpg"]
    assert Path(window.viewer.photo.path).name == rest[min(row, len(rest) - 1)]
    window.viewer.leave()


def test_the_cover_of_a_cluster_is_not_thrown_away_for_the_cluster(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = files(folder)
    select(qtbot, window, "3.jpg")
    window.navigator.go(Place(View.CLUSTERS))
    settle(qtbot, window)
    window.actions_.trash.trigger()
    done(qtbot, window)
    assert window.doing.question is None
    assert files(folder) == before


def test_a_trashed_photo_that_is_asked_about_elsewhere_is_asked_about_no_more(
    qtbot: QtBot, window: MainWindow
) -> None:
    select(qtbot, window, "3.jpg")
    window.actions_.find_similar.trigger()
    settle(qtbot, window)
    photo = window.navigator.here.query
    assert photo is not None
    assert photo.photo is not None
    window.doing.trash([photo.photo])
    done(qtbot, window)
    here = window.navigator.here
    assert here.view is View.ALL
    assert here.query is None or here.query.path != photo.path


def test_the_menu_of_photos_offers_what_can_be_done_with_their_files(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    grid = window.browser.grid
    row = shown(window).index("3.jpg")
    click(qtbot, grid, row, Qt.MouseButton.RightButton)
    grid.customContextMenuRequested.emit(middle_of(grid, row))
    assert window.commands.menu is not None
    actions = {action.text().replace("&", ""): action for action in window.commands.menu.actions()}
    window.commands.menu.close()
    assert {"Copy to folder…", "Move to folder…", "Move to trash"} < set(actions)
    actions["Move to trash"].trigger()
    done(qtbot, window)
    assert "a/3.jpg" not in files(folder)


def test_a_window_that_may_only_look_moves_and_throws_nothing(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    second = open_window(Library.open(library.folder))
    assert not second.actions_.trash.isEnabled()
    assert not second.actions_.move_to.isEnabled()
    assert second.actions_.copy_to.isEnabled()


def test_the_question_names_no_more_than_it_needs(qtbot: QtBot, window: MainWindow) -> None:
    answers: list[object] = []
    asked = LastCopyQuestion([f"/p/{n}.jpg" for n in range(9)], 9, answers.append, window)
    assert isinstance(asked, QMessageBox)
    assert "and 5 more" in asked.informativeText()
    assert asked.others is None
    asked.open()
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    assert [str(answer) for answer in answers] == ["Answer.NOTHING"]


def test_a_photo_with_copies_bears_their_number_until_they_are_gone(qtbot: QtBot, window: MainWindow) -> None:
    def badges() -> dict[str, str]:
        photos = window.browser.photos
        return {
            Path(photos.photo(row).path).name: photos.index(row).data(Role.BADGE)
            for row in range(photos.rowCount())
        }

    assert badges()["3.jpg"] == badges()["same 3.jpg"] == "×2"
    assert badges()["0.jpg"] == ""
    select(qtbot, window, "same 3.jpg")
    window.actions_.trash.trigger()
    done(qtbot, window)
    assert badges()["3.jpg"] == ""
    assert badges()["4.jpg"] == "×2"


def test_what_was_thrown_away_is_forgotten_at_the_next_start(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    [photo] = select(qtbot, window, "0.jpg")
    window.actions_.trash.trigger()
    question(qtbot, window).all.click()
    done(qtbot, window)
    assert library.thumbnail(photo.photo_id) is not None, "undo must find it again"
    window.close()
    open_window(library)
    assert library.thumbnail(photo.photo_id) is None


def test_what_is_undone_twice_and_done_again_ends_where_it_says(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = files(folder)
    select(qtbot, window, "3.jpg")
    window.actions_.trash.trigger()
    done(qtbot, window)
    for _ in range(2):
        window.actions_.undo.trigger()
        window.actions_.redo.trigger()
        done(qtbot, window)
        assert "a/3.jpg" not in files(folder)
        assert "3.jpg" not in shown(window)
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before


def test_an_undo_that_was_stopped_can_go_on(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)
    select(qtbot, window, "0.jpg", "1.jpg", "2.jpg")
    choose(monkeypatch, tmp_path / "target")
    window.actions_.move_to.trigger()
    done(qtbot, window)
    real = file_actions._put

    def put(*arguments: object, **options: object) -> object:
        entry = real(*arguments, **options)  # type: ignore[arg-type]
        window.doing.errands._stop.set()
        return entry

    with monkeypatch.context() as patched:
        patched.setattr(file_actions, "_put", put)
        window.actions_.undo.trigger()
        done(qtbot, window)
    assert len(files(tmp_path / "target")) == 2
    assert window.actions_.undo.isEnabled()
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before
    assert files(tmp_path / "target") == []


def test_a_deed_that_was_not_done_again_undoes_nothing(
    qtbot: QtBot, window: MainWindow, folder: Path, own_home: Path
) -> None:
    before = files(folder)
    select(qtbot, window, "0.jpg")
    window.actions_.trash.trigger()
    question(qtbot, window).all.click()
    done(qtbot, window)
    window.actions_.undo.trigger()
    done(qtbot, window)
    window.actions_.redo.trigger()
    question(qtbot, window).keep.click()
    done(qtbot, window)
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before
    assert list((own_home / "Trash" / "files").iterdir()) == []
    assert window.doing.strip.text.text() == "Nothing was changed."


def test_what_the_library_cannot_be_told_is_done_and_can_be_undone(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)
    select(qtbot, window, "0.jpg")
    choose(monkeypatch, tmp_path / "target")

    def fail(*_: object) -> None:
        raise PhotoSimError("The disk with the library is full.")

    with monkeypatch.context() as patched:
        patched.setattr(Placements, "move", fail)
        window.actions_.move_to.trigger()
        done(qtbot, window)
    assert files(tmp_path / "target") == ["0.jpg"]
    assert window.commands._error is not None
    assert "full" in window.commands._error.sentence.text()
    window.commands._error.close()
    window.actions_.undo.trigger()
    done(qtbot, window)
    assert files(folder) == before
