"""Then and now, with a column for each year, month or day, and walks from one photo to another."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.grid.tile_model import Role
from photosim.gui.main_window import MainWindow
from photosim.gui.state.columns import period_title
from photosim.gui.state.places import Query, View
from photosim.library import Library
from photosim.records import Photo
from photosim.store.photo_dates import PhotoDate, PhotoDates
from tests.gui.conftest import VARIANTS
from tests.support.window_driver import click, photo_menu_actions, select_photo, shown_names, wait_until_idle


def show_over_time(qtbot: QtBot, window: MainWindow, name: str) -> Photo:
    """Select a photo and show it over time."""
    photo = select_photo(qtbot, window, name)
    window.views.actions.then_and_now.trigger()
    wait_until_idle(qtbot, window)
    return photo


def index_of(window: MainWindow, name: str) -> QModelIndex:
    return window.views.browser.photo_model.index(shown_names(window).index(name), 0)


def titles(window: MainWindow) -> list[str]:
    return [section.title for section in window.views.browser.photo_model.sections]


def test_the_takes_of_a_scene_are_in_columns_by_day_and_the_photo_is_marked(
    qtbot: QtBot, window: MainWindow
) -> None:
    QAbstractItemModelTester(window.views.browser.photo_model, window)
    show_over_time(qtbot, window, "scene 2 take 2.jpg")
    assert window.services.navigator.current.view is View.OVER_TIME
    assert window.windowTitle().startswith("Then and now: scene 2 take 2.jpg")
    names, sections = shown_names(window), window.views.browser.photo_model.sections
    wanted = [f"scene 2 take {take}.jpg" for take in range(VARIANTS)]
    assert [name for name in names if name in wanted] == wanted
    [own] = [section for section in sections if section.detail == "This photo"]
    assert names[own.first] == "scene 2 take 2.jpg"
    assert own.title == period_title("2024-05-11")
    assert window.views.browser.grid.currentIndex().row() == own.first


def test_similarities_are_on_the_photos_and_told_with_the_day(qtbot: QtBot, window: MainWindow) -> None:
    show_over_time(qtbot, window, "scene 2 take 2.jpg")
    other = index_of(window, "scene 2 take 3.jpg")
    assert other.data(Role.BADGE).endswith("%")
    spoken = other.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith(period_title("2024-05-12"))
    assert "scene 2 take 3.jpg" in spoken
    assert spoken.endswith("% similar")
    own = index_of(window, "scene 2 take 2.jpg")
    assert own.data(Role.BADGE) == ""
    assert "This photo" in own.data(Qt.ItemDataRole.AccessibleTextRole)


def test_arrows_move_from_day_to_day_and_the_panel_follows(qtbot: QtBot, window: MainWindow) -> None:
    show_over_time(qtbot, window, "scene 2 take 2.jpg")
    grid = window.views.browser.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    wait_until_idle(qtbot, window)
    selected = window.services.navigator.current.selected
    assert selected is not None
    assert selected.path.endswith("scene 2 take 3.jpg")
    assert window.services.navigator.current.view is View.OVER_TIME
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert window.views.viewer.isVisible()
    window.views.viewer.dismiss()
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.ALL


def test_it_is_reached_from_the_menu_of_one_photo_and_from_the_viewer(
    qtbot: QtBot, window: MainWindow
) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 2.jpg")
    action = window.views.actions.then_and_now
    assert action.isEnabled()
    assert action in photo_menu_actions(window, photo)
    window.views.viewer.open([photo], 0)
    wait_until_idle(qtbot, window)
    action.trigger()
    wait_until_idle(qtbot, window)
    assert not window.views.viewer.isVisible()
    assert window.services.navigator.current.view is View.OVER_TIME


def test_several_photos_have_no_then_and_now(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_idle(qtbot, window)
    grid = window.views.browser.grid
    click(qtbot, grid, 0)
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    wait_until_idle(qtbot, window)
    assert not window.views.actions.then_and_now.isEnabled()


def test_without_a_date_or_another_day_the_page_says_so(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    photos = library.photos()
    dates = PhotoDates(library._catalog.database)
    for photo in photos:
        old = dates.get(photo.photo_id)
        day = None if photo.path.endswith("scene 1 take 1.jpg") else "2024-05-01T10:00:00"
        dates.replace(photo.photo_id, old, PhotoDate(day, old.taken_from))
    wait_until_idle(qtbot, window)
    page = window.views.browser.empty_page
    show_over_time(qtbot, window, "scene 2 take 2.jpg")
    assert window.views.browser.currentWidget() is page
    assert page.title.text() == "No similar photos from other times"
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    show_over_time(qtbot, window, "scene 1 take 1.jpg")
    assert window.views.browser.currentWidget() is page
    assert "has no date" in page.text.text()


def test_when_the_photo_is_gone_so_is_its_page(qtbot: QtBot, window: MainWindow) -> None:
    show_over_time(qtbot, window, "scene 2 take 2.jpg")
    window.services.navigator.update_queries(lambda _: None)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.ALL


def walk(qtbot: QtBot, window: MainWindow, first: str, last: str) -> None:
    """Select two photos and walk between them."""
    select_photo(qtbot, window, first)
    window.views.browser.grid.add_to_selection([shown_names(window).index(last)])
    wait_until_idle(qtbot, window)
    window.views.actions.walk.trigger()
    wait_until_idle(qtbot, window)


def test_a_walk_leads_from_one_selected_photo_to_the_other(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_idle(qtbot, window)
    assert not window.views.actions.walk.isEnabled()
    ends = ["scene 0 take 1.jpg", "scene 5 take 3.jpg"]
    walk(qtbot, window, *ends)
    names = shown_names(window)
    assert window.services.navigator.current.view is View.WALK
    assert sorted([names[0], names[-1]]) == ends
    assert window.windowTitle().startswith(f"From {names[0]} to {names[-1]}")
    first, *others = titles(window)
    assert first == "Start"
    assert len(others) == len(names) - 1
    assert all(title.endswith("% similar") for title in others)
    assert "% similar" in index_of(window, names[-1]).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_photo_of_a_walk_is_shown_in_the_panel_and_the_walk_can_be_saved(
    qtbot: QtBot, window: MainWindow
) -> None:
    walk(qtbot, window, "scene 0 take 1.jpg", "scene 5 take 3.jpg")
    grid, actions = window.views.browser.grid, window.views.actions
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    wait_until_idle(qtbot, window)
    selected = window.services.navigator.current.selected
    assert selected is not None
    assert selected.path == window.views.browser.photo_model.photo(1).path
    for action in (actions.find_similar, actions.add_to_collection, actions.contact_sheet, actions.trash):
        assert action.isEnabled()
    actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.ALL


def test_a_walk_whose_end_is_gone_is_left(qtbot: QtBot, window: MainWindow) -> None:
    walk(qtbot, window, "scene 0 take 1.jpg", "scene 5 take 3.jpg")
    search = window.services.navigator.current.search
    assert search is not None
    window.services.navigator.update_queries(
        lambda query: query.without(search.images[1]) if query == search else query
    )
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.ALL


def test_the_menu_of_two_photos_has_the_walk(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_idle(qtbot, window)
    photos = window.views.browser.photo_model.photos
    menus, action = window.controllers.menus, window.views.actions.walk
    for count, is_in_it in ((1, False), (2, True), (3, False)):
        queries = [Query.of_photos(photo) for photo in photos[:count]]
        menus.show_photo_menu(queries, window.mapToGlobal(window.rect().center()))
        assert menus.menu is not None
        assert (action in menus.menu.actions()) is is_in_it
        menus.menu.close()


def test_months_and_years_are_named() -> None:
    assert period_title("2024") == "2024"
    assert period_title("2024-05") == "May 2024"
    assert period_title("2024-02-31") == "2024-02-31"
