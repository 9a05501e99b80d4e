"""Keys of the window: Tab reaches every control in reading order, and none that is covered."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, QueryImage, View
from photosim.search.filters.criteria import Facet, PhotoFilter
from tests.support.window_driver import click, select_photo, set_filter, wait_until_idle

_Key = Qt.Key


def tab_stops(qtbot: QtBot, start: QWidget, key: Qt.Key = _Key.Key_Tab) -> list[QWidget]:
    """Return the widgets that Tab focuses from a control until it returns to it."""
    start.setFocus()
    stops = [start]
    for _ in range(60):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, key)
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused is start:
            return stops
        stops.append(focused)
    raise AssertionError("Tab does not return to the start")


def test_tab_goes_round_the_whole_window_and_back(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    window.views.actions.filter.setChecked(True)
    wait_until_idle(qtbot, window)
    stops = tab_stops(qtbot, window.views.browser.grid)
    similar = window.views.detail.similar
    assert stops[:4] == [
        window.views.browser.grid,
        similar.strictness,
        similar.show_all_button,
        similar.grid,
    ]
    for control in (
        window.views.sources.tree,
        window.views.sources.add_button,
        window.views.top_bar.sort_button,
        window.views.top_bar.size_slider,
    ):
        assert control in stops
    assert tab_stops(qtbot, window.views.browser.grid, _Key.Key_Backtab) == [stops[0], *reversed(stops[1:])]


def test_the_buttons_of_the_bar_are_reached_by_tab_and_pressed_by_enter(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.services.navigator.go(Place(View.UNREADABLE))
    window.services.navigator.go(Place())
    wait_until_idle(qtbot, window)
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    named = {
        stop.accessibleName() or button_text(stop): stop
        for stop in tab_stops(qtbot, window.views.browser.grid)
    }
    assert {"Back", "Filters", "Search", "Sort by", "Details and similar photos"} <= set(named)
    panel = named["Details and similar photos"]
    panel.setFocus()
    qtbot.keyClick(panel, _Key.Key_Return)
    assert not window.views.detail.isVisible()


def test_what_came_later_is_reached_where_it_is_seen(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    click(qtbot, window.views.browser.grid, 1)
    wait_until_idle(qtbot, window)
    query = window.services.navigator.current.search
    assert query is not None
    window.services.navigator.replace_query(
        query, query.with_feedback(QueryImage.of_photo(window.views.browser.photo_model.photo(0)), more=True)
    )
    wait_until_idle(qtbot, window)
    remove_button = window.views.query_bar.chips.chips[1].remove_button
    stops = tab_stops(qtbot, window.views.browser.grid, _Key.Key_Backtab)
    link = window.controllers.collections.query_link
    assert stops[1:4] == [window.views.query_bar.strictness, link, remove_button]


def test_the_list_that_tab_comes_to_has_a_ring_and_the_clicked_one_has_none(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    ring, similar = window.focus_ring, window.views.detail.similar
    assert ring.target is None
    similar.show_all_button.setFocus()
    qtbot.keyClick(similar.show_all_button, _Key.Key_Tab)
    assert ring.target is similar.grid
    assert ring.mask().boundingRect().size() == similar.grid.size()
    window.resize(window.width() - 60, window.height() - 40)
    wait_until_idle(qtbot, window)
    assert ring.size() == similar.grid.size()
    qtbot.keyClick(similar.grid, _Key.Key_Tab)
    assert ring.target is None
    similar.show_all_button.setFocus()
    qtbot.keyClick(similar.show_all_button, _Key.Key_Tab)
    click(qtbot, window.views.browser.grid, 1)
    assert ring.target is None


def test_tab_does_not_leave_the_viewer_for_what_it_covers(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    window.controllers.photos.view()
    wait_until_idle(qtbot, window)
    viewer = window.views.viewer
    stops = tab_stops(qtbot, viewer)
    assert len(stops) > 6
    assert all(stop is viewer or viewer.isAncestorOf(stop) for stop in stops)
    following = next(stop for stop in stops if stop.accessibleName().startswith("Next"))
    before = viewer.photo
    following.setFocus()
    qtbot.keyClick(following, _Key.Key_Return)
    assert viewer.photo != before
    qtbot.keyClick(following, _Key.Key_Escape)
    assert not viewer.isVisible()


def test_tab_does_not_leave_the_comparison(qtbot: QtBot, window: MainWindow) -> None:
    window.views.compare.open(list(window.views.browser.photo_model.photos[:3]))
    wait_until_idle(qtbot, window)
    view = window.views.compare
    assert all(stop is view or view.isAncestorOf(stop) for stop in tab_stops(qtbot, view))


def test_an_empty_place_has_its_button_in_the_way(qtbot: QtBot, window: MainWindow) -> None:
    window.services.navigator.go(Place(View.ALL))
    set_filter(window, PhotoFilter(text="nothing is called so"))
    window.views.actions.filter.setChecked(True)
    qtbot.waitUntil(lambda: window.views.browser.currentWidget() is window.views.browser.empty_page)
    wait_until_idle(qtbot, window)
    stops = tab_stops(qtbot, window.views.sources.add_button)
    assert window.views.browser.empty_page.isAncestorOf(stops[1])


def test_the_photos_have_the_keyboard_when_what_had_it_is_hidden(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    window.views.detail.similar.show_all_button.setFocus()
    window.views.actions.panel.trigger()
    assert QApplication.focusWidget() is window.views.browser.grid
    window.views.actions.filter.trigger()
    window.views.filter_bar.buttons[Facet.SIZES].setFocus()
    window.views.actions.filter.trigger()
    assert QApplication.focusWidget() is window.views.browser.grid


def test_shift_f10_opens_the_menu_of_the_chosen_photo(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    grid = window.views.browser.grid
    grid.setFocus()
    qtbot.keyClick(grid, _Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = window.controllers.menus.menu
    assert menu is not None
    assert menu.isVisible()
    assert "&Find similar" in [action.text() for action in menu.actions()]
    menu.close()


def button_text(stop: QWidget) -> str:
    return stop.text() if isinstance(stop, QToolButton) else ""
