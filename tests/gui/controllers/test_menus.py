"""Context menus: the actions they hold, and the photos these apply to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from photosim.gui.controllers.targets import MenuContext
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Query, View
from tests.support.window_driver import click, select_photo, tile_center, wait_until_idle


def open_menu(window: MainWindow, *queries: Query) -> QMenu:
    window.controllers.menus.show_photo_menu(queries, QPoint())
    menu = window.controllers.menus.menu
    assert menu is not None
    return menu


def select_three(qtbot: QtBot, window: MainWindow) -> list[str]:
    grid = window.views.browser.grid
    click(qtbot, grid, 0)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, shift, tile_center(grid, 2))
    wait_until_idle(qtbot, window)
    return [photo.path for photo in window.views.browser.selected_photos()]


def test_the_menu_of_a_photo_holds_the_actions_of_the_menu_bar(qtbot: QtBot, window: MainWindow) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 1.jpg")
    actions = window.views.actions
    assert [action for action in open_menu(window, Query.of_photos(photo)).actions() if action.text()] == [
        actions.find_similar,
        actions.view,
        actions.show_map,
        actions.find_original,
        actions.then_and_now,
        actions.open,
        actions.show_in_folder,
        actions.copy_files,
        actions.copy_path,
        actions.copy_to,
        actions.move_to,
        actions.trash,
        actions.add_to_collection,
    ]


def test_the_actions_of_a_menu_apply_to_its_photo_and_afterwards_to_the_selection(
    qtbot: QtBot, window: MainWindow
) -> None:
    selected = select_three(qtbot, window)
    other = window.views.browser.photo_model.photo(5)
    menu = open_menu(window, Query.of_photos(other))
    window.views.actions.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == other.path
    menu.close()
    wait_until_idle(qtbot, window)
    window.views.actions.copy_path.trigger()
    assert QGuiApplication.clipboard().text().splitlines() == selected


def test_a_menu_that_is_closed_without_a_choice_leaves_the_selection_to_the_actions(
    qtbot: QtBot, window: MainWindow
) -> None:
    selected = select_three(qtbot, window)
    open_menu(window, Query.of_photos(window.views.browser.photo_model.photo(5))).close()
    qtbot.waitUntil(lambda: window.controllers.targets.context is None)
    assert window.controllers.targets.paths() == selected


def test_the_texts_of_a_menu_name_its_photos_and_return_with_its_end(
    qtbot: QtBot, window: MainWindow
) -> None:
    actions = window.views.actions
    photos = window.views.browser.photo_model.photos[:3]
    menu = open_menu(window, *(Query.of_photos(photo) for photo in photos))
    texts = [action.text() for action in menu.actions()]
    assert "&Find similar to these 3 photos" in texts
    assert "Copy &paths" in texts
    menu.close()
    qtbot.waitUntil(lambda: actions.find_similar.text() == "&Find similar")
    assert actions.copy_path.text() == "Copy &path"


def test_the_end_of_a_menu_leaves_the_photos_of_the_next_one(window: MainWindow) -> None:
    targets = window.controllers.targets
    first, second = (
        MenuContext((Query.of_photos(photo),)) for photo in window.views.browser.photo_model.photos[:2]
    )
    targets.set_context(first)
    targets.set_context(second)
    targets.clear_context(first)
    assert targets.context is second
    targets.clear_context(second)
    assert targets.context is None


def test_an_image_file_is_searched_by_and_opened_but_not_moved(qtbot: QtBot, window: MainWindow) -> None:
    actions = window.views.actions
    offered = open_menu(window, Query.of_file("/elsewhere/image.jpg")).actions()
    assert actions.open in offered
    assert actions.trash not in offered
    assert not actions.view.isEnabled()
    actions.find_similar.trigger()
    assert window.services.navigator.current.view is View.SIMILAR
    wait_until_idle(qtbot, window)


def test_the_viewer_has_the_menu_and_the_actions_of_the_grid(qtbot: QtBot, window: MainWindow) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 1.jpg")
    actions, viewer = window.views.actions, window.views.viewer
    in_grid = [action for action in open_menu(window, Query.of_photos(photo)).actions() if action.text()]
    window.controllers.photos.view_photo(window.views.browser.photo_model.photo(5))
    shown = viewer.photo
    assert shown is not None
    qtbot.keyClick(viewer, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = window.controllers.menus.menu
    assert menu is not None
    in_viewer = [action for action in menu.actions() if action.text()]
    assert set(in_grid) - {actions.view} <= set(in_viewer)
    assert actions.view not in in_viewer, "it is viewed already"
    assert actions.compare in in_viewer
    menu.close()
    wait_until_idle(qtbot, window)
    viewer.step(window.views.browser.photo_model.row_of(photo.file_id) - 5)
    assert viewer.photo == photo
    viewer.menu_requested.emit(photo, QPoint())
    following = Path(viewer.neighbours()[0].path).name
    assert actions.compare.text().replace("&", "") == f"Compare with {following}"
    viewer.step(5 - window.views.browser.photo_model.row_of(photo.file_id))
    window.controllers.menus.menu.close()
    wait_until_idle(qtbot, window)
    actions.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == shown.path
    find = next(
        button for button in viewer.findChildren(QToolButton) if "similar" in button.accessibleName().lower()
    )
    qtbot.mouseClick(find, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert not viewer.isVisible()
    assert window.services.navigator.current.search == Query.of_photos(shown)
