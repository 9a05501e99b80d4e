"""Each action is enabled in the situations in which it can act, and in no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from photosim.gui.controllers.action_states import RULED_ELSEWHERE, RULES
from photosim.gui.controllers.actions import Actions
from photosim.gui.main_window import MainWindow
from photosim.gui.state.ordering import MAX_TILE_EDGE, MIN_TILE_EDGE
from photosim.gui.state.places import Place, View
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import indexed_library
from tests.support.window_driver import select_photo, wait_until_idle

Open = Callable[[Library], MainWindow]

ALWAYS = {
    "settings",
    "quit",
    "full_screen",
    "show_duplicates",
    "keep_rules",
    "features",
    "shortcuts",
    "about",
}
WRITING = {"add_folder", "rescan", "review_certain", "compare_folder", "compare_folders"}
SEARCHING = {"search_image", "paste"}
PLACES = {"show_clusters", "show_events", "show_map", "show_ungrouped", "show_hidden"}
FILTERING = {"find", "filter", "stack", "new_collection"}
COLLECTING = {"new_collection", "add_to_collection"}
TILES = {"larger", "smaller", "square", "select_all", "pick_photos", "contact_sheet"}
IDLE = ALWAYS | WRITING | SEARCHING | PLACES | FILTERING | {"panel"}
PHOTO = {
    "view",
    "find_similar",
    "open",
    "show_in_folder",
    "copy_files",
    "copy_path",
    "add_to_collection",
}
FILES = {"copy_to", "move_to", "trash"}
SINGLE = {"find_original", "then_and_now"}
COVERED = ALWAYS | WRITING | SEARCHING | PLACES | {"back"}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(6):
        photo = make_photo(tmp_path / "photos" / f"{number}.jpg", number // 3, variant=number % 3)
        os.utime(photo, (0, 0))  # of one time, so that their names decide the order
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with indexed_library(tmp_path / "library", photos, monkeypatch) as opened:
        yield opened


@pytest.fixture
def window(library: Library, open_window: Open) -> MainWindow:
    return open_window(library)


def enabled(qtbot: QtBot, window: MainWindow) -> set[str]:
    """The names of the enabled actions that the rules are about."""
    wait_until_idle(qtbot, window)
    timers = (window.views.browser.selection._timer, window.controllers.action_states._timer)
    qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers))
    return {name for name in RULES if getattr(window.views.actions, name).isEnabled()}


def select(qtbot: QtBot, window: MainWindow, count: int) -> None:
    select_photo(qtbot, window, "0.jpg")
    grid = window.views.browser.grid
    current = grid.currentIndex().row()  # the first row, unless the photos were written in different seconds
    others = [row for row in range(count) if row != current]
    grid.add_to_selection(others[: count - 1])
    wait_until_idle(qtbot, window)


def go(qtbot: QtBot, window: MainWindow, place: Place) -> None:
    window.services.navigator.go(place)
    wait_until_idle(qtbot, window)


def test_every_action_has_a_rule(window: MainWindow) -> None:
    actions = {name for name, value in vars(window.views.actions).items() if isinstance(value, QAction)}
    assert actions == RULES.keys() | RULED_ELSEWHERE
    assert isinstance(window.views.actions, Actions)


def test_an_empty_library_takes_folders_and_shows_nothing(
    qtbot: QtBot, empty_library: Library, open_window: Open
) -> None:
    expected = ALWAYS | {"add_folder", "compare_folders", "panel"}
    assert enabled(qtbot, open_window(empty_library)) == expected


def test_with_nothing_selected_no_photo_can_be_acted_on(qtbot: QtBot, window: MainWindow) -> None:
    assert enabled(qtbot, window) == IDLE | TILES


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, IDLE | TILES | PHOTO | FILES | SINGLE | {"back"}),
        (2, IDLE | TILES | PHOTO | FILES | {"back", "compare", "why", "walk"}),
        (5, IDLE | TILES | PHOTO | FILES | {"back", "compare"}),
    ],
)
def test_selected_photos_can_be_acted_on(
    qtbot: QtBot, window: MainWindow, count: int, expected: set[str]
) -> None:
    select(qtbot, window, count)
    assert enabled(qtbot, window) - {"back"} == expected - {"back"}


def test_a_cluster_takes_no_file_operations(qtbot: QtBot, window: MainWindow) -> None:
    go(qtbot, window, Place(View.CLUSTERS))
    assert enabled(qtbot, window) == IDLE | TILES | {"back"}
    for name in (
        "rename_cluster",
        "merge_clusters",
        "hide_clusters",
        "reset_clusters",
        "remove_from_cluster",
    ):
        assert not getattr(window.views.actions, name).isEnabled()


def test_a_list_of_files_has_no_tiles(qtbot: QtBot, window: MainWindow) -> None:
    go(qtbot, window, Place(View.UNREADABLE))
    assert enabled(qtbot, window) == IDLE | {"back"}


def test_in_the_viewer_its_photo_is_acted_on(qtbot: QtBot, window: MainWindow) -> None:
    select(qtbot, window, 1)
    window.views.actions.view.trigger()
    assert enabled(qtbot, window) == COVERED | PHOTO - {"view"} | FILES | SINGLE | {"compare", "why"}
    window.views.viewer.dismiss()
    assert "view" in enabled(qtbot, window)


def test_a_comparison_has_actions_of_its_own(qtbot: QtBot, window: MainWindow) -> None:
    select(qtbot, window, 2)
    window.views.actions.compare.trigger()
    assert window.views.compare.isVisible()
    assert enabled(qtbot, window) == COVERED | {"compare", "why"}
    window.views.actions.compare.trigger()
    assert not window.views.compare.isVisible()


def test_a_read_only_library_is_looked_at_and_copied_from(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Open
) -> None:
    second = open_window(Library.open(library.folder))
    select(qtbot, second, 1)
    assert enabled(qtbot, second) - {
        "back"
    } == IDLE - WRITING - COLLECTING | TILES | PHOTO - COLLECTING | SINGLE | {"copy_to"}


def test_the_file_of_an_offline_folder_cannot_be_acted_on(
    qtbot: QtBot, window: MainWindow, photos: Path
) -> None:
    select(qtbot, window, 1)
    photos.rename(photos.with_name("away"))
    window.services.library_monitor.refresh()
    expected = IDLE | TILES | PHOTO - {"open", "show_in_folder", "copy_files"} | {"then_and_now"}
    assert enabled(qtbot, window) - {"back"} == expected


def test_while_photos_are_indexed_all_goes_on(qtbot: QtBot, window: MainWindow) -> None:
    select(qtbot, window, 1)
    before = enabled(qtbot, window)
    window.services.index_process.state_changed.emit(window.services.index_process.state)
    assert enabled(qtbot, window) == before


@pytest.mark.parametrize(
    ("edge", "other", "name"), [(MAX_TILE_EDGE, 160, "larger"), (MIN_TILE_EDGE, 160, "smaller")]
)
def test_thumbnails_grow_and_shrink_within_their_limits(
    qtbot: QtBot, window: MainWindow, edge: int, other: int, name: str
) -> None:
    for size, expected in ((edge, False), (other, True)):
        window.views.browser.set_tile_size(size)
        window.views.top_bar.tile_size_changed.emit(size)
        assert (name in enabled(qtbot, window)) is expected


def test_back_leaves_the_viewer_also_where_there_is_no_place_to_go_back_to(
    qtbot: QtBot, window: MainWindow
) -> None:
    photo = window.views.browser.photo_model.photo(0)
    window.controllers.photos.view_photo(photo)
    assert "back" in enabled(qtbot, window)
    window.views.actions.back.trigger()
    assert not window.views.viewer.isVisible()


def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    taken: dict[str, list[str]] = {}
    for name, action in vars(window.views.actions).items():
        if isinstance(action, QAction):
            for sequence in action.shortcuts():
                taken.setdefault(sequence.toString(), []).append(name)
    in_one_place_each = ["rename_cluster", "rename_collection"]
    assert [names for names in taken.values() if len(names) > 1 and names != in_one_place_each] == []
