"""The whole window: photos go to the system's trash, last copies after a question."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from photosim.errors import NoTrashError, PhotoSimError
from photosim.gui.dialogs.trash_questions import LastCopyQuestion, NoTrashQuestion
from photosim.gui.grid.tile_model import Role
from photosim.gui.main_window import MainWindow
from photosim.gui.services import file_operations
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.library.search.filters import FilterScope
from photosim.search.filters.criteria import Facet, Flag, PhotoFilter
from tests.gui.file_operations.steps import list_files, select_photos, wait_for_question, wait_until_done
from tests.support.window_driver import click, set_filter, shown_names, tile_center, wait_until_idle


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system makes the trash")
def test_the_first_file_of_a_new_account_goes_to_the_trash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "new"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    (tmp_path / "new").mkdir()
    (tmp_path / "a.jpg").write_bytes(b"a photo")
    there = Path(file_operations.move_to_trash(str(tmp_path / "a.jpg")))
    assert there.read_bytes() == b"a photo"
    assert there.is_relative_to(tmp_path / "new" / ".local" / "share" / "Trash")
    assert not (tmp_path / "a.jpg").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names of their own")
@pytest.mark.parametrize("name", [b"a" * 251 + b".jpg", b"\xc3\xa9" * 120 + b".jpg", b"caf\xe9.jpg"])
def test_a_file_of_any_name_goes_to_the_trash_and_no_other(tmp_path: Path, name: bytes) -> None:
    file, other = tmp_path / os.fsdecode(name), tmp_path / os.fsdecode(b"caf\xef\xbf\xbd.jpg")
    file.write_bytes(b"mine")
    other.write_bytes(b"another photo")
    trashed = Path(file_operations.move_to_trash(str(file)))
    assert trashed.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [other]
    [note] = [path for path in (trashed.parents[1] / "info").iterdir() if path.stem == trashed.name]
    assert quote(os.fsencode(file)).encode() in note.read_bytes()


def test_a_photo_with_a_copy_goes_to_the_system_s_trash_at_once_and_comes_back(
    qtbot: QtBot, window: MainWindow, folder: Path, isolated_home: Path
) -> None:
    before, listed = list_files(folder), shown_names(window)
    [photo] = select_photos(qtbot, window, "3.jpg")
    row = listed.index("3.jpg")
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Delete)
    wait_until_done(qtbot, window)
    assert window.controllers.files.question is None
    assert not (folder / "a" / "3.jpg").exists()
    assert [path.name for path in (isolated_home / "Trash" / "files").iterdir()] == ["3.jpg"]
    assert shown_names(window) == [name for name in listed if name != "3.jpg"]
    assert [one.path for one in window.views.browser.selected_photos()] == [
        window.views.browser.photo_model.photo(min(row, len(listed) - 2)).path
    ], "the next photo is the current one"
    assert window.views.file_strip.text.text() == "1 photo moved to trash."
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    assert shown_names(window) == listed
    assert window.views.browser.selected_photos() == [photo]
    assert list((isolated_home / "Trash" / "info").iterdir()) == []


def test_a_compared_photo_goes_to_the_trash_and_the_comparison_goes_on_with_the_others(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = list_files(folder)
    photos = select_photos(qtbot, window, "3.jpg", "same 3.jpg", "0.jpg")
    window.views.actions.compare.trigger()
    wait_until_idle(qtbot, window)
    view = window.views.compare
    [pane] = [pane for pane in view.panes if pane.photo.path.endswith("same 3.jpg")]
    assert pane.trash_button.isVisible()
    pane.trash_button.click()
    wait_until_done(qtbot, window)
    assert window.controllers.files.question is None, "there is another copy"
    assert not (folder / "b" / "same 3.jpg").exists()
    assert view.isVisible()
    assert {photo.path for photo in view.photos} == {one.path for one in photos} - {pane.photo.path}
    [pane] = [pane for pane in view.panes if pane.photo.path.endswith("3.jpg")]
    pane.trash_button.click()
    asked = wait_for_question(qtbot, window)
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    assert (folder / "a" / "3.jpg").exists(), "now it is the last copy"
    assert view.isVisible()
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before


def test_an_ordinary_photo_goes_to_the_trash_without_a_question(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "0.jpg", "1.jpg")
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Delete)
    wait_until_done(qtbot, window)
    assert window.controllers.files.question is None
    assert not {"a/0.jpg", "a/1.jpg"} & set(list_files(folder))
    assert window.views.file_strip.undo_button.isVisible()
    window.views.file_strip.undo_button.click()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before


def test_the_last_copy_goes_only_after_a_question_that_cancels_by_default(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    select_photos(qtbot, window, "3.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    before = list_files(folder)
    assert "a/3.jpg" not in before
    select_photos(qtbot, window, "same 3.jpg")
    window.views.actions.trash.trigger()
    asked = wait_for_question(qtbot, window)
    assert "last copy" in asked.text()
    assert asked.keep_button is None
    assert asked.defaultButton() is asked.cancel_button
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    window.views.actions.trash.trigger()
    wait_for_question(qtbot, window).all_button.click()
    wait_until_done(qtbot, window)
    assert "b/same 3.jpg" not in list_files(folder)
    assert "same 3.jpg" not in shown_names(window)
    for _ in range(2):
        window.views.actions.undo.trigger()
        wait_until_done(qtbot, window)
    assert {"a/3.jpg", "b/same 3.jpg"} < set(list_files(folder))


def test_a_drive_without_trash_deletes_only_after_a_question(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_files(folder)

    def refuse(_path: str) -> str:
        raise NoTrashError("Couldn't move it to the trash: its drive has no trash.")

    monkeypatch.setattr(file_operations, "move_to_trash", refuse)
    select_photos(qtbot, window, "0.jpg", "1.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    [asked] = window.findChildren(NoTrashQuestion)
    assert asked.text() == "2 photos are on a drive without trash. Delete them permanently?"
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    [asked] = window.findChildren(NoTrashQuestion)
    asked.delete_button.click()
    wait_until_done(qtbot, window)
    assert list_files(folder) == [file for file in before if file not in ("a/0.jpg", "a/1.jpg")]
    assert window.views.file_strip.text.text() == "2 photos deleted."
    assert not window.views.actions.undo.isEnabled()
    assert not {"0.jpg", "1.jpg"} & set(shown_names(window))


def test_a_photo_whose_drive_is_away_is_not_asked_about_and_stays(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path
) -> None:
    select_photos(qtbot, window, "0.jpg", "1.jpg")
    (folder / "a" / "0.jpg").rename(tmp_path / "0.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert window.views.file_strip.text.text() == (
        "1 photo moved to trash. “0.jpg” wasn't changed: The file is unavailable."
    )
    assert "0.jpg" in shown_names(window)
    assert not (folder / "a" / "1.jpg").exists()
    select_photos(qtbot, window, "0.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert window.controllers.files.question is None
    assert window.views.file_strip.text.text() == "“0.jpg” wasn't changed: The file is unavailable."


def test_all_copies_of_a_photo_chosen_together_are_asked_about(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    select_photos(qtbot, window, "3.jpg", "same 3.jpg", "4.jpg")
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Delete)
    asked = wait_for_question(qtbot, window)
    assert "3.jpg" in asked.informativeText()
    assert "\n4.jpg" not in asked.informativeText()
    assert asked.defaultButton() is asked.keep_button
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    assert "a/4.jpg" not in list_files(folder)
    assert len({"a/3.jpg", "b/same 3.jpg"} & set(list_files(folder))) == 1
    assert window.views.actions.undo.text() == "&Undo Move to Trash"
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert {"a/4.jpg", "a/3.jpg", "b/same 3.jpg"} < set(list_files(folder))


def test_a_trash_that_refuses_leaves_the_photo(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, listed = list_files(folder), shown_names(window)

    def refuse(_path: str) -> str:
        raise PhotoSimError("Couldn't move it to the trash: no space.")

    monkeypatch.setattr(file_operations, "move_to_trash", refuse)
    select_photos(qtbot, window, "3.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert list_files(folder) == before
    assert shown_names(window) == listed
    assert (
        window.views.file_strip.text.text()
        == "“3.jpg” wasn't changed: Couldn't move it to the trash: no space."
    )
    assert not window.views.actions.undo.isEnabled()


def test_in_the_viewer_the_next_photo_follows_one_that_is_trashed(qtbot: QtBot, window: MainWindow) -> None:
    select_photos(qtbot, window, "3.jpg")
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Space)
    names = shown_names(window)
    row = names.index("3.jpg")
    qtbot.keyClick(window.views.viewer, Qt.Key.Key_Delete)
    wait_until_done(qtbot, window)
    assert window.views.viewer.isVisible()
    assert window.views.viewer.photo is not None
    rest = [name for name in names if name != "3.jpg"]
    assert Path(window.views.viewer.photo.path).name == rest[min(row, len(rest) - 1)]
    window.views.viewer.dismiss()


def test_the_viewer_tells_what_is_trashed_and_shows_what_undo_restores(
    qtbot: QtBot, window: MainWindow
) -> None:
    viewer, toast = window.views.viewer, window.views.toast
    select_photos(qtbot, window, "3.jpg")
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Space)
    before = viewer.position_label.text()
    qtbot.keyClick(viewer, Qt.Key.Key_Delete)
    wait_until_done(qtbot, window)
    assert toast.isVisible()
    assert toast.text() == "1 photo moved to trash. Undo with Ctrl+Z."
    qtbot.keyClick(viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_until_done(qtbot, window)
    assert toast.text() == "1 photo restored."
    assert viewer.photo is not None
    assert Path(viewer.photo.path).name == "3.jpg"
    assert viewer.position_label.text() == before
    viewer.dismiss()


def test_the_last_photo_that_is_trashed_in_the_viewer_is_told_only_in_the_strip(
    qtbot: QtBot, window: MainWindow
) -> None:
    [photo] = select_photos(qtbot, window, "3.jpg")
    window.views.viewer.open((photo,), 0)
    qtbot.keyClick(window.views.viewer, Qt.Key.Key_Delete)
    wait_until_done(qtbot, window)
    assert not window.views.viewer.isVisible()
    assert window.views.file_strip.isVisible()
    assert not window.views.toast.isVisible()


def test_the_grid_tells_what_is_trashed_only_in_its_strip(qtbot: QtBot, window: MainWindow) -> None:
    select_photos(qtbot, window, "3.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert window.views.file_strip.isVisible()
    assert not window.views.toast.isVisible()


def test_the_cover_of_a_cluster_is_not_trashed_for_the_cluster(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    before = list_files(folder)
    select_photos(qtbot, window, "3.jpg")
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert window.controllers.files.question is None
    assert list_files(folder) == before


def test_a_trashed_photo_that_is_searched_by_elsewhere_is_searched_by_no_more(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photos(qtbot, window, "3.jpg")
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    photo = window.services.navigator.current.selected
    assert photo is not None
    assert photo.photo is not None
    window.controllers.files.trash([photo.photo])
    wait_until_done(qtbot, window)
    here = window.services.navigator.current
    assert here.view is View.ALL
    assert here.selected is None or here.selected.path != photo.path


def test_the_menu_of_photos_offers_what_can_be_done_with_their_files(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    grid = window.views.browser.grid
    row = shown_names(window).index("3.jpg")
    click(qtbot, grid, row, Qt.MouseButton.RightButton)
    grid.customContextMenuRequested.emit(tile_center(grid, row))
    assert window.controllers.menus.menu is not None
    actions = {action.text().replace("&", ""): action for action in window.controllers.menus.menu.actions()}
    window.controllers.menus.menu.close()
    assert {"Copy to folder…", "Move to folder…", "Move to trash"} < set(actions)
    actions["Move to trash"].trigger()
    wait_until_done(qtbot, window)
    assert "a/3.jpg" not in list_files(folder)


def test_a_window_that_is_read_only_moves_and_trashes_nothing(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    second = open_window(Library.open(library.folder))
    second.views.browser.grid.setFocus()
    select_photos(qtbot, second, "3.jpg")
    assert not second.views.actions.trash.isEnabled()
    assert not second.views.actions.move_to.isEnabled()
    assert second.views.actions.copy_to.isEnabled()


def test_the_question_names_no_more_than_it_needs(qtbot: QtBot, window: MainWindow) -> None:
    answers: list[object] = []
    asked = LastCopyQuestion([f"/p/{n}.jpg" for n in range(9)], 3, 9, answers.append, window)
    assert isinstance(asked, QMessageBox)
    assert "and 5 more" in asked.informativeText()
    assert asked.text() == "These are all copies of 3 photos. Move all to trash?"
    asked.open()
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    assert [str(answer) for answer in answers] == ["LastCopyAnswer.CANCEL"]


def test_a_photo_with_copies_bears_their_number_until_they_are_gone(qtbot: QtBot, window: MainWindow) -> None:
    def badges() -> dict[str, str]:
        photos = window.views.browser.photo_model
        return {
            Path(photos.photo(row).path).name: photos.index(row).data(Role.BADGE)
            for row in range(photos.rowCount())
        }

    assert badges()["3.jpg"] == badges()["same 3.jpg"] == "×2"
    assert badges()["0.jpg"] == ""
    select_photos(qtbot, window, "same 3.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert badges()["3.jpg"] == ""
    assert badges()["4.jpg"] == "×2"


def test_photos_with_copies_are_a_choice_of_the_filter_until_their_copies_are_gone(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    def choice() -> dict[str, int]:
        facets = library.finder.facets(window.views.filter_bar.photo_filter, FilterScope())
        return {value.value: value.count for value in facets.values[Facet.FLAGS]}

    assert choice() == {Flag.COPIES: 4}
    set_filter(window, PhotoFilter(flags=frozenset({Flag.COPIES})))
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == ["3.jpg", "4.jpg", "same 3.jpg", "same 4.jpg"]
    select_photos(qtbot, window, "same 3.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert sorted(shown_names(window)) == ["4.jpg", "same 4.jpg"]
    assert choice() == {Flag.COPIES: 2}
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert choice() == {Flag.COPIES: 4}


def test_what_was_trashed_is_deleted_from_the_library_at_the_next_start(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    [photo] = select_photos(qtbot, window, "0.jpg")
    window.views.actions.trash.trigger()
    wait_until_done(qtbot, window)
    assert library.thumbnail(photo.photo_id) is not None, "undo must find it again"
    window.close()
    open_window(library)
    assert library.thumbnail(photo.photo_id) is None
