"""The grid of tiles."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.grid.delegate import PhotoDelegate
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import ranked_list, sorted_list
from photosim.gui.state.ordering import MAX_TILE_EDGE, MIN_TILE_EDGE, SortOrder
from photosim.imaging.decode import jpeg_thumbnail
from photosim.ml.closeness import BAND_THRESHOLDS, SimilarityBand
from tests.support.photo_records import make_photo_record, make_photo_records, show_grid
from tests.support.window_driver import click, middle_of

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
COLOUR = (200, 60, 40)


@pytest.fixture
def thumbnails(jobs: Jobs) -> ThumbnailLoader:
    jpeg = jpeg_thumbnail(Image.new("RGB", (320, 240), COLOUR))
    return ThumbnailLoader(lambda _: jpeg, jobs)


@pytest.fixture
def grid(qtbot: QtBot, thumbnails: ThumbnailLoader) -> PhotoGrid:
    """Sixty photos, five in a line."""
    model = PhotoModel(thumbnails)
    model.set_photos(sorted_list(make_photo_records(60), SortOrder.NAME))
    made = show_grid(qtbot, model)
    assert made._layout.columns == 5
    return made


def model_of(grid: PhotoGrid) -> PhotoModel:
    model = grid.model()
    assert isinstance(model, PhotoModel)
    return model


def test_every_tile_is_found_under_its_middle(grid: PhotoGrid) -> None:
    for row in grid.visible_rows():
        index = grid.model().index(row, 0)
        assert grid.indexAt(grid.visualRect(index).center()) == index
    assert not grid.indexAt(QPoint(2, 2)).isValid()


def test_a_click_chooses_and_a_key_says_that_it_was_a_key(qtbot: QtBot, grid: PhotoGrid) -> None:
    told: list[tuple[int, bool]] = []
    grid.tile_selected.connect(lambda index, by_keyboard: told.append((index.row(), by_keyboard)))
    click(qtbot, grid, 3)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert told == [(3, False), (4, True), (9, True), (4, True), (0, True), (59, True)]
    grid.select_row(7)
    assert len(told) == 6, "what the program selects nobody chose"
    assert grid.selected_rows() == [7]


def test_page_keys_move_by_what_is_on_the_screen(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 1)
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    moved = grid.currentIndex().row()
    assert moved > 5
    assert moved % 5 == 1
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.currentIndex().row() == 1


def test_the_current_tile_is_scrolled_into_sight(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 0)
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()))
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert grid.verticalOffset() == 0


def test_shift_selects_a_range_in_reading_order(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 3)
    qtbot.mouseClick(grid.viewport(), LEFT, SHIFT, middle_of(grid, 11))
    assert grid.selected_rows() == list(range(3, 12))
    qtbot.mouseClick(grid.viewport(), LEFT, SHIFT, middle_of(grid, 1))
    assert grid.selected_rows() == [1, 2, 3]
    click(qtbot, grid, 6)
    qtbot.keyClick(grid, Qt.Key.Key_Down, SHIFT)
    assert grid.selected_rows() == list(range(6, 12))


def test_ctrl_adds_and_takes_away_and_ctrl_a_selects_all(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 3)
    qtbot.mouseClick(grid.viewport(), LEFT, CTRL, middle_of(grid, 8))
    assert grid.selected_rows() == [3, 8]
    qtbot.mouseClick(grid.viewport(), LEFT, CTRL, middle_of(grid, 3))
    assert grid.selected_rows() == [8]
    qtbot.keyClick(grid, Qt.Key.Key_A, CTRL)
    assert len(grid.selected_rows()) == 60


def test_a_rubber_band_selects_what_it_touches(qtbot: QtBot, grid: PhotoGrid) -> None:
    start, end = middle_of(grid, 0) - QPoint(55, 55), middle_of(grid, 6)
    qtbot.mousePress(grid.viewport(), LEFT, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(grid.viewport(), start + (end - start) * step / 5)
    assert grid.selected_rows() == [0, 1, 5, 6]
    qtbot.mouseRelease(grid.viewport(), LEFT, pos=end)
    assert grid._rubber_band.isNull()


def test_enter_space_and_double_click_open(qtbot: QtBot, grid: PhotoGrid) -> None:
    opened: list[int] = []
    grid.tile_opened.connect(lambda index: opened.append(index.row()))
    click(qtbot, grid, 4)
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=middle_of(grid, 4))
    assert opened == [4, 4, 4]


def test_ctrl_and_the_wheel_ask_for_another_size(qtbot: QtBot, grid: PhotoGrid) -> None:
    steps: list[int] = []
    grid.zoom_requested.connect(steps.append)
    for delta, keys in ((120, CTRL), (-120, CTRL), (-120, Qt.KeyboardModifier.NoModifier)):
        point = QPointF(100, 100)
        event = QWheelEvent(
            *(point, point, QPoint(), QPoint(0, delta)),
            *(Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False),
        )
        QApplication.sendEvent(grid.viewport(), event)
    assert steps == [1, -1]
    assert grid.verticalOffset() > 0
    grid.set_tile_size(10_000)
    assert grid.tile_size == MAX_TILE_EDGE
    grid.set_tile_size(1)
    assert grid.tile_size == MIN_TILE_EDGE


def test_what_is_in_sight_stays_when_tiles_grow_or_photos_arrive(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.verticalScrollBar().setValue(600)
    first = grid.model().index(grid.visible_rows().start, 0).data()
    top = grid.visualRect(grid.model().index(grid.visible_rows().start, 0)).top()
    model_of(grid).add([make_photo_record(100 + n, f"a {n}.jpg") for n in range(20)])
    assert grid.model().index(grid.visible_rows().start, 0).data() == first
    assert grid.visualRect(grid.model().index(grid.visible_rows().start, 0)).top() == top
    grid.set_tile_size(140)
    top_line = grid.visualRect(grid.model().index(grid.visible_rows().start, 0)).top()
    [row] = [row for row in grid.visible_rows() if grid.model().index(row, 0).data() == first]
    assert grid.visualRect(grid.model().index(row, 0)).top() == top_line


def test_tiles_in_sight_are_painted_as_they_arrive(qtbot: QtBot, grid: PhotoGrid) -> None:
    thumbnails = model_of(grid).thumbnails
    model = model_of(grid)
    qtbot.waitUntil(
        lambda: (
            model.style.edge == grid.actual_tile_size
            and all(thumbnails.has(model.photo_id(row), model.style) for row in grid.visible_rows())
        ),
    )
    image = grid.grab().toImage()
    seen = image.pixelColor(grid.visualRect(grid.model().index(0, 0)).center())
    assert max(abs(a - b) for a, b in zip(COLOUR, seen.getRgb()[:3], strict=True)) < 5


def test_tiles_are_asked_for_at_a_new_size_at_once_and_then_when_it_rests(
    qtbot: QtBot, grid: PhotoGrid
) -> None:
    requester, model = grid._requester, model_of(grid)
    qtbot.waitUntil(
        lambda: model.style.edge == grid.actual_tile_size and not requester._settle_timer.isActive()
    )
    requester._settle_timer.setInterval(10_000_000)
    grid.set_tile_size(140)
    assert not grid.is_resizing
    qtbot.waitUntil(lambda: model.style.edge == grid.actual_tile_size)
    first = grid.actual_tile_size
    for edge in (160, 180, 200):
        grid.set_tile_size(edge)
        for _ in range(3):
            QApplication.sendPostedEvents()
            QApplication.processEvents()
        assert grid.is_resizing
        assert model.style.edge == first != grid.actual_tile_size
    requester._settle_timer.start(0)
    qtbot.waitUntil(lambda: model.style.edge == grid.actual_tile_size)
    assert not grid.is_resizing


def test_a_frame_paints_each_tile_as_it_would_be_painted_alone(
    qtbot: QtBot, grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(grid)
    photos = [make_photo_record(n) for n in range(1, 31)]
    photos[1], photos[2] = replace(photos[1], missing=True), replace(photos[2], raw_files=("/photos/2.cr2",))
    photos[3] = replace(photos[3], path="/drive/3.jpg")
    model.set_photos(sorted_list(photos, SortOrder.NAME))
    model.set_offline_folders(["/drive"])
    grid.set_tile_size(140)
    shown = grid.visible_rows()
    qtbot.waitUntil(lambda: all(model.thumbnails.has(model.photo_id(row), model.style) for row in shown[:8]))
    monkeypatch.setattr(model.thumbnails, "request", lambda *_: None)
    together = grid.grab().toImage()

    def alone(
        painter: QPainter, option: QStyleOptionViewItem, _: object, cells: list[tuple[int, QRect]]
    ) -> None:
        for row, option.rect in cells:
            PhotoDelegate.paint(delegate, painter, option, model.index(row))

    delegate = grid.itemDelegate()
    assert isinstance(delegate, PhotoDelegate)
    monkeypatch.setattr(delegate, "paint_tiles", alone)
    assert grid.grab().toImage() == together


def test_only_what_is_near_the_screen_is_ever_asked_for(qtbot: QtBot, jobs: Jobs) -> None:
    asked: set[int] = set()
    thumbnails = ThumbnailLoader(asked.add, jobs)
    model = PhotoModel(thumbnails)
    model.set_photos(sorted_list(make_photo_records(20_000), SortOrder.NAME))
    grid = show_grid(qtbot, model)
    shown = len(grid.visible_rows())
    qtbot.waitUntil(lambda: len(asked) > shown and not jobs.is_busy)
    assert len(asked) <= 3 * shown
    grid.hide()
    assert not thumbnails._shown[grid] | thumbnails._beside[grid]


def test_headings_stand_over_their_tiles(qtbot: QtBot, grid: PhotoGrid) -> None:
    values = [
        BAND_THRESHOLDS[name]
        for name in (SimilarityBand.SAME_PHOTO, SimilarityBand.VERY_SIMILAR, SimilarityBand.SIMILAR)
    ]
    model_of(grid).set_photos(ranked_list(list(zip(make_photo_records(3), values, strict=True)), 0.0))
    rects = [grid.visualRect(grid.model().index(row, 0)) for row in range(3)]
    assert rects[0].bottom() < rects[1].top()
    assert rects[1].bottom() < rects[2].top()
    click(qtbot, grid, 0)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == 1
    grid.grab()


def test_an_empty_grid_takes_keys_and_clicks(qtbot: QtBot, thumbnails: ThumbnailLoader) -> None:
    model = PhotoModel(thumbnails)
    grid = PhotoGrid(model)
    qtbot.addWidget(grid)
    grid.show()
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(40, 40))
    qtbot.keyClick(grid, Qt.Key.Key_A, CTRL)
    assert grid.selected_rows() == []
    assert not grid.grab().isNull()
    model.setParent(grid)


class Painted(QObject):
    """Notes which parts of a viewport are painted."""

    def __init__(self, grid: PhotoGrid) -> None:
        super().__init__(grid)
        self.regions: list[QRect] = []
        self.areas: list[int] = []
        grid.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, ARG002 - Qt's name
        if isinstance(event, QPaintEvent):
            self.regions.append(event.region().boundingRect())
            self.areas.append(sum(rect.width() * rect.height() for rect in event.region()))
        return False


def test_a_grid_that_becomes_lower_and_higher_paints_only_what_comes_into_sight(
    qtbot: QtBot, thumbnails: ThumbnailLoader
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 500)
    model = PhotoModel(thumbnails, window)
    model.set_photos(sorted_list(make_photo_records(60), SortOrder.NAME))
    grid = PhotoGrid(model, window)
    grid.setGeometry(0, 0, 600, 500)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(
        lambda: all(thumbnails.has(model.photo_id(row), model.style) for row in grid.visible_rows())
    )
    QApplication.sendPostedEvents()
    painted = Painted(grid)
    grid.resize(600, 440)
    QApplication.sendPostedEvents()
    assert painted.regions == []
    grid.resize(600, 500)
    QApplication.sendPostedEvents()
    assert [region.top() for region in painted.regions] == [440]
    painted.regions.clear()
    grid.resize(420, 500)
    QApplication.sendPostedEvents()
    assert painted.regions[-1] == grid.viewport().rect()


def test_tiles_are_painted_as_selected_whether_few_or_many_were_picked(grid: PhotoGrid) -> None:
    model, selection = grid.model(), grid.selectionModel()
    for rows in (range(0, 4, 2), range(0, 60), range(0, 60, 2)):
        grid.clearSelection()
        for row in rows:
            selection.select(model.index(row, 0), QItemSelectionModel.SelectionFlag.Select)
        assert set(grid._selected_rows_in(range(1, 9))) == {row for row in range(1, 9) if row in rows}


def test_more_picked_ranges_than_are_looked_through_are_painted_as_selected(
    qtbot: QtBot, thumbnails: ThumbnailLoader
) -> None:
    model = PhotoModel(thumbnails)
    model.set_photos(sorted_list(make_photo_records(400), SortOrder.NAME))
    grid = PhotoGrid(model)
    model.setParent(grid)
    qtbot.addWidget(grid)
    for row in range(0, 400, 2):
        grid.selectionModel().select(model.index(row, 0), QItemSelectionModel.SelectionFlag.Select)
    assert set(grid._selected_rows_in(range(100, 110))) == {100, 102, 104, 106, 108}


def test_what_was_scrolled_looks_as_if_it_was_painted_anew(
    qtbot: QtBot, thumbnails: ThumbnailLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "request", lambda *_: None)  # none arrives between two pictures
    model = PhotoModel(thumbnails)
    photos = [make_photo_record(n, taken_at=f"2024-05-{1 + n // 7:02}T12:00:00") for n in range(1, 150)]
    model.set_photos(sorted_list(photos, SortOrder.DATE, grouping=make_grouper(GroupBy.DAY)))
    grid = PhotoGrid(model)
    model.setParent(grid)
    qtbot.addWidget(grid)
    grid.sticky_headings = True
    grid.resize(600, 500)
    with qtbot.waitExposed(grid):
        grid.show()
    bar = grid.verticalScrollBar()

    def seen() -> QImage:
        QApplication.sendPostedEvents()
        return grid.screen().grabWindow(grid.winId()).toImage()

    painted = Painted(grid)
    chance = random.Random(1)
    for _ in range(60):
        for _ in range(chance.randint(1, 3)):  # more than one step between two frames
            bar.setValue(bar.value() + chance.choice((-400, -90, -20, -3, 3, 20, 90, 400)))
        scrolled = seen()
        grid.viewport().update()
        assert seen() == scrolled
    bar.setValue(200)
    seen()
    painted.areas.clear()
    bar.setValue(440)
    seen()
    assert sum(painted.areas) < 0.7 * 600 * 500, "and the half that stays in sight is not painted"
