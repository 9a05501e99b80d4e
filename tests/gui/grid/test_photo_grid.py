"""The interactive grid."""

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
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import make_list, sorted_list
from photosim.gui.state.ordering import MAX_TILE_EDGE, MIN_TILE_EDGE, SortOrder
from photosim.gui.state.sections import Section
from photosim.imaging.turbojpeg import encode_thumbnail
from tests.support.photo_records import make_photo_record, make_photo_records, show_grid
from tests.support.window_driver import click, tile_center

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
COLOR = (200, 60, 40)


@pytest.fixture
def thumbnails(jobs: Jobs) -> ThumbnailLoader:
    jpeg = encode_thumbnail(Image.new("RGB", (320, 240), COLOR))
    return ThumbnailLoader(lambda _: jpeg, jobs)


@pytest.fixture
def grid(qtbot: QtBot, thumbnails: ThumbnailLoader) -> PhotoGrid:
    """Sixty photos, five in a line."""
    model = PhotoModel(thumbnails)
    model.set_photos(sorted_list(make_photo_records(60), SortOrder.NAME))
    grid = show_grid(qtbot, model)
    assert grid._layout.columns == 5
    return grid


def model_of(grid: PhotoGrid) -> PhotoModel:
    model = grid.model()
    assert isinstance(model, PhotoModel)
    return model


def test_every_tile_is_found_at_its_center(grid: PhotoGrid) -> None:
    for row in grid.visible_rows():
        index = grid.model().index(row, 0)
        assert grid.indexAt(grid.visualRect(index).center()) == index
    assert not grid.indexAt(QPoint(2, 2)).isValid()


def test_clicks_and_keys_select_and_are_told_apart(qtbot: QtBot, grid: PhotoGrid) -> None:
    selected: list[tuple[int, bool]] = []
    grid.tile_selected.connect(lambda index, by_keyboard: selected.append((index.row(), by_keyboard)))
    click(qtbot, grid, 3)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert selected == [(3, False), (4, True), (9, True), (4, True), (0, True), (59, True)]
    grid.select_row(7)
    assert len(selected) == 6, "select_row() is not reported"
    assert grid.selected_rows() == [7]


def test_page_keys_move_by_the_visible_lines(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 1)
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    row = grid.currentIndex().row()
    assert row > 5
    assert row % 5 == 1
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.currentIndex().row() == 1


def test_the_current_tile_is_scrolled_into_view(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 0)
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()))
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert grid.verticalOffset() == 0


def test_shift_selects_a_range_in_reading_order(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 3)
    qtbot.mouseClick(grid.viewport(), LEFT, SHIFT, tile_center(grid, 11))
    assert grid.selected_rows() == list(range(3, 12))
    qtbot.mouseClick(grid.viewport(), LEFT, SHIFT, tile_center(grid, 1))
    assert grid.selected_rows() == [1, 2, 3]
    click(qtbot, grid, 6)
    qtbot.keyClick(grid, Qt.Key.Key_Down, SHIFT)
    assert grid.selected_rows() == list(range(6, 12))


def test_ctrl_toggles_and_ctrl_a_selects_all(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(qtbot, grid, 3)
    qtbot.mouseClick(grid.viewport(), LEFT, CTRL, tile_center(grid, 8))
    assert grid.selected_rows() == [3, 8]
    qtbot.mouseClick(grid.viewport(), LEFT, CTRL, tile_center(grid, 3))
    assert grid.selected_rows() == [8]
    qtbot.keyClick(grid, Qt.Key.Key_A, CTRL)
    assert len(grid.selected_rows()) == 60


def test_a_rubber_band_selects_what_it_touches(qtbot: QtBot, grid: PhotoGrid) -> None:
    start, end = tile_center(grid, 0) - QPoint(55, 55), tile_center(grid, 6)
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
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=tile_center(grid, 4))
    assert opened == [4, 4, 4]


def test_ctrl_and_the_wheel_request_a_zoom(qtbot: QtBot, grid: PhotoGrid) -> None:
    steps: list[int] = []
    grid.zoom_requested.connect(steps.append)
    for delta, keys in ((120, CTRL), (-120, CTRL), (-120, Qt.KeyboardModifier.NoModifier)):
        point = QPointF(100, 100)
        buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(point, point, QPoint(), QPoint(0, delta), buttons, keys, phase, False)
        QApplication.sendEvent(grid.viewport(), event)
    assert steps == [1, -1]
    assert grid.verticalOffset() > 0
    grid.set_tile_size(10_000)
    assert grid.tile_size == MAX_TILE_EDGE
    grid.set_tile_size(1)
    assert grid.tile_size == MIN_TILE_EDGE


def test_the_first_visible_line_stays_when_tiles_grow_or_photos_are_inserted(
    qtbot: QtBot, grid: PhotoGrid
) -> None:
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


def test_a_batch_of_insertions_is_laid_out_once(grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    layouts: list[int] = []
    relayout = grid.relayout
    monkeypatch.setattr(grid, "relayout", lambda **options: (layouts.append(1), relayout(**options)))
    photos = [make_photo_record(100 + number, f"{name}.jpg") for number, name in enumerate("az")]
    model_of(grid).add(photos)
    assert grid.model().rowCount() == 62
    assert len(layouts) == 1


def test_visible_thumbnails_are_painted_when_they_are_loaded(qtbot: QtBot, grid: PhotoGrid) -> None:
    thumbnails = model_of(grid).thumbnails
    model = model_of(grid)
    qtbot.waitUntil(
        lambda: (
            model.style.width == grid.actual_tile_size
            and all(thumbnails.has(model.photo_id(row), model.style_of(row)) for row in grid.visible_rows())
        ),
    )
    image = grid.grab().toImage()
    painted = image.pixelColor(grid.visualRect(grid.model().index(0, 0)).center())
    assert max(abs(a - b) for a, b in zip(COLOR, painted.getRgb()[:3], strict=True)) < 5


def test_a_new_size_is_requested_at_once_and_a_series_of_sizes_when_it_settles(
    qtbot: QtBot, grid: PhotoGrid
) -> None:
    requester, model = grid._requester, model_of(grid)
    qtbot.waitUntil(
        lambda: model.style.width == grid.actual_tile_size and not requester._settle_timer.isActive()
    )
    requester._settle_timer.setInterval(10_000_000)
    grid.set_tile_size(140)
    assert not grid.is_resizing
    qtbot.waitUntil(lambda: model.style.width == grid.actual_tile_size)
    first = grid.actual_tile_size
    for size in (160, 180, 200):
        grid.set_tile_size(size)
        for _ in range(3):
            QApplication.sendPostedEvents()
            QApplication.processEvents()
        assert grid.is_resizing
        assert model.style.width == first != grid.actual_tile_size
    requester._settle_timer.start(0)
    qtbot.waitUntil(lambda: model.style.width == grid.actual_tile_size)
    assert not grid.is_resizing


def test_tiles_look_the_same_painted_together_and_one_by_one(
    qtbot: QtBot, grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(grid)
    photos = [make_photo_record(n) for n in range(1, 31)]
    photos[1], photos[2] = replace(photos[1], missing=True), replace(photos[2], raw_files=("/photos/2.cr2",))
    photos[3] = replace(photos[3], path="/drive/3.jpg")
    model.set_photos(sorted_list(photos, SortOrder.NAME))
    model.set_offline_folders(["/drive"])
    grid.set_tile_size(140)
    rows = grid.visible_rows()[:8]
    qtbot.waitUntil(
        lambda: all(model.thumbnails.has(model.photo_id(row), model.style_of(row)) for row in rows)
    )
    monkeypatch.setattr(model.thumbnails, "request", lambda *_: None)
    together = grid.grab().toImage()

    def paint_one_by_one(
        painter: QPainter, option: QStyleOptionViewItem, _: object, cells: list[tuple[int, QRect]]
    ) -> None:
        for row, option.rect in cells:
            PhotoDelegate.paint(delegate, painter, option, model.index(row))

    delegate = grid.itemDelegate()
    assert isinstance(delegate, PhotoDelegate)
    monkeypatch.setattr(delegate, "paint_tiles", paint_one_by_one)
    assert grid.grab().toImage() == together


def test_only_thumbnails_near_the_visible_rows_are_requested(qtbot: QtBot, jobs: Jobs) -> None:
    requested: set[int] = set()
    thumbnails = ThumbnailLoader(requested.add, jobs)
    model = PhotoModel(thumbnails)
    model.set_photos(sorted_list(make_photo_records(20_000), SortOrder.NAME))
    grid = show_grid(qtbot, model)
    visible = len(grid.visible_rows())
    qtbot.waitUntil(lambda: len(requested) > visible and not jobs.is_busy)
    assert len(requested) <= 3 * visible
    grid.hide()
    assert not thumbnails._visible[grid] | thumbnails._nearby[grid]


def test_headings_are_above_their_tiles(qtbot: QtBot, grid: PhotoGrid) -> None:
    sections = [Section(0, "Same photo"), Section(1, "Very similar"), Section(2, "Similar")]
    model_of(grid).set_photos(make_list(make_photo_records(3), sections=sections))
    rects = [grid.visualRect(grid.model().index(row, 0)) for row in range(3)]
    assert rects[0].bottom() < rects[1].top()
    assert rects[1].bottom() < rects[2].top()
    click(qtbot, grid, 0)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == 1
    grid.grab()


def test_an_empty_grid_accepts_keys_and_clicks(qtbot: QtBot, thumbnails: ThumbnailLoader) -> None:
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


class PaintRecorder(QObject):
    """Records which parts of a viewport are painted."""

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


def test_changing_the_height_paints_only_what_becomes_visible(
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
        lambda: all(thumbnails.has(model.photo_id(row), model.style_of(row)) for row in grid.visible_rows())
    )
    QApplication.sendPostedEvents()
    recorder = PaintRecorder(grid)
    grid.resize(600, 440)
    QApplication.sendPostedEvents()
    assert recorder.regions == []
    grid.resize(600, 500)
    QApplication.sendPostedEvents()
    assert [region.top() for region in recorder.regions] == [440]
    recorder.regions.clear()
    grid.resize(420, 500)
    QApplication.sendPostedEvents()
    assert recorder.regions[-1] == grid.viewport().rect()


def test_selected_rows_are_found_for_painting_in_few_and_in_many_ranges(grid: PhotoGrid) -> None:
    model, selection = grid.model(), grid.selectionModel()
    for rows in (range(0, 4, 2), range(0, 60), range(0, 60, 2)):
        grid.clearSelection()
        for row in rows:
            selection.select(model.index(row, 0), QItemSelectionModel.SelectionFlag.Select)
        assert set(grid._selected_rows_in(range(1, 9))) == {row for row in range(1, 9) if row in rows}


def test_selected_rows_are_found_for_painting_beyond_the_maximum_of_ranges(
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


def test_a_scrolled_grid_looks_as_if_it_was_painted_from_scratch(
    qtbot: QtBot, thumbnails: ThumbnailLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "request", lambda *_: None)  # none is loaded between two screenshots
    model = PhotoModel(thumbnails)
    photos = [make_photo_record(n, taken_at=f"2024-05-{1 + n // 7:02}T12:00:00") for n in range(1, 150)]
    model.set_photos(sorted_list(photos, SortOrder.DATE, grouper=make_grouper(GroupBy.DAY)))
    grid = PhotoGrid(model)
    model.setParent(grid)
    qtbot.addWidget(grid)
    grid.sticky_headings = True
    grid.resize(600, 500)
    with qtbot.waitExposed(grid):
        grid.show()
    bar = grid.verticalScrollBar()

    def screenshot() -> QImage:
        QApplication.sendPostedEvents()
        return grid.screen().grabWindow(grid.winId()).toImage()

    recorder = PaintRecorder(grid)
    generator = random.Random(1)
    for _ in range(60):
        for _ in range(generator.randint(1, 3)):  # more than one step between two frames
            bar.setValue(bar.value() + generator.choice((-400, -90, -20, -3, 3, 20, 90, 400)))
        scrolled = screenshot()
        grid.viewport().update()
        assert screenshot() == scrolled
    bar.setValue(200)
    screenshot()
    recorder.areas.clear()
    bar.setValue(440)
    screenshot()
    assert sum(recorder.areas) < 0.7 * 600 * 500, "the part that stays visible is not painted again"
