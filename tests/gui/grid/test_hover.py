"""The buttons on the tile under the pointer, folded sections, and what a click beside the tiles does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.grid.delegate import tile_rect
from photosim.gui.grid.hover import TileAction, action_at
from photosim.gui.grid.layout import HEADING_HEIGHT
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import PhotoList, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.sections import Section, Sections
from tests.support.photo_records import make_photo_records, show_grid
from tests.support.window_driver import click, tile_center

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def photos_in_sections(count: int, *sections: Section) -> PhotoList:
    return replace(sorted_list(make_photo_records(count), SortOrder.NAME), sections=Sections(sections))


@pytest.fixture
def model(qtbot: QtBot, jobs: Jobs) -> PhotoModel:
    model = PhotoModel(ThumbnailLoader(lambda _: None, jobs))
    model.set_photos(sorted_list(make_photo_records(60), SortOrder.NAME))
    return model


@pytest.fixture
def grid(qtbot: QtBot, model: PhotoModel) -> PhotoGrid:
    """Sixty photos, five in a line, with buttons on the tiles."""
    grid = show_grid(qtbot, model)
    grid.show_tile_actions()
    return grid


def button(grid: PhotoGrid, row: int, action: TileAction) -> QPoint:
    """The middle of a button on a tile."""
    tile = tile_rect(grid.visualRect(grid.model().index(row, 0)), 0)
    points = [
        QPoint(x, y)
        for x in range(tile.left(), tile.right() + 1)
        for y in range(tile.top(), tile.bottom() + 1)
        if action_at(tile, QPoint(x, y)) is action
    ]
    return points[len(points) // 2]


def test_each_button_does_what_its_tool_tip_says(qtbot: QtBot, grid: PhotoGrid) -> None:
    done: list[tuple[str, int]] = []
    grid.tile_selected.connect(lambda index, _: done.append(("select", index.row())))
    grid.similar_requested.connect(lambda index: done.append(("similar", index.row())))
    grid.tile_opened.connect(lambda index: done.append(("view", index.row())))
    texts = []
    for action in (TileAction.SELECT, TileAction.FIND_SIMILAR, TileAction.VIEW):
        point = button(grid, 7, action)
        qtbot.mouseClick(grid.viewport(), LEFT, pos=point)
        event = QHelpEvent(QEvent.Type.ToolTip, point, grid.viewport().mapToGlobal(point))
        QApplication.sendEvent(grid.viewport(), event)
        texts.append(QToolTip.text())
    assert done == [("select", 7), ("similar", 7), ("view", 7)]
    assert texts == ["Deselect (Ctrl+Space)", "Find similar (Ctrl+L)", "View (Space)"]
    QToolTip.hideText()


def test_the_select_button_adds_and_takes_away_one_tile(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 1)
    for row in (6, 8, 6):
        qtbot.mouseClick(grid.viewport(), LEFT, pos=button(grid, row, TileAction.SELECT))
    assert grid.selected_rows() == [1, 8]
    qtbot.keyClick(grid, Qt.Key.Key_Space, CTRL)
    assert grid.selected_rows() == [1, 6, 8], "Ctrl+Space does the same"


def test_small_tiles_and_other_grids_have_no_buttons(qtbot: QtBot, grid: PhotoGrid, jobs: Jobs) -> None:
    assert action_at(QRect(0, 0, 60, 60), QPoint(10, 10)) is None
    other = PhotoModel(ThumbnailLoader(lambda _: None, jobs))
    other.set_photos(sorted_list(make_photo_records(9), SortOrder.NAME))
    plain, requests = show_grid(qtbot, other), []
    plain.similar_requested.connect(requests.append)
    qtbot.mouseClick(plain.viewport(), LEFT, pos=button(plain, 2, TileAction.FIND_SIMILAR))
    assert requests == []
    assert plain.selected_rows() == [2]


def test_moving_over_tiles_paints_only_these(
    qtbot: QtBot, grid: PhotoGrid, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(grid.end_neared):  # all thumbnails are requested
        grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: not jobs.is_busy)
    QApplication.processEvents()
    updated: list[QRect] = []
    monkeypatch.setattr(grid.viewport(), "update", lambda rect=None: updated.append(rect))
    for point in (tile_center(grid, 53), button(grid, 53, TileAction.VIEW), tile_center(grid, 54)):
        qtbot.mouseMove(grid.viewport(), point)
    cells = [grid.visualRect(grid.model().index(row, 0)) for row in (53, 54)]
    assert all(rect.isNull() or rect in cells for rect in updated)
    assert {rect.x() for rect in updated if not rect.isNull()} == {cell.x() for cell in cells}


def test_a_button_is_filled_under_the_pointer(qtbot: QtBot, grid: PhotoGrid) -> None:
    pictures = []
    for point in (tile_center(grid, 3), button(grid, 3, TileAction.VIEW)):
        qtbot.mouseMove(grid.viewport(), point)
        pictures.append(grid.viewport().grab(grid.visualRect(grid.model().index(3, 0))).toImage())
    assert pictures[0] != pictures[1]


def test_a_double_click_opens_the_tile_of_the_first_click_though_it_has_moved(
    qtbot: QtBot, grid: PhotoGrid
) -> None:
    opened: list[int] = []
    grid.tile_opened.connect(lambda index: opened.append(index.row()))
    point = tile_center(grid, 8)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=point)
    grid.resize(340, 500)  # as when a panel opens beside it
    assert grid.indexAt(point).row() != 8
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=point)
    assert opened == [8]


def test_the_current_tile_keeps_its_height_when_the_width_changes(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 13)
    top = grid.visualRect(grid.currentIndex()).top()
    grid.resize(340, 500)
    assert grid.visualRect(grid.currentIndex()).top() == top
    grid.resize(600, 500)
    assert grid.visualRect(grid.currentIndex()).top() == top


def test_escape_and_a_click_beside_the_tiles_clear_the_selection(qtbot: QtBot, grid: PhotoGrid) -> None:
    cleared: list[int] = []
    grid.deselected.connect(lambda: cleared.append(1))
    click(qtbot, grid, 3)
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert (grid.selected_rows(), len(cleared)) == ([], 1)
    assert grid.currentIndex().row() == 3, "the keyboard goes on from there"
    click(qtbot, grid, 3)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(3, 3))
    assert (grid.selected_rows(), len(cleared)) == ([], 2)


def test_a_folded_section_is_a_heading_that_a_click_opens(
    qtbot: QtBot, grid: PhotoGrid, model: PhotoModel
) -> None:
    toggled: list[int] = []
    grid.fold_toggled.connect(toggled.append)
    model.set_photos(photos_in_sections(8, Section(0, "Similar"), Section(8, "Less similar", folded=True)))
    height = grid._layout.height
    heading = QPoint(60, grid.visualRect(grid.model().index(7, 0)).bottom() + HEADING_HEIGHT // 2)
    assert heading.y() < height
    assert not grid.indexAt(heading).isValid()
    qtbot.mouseMove(grid.viewport(), heading)
    assert grid.viewport().cursor().shape() is Qt.CursorShape.PointingHandCursor
    qtbot.mouseClick(grid.viewport(), LEFT, pos=heading)
    qtbot.mouseMove(grid.viewport(), tile_center(grid, 2))
    assert grid.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor
    assert toggled == [1]
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(60, 20))
    assert toggled == [1], "the other section can't be folded"
    click(qtbot, grid, 7)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_PageDown):
        qtbot.keyClick(grid, key)
        assert grid.currentIndex().row() == 7
    folded = grid.grab().toImage()
    model.set_photos(photos_in_sections(8, Section(0, "Similar")))
    assert grid._layout.height < height
    assert grid.grab().toImage() != folded


def test_the_end_is_announced_when_the_last_tiles_come_near(qtbot: QtBot, grid: PhotoGrid) -> None:
    reached: list[int] = []
    qtbot.wait(1)
    grid.end_neared.connect(lambda: reached.append(1))
    grid.verticalScrollBar().setValue(10)
    QApplication.processEvents()
    assert reached == []
    with qtbot.waitSignal(grid.end_neared):
        grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
