"""A list of photos is changed into another one row by row, and the grid keeps its selection and position."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.list_diff import diff_lists
from photosim.gui.state.listing import PhotoList, sorted_list
from photosim.gui.state.ordering import SortOrder
from tests.support.photo_records import make_photo_record, show_grid

NUMBERS = st.sets(st.integers(1, 60))


def listing(numbers: Collection[int], group_by: GroupBy = GroupBy.NONE) -> PhotoList:
    """Photos by their numbers, eight on a day."""
    photos = [make_photo_record(one, taken_at=f"2024-05-{one // 8 + 1:02}T10:{one:02}:00") for one in numbers]
    return sorted_list(photos, SortOrder.DATE, None, make_grouper(group_by))


@given(NUMBERS, NUMBERS)
def test_removed_and_inserted_rows_make_the_other_list(before: set[int], after: set[int]) -> None:
    old, new = listing(before), listing(after)
    changes = diff_lists(old, new)
    if not before & after or before == after:
        assert changes is None
        return
    assert changes is not None
    rows = list(old.file_ids)
    for out in changes.removed:
        del rows[out.start : out.stop]
    for into in changes.inserted:
        rows[into.start : into.start] = new.file_ids[into.start : into.stop]
    assert rows == new.file_ids


def test_photos_in_another_order_and_many_new_ones_are_another_list() -> None:
    photos = [make_photo_record(one, taken_at=f"2024-05-0{one}") for one in range(1, 9)]
    assert diff_lists(sorted_list(photos, SortOrder.NAME), sorted_list(photos, SortOrder.DATE)) is None
    assert diff_lists(listing(range(1, 3)), listing(range(1, 56))) is not None
    many = [make_photo_record(one) for one in range(1, 600)]
    assert diff_lists(sorted_list(many[:2], SortOrder.NAME), sorted_list(many, SortOrder.NAME)) is None


@pytest.fixture
def grid(qtbot: QtBot, jobs: Jobs) -> PhotoGrid:
    """Two hundred photos under days, scrolled to the middle, two of them selected."""
    model = PhotoModel(ThumbnailLoader(lambda _: None, jobs))
    model.set_photos(listing(range(1, 201), GroupBy.DAY))
    grid = show_grid(qtbot, model)
    bar = grid.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    return grid


def test_the_grid_keeps_selection_and_place_when_photos_are_removed_and_inserted(
    qtbot: QtBot, grid: PhotoGrid
) -> None:
    model = grid.model()
    assert isinstance(model, PhotoModel)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    row = grid.visible_rows()[8]
    grid.select_row(row, scroll=False)
    other = model.index(row + 2, 0)
    grid.selectionModel().select(other, QItemSelectionModel.SelectionFlag.Select)
    selected = [model.photo(one).file_id for one in grid.selected_rows()]
    held = QPersistentModelIndex(model.index(row, 0))
    top = grid.visualRect(held).top()
    removed = {model.photo(one).file_id for one in (0, 1, 2, 9, row + 1, 190)}
    for numbers in (set(range(1, 201)) - removed, set(range(1, 201))):
        new = listing(numbers, GroupBy.DAY)
        model.set_photos(new, diff_lists(model.photo_list, new))
        assert model.photo_list is new
        assert [model.photo(one).file_id for one in grid.selected_rows()] == selected
        assert grid.currentIndex().row() == model.row_of(selected[0])
        assert grid._layout.count == len(numbers)
        assert [section.first for section in grid._layout.sections] == [one.first for one in new.sections]
        assert grid.visualRect(held).top() == top, "what is in sight stays where it is"
    assert resets == []
    assert tester.model() is model


def test_changes_of_a_list_that_has_grown_meanwhile_are_not_applied(qtbot: QtBot, grid: PhotoGrid) -> None:
    model = grid.model()
    assert isinstance(model, PhotoModel)
    new = listing(range(2, 201), GroupBy.DAY)
    changes = diff_lists(model.photo_list, new)
    model.add([make_photo_record(300, taken_at="2024-05-01T09:00:00")])
    with qtbot.waitSignal(model.modelReset):
        model.set_photos(new, changes)
    assert list(model.photo_list.file_ids) == list(new.file_ids)
