"""The badge of a tile that stands for several photos."""

from __future__ import annotations

from unittest.mock import MagicMock

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.grid.badges import stack_badge_rect
from photosim.gui.grid.delegate import tile_rect
from photosim.gui.grid.hover import TileAction, action_at
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import make_list
from photosim.gui.state.stacks import Stacks
from tests.support.photo_records import make_photo_records, show_grid

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def stacked_model() -> PhotoModel:
    """Four tiles, of which the second stands for photos 2, 5 and 6."""
    thumbnails = MagicMock(ThumbnailLoader)
    thumbnails.pixmap.return_value = None
    model = PhotoModel(thumbnails)
    stacked = Stacks.of_groups([(2, 5, 6)]).collapse(make_photo_records(6))
    model.set_photos(make_list(stacked.photos).with_stacks(stacked))
    return model


def test_a_tile_tells_how_many_photos_it_stands_for(qtbot: QtBot) -> None:
    model = stacked_model()
    QAbstractItemModelTester(model, FATAL)
    assert [model.index(row).data(Role.STACK) for row in range(4)] == [0, 3, 0, 0]
    assert [content.stack for content in model.tile_contents(range(4))] == [0, 3, 0, 0]
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "photo 2.jpg, stack of 3 photos"
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "photo 1.jpg"


def test_a_click_on_the_badge_asks_for_the_stack_and_selects_nothing(qtbot: QtBot) -> None:
    grid = show_grid(qtbot, stacked_model())
    index = grid.model().index(1, 0)
    badge = stack_badge_rect(tile_rect(grid.visualRect(index), 0), 3)
    with qtbot.waitSignal(grid.stack_requested) as asked, qtbot.assertNotEmitted(grid.tile_selected):
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=badge.center())
    assert asked.args == [index]
    assert not grid.selectionModel().hasSelection()
    with qtbot.waitSignal(grid.tile_selected), qtbot.assertNotEmitted(grid.stack_requested):
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.visualRect(index).center())


@given(st.integers(16, 500), st.integers(16, 500), st.integers(2, 20_000))
def test_the_badge_is_within_its_tile_and_beside_the_buttons(width: int, height: int, size: int) -> None:
    tile = QRect(10, 20, width, height)
    badge = stack_badge_rect(tile, size)
    if badge.isEmpty():
        assert width < 90 or height < 40, "a tile of a usual size has one"
        return
    assert tile.contains(badge)
    for x in range(badge.left(), badge.right() + 1, 3):
        action = action_at(tile, QPoint(x, badge.center().y()))
        assert action is None or width < 120, "no button is below it"
        assert action is not TileAction.SHOW_STACK
