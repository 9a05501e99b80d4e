"""The timeline beside the scroll bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QEnterEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.base import formatting
from photosim.gui.base.jobs import Jobs
from photosim.gui.grid.date_scrubber import DateScrubber
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.main_window import MainWindow
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import PhotoList, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.records import Photo
from tests.support.photo_records import make_photo_record, show_grid

LEFT = Qt.MouseButton.LeftButton
MONTHS = 30


def make_photos() -> list[Photo]:
    """Ten photos in each of 30 months, from January 2021 on, and ten without a date."""
    dated = [
        make_photo_record(
            number, taken_at=f"{2021 + month // 12}-{month % 12 + 1:02}-11T10:{number % 60:02}:00"
        )
        for number, month in ((number, (number - 1) // 10) for number in range(1, 10 * MONTHS + 1))
    ]
    return [*dated, *(make_photo_record(number) for number in range(901, 911))]


def by_date(photos: list[Photo], group_by: GroupBy = GroupBy.NONE, *, descending: bool = True) -> PhotoList:
    grouper = make_grouper(group_by, (), SortOrder.DATE, descending=descending)
    return sorted_list(photos, SortOrder.DATE, grouper=grouper, descending=descending)


@pytest.fixture
def model(jobs: Jobs) -> PhotoModel:
    model = PhotoModel(ThumbnailLoader(lambda _: None, jobs))
    model.set_photos(by_date(make_photos()))
    return model


@pytest.fixture
def scrubber(qtbot: QtBot, model: PhotoModel) -> DateScrubber:
    grid = show_grid(qtbot, model)
    scrubber = DateScrubber(grid, model)
    assert scrubber.isVisible()
    return scrubber


def grid_of(scrubber: DateScrubber) -> PhotoGrid:
    grid = scrubber.parent()
    assert isinstance(grid, PhotoGrid)
    return grid


def first_visible(scrubber: DateScrubber) -> str:
    """The month of the first visible photo."""
    grid = grid_of(scrubber)
    return str(grid.model().photo(grid.row_at_height(grid.verticalOffset())).facts.taken_at)[:7]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("group_by", [GroupBy.NONE, GroupBy.DAY])
def test_months_are_in_the_order_of_the_photos(
    scrubber: DateScrubber, model: PhotoModel, group_by: GroupBy, descending: bool
) -> None:
    model.set_photos(by_date(make_photos(), group_by, descending=descending))
    expected = sorted((2021 * 12 + month for month in range(MONTHS)), reverse=descending)
    assert [start.month for start in scrubber.months] == [*expected, None]
    assert [start.row for start in scrubber.months] == list(range(0, 310, 10))
    positions = [scrubber.y_of(start.row) for start in scrubber.months]
    assert positions == sorted(positions)
    years = [text for _, text in scrubber.labels()]
    assert years == sorted(["2021", "2022", "2023"], reverse=descending)


def test_it_is_hidden_in_other_orders_and_where_there_is_little_to_scroll(
    scrubber: DateScrubber, model: PhotoModel
) -> None:
    grid, photos = grid_of(scrubber), make_photos()
    narrow = grid.viewport().width()
    model.set_photos(sorted_list(photos, SortOrder.NAME))
    assert scrubber.isHidden()
    assert grid.viewport().width() == narrow + scrubber.sizeHint().width()
    model.set_photos(by_date(photos))
    assert not scrubber.isHidden()
    model.set_photos(by_date(photos, GroupBy.FOLDER))
    assert scrubber.isHidden()
    model.set_photos(by_date(photos[:8]))
    assert scrubber.isHidden(), "one month"
    model.set_photos(by_date(photos[5:25]))
    assert scrubber.isHidden(), "all photos are visible"


def test_a_click_near_the_begin_of_a_month_goes_there(qtbot: QtBot, scrubber: DateScrubber) -> None:
    y = scrubber.y_of(120)
    qtbot.mousePress(scrubber, LEFT, pos=QPoint(10, y + 2))
    assert first_visible(scrubber) == "2022-06"
    assert grid_of(scrubber).verticalOffset() == grid_of(scrubber).top_of_row(120)
    assert scrubber.bubble.isVisible()
    qtbot.mouseRelease(scrubber, LEFT, pos=QPoint(10, y + 2))


def test_dragging_scrolls_and_the_bubble_tells_the_month(qtbot: QtBot, scrubber: DateScrubber) -> None:
    bar = grid_of(scrubber).verticalScrollBar()
    qtbot.mousePress(scrubber, LEFT, pos=QPoint(10, 0))
    values = []
    for y in range(0, scrubber.height() * 9 // 10, 7):
        qtbot.mouseMove(scrubber, QPoint(10, y))
        values.append(bar.value())
        year, month = first_visible(scrubber).split("-") if bar.value() < bar.maximum() else ("", "")
        if year and year != "None":
            assert scrubber.bubble.text() == formatting.format_month(int(year) * 12 + int(month) - 1)
    assert values == sorted(values)
    assert values[-1] > bar.maximum() * 0.8
    qtbot.mouseMove(scrubber, QPoint(10, scrubber.height() - 1))
    assert scrubber.bubble.text() == "No date"
    qtbot.mouseRelease(scrubber, LEFT, pos=QPoint(-30, 5))
    assert not scrubber.bubble.isVisible()


def test_the_pointer_shows_the_month_without_scrolling(qtbot: QtBot, scrubber: DateScrubber) -> None:
    point = QPointF(10, scrubber.y_of(0))
    QApplication.sendEvent(scrubber, QEnterEvent(point, point, point))
    assert scrubber.bubble.text() == "June 2023"
    assert grid_of(scrubber).rect().contains(scrubber.bubble.geometry())
    assert scrubber.bubble.geometry().right() < scrubber.x()
    qtbot.mouseMove(scrubber, QPoint(10, scrubber.y_of(105)))
    assert scrubber.bubble.text() == "August 2022"
    assert grid_of(scrubber).verticalOffset() == 0


def test_keys_go_by_months_and_years(qtbot: QtBot, scrubber: DateScrubber) -> None:
    scrubber.setFocus()
    visited = []
    for key in (
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_Home,
    ):
        qtbot.keyClick(scrubber, key)
        visited.append(first_visible(scrubber))
    assert visited == [
        *("2023-05", "2023-04", "2023-05"),
        *("2022-12", "2021-12", "2021-11"),
        *("2021-12", "2022-12", "2023-06"),
    ]
    qtbot.keyClick(scrubber, Qt.Key.Key_End)
    assert grid_of(scrubber).verticalOffset() == grid_of(scrubber).verticalScrollBar().maximum()
    assert scrubber.bubble.text() == "No date"


def test_keys_pass_months_that_begin_in_the_middle_of_a_line(
    qtbot: QtBot, scrubber: DateScrubber, model: PhotoModel
) -> None:
    model.set_photos(by_date([photo for photo in make_photos() if photo.file_id % 10 < 3]))
    grid_of(scrubber).set_tile_size(160)
    scrubber.setFocus()
    shown = []
    for _ in range(MONTHS):
        qtbot.keyClick(scrubber, Qt.Key.Key_Down)
        shown.append(scrubber.bubble.text())
    expected = [formatting.format_month(2021 * 12 + month) for month in range(MONTHS - 2, -1, -1)]
    assert shown == [*expected, "No date"]


def test_screen_readers_are_told_the_month(qtbot: QtBot, scrubber: DateScrubber) -> None:
    scrubber.setFocus()
    qtbot.keyClick(scrubber, Qt.Key.Key_Down)
    interface = QAccessible.queryAccessibleInterface(scrubber)
    assert interface.text(QAccessible.Text.Name) == "Timeline"
    assert interface.text(QAccessible.Text.Description) == "May 2023"
    assert interface.role() == QAccessible.Role.Slider
    assert interface.valueInterface().currentValue() == 1


def test_months_that_arrive_are_shown_and_those_that_are_gone_are_not(
    qtbot: QtBot, scrubber: DateScrubber, model: PhotoModel
) -> None:
    scrubber._update_timer.setInterval(0)
    model.add([make_photo_record(950, taken_at="2020-02-01T10:00:00")])
    qtbot.waitUntil(lambda: len(scrubber.months) == MONTHS + 2)
    assert scrubber.months[-2] == (300, 2020 * 12 + 1)
    model.apply_changes({950}, [])
    qtbot.waitUntil(lambda: len(scrubber.months) == MONTHS + 1)


def test_months_are_found_in_steps_and_shown_when_all_are(
    qtbot: QtBot, scrubber: DateScrubber, model: PhotoModel
) -> None:
    before = scrubber.months
    model.add([make_photo_record(950, taken_at="2020-02-01T10:00:00")])
    scrubber._find_months()
    assert scrubber.months == before
    qtbot.waitUntil(lambda: len(scrubber.months) == MONTHS + 2)


def test_resizing_keeps_the_strip_beside_the_scroll_bar(scrubber: DateScrubber) -> None:
    grid = grid_of(scrubber)
    for width, height in ((500, 300), (900, 640), (420, 500)):
        grid.resize(width, height)
        QApplication.sendPostedEvents()
        viewport = grid.viewport().geometry()
        assert scrubber.geometry().topLeft() == viewport.topRight() + QPoint(1, 0)
        assert scrubber.height() == viewport.height()
        assert not grid.grab().isNull()


def test_the_window_has_it_as_long_as_photos_are_sorted_by_date(qtbot: QtBot, window: MainWindow) -> None:
    scrubber = window.views.browser.date_scrubber
    scrubber._update_timer.setInterval(0)
    assert len(scrubber.months) == 1, "all photos are from one month"
    window.views.top_bar.order_actions[SortOrder.NAME].trigger()
    qtbot.waitUntil(lambda: not scrubber.months)
    window.views.top_bar.order_actions[SortOrder.DATE].trigger()
    qtbot.waitUntil(lambda: len(scrubber.months) == 1)


def test_the_timeline_settles_where_the_tiles_beside_it_take_less_height(
    qtbot: QtBot, model: PhotoModel
) -> None:
    """At each width a height of the window is found at which the tiles take two pages without the timeline, just so."""
    model.set_photos(by_date(make_photos()[::5]))
    grid = show_grid(qtbot, model)
    scrubber = DateScrubber(grid, model)
    shown = set()
    for width in range(300, 900, 30):
        grid.resize(width, 5000)
        assert scrubber.isHidden()
        for pages in (1.3, 1.9, 2.02, 2.3):
            grid.resize(width, round(grid.content_height / pages))
            shown.add((pages, scrubber.isVisible()))
            grid.resize(width, 5000)
    assert (2.3, True) in shown
    assert (1.3, True) not in shown
