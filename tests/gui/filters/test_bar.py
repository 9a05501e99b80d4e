"""The filter bar: opened, used by keyboard, and cleared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.library import Library
from photosim.search.filters.criteria import Facet, Flag, Orientation, PhotoFilter
from tests.gui.filters.steps import ALL, chips, filter_text
from tests.support.window_driver import click, set_filter, shown_names, wait_until_idle


def test_chips_are_taken_off_one_by_one_and_all_at_once(qtbot: QtBot, varied: MainWindow) -> None:
    photo_filter = PhotoFilter(
        text="take", dates=(2019 * 12 + 2, 2019 * 12 + 2), cameras=frozenset({"Leica Q"})
    )
    set_filter(varied, photo_filter)
    wait_until_idle(qtbot, varied)
    assert chips(varied) == ["“take”", "Mar 2019", "Leica Q"]
    assert varied.views.filter_bar.isVisible(), "what is chosen is in sight, also where the controls are not"
    assert not varied.views.filter_bar.controls.isVisible()
    qtbot.keyClick(varied.views.filter_bar.chips[1], Qt.Key.Key_Delete)
    wait_until_idle(qtbot, varied)
    assert varied.controllers.filters.filter == replace(photo_filter, dates=None)
    varied.views.filter_bar.chips[0].click()
    assert chips(varied) == ["Leica Q"]
    varied.views.filter_bar.summary.clear_button.click()
    wait_until_idle(qtbot, varied)
    assert varied.controllers.filters.filter == PhotoFilter()
    assert len(shown_names(varied)) == ALL
    assert not varied.views.filter_bar.isVisible()


def test_esc_clears_and_then_goes_back_to_the_photos(qtbot: QtBot, window: MainWindow) -> None:
    filter_text(qtbot, window, "1.jpg")
    window.views.actions.filter.trigger()
    button = window.views.filter_bar.buttons[Facet.SIZES]
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == ALL
    assert window.focusWidget() is button
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    assert window.focusWidget() is window.views.browser.grid


def test_an_empty_view_says_that_the_filter_is_why_and_clears_it(qtbot: QtBot, window: MainWindow) -> None:
    filter_text(qtbot, window, "nothing is called so")
    empty = window.views.browser.empty_page
    assert window.views.browser.currentWidget() is empty
    assert empty.title.text() == "No matches"
    assert "“nothing”, “is”, “called”, “so”" in empty.text.text()
    buttons = {button.text(): button for button in empty.findChildren(QPushButton)}
    assert list(buttons) == ["Remove “nothing”", "Remove “is”", "Remove “called”", "Clear all"]
    buttons["Remove “is”"].click()
    assert chips(window) == ["“nothing”", "“called”", "“so”"]
    wait_until_idle(qtbot, window)
    next(button for button in empty.findChildren(QPushButton) if button.text() == "Clear all").click()
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == ALL


def test_the_bar_opens_with_its_button_and_comes_back_with_the_next_start(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    assert not window.views.filter_bar.isVisible()
    window.views.actions.filter.trigger()
    assert window.views.filter_bar.controls.isVisible()
    window.close()
    again = open_window(library)
    assert again.views.filter_bar.controls.isVisible()
    assert again.controllers.filters.filter == PhotoFilter(), "a filter does not come back unasked"


def test_the_bar_takes_no_more_lines_than_it_needs(qtbot: QtBot, window: MainWindow) -> None:
    window.views.actions.filter.trigger()
    window.resize(1400, 800)
    wait_until_idle(qtbot, window)
    one_line = window.views.filter_bar.controls.height()
    window.resize(700, 800)
    wait_until_idle(qtbot, window)
    assert one_line < window.views.filter_bar.controls.height() <= 3 * one_line


def test_choices_are_ticked_with_the_keyboard(qtbot: QtBot, varied: MainWindow) -> None:
    varied.views.actions.filter.trigger()
    varied.views.filter_bar.buttons[Facet.ORIENTATIONS].click()
    wait_until_idle(qtbot, varied)
    popup = varied.views.filter_bar.popups[Facet.ORIENTATIONS]
    qtbot.keyClick(popup.list, Qt.Key.Key_Down)
    qtbot.keyClick(popup.list, Qt.Key.Key_Space)
    assert varied.controllers.filters.filter.orientations == {Orientation.PORTRAIT}
    qtbot.keyClick(popup.list, Qt.Key.Key_Space)
    assert varied.controllers.filters.filter.orientations == frozenset()
    qtbot.keyClick(popup.list, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_new_photos_that_do_not_fit_stay_out(qtbot: QtBot, window: MainWindow) -> None:
    filter_text(qtbot, window, "1.jpg")
    photo = window.views.browser.photo_model.photo(0)
    other = replace(photo, file_id=990, path=photo.path.replace("take 1", "take 7"))
    fitting = replace(photo, file_id=991, path=photo.path.replace("take 1", "again take 1"))
    window.views.browser.add_indexed([other, fitting])
    assert "scene 5 take 7.jpg" not in shown_names(window)
    assert Path(fitting.path).name in shown_names(window)


def test_a_click_on_a_narrowed_photo_asks_about_it(qtbot: QtBot, window: MainWindow) -> None:
    filter_text(qtbot, window, "scene 3")
    click(qtbot, window.views.browser.grid, 1)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.selected.photo == window.views.browser.photo_model.photo(1)
    set_filter(window, PhotoFilter(flags=frozenset({Flag.RAW})))
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.selected.photo is not None, "the photo in question stays"
