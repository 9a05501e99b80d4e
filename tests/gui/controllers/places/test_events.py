"""Events in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.search.filters.criteria import PhotoFilter
from tests.support.indexing import index, make_template, open_copy
from tests.support.photo_folders import make_dated_photos
from tests.support.window_driver import (
    click,
    double_click,
    set_filter,
    shown_names,
    tile_center,
    wait_until_idle,
)

Open = Callable[[Library], MainWindow]

STARTS = {
    "Kyoto": "2023-04-02 09:00",
    "DCIM": "2024-05-18 15:00",
    "Rome": "2024-07-01 23:58",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(
        tmp_path_factory.mktemp("window-events"), lambda folder: make_dated_photos(folder, STARTS)
    )


@pytest.fixture
def library(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with open_copy(template, tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def at_events(qtbot: QtBot, library: Library, open_window: Open) -> MainWindow:
    """A window that shows the events."""
    window = open_window(library)
    window.views.actions.show_events.trigger()
    wait_until_idle(qtbot, window)
    return window


def titles(window: MainWindow) -> list[str | None]:
    model = window.views.browser.cluster_model
    return [model.cluster(row).title for row in range(model.rowCount())]


def select(qtbot: QtBot, window: MainWindow, row: int) -> None:
    click(qtbot, window.views.browser.cluster_grid, row)
    wait_until_idle(qtbot, window)


def test_events_are_listed_newest_first_and_opened_and_left_again(
    qtbot: QtBot, at_events: MainWindow
) -> None:
    window, browser = at_events, at_events.views.browser
    assert titles(window) == ["Rome", "May 2024", "Kyoto"]
    assert window.views.top_bar.count.text() == "3 events"
    assert window.views.sources.tree.currentIndex().data() == "Events"
    assert not browser.cluster_page.bar.isVisible()
    assert browser.cluster_grid.accessibleName() == "Events"
    double_click(qtbot, browser.cluster_grid, 2)
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == [f"0-{minute}.jpg" for minute in range(5)]
    assert window.services.navigator.title() == ("Kyoto", "Events")
    assert window.views.sources.tree.currentIndex().data() == "Events"
    window.views.top_bar.breadcrumb_clicked.emit()
    wait_until_idle(qtbot, window)
    assert titles(window) == ["Rome", "May 2024", "Kyoto"]
    window.views.actions.back.trigger()
    assert window.services.navigator.current.view is View.EVENT


def test_events_are_opened_by_the_keyboard(qtbot: QtBot, at_events: MainWindow) -> None:
    grid = at_events.views.browser.cluster_grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    wait_until_idle(qtbot, at_events)
    assert at_events.services.navigator.title()[0] == "May 2024"


def test_clusters_and_events_have_the_same_page_and_do_not_mix(qtbot: QtBot, at_events: MainWindow) -> None:
    window, page = at_events, at_events.views.browser.cluster_page
    height = page.grid.caption_height
    select(qtbot, window, 0)
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    assert page.grid.accessibleName() == "Clusters"
    assert page.bar.isVisible()
    assert page.grid.caption_height < height
    assert not page.model.sections
    assert not window.views.actions.keep_event.isEnabled()
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert titles(window) == ["Rome", "May 2024", "Kyoto"]
    assert page.grid.caption_height == height
    assert [section.title for section in page.model.sections] == ["2024", "2023"]


def test_a_filter_leaves_the_events_with_matching_photos(qtbot: QtBot, at_events: MainWindow) -> None:
    window = at_events
    set_filter(window, PhotoFilter(text="0-1"))
    wait_until_idle(qtbot, window)
    assert titles(window) == ["Kyoto"]
    assert window.views.top_bar.count.text() == "1 of 3 events"
    assert window.views.browser.cluster_model.index(0).data().startswith("Kyoto · 1 of 5 photos")
    double_click(qtbot, window.views.browser.cluster_grid, 0)
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["0-1.jpg"]
    window.views.actions.back.trigger()
    set_filter(window, PhotoFilter(text="nothing"))
    wait_until_idle(qtbot, window)
    assert window.views.browser.currentWidget() is window.views.browser.empty_page


def test_the_details_panel_tells_the_days_of_an_event_and_what_can_be_done(
    qtbot: QtBot, at_events: MainWindow
) -> None:
    window, page = at_events, at_events.views.detail.photo_set
    select(qtbot, window, 0)
    qtbot.waitUntil(page.isVisible)
    assert page.title.text() == "Rome"
    assert page.count.text() == "5 photos · 2024-07-01 – 2024-07-02"
    shown = {button.text() for button in page.buttons.values() if button.isVisible()}
    assert shown == {"Open", "Keep as collection…", "Copy to folder…", "Pick photos…"}
    actions = window.views.actions
    assert actions.open_cluster.text() == "&Open event"
    assert not any(action.isEnabled() for action in actions.cluster_actions), "events are not edited"
    actions.open_cluster.trigger()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.EVENT
    assert actions.keep_event.isEnabled(), "of the open event"


def test_an_event_is_kept_as_a_collection_of_its_name(
    qtbot: QtBot, at_events: MainWindow, library: Library
) -> None:
    window = at_events
    select(qtbot, window, 2)
    window.views.actions.keep_event.trigger()
    wait_until_idle(qtbot, window)
    dialog = window.controllers.collections.dialog
    assert dialog is not None
    assert dialog.name == "Kyoto"
    dialog.accept()
    wait_until_idle(qtbot, window)
    [collection] = library.collections.all()
    assert collection.name == "Kyoto"
    assert sorted(library.collections.file_ids(collection)) == sorted(library.events.all()[2].file_ids)
    window.views.actions.undo.trigger()
    wait_until_idle(qtbot, window)
    assert not library.collections.all()


def test_the_photos_of_several_events_are_copied_to_a_folder(
    qtbot: QtBot, at_events: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, grid = at_events, at_events.views.browser.cluster_grid
    (target := tmp_path / "copies").mkdir()
    url = QUrl.fromLocalFile(str(target))
    monkeypatch.setattr(QFileDialog, "getExistingDirectoryUrl", lambda *_: url)
    select(qtbot, window, 0)
    qtbot.mouseClick(
        grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, tile_center(grid, 2)
    )
    wait_until_idle(qtbot, window)
    assert window.views.detail.photo_set.title.text() == "2 events selected"
    window.views.actions.copy_event.trigger()
    wait_until_idle(qtbot, window)
    qtbot.waitUntil(lambda: len(list(target.iterdir())) == 10)
    wait_until_idle(qtbot, window)


def test_photos_are_picked_of_the_selected_event(qtbot: QtBot, at_events: MainWindow) -> None:
    select(qtbot, at_events, 1)
    at_events.views.actions.pick_photos.trigger()
    dialog = at_events.controllers.selections.dialog
    assert dialog is not None
    assert dialog.intMaximum() == 4, "one less than the event has"
    dialog.reject()


def test_the_menu_of_an_event_holds_what_can_be_done_with_it(qtbot: QtBot, at_events: MainWindow) -> None:
    grid, actions = at_events.views.browser.cluster_grid, at_events.views.actions
    select(qtbot, at_events, 1)
    grid.customContextMenuRequested.emit(tile_center(grid, 1))
    menu = at_events.controllers.menus.menu
    assert menu is not None
    offered = [action for action in menu.actions() if not action.isSeparator()]
    assert offered[0].text() == "&Open"
    assert offered[1:] == [actions.keep_event, actions.copy_event, actions.pick_photos]
    menu.close()


def test_a_window_that_may_not_write_keeps_no_events_and_copies_them(
    qtbot: QtBot, at_events: MainWindow, library: Library, open_window: Open
) -> None:
    second = open_window(Library.open(library.folder))
    second.views.actions.show_events.trigger()
    wait_until_idle(qtbot, second)
    select(qtbot, second, 0)
    assert not second.views.actions.keep_event.isEnabled()
    assert second.views.actions.copy_event.isEnabled()


def test_photos_that_come_or_go_change_the_events_that_are_shown(
    qtbot: QtBot, at_events: MainWindow, library: Library, tmp_path: Path
) -> None:
    window, events = at_events, library.events.all()
    index(library, make_dated_photos(tmp_path / "more", {"Oslo": "2024-08-01 10:00"}))
    window.controllers.library.photos_changed.emit()
    wait_until_idle(qtbot, window)
    assert titles(window) == ["Oslo", "Rome", "May 2024", "Kyoto"]
    window.services.navigator.open_cluster(events[2])
    library.remove_source(str(Path(events[2].paths[0]).parent.parent))
    window.controllers.library.photos_changed.emit()
    wait_until_idle(qtbot, window)
    assert window.views.browser.empty_page.title.text() == "No photos in this event"
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert titles(window) == ["Oslo"]


def test_photos_without_dates_make_no_events_and_that_is_said(
    qtbot: QtBot, at_events: MainWindow, library: Library
) -> None:
    with library._catalog.database.transaction() as db:
        db.execute("UPDATE photos SET taken_from = 'file'")
    at_events.controllers.library.photos_changed.emit()
    wait_until_idle(qtbot, at_events)
    assert at_events.views.browser.empty_page.title.text() == "No events yet"
