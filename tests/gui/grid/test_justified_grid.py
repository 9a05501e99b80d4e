"""The grid with photos in their own proportions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.main_window import MainWindow
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import PhotoList, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.photo_table import aspect_ratios
from photosim.imaging.turbojpeg import encode_thumbnail
from photosim.records import Photo
from tests.support.photo_records import make_photo_record, show_grid
from tests.support.window_driver import click, tile_center

SIZES = ((400, 300), (300, 400), (600, 300), (300, 300), (3000, 300))


def make_photo(number: int) -> Photo:
    photo = make_photo_record(number, taken_at=f"2024-05-{1 + number // 30:02}T12:00:00")
    width, height = SIZES[number * 7 % len(SIZES)]
    return replace(photo, facts=replace(photo.facts, width=width, height=height))


def list_of(photos: list[Photo], group_by: GroupBy = GroupBy.NONE) -> PhotoList:
    return sorted_list(photos, SortOrder.NAME, grouper=make_grouper(group_by))


@pytest.fixture
def thumbnails(jobs: Jobs) -> ThumbnailLoader:
    sizes = {1000 + number: SIZES[number * 7 % len(SIZES)] for number in range(500)}
    return ThumbnailLoader(lambda photo_id: encode_thumbnail(Image.new("RGB", sizes[photo_id], "red")), jobs)


@pytest.fixture
def grid(qtbot: QtBot, thumbnails: ThumbnailLoader) -> PhotoGrid:
    model = PhotoModel(thumbnails)
    model.set_photos(list_of([make_photo(number) for number in range(1, 201)]))
    grid = show_grid(qtbot, model)
    grid.set_square(False)
    return grid


def model_of(grid: PhotoGrid) -> PhotoModel:
    model = grid.model()
    assert isinstance(model, PhotoModel)
    return model


def top_of(grid: PhotoGrid, name: str) -> int:
    [row] = [row for row in range(grid.model().rowCount()) if grid.model().index(row, 0).data() == name]
    return grid.visualRect(grid.model().index(row, 0)).top()


def first_name(grid: PhotoGrid) -> str:
    return str(grid.model().index(grid.visible_rows().start, 0).data())


def test_tiles_have_the_proportions_of_their_photos_but_for_panoramas(grid: PhotoGrid) -> None:
    for row in grid.visible_rows():
        facts = model_of(grid).photo(row).facts
        width, height = grid.size_of_tile(row)
        assert width / height == pytest.approx(min(facts.width / facts.height, 3.0), rel=0.03)


@pytest.mark.parametrize("group_by", [GroupBy.NONE, GroupBy.DAY])
def test_every_tile_is_found_at_its_center_and_corners(grid: PhotoGrid, group_by: GroupBy) -> None:
    model_of(grid).set_photos(list_of(list(model_of(grid).photos), group_by))
    grid.verticalScrollBar().setValue(333)
    for row in grid.visible_rows():
        index = grid.model().index(row, 0)
        rect = grid.visualRect(index).adjusted(4, 4, -4, -4)
        for point in (rect.center(), rect.topLeft(), rect.bottomRight()):
            assert grid.indexAt(point) in (index, grid.model().index(-1, 0))
        assert grid.indexAt(rect.center()) == index


def test_thumbnails_are_loaded_in_the_size_of_their_tiles(qtbot: QtBot, grid: PhotoGrid) -> None:
    model = model_of(grid)
    qtbot.waitUntil(
        lambda: all(
            model.style_of(row)[:2] == grid.size_of_tile(row)
            and model.thumbnails.has(model.photo_id(row), model.style_of(row))
            for row in grid.visible_rows()
        )
    )
    for row in grid.visible_rows():
        pixmap = model.thumbnails.pixmap(model.photo_id(row), model.style_of(row))
        assert pixmap is not None
        assert (pixmap.width(), pixmap.height()) == grid.size_of_tile(row)


def test_squares_come_back(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.set_square(True)
    model = model_of(grid)
    qtbot.waitUntil(
        lambda: all(
            model.thumbnails.has(model.photo_id(row), model.style_of(row)) for row in grid.visible_rows()
        )
    )
    assert {grid.size_of_tile(row) for row in range(200)} == {(grid.actual_tile_size,) * 2}
    assert len({model.style_of(row) for row in range(200)}) == 1


def test_a_window_that_is_resized_again_and_again_shows_the_same_photos(grid: PhotoGrid) -> None:
    grid.verticalScrollBar().setValue(2000)
    first = first_name(grid)
    top = top_of(grid, first)
    for width in (*range(600, 400, -9), *range(400, 900, 7), 600):
        grid.resize(width, 500)
        assert top_of(grid, first) == top
    assert first_name(grid) == first


def test_the_first_visible_photo_stays_when_others_arrive_above_it(grid: PhotoGrid) -> None:
    grid.verticalScrollBar().setValue(2000)
    first = first_name(grid)
    top = top_of(grid, first)
    for number in range(300, 340, 4):
        photos = [replace(make_photo(n), path=f"/photos/a {n}.jpg") for n in range(number, number + 4)]
        model_of(grid).add(photos)
        assert top_of(grid, first) == top


def test_scrolling_after_a_resize_makes_another_photo_the_one_that_stays(grid: PhotoGrid) -> None:
    grid.verticalScrollBar().setValue(2000)
    grid.resize(640, 500)
    grid.verticalScrollBar().setValue(900)
    first = first_name(grid)
    top = top_of(grid, first)
    grid.resize(700, 500)
    assert top_of(grid, first) == top


def test_down_and_up_stay_below_where_they_started(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 2)
    start = tile_center(grid, 2).x()
    for _ in range(12):
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        rect = grid.visualRect(grid.currentIndex())
        assert rect.left() <= start <= rect.right()
    for _ in range(12):
        qtbot.keyClick(grid, Qt.Key.Key_Up)
    assert grid.currentIndex().row() == 2


def test_a_rubber_band_selects_what_it_touches(qtbot: QtBot, grid: PhotoGrid) -> None:
    start, end = QPoint(3, 3), tile_center(grid, grid.visible_rows().stop // 2)
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(grid.viewport(), start + (end - start) * step / 5)
    rubber_band = grid._rubber_band
    touched = [
        row
        for row in grid.visible_rows()
        if rubber_band.intersects(grid.visualRect(grid.model().index(row, 0)).adjusted(4, 4, -4, -4))
    ]
    assert grid.selected_rows() == touched
    assert 1 < len(touched) < 200
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=end)


def test_a_photo_that_was_cropped_in_place_has_a_tile_of_its_new_shape(grid: PhotoGrid) -> None:
    model = model_of(grid)
    photo = model.photo(1)
    model.add([replace(photo, facts=replace(photo.facts, width=200, height=400))])
    width, height = grid.size_of_tile(1)
    assert width / height == pytest.approx(0.5, rel=0.03)
    photos = list(model.photos)
    photos[1] = replace(photo, facts=replace(photo.facts, width=300, height=300))
    model.set_photos(list_of(photos))
    width, height = grid.size_of_tile(1)
    assert width / height == pytest.approx(1, rel=0.03)


def test_an_empty_grid_and_one_without_known_sizes_are_shown(grid: PhotoGrid) -> None:
    model = model_of(grid)
    photo = model.photo(0)
    model.set_photos(list_of([replace(photo, facts=replace(photo.facts, width=0, height=0))]))
    assert len(set(grid.size_of_tile(0))) == 1
    model.set_photos(list_of([]))
    QApplication.processEvents()
    assert not grid.grab().isNull()


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=20))
def test_proportions_stay_those_of_the_photos(changes: list[tuple[bool, int]]) -> None:
    model = PhotoModel(None)  # type: ignore[arg-type] - no thumbnail is shown
    for is_added, number in changes:
        if is_added:
            model.add([make_photo(number), make_photo(number + 3)])
        else:
            model.apply_changes({number}, [make_photo(number + 1)])
        assert np.array_equal(model.aspects, aspect_ratios(model.photos))


def test_covers_of_clusters_stay_square(window: MainWindow) -> None:
    window.views.actions.square.setChecked(False)
    assert window.views.browser.grid.is_justified
    assert not window.views.browser.cluster_grid.is_justified
