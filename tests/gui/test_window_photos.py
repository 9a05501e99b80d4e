"""The whole window: how photos are shown, actions on them, the viewer and the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from photosim.errors import FolderError
from photosim.gui.browser.browser import Browser
from photosim.gui.dialogs.messages import ErrorDialog
from photosim.gui.main_window import MainWindow
from photosim.gui.services import external
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, View
from photosim.library import Library
from tests.gui.conftest import SEEDS, VARIANTS
from tests.support.photo_records import take_folder_offline
from tests.support.window_driver import (
    click,
    double_click,
    exact_matches,
    select_photo,
    shown_names,
    similar_paths,
    tile_center,
    wait_until_idle,
)

Open = Callable[[Library], MainWindow]


def test_photos_are_sorted_by_name_date_or_likeness(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    assert window.views.browser.order is SortOrder.DATE
    assert not window.views.top_bar.order_actions[SortOrder.SIMILARITY].isEnabled()
    by_date = shown_names(window)
    assert by_date[0] == "scene 5 take 3.jpg"
    window.views.top_bar.order_actions[SortOrder.NAME].trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == sorted(by_date)
    photo = select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.views.top_bar.order_actions[SortOrder.SIMILARITY].trigger()
    wait_until_idle(qtbot, window)
    paths = [source.path for source in window.views.browser.photo_model.photos]
    assert paths == [photo.path, *exact_matches(library, photo, tmp_path, -1.0)]
    select_photo(qtbot, window, Path(paths[5]).name)
    assert [source.path for source in window.views.browser.photo_model.photos] == paths, (
        "a click must not move the tiles"
    )


def test_photos_are_sorted_by_how_unusual_or_how_typical_they_are(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    menu, found = window.views.top_bar.sort_menu, library.uniqueness.of_all()
    names = {photo.file_id: Path(photo.path).name for photo in library.photos()}
    menu.order_actions[SortOrder.UNIQUENESS].trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == [names[i] for i in found.file_ids[found.order()].tolist()]
    assert window.views.top_bar.sort_button.toolTip() == "Sort by: Uniqueness · Most unusual first"
    menu.direction_actions[False].trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == [names[i] for i in found.file_ids[found.order(hubs=True)].tolist()]
    assert window.views.top_bar.sort_button.toolTip() == "Sort by: Uniqueness · Most typical first"


def test_the_direction_is_chosen_in_both_menus_and_another_order_has_its_usual_one(
    qtbot: QtBot, window: MainWindow
) -> None:
    newest_first = shown_names(window)
    menu = window.views.top_bar.sort_menu
    assert [action.text().replace("&", "") for action in menu.direction_actions.values()] == [
        "Oldest first",
        "Newest first",
    ]
    assert menu.direction_actions[True].isChecked()
    menu.direction_actions[False].trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == newest_first[::-1]
    assert window.views.top_bar.sort_button.toolTip() == "Sort by: Date taken · Oldest first"
    menu.order_actions[SortOrder.DATE].trigger()
    wait_until_idle(qtbot, window)
    assert menu.direction_actions[False].isChecked(), "the same order keeps its direction"
    menu.order_actions[SortOrder.SIZE].trigger()
    wait_until_idle(qtbot, window)
    sizes = [photo.size for photo in window.views.browser.photo_model.photos]
    assert sizes == sorted(sizes, reverse=True)
    assert menu.direction_actions[True].text() == "&Largest first"
    [sort_by] = [
        submenu
        for submenu in window.menuBar().findChildren(QMenu)
        if submenu.title().replace("&", "") == "Sort by"
    ]
    assert set(menu.direction_actions.values()) <= set(sort_by.actions())


def test_thumbnails_grow_with_ctrl_and_the_wheel_and_with_the_keys(qtbot: QtBot, window: MainWindow) -> None:
    before = window.views.browser.grid.tile_size
    window.views.browser.grid.zoom_requested.emit(1)
    assert window.views.browser.grid.tile_size > before
    assert window.views.top_bar.size_slider.value() == window.views.browser.grid.tile_size
    window.views.actions.smaller.trigger()
    assert window.views.browser.grid.tile_size == before
    window.views.top_bar.size_slider.setValue(250)
    assert window.views.browser.grid.tile_size == 250
    assert window.views.browser.cluster_grid.tile_size == 250


def test_what_was_set_comes_back_with_the_next_start(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Open
) -> None:
    window.views.top_bar.size_slider.setValue(224)
    window.views.top_bar.order_actions[SortOrder.NAME].trigger()
    window.views.top_bar.sort_menu.direction_actions[True].trigger()
    window.views.actions.panel.setChecked(False)
    window.resize(1111, 700)
    wait_until_idle(qtbot, window)
    window.close()
    again = open_window(library)
    assert again.views.browser.grid.tile_size == 224
    assert again.views.top_bar.size_slider.value() == 224
    assert again.views.browser.order is SortOrder.NAME
    assert again.views.top_bar.sort_button.text() == "Name"
    assert again.views.browser.is_descending
    assert again.views.top_bar.sort_menu.direction_actions[True].isChecked()
    assert not again.views.detail.isVisible()


def open_menu(window: MainWindow) -> dict[str, Callable[[], None]]:
    """Return the texts of the open menu with what triggers them."""
    menu = QGuiApplication.topLevelWindows() and window.controllers.menus.menu
    assert menu is not None
    return {action.text().replace("&", ""): action.trigger for action in menu.actions() if action.text()}


def test_the_menu_of_a_photo_does_what_it_says(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("photosim.gui.services.external.open_file", lambda path: opened.append(path) or True)
    monkeypatch.setattr(
        "photosim.gui.services.external.show_in_folder", lambda path: opened.append(path) or True
    )
    row = shown_names(window).index("scene 1 take 1.jpg")
    path = window.views.browser.photo_model.photo(row).path
    grid = window.views.browser.grid
    click(qtbot, grid, row, Qt.MouseButton.RightButton)
    grid.customContextMenuRequested.emit(tile_center(grid, row))
    menu = open_menu(window)
    assert list(menu) == [
        *(
            "Find similar",
            "View",
            "Show on map",
            "Find the original",
            "Then and now",
            "Open with default app",
            "Show in folder",
        ),
        *("Copy", "Copy path", "Copy to folder…", "Move to folder…", "Move to trash", "Add to collection"),
    ]
    menu["Open with default app"]()
    wait_until_idle(qtbot, window)
    menu["Show in folder"]()
    wait_until_idle(qtbot, window)
    menu["Copy path"]()
    assert opened == [path, path]
    assert QGuiApplication.clipboard().text() == path
    menu["View"]()
    assert window.views.viewer.photo is not None
    assert window.views.viewer.photo.path == path
    window.views.viewer.dismiss()
    menu["Find similar"]()
    assert window.services.navigator.current.view is View.SIMILAR


def test_several_selected_photos_are_copied_together(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.views.browser.grid
    click(qtbot, grid, 0)
    qtbot.mouseClick(
        grid.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
        tile_center(grid, 2),
    )
    window.views.actions.copy_path.trigger()
    expected = [window.views.browser.photo_model.photo(row).path for row in range(3)]
    assert QGuiApplication.clipboard().text().splitlines() == expected


def test_keys_are_about_the_match_that_is_chosen_in_the_panel(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 1 take 1.jpg")
    grid = window.views.detail.similar.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    match = similar_paths(window)[1]
    window.views.actions.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == match
    window.views.actions.copy_files.trigger()
    assert [url.toLocalFile() for url in QGuiApplication.clipboard().mimeData().urls()] == [match]
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.search is not None
    assert window.services.navigator.current.search.path == match


def test_a_right_click_on_a_match_asks_for_its_menu_and_leaves_the_query(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, "scene 1 take 1.jpg")
    grid = window.views.detail.similar.grid
    click(qtbot, grid, 0, Qt.MouseButton.RightButton)
    grid.customContextMenuRequested.emit(tile_center(grid, 0))
    open_menu(window)["Copy path"]()
    assert QGuiApplication.clipboard().text() == similar_paths(window)[0]
    assert window.views.detail.facts.name.text() == "scene 1 take 1.jpg"


def test_folders_are_first_looked_for_among_the_pictures_and_then_beside_the_last_one(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pictures").mkdir()
    (tmp_path / "disk" / "new").mkdir(parents=True)
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(tmp_path / "Pictures"))
    monkeypatch.setattr(window.controllers.library, "add_folders", lambda _: None)
    monkeypatch.setattr(
        window.controllers.library, "_last_folder", external.pictures_folder() or str(Path.home())
    )
    start_folders: list[str] = []
    answers = iter((QUrl.fromLocalFile(str(tmp_path / "disk" / "new")), QUrl()))

    def ask(_: object, __: str, start: QUrl) -> QUrl:
        start_folders.append(start.toLocalFile())
        return next(answers)

    monkeypatch.setattr(QFileDialog, "getExistingDirectoryUrl", ask)
    window.views.actions.add_folder.trigger()
    window.views.actions.add_folder.trigger()
    assert start_folders == [str(tmp_path / "Pictures"), str(tmp_path / "disk")]


def test_a_folder_taken_out_of_the_library_is_gone_and_its_files_are_not(
    qtbot: QtBot, window: MainWindow, library: Library, photo_folder: Path
) -> None:
    source = next(source for source in library.sources() if source.path.endswith("harbour"))
    window.services.navigator.go(Place(View.FOLDER, folder=source.path))
    wait_until_idle(qtbot, window)
    with qtbot.waitSignal(window.controllers.library.library_changed):
        window.controllers.library._remove(source)
    wait_until_idle(qtbot, window)
    assert [source.path for source in library.sources()] == [str(photo_folder / "meadow")]
    assert window.services.navigator.current.view is View.ALL
    assert len(shown_names(window)) == SEEDS * VARIANTS // 2
    assert len(list((photo_folder / "harbour").iterdir())) == SEEDS * VARIANTS // 2


def test_space_opens_the_viewer_and_its_keys_walk_in_the_order_of_the_grid(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, "scene 4 take 2.jpg")
    grid, viewer = window.views.browser.grid, window.views.viewer
    row = grid.currentIndex().row()
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert viewer.isVisible()
    assert viewer.geometry() == window.rect()
    wait_until_idle(qtbot, window)
    assert viewer.is_sharp
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.photo == window.views.browser.photo_model.photo(row + 1)
    qtbot.keyClick(viewer, Qt.Key.Key_Home)
    qtbot.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.photo == window.views.browser.photo_model.photo(0)
    wait_until_idle(qtbot, window)
    qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert not viewer.isVisible()
    assert window.views.browser.grid.currentIndex().row() == 0
    assert window.views.detail.facts.name.text() == Path(window.views.browser.photo_model.photo(0).path).name


def test_back_leaves_the_viewer_first(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 4 take 2.jpg")
    double_click(qtbot, window.views.browser.grid, window.views.browser.grid.currentIndex().row())
    assert window.views.viewer.isVisible()
    qtbot.waitUntil(window.views.actions.back.isEnabled)
    window.views.actions.back.trigger()
    assert not window.views.viewer.isVisible()
    assert window.services.navigator.current.selected is not None


def test_back_does_not_go_through_the_photos_that_were_looked_at(qtbot: QtBot, window: MainWindow) -> None:
    window.services.navigator.go(Place(View.UNREADABLE))
    window.services.navigator.go(Place())
    wait_until_idle(qtbot, window)
    select_photo(qtbot, window, "scene 5 take 3.jpg")
    for _ in range(4):
        qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Right)
    select_photo(qtbot, window, "scene 4 take 2.jpg")
    window.views.actions.back.trigger()
    assert window.services.navigator.current.view is View.UNREADABLE


def test_quit_closes_the_window(qtbot: QtBot, window: MainWindow) -> None:
    window.views.actions.quit.trigger()
    assert not window.isVisible()


def test_keyboard_sheet_and_about_open(qtbot: QtBot, window: MainWindow) -> None:
    from photosim.gui.dialogs.messages import AboutDialog
    from photosim.gui.dialogs.shortcuts import ShortcutsDialog

    window.views.actions.shortcuts.trigger()
    sheet = window.findChild(ShortcutsDialog)
    assert sheet is not None
    sheet.close()
    window.views.actions.about.trigger()
    about = window.findChild(AboutDialog)
    assert about is not None
    about.close()


def test_a_photo_that_is_away_cannot_be_opened_and_a_sentence_says_why(
    qtbot: QtBot, library: Library, open_window: Open, photo_folder: Path
) -> None:
    take_folder_offline(library, photo_folder / "harbour", photo_folder / "a stick")
    window = open_window(library)
    toast = window.views.toast
    photo = select_photo(qtbot, window, "scene 1 take 1.jpg")
    assert not window.views.actions.open.isEnabled()
    assert not window.views.actions.show_in_folder.isEnabled()
    for act in (window.controllers.library.open_file, window.controllers.library.show_in_folder):
        act(photo.path)  # its drive may go at any moment
        wait_until_idle(qtbot, window)
        assert toast.isVisible()
        assert toast.text() == "“a stick” is offline. Connect its drive to open its photos."
        toast.hide()
    window.controllers.library.open_file(str(photo_folder / "meadow" / "gone.jpg"))
    wait_until_idle(qtbot, window)
    assert toast.text().startswith("“gone.jpg” no longer exists.")
    assert window.findChild(ErrorDialog) is None, "there is nothing to report"


def test_an_error_nobody_expected_is_shown_with_a_report_to_copy(qtbot: QtBot, window: MainWindow) -> None:
    window.controllers.library.show_error(RuntimeError("the disk has melted"))
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert "unexpected" in dialog.message.text()
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    report = QGuiApplication.clipboard().text()
    assert "the disk has melted" in report
    assert "PhotoSim" in report
    assert "Qt 6" in report
    dialog.close()


def test_a_sentence_that_says_it_all_comes_without_a_report(qtbot: QtBot, window: MainWindow) -> None:
    window.controllers.library.show_error(
        FolderError("The folder /a lies in /b, which is in the library already.")
    )
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert dialog.show_button.isHidden()
    assert dialog.copy_button.isHidden()
    dialog.close()


def test_the_browser_keeps_its_place_when_nothing_has_changed(qtbot: QtBot, window: MainWindow) -> None:
    browser: Browser = window.views.browser
    browser.set_tile_size(320)
    wait_until_idle(qtbot, window)
    browser.grid.scrollTo(browser.photo_model.index(20))
    offset = browser.grid.verticalOffset()
    assert offset > 0
    browser.reload()
    wait_until_idle(qtbot, window)
    assert browser.grid.verticalOffset() == offset
