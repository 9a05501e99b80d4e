"""Duplicates and bursts are shown as one photo, which opens all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from photosim.gui.controllers.targets import MenuContext
from photosim.gui.grid.badges import stack_badge_rect
from photosim.gui.grid.delegate import tile_rect
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.tile_model import Role
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, Query, View
from photosim.library import Library
from photosim.search.filters.criteria import PhotoFilter
from tests.support.images import make_photo
from tests.support.indexing import indexed_library
from tests.support.window_driver import select_photo, set_filter, shown_names, wait_until_idle

Open = Callable[[Library], MainWindow]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Six photos, of which 1, 4 and 5 are a stack with 4 as the best one."""
    for number in range(6):
        make_photo(tmp_path / "photos" / ("a" if number < 3 else "b") / f"{number}.jpg", number)
    with indexed_library(tmp_path / "library", tmp_path / "photos", monkeypatch) as opened:
        ids = {Path(photo.path).stem: photo.file_id for photo in opened.photos()}
        monkeypatch.setattr(opened.duplicates, "stacks", lambda: [(ids["4"], ids["1"], ids["5"])])
        yield opened


@pytest.fixture
def window(qtbot: QtBot, library: Library, open_window: Open) -> MainWindow:
    window = open_window(library)
    window.views.actions.stack.setChecked(True)
    wait_until_idle(qtbot, window)
    return window


def go(qtbot: QtBot, window: MainWindow, place: Place) -> None:
    window.services.navigator.go(place)
    wait_until_idle(qtbot, window)


def badge_center(grid: PhotoGrid, row: int) -> QPoint:
    index = grid.model().index(row, 0)
    grid.scrollTo(index)
    return stack_badge_rect(tile_rect(grid.visualRect(index), 0), index.data(Role.STACK)).center()


def test_a_stack_is_one_tile_in_every_place_with_what_is_there_of_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    assert sorted(shown_names(window)) == ["0.jpg", "2.jpg", "3.jpg", "4.jpg"]
    assert window.views.top_bar.count.text() == "6 photos · 1 stack"
    go(qtbot, window, Place(View.FOLDER, folder=str(tmp_path / "photos" / "a")))
    assert sorted(shown_names(window)) == ["0.jpg", "1.jpg", "2.jpg"]
    assert window.views.top_bar.count.text() == "3 photos"
    go(qtbot, window, Place(View.FOLDER, folder=str(tmp_path / "photos" / "b")))
    assert sorted(shown_names(window)) == ["3.jpg", "4.jpg"]
    model = window.views.browser.photo_model
    assert {Path(photo.path).name: model.stack_size(photo) for photo in model.photos} == {
        "3.jpg": 0,
        "4.jpg": 2,
    }
    window.views.actions.stack.trigger()
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == ["3.jpg", "4.jpg", "5.jpg"]


def test_the_badge_opens_the_stack_and_back_leads_to_where_one_was(qtbot: QtBot, window: MainWindow) -> None:
    grid, names = window.views.browser.grid, shown_names(window)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=badge_center(grid, names.index("4.jpg")))
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["4.jpg", "1.jpg", "5.jpg"], "the best one first"
    assert window.views.top_bar.title.text() == "Stack with 4.jpg"
    assert window.views.top_bar.count.text() == "3 photos"
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == names


def test_the_key_opens_the_stack_that_is_selected_and_only_that(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "2.jpg")
    window.controllers.action_states.update()
    assert not window.views.actions.show_stack.isEnabled()
    select_photo(qtbot, window, "4.jpg")
    window.controllers.action_states.update()
    assert window.views.actions.show_stack.isEnabled()
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_S)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.STACK


def test_in_the_viewer_the_key_is_that_of_the_viewer(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "4.jpg")
    window.views.actions.view.trigger()
    wait_until_idle(qtbot, window)
    window.controllers.action_states.update()
    assert not window.views.actions.show_stack.isEnabled()
    window.views.viewer.dismiss()


def test_the_menu_of_a_stack_opens_it(qtbot: QtBot, window: MainWindow) -> None:
    targets, actions = window.controllers.targets, window.views.actions
    photos = {Path(photo.path).name: photo for photo in window.views.browser.photo_model.photos}
    for name, has_stack in (("4.jpg", True), ("2.jpg", False)):
        window.controllers.menus.show_photo_menu([Query.of_photos(photos[name])], QPoint())
        menu = window.controllers.menus.menu
        assert menu is not None
        assert (actions.show_stack in menu.actions()) is has_stack
        menu.hide()
    targets.set_context(MenuContext((Query.of_photos(photos["4.jpg"]),)))
    actions.show_stack.trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["4.jpg", "1.jpg", "5.jpg"]


def test_files_are_copied_and_trashed_of_the_photo_on_top_only(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "4.jpg")
    assert [Path(file).name for file in window.controllers.targets.files()] == ["4.jpg"]
    assert [Path(photo.path).name for photo in window.controllers.targets.photos()] == ["4.jpg"]
    index = window.views.browser.grid.currentIndex()
    assert "applies to the one on top" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "4.jpg, stack of 3 photos"


def test_in_the_trash_is_the_photo_on_top_and_the_next_best_one_takes_its_place(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, "4.jpg")
    window.views.actions.trash.trigger()
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"], "5 is below 1 now"
    assert window.views.toast.text() == "2 other photos of the stack were left."
    window.views.actions.undo.trigger()
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == 4


def test_a_filter_stacks_what_matches(qtbot: QtBot, window: MainWindow) -> None:
    set_filter(window, PhotoFilter(text="5.jpg"))
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["5.jpg"]
    assert window.views.top_bar.count.text() == "1 of 6 photos"


def test_similar_photos_show_a_stack_once_and_open_it(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "0.jpg")
    model, grid = window.views.detail.similar.model, window.views.detail.similar.grid
    assert len(model.photos) == 3
    [row] = [row for row, photo in enumerate(model.photos) if model.stack_size(photo) == 3]
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=badge_center(grid, row))
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == ["1.jpg", "4.jpg", "5.jpg"]


def test_whether_photos_are_stacked_is_remembered(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Open
) -> None:
    window.close()
    again = open_window(library)
    wait_until_idle(qtbot, again)
    assert again.views.actions.stack.isChecked()
    assert len(shown_names(again)) == 4
