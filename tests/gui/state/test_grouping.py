"""Photos under headings: by day, by folder, by cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from photosim.gui.grid.layout import HEADING_HEIGHT
from photosim.gui.main_window import MainWindow
from photosim.gui.state.grouping import GroupBy, insert_sections, make_grouper
from photosim.gui.state.listing import sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, View
from photosim.gui.state.sections import Sections
from photosim.library import Library
from photosim.records import Photo
from tests.gui.conftest import SEEDS, VARIANTS
from tests.support.photo_records import make_cluster, make_photo_record, make_photo_records
from tests.support.window_driver import tile_center, wait_until_idle

Open = Callable[[Library], MainWindow]
BY_DAY = make_grouper(GroupBy.DAY)
assert BY_DAY is not None


def titles(
    photos: list[Photo], headings: GroupBy, order: SortOrder = SortOrder.DATE
) -> list[tuple[str, int]]:
    listing = sorted_list(photos, order, grouper=make_grouper(headings))
    return [(section.title, section.first) for section in listing.sections]


def test_the_newest_day_is_first_and_photos_without_a_date_are_last() -> None:
    days = [
        "2024-05-04T12:00:00",
        "2023-01-31T08:00:00",
        None,
        "2024-05-04T23:59:59",
        "damaged",
        "0000-00-00T0",
    ]
    photos = [make_photo_record(number, taken_at=day) for number, day in enumerate(days, 1)]
    found = titles(photos, GroupBy.DAY)
    assert [first for _, first in found] == [0, 2, 3]
    assert "2024" in found[0][0]
    assert "2023" in found[1][0]
    assert found[2][0] == "No date"


def test_headings_follow_the_direction_of_their_order() -> None:
    photos = [
        make_photo_record(1, "b/1.jpg", taken_at="2024-05-04T12:00:00"),
        make_photo_record(2, "a/2.jpg", taken_at="2023-01-31T08:00:00"),
        make_photo_record(3, "a/3.jpg"),
    ]

    def file_ids(group_by: GroupBy, order: SortOrder, *, descending: bool) -> list[int]:
        grouper = make_grouper(group_by, (), order, descending=descending)
        return sorted_list(photos, order, grouper=grouper, descending=descending).file_ids

    assert file_ids(GroupBy.DAY, SortOrder.DATE, descending=True) == [1, 2, 3]
    assert file_ids(GroupBy.DAY, SortOrder.DATE, descending=False) == [2, 1, 3]
    assert file_ids(GroupBy.DAY, SortOrder.NAME, descending=True) == [1, 2, 3], "newest day first"
    assert file_ids(GroupBy.FOLDER, SortOrder.NAME, descending=False) == [2, 3, 1]
    assert file_ids(GroupBy.FOLDER, SortOrder.NAME, descending=True) == [1, 3, 2]
    assert file_ids(GroupBy.FOLDER, SortOrder.DATE, descending=False) == [2, 3, 1], "folders from A to Z"


def test_photos_dated_by_their_file_alone_have_a_section_that_says_so() -> None:
    photos = [make_photo_record(number, taken_at=f"2024-05-04T1{number}:00:00") for number in range(1, 5)]
    for index, source in enumerate(("exif", "file", "name", "file")):
        photos[index] = replace(photos[index], facts=replace(photos[index].facts, taken_from=source))
    listing = sorted_list(photos, SortOrder.DATE, grouper=BY_DAY)
    assert listing.file_ids == [3, 1, 4, 2]
    [known, estimated] = listing.sections
    assert known.title == estimated.title
    assert (known.detail, estimated.detail) == ("", "Estimated from file dates")
    assert estimated.first == 2


def test_within_a_day_the_photos_are_in_the_order_asked_for() -> None:
    photos = [
        make_photo_record(1, "b.jpg", taken_at="2024-05-04T08:00:00"),
        make_photo_record(2, "a.jpg", taken_at="2024-05-04T07:00:00"),
        make_photo_record(3, "0.jpg", taken_at="2020-05-04T07:00:00"),
    ]
    by_name = sorted_list(photos, SortOrder.NAME, grouper=make_grouper(GroupBy.DAY))
    assert by_name.file_ids == [2, 1, 3]
    by_date = sorted_list(photos, SortOrder.DATE, grouper=make_grouper(GroupBy.DAY))
    assert by_date.file_ids == [1, 2, 3]


def test_folders_stand_as_people_count_each_with_its_place() -> None:
    names = ["trip 10/a.jpg", "trip 2/b.jpg", "trip 2/a.jpg", "c.jpg"]
    photos = [make_photo_record(number, name) for number, name in enumerate(names, 1)]
    listing = sorted_list(photos, SortOrder.NAME, grouper=make_grouper(GroupBy.FOLDER))
    assert [(one.title, one.detail, one.first) for one in listing.sections] == [
        ("photos", "", 0),
        ("trip 2", "/photos", 1),
        ("trip 10", "/photos", 3),
    ]
    assert listing.file_ids == [4, 3, 2, 1]


def test_folders_of_windows_are_told_apart_too() -> None:
    photos = [
        replace(make_photo_record(n), path=path) for n, path in enumerate((r"C:\a\x.jpg", r"C:\b\x.jpg"), 1)
    ]
    assert [title for title, _ in titles(photos, GroupBy.FOLDER)] == ["a", "b"]


def test_clusters_are_headings_with_their_names_and_the_rest_comes_last() -> None:
    photos = make_photo_records(6)
    named = replace(make_cluster(1, photos[3:5]), name="Dog")
    clusters = [named, make_cluster(2, photos[:2])]
    listing = sorted_list(photos, SortOrder.NAME, grouper=make_grouper(GroupBy.CLUSTER, clusters))
    assert [(one.title, one.first) for one in listing.sections] == [
        ("Dog", 0),
        ("Cluster 2", 2),
        ("Ungrouped", 4),
    ]


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=30))
def test_headings_grow_with_the_photos_as_if_all_had_been_there(arrivals: list[tuple[int, bool]]) -> None:
    assert BY_DAY is not None
    photos = [
        make_photo_record(number, taken_at=f"2024-05-0{day}T12:00:00")
        for number, (day, _) in enumerate(arrivals, 1)
    ]
    there: list[Photo] = []
    sections = Sections()
    for photo in photos:
        wanted = sorted_list([*there, photo], SortOrder.DATE, grouper=BY_DAY)
        row = wanted.file_ids.index(photo.file_id)
        sections = insert_sections(sections, row, [photo], BY_DAY)
        there = wanted.photos
        assert sections == wanted.sections


def test_a_model_under_headings_takes_photos_in(window: MainWindow, qtbot: QtBot) -> None:
    window.views.browser.set_group_by(GroupBy.DAY)
    wait_until_idle(qtbot, window)
    model = window.views.browser.photo_model
    assert len(model.sections) == SEEDS * VARIANTS
    day = model.photo(0).facts.taken_at
    new = [make_photo_record(9001, taken_at=day), make_photo_record(9002, taken_at="1999-01-01T00:00:00")]
    window.views.browser.add_indexed(new)
    assert len(model.sections) == SEEDS * VARIANTS + 1
    assert model.sections[-1].first == model.rowCount() - 1
    assert "1999" in model.sections[-1].title


def test_headings_are_chosen_in_the_sort_menu_and_come_back(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Open
) -> None:
    assert window.views.browser.photo_model.sections == ()
    window.views.top_bar.group_by_actions[GroupBy.FOLDER].trigger()
    wait_until_idle(qtbot, window)
    assert [one.title for one in window.views.browser.photo_model.sections] == ["harbour", "meadow"]
    window.close()
    again = open_window(library)
    assert again.views.top_bar.group_by_actions[GroupBy.FOLDER].isChecked()
    assert [one.title for one in again.views.browser.photo_model.sections] == ["harbour", "meadow"]


def test_headings_by_cluster_are_the_clusters_of_the_library(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    library.cluster_edits.rename(library.clusters().clusters[0], "Meadow with a dog")
    window.views.top_bar.group_by_actions[GroupBy.CLUSTER].trigger()
    wait_until_idle(qtbot, window)
    sections, clusters = window.views.browser.photo_model.sections, library.clusters().clusters
    assert len(sections) == len(clusters)
    assert sections[0].title == "Meadow with a dog"
    under_first = {window.views.browser.photo_model.photo(row).file_id for row in range(sections[1].first)}
    assert under_first == set(clusters[0].file_ids)


def test_sorted_by_likeness_there_are_no_headings(qtbot: QtBot, window: MainWindow) -> None:
    window.views.top_bar.group_by_actions[GroupBy.DAY].trigger()
    wait_until_idle(qtbot, window)
    window.services.navigator.select(window.views.browser.photo_model.photo(3))
    window.views.top_bar.order_actions[SortOrder.SIMILARITY].trigger()
    wait_until_idle(qtbot, window)
    assert window.views.browser.photo_model.sections == ()
    assert not window.views.top_bar.group_by_actions[GroupBy.DAY].isEnabled()
    window.views.top_bar.order_actions[SortOrder.DATE].trigger()
    wait_until_idle(qtbot, window)
    assert window.views.browser.photo_model.sections != ()
    assert window.views.top_bar.group_by_actions[GroupBy.DAY].isEnabled()


def test_an_open_cluster_has_headings_too(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    window.views.top_bar.group_by_actions[GroupBy.DAY].trigger()
    window.services.navigator.open_cluster(library.clusters().clusters[0])
    wait_until_idle(qtbot, window)
    assert len(window.views.browser.photo_model.sections) == VARIANTS
    window.services.navigator.go(Place(View.ALL))


@pytest.fixture
def by_folder(qtbot: QtBot, window: MainWindow) -> MainWindow:
    window.views.top_bar.group_by_actions[GroupBy.FOLDER].trigger()
    wait_until_idle(qtbot, window)
    window.views.browser.set_tile_size(200)
    return window


def test_the_keyboard_goes_across_headings(qtbot: QtBot, by_folder: MainWindow) -> None:
    grid = by_folder.views.browser.grid
    boundary = by_folder.views.browser.photo_model.sections[1].first
    grid.select_row(boundary - 1)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.currentIndex().row() == boundary
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    assert grid.currentIndex().row() < boundary
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == boundary


def test_the_heading_stays_in_sight_while_its_photos_are_scrolled(
    qtbot: QtBot, by_folder: MainWindow
) -> None:
    grid = by_folder.views.browser.grid
    first = grid._layout.tile_box(0)
    grid.verticalScrollBar().setValue(first.y + 30)
    held = QPoint(first.x + 10, HEADING_HEIGHT // 2)
    assert not grid.indexAt(held).isValid(), "a click on the heading chooses nothing under it"
    assert grid.indexAt(held + QPoint(0, HEADING_HEIGHT)).row() == 0
    grid.scrollTo(grid.model().index(0, 0))
    assert grid.visualRect(grid.model().index(0, 0)).top() >= HEADING_HEIGHT - 8, (
        "a tile is not under the heading"
    )
    assert not grid.grab().isNull()


def test_the_rubber_band_takes_tiles_on_both_sides_of_a_heading_and_a_heading_is_no_tile(
    qtbot: QtBot, by_folder: MainWindow
) -> None:
    grid = by_folder.views.browser.grid
    by_folder.views.browser.set_tile_size(
        130
    )  # both lines are in sight, so that nothing scrolls under the pointer
    boundary = by_folder.views.browser.photo_model.sections[1].first
    grid.scrollTo(grid.model().index(boundary, 0), grid.ScrollHint.PositionAtCenter)
    below = grid.visualRect(grid.model().index(boundary, 0))
    above = grid.visualRect(grid.model().index(grid._layout.row_below(boundary, -1), 0))
    on_heading = QPoint(below.center().x(), below.top() - HEADING_HEIGHT // 2)
    assert not grid.indexAt(on_heading).isValid()
    start, end = QPoint(above.left() - 10, above.center().y()), below.center()
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for point in (start + QPoint(20, 20), end):
        qtbot.mouseMove(grid.viewport(), point)
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=end)
    rows = grid.selected_rows()
    assert boundary in rows
    assert min(rows) < boundary
    assert tile_center(grid, boundary) != on_heading
