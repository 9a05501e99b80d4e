"""Dates are chosen from bars."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from tests.gui.filters.steps import ALL, chips, open_dates
from tests.support.window_driver import shown_names, wait_until_idle


def test_years_and_then_months_are_chosen_from_bars(qtbot: QtBot, varied: MainWindow) -> None:
    dates, left = varied.views.filter_bar.dates, Qt.MouseButton.LeftButton
    open_dates(qtbot, varied)
    assert [bar.name for bar in dates.years.bars] == ["2019", "2020", "2021", "2022", "2023", "2024"]
    assert sum(bar.count for bar in dates.years.bars) == ALL - 1
    assert not dates.months.isVisible()
    qtbot.mouseClick(dates.years, left, pos=dates.years.bar_rect(5).center())
    wait_until_idle(qtbot, varied)
    assert varied.controllers.filters.filter.dates == (2024 * 12, 2024 * 12 + 11)
    assert all("harbour" in photo.path for photo in varied.views.browser.photo_model.photos)
    assert dates.months.isVisible()
    assert dates.months.bars[4].count == len(shown_names(varied))
    qtbot.mouseClick(dates.months, left, pos=dates.months.bar_rect(4).center())
    wait_until_idle(qtbot, varied)
    assert chips(varied) == ["May 2024"]
    qtbot.mouseClick(dates.months, left, pos=dates.months.bar_rect(4).center())
    wait_until_idle(qtbot, varied)
    assert varied.controllers.filters.filter.dates is None, "a second click lets go"


def test_dragging_over_bars_chooses_a_span(qtbot: QtBot, varied: MainWindow) -> None:
    years, left = varied.views.filter_bar.dates.years, Qt.MouseButton.LeftButton
    open_dates(qtbot, varied)
    qtbot.mousePress(years, left, pos=years.bar_rect(4).center())
    qtbot.mouseMove(years, years.bar_rect(1).center())
    qtbot.mouseRelease(years, left, pos=years.bar_rect(1).center())
    wait_until_idle(qtbot, varied)
    assert chips(varied) == ["2020 – 2023"]
    assert shown_names(varied) == []


def test_the_arrow_keys_choose_years(qtbot: QtBot, varied: MainWindow) -> None:
    years = varied.views.filter_bar.dates.years
    open_dates(qtbot, varied)
    qtbot.keyClick(years, Qt.Key.Key_Right)
    assert varied.controllers.filters.filter.dates == (2019 * 12, 2019 * 12 + 11)
    qtbot.keyClick(years, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert varied.controllers.filters.filter.dates == (2019 * 12, 2020 * 12 + 11)
    qtbot.keyClick(years, Qt.Key.Key_End)
    assert varied.controllers.filters.filter.dates == (2024 * 12, 2024 * 12 + 11)


def test_photos_without_a_date_can_be_asked_for(qtbot: QtBot, varied: MainWindow) -> None:
    open_dates(qtbot, varied)
    dates = varied.views.filter_bar.dates
    assert dates.undated_box.text() == "No date (1)"
    dates.undated_box.click()
    wait_until_idle(qtbot, varied)
    assert [photo.photo_id for photo in varied.views.browser.photo_model.photos] == [1]
    assert chips(varied) == ["No date"]
