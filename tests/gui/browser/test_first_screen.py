"""In a large library the first photos are shown before all others are loaded."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.services import loader
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, View
from photosim.library import Library
from tests.support.window_driver import click, shown_names, wait_until_idle

FIRST = 5


@pytest.fixture(autouse=True)
def small_first_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat the library of the tests as a large one."""
    monkeypatch.setattr(loader, "_FIRST_COUNT", FIRST)
    monkeypatch.setattr(loader, "_THUMBNAILS_FIRST_MS", 50)


@pytest.fixture
def window(open_window: Callable[[Library], MainWindow], library: Library) -> MainWindow:
    return open_window(library)


def show_folder(qtbot: QtBot, window: MainWindow) -> None:
    window.services.navigator.go(
        Place(View.FOLDER, folder=window.services.library_monitor.overview.sources[0].path)
    )
    wait_until_idle(qtbot, window)


def lists_shown(qtbot: QtBot, window: MainWindow) -> list[list[str]]:
    """Show a folder, then all photos again: the names that are shown after each reset of the model."""
    show_folder(qtbot, window)
    lists: list[list[str]] = []
    window.views.browser.photo_model.modelReset.connect(lambda: lists.append(shown_names(window)))
    with qtbot.waitSignal(window.views.browser.loaded):
        window.services.navigator.go(Place(View.ALL))
    wait_until_idle(qtbot, window)
    return lists


@pytest.mark.parametrize("group_by", [GroupBy.NONE, GroupBy.DAY])
def test_the_newest_photos_are_shown_first_and_stay_where_they_are(
    qtbot: QtBot, window: MainWindow, library: Library, group_by: GroupBy
) -> None:
    qtbot.waitUntil(lambda: len(shown_names(window)) == len(library.photos()))
    window.views.browser.set_group_by(group_by)
    wait_until_idle(qtbot, window)
    first, *_, last = lists_shown(qtbot, window)
    assert len(first) == FIRST
    assert len(last) == len(library.photos())
    assert first == last[:FIRST]


def test_a_photo_selected_among_the_first_stays_selected(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: len(shown_names(window)) == len(library.photos()))
    show_folder(qtbot, window)
    deferred: list[Callable[[], None]] = []
    clock = SimpleNamespace(singleShot=lambda _ms, load_rest: deferred.append(load_rest))
    monkeypatch.setattr(loader, "QTimer", clock)
    window.services.navigator.go(Place(View.ALL))
    qtbot.waitUntil(lambda: len(shown_names(window)) == FIRST)
    click(qtbot, window.views.browser.grid, 3)
    selected = window.views.browser.selected_photos()
    [load_rest] = deferred
    load_rest()
    qtbot.waitUntil(lambda: len(shown_names(window)) == len(library.photos()))
    assert window.views.browser.selected_photos() == selected
    assert len(selected) == 1


def test_in_an_order_that_needs_all_photos_they_are_shown_together(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    qtbot.waitUntil(lambda: len(shown_names(window)) == len(library.photos()))
    window.views.browser.set_order(SortOrder.NAME)
    wait_until_idle(qtbot, window)
    assert all(len(names) == len(library.photos()) for names in lists_shown(qtbot, window))


def test_the_previous_photos_are_shown_at_once_on_the_way_back(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    qtbot.waitUntil(lambda: len(shown_names(window)) == len(library.photos()))
    window.views.browser.grid.select_row(7)
    window.services.navigator.go(Place(View.UNREADABLE))
    wait_until_idle(qtbot, window)
    assert window.views.browser.currentWidget() is not window.views.browser.grid
    window.services.navigator.go(Place(View.ALL))
    assert window.views.browser.currentWidget() is window.views.browser.grid
    assert len(shown_names(window)) == len(library.photos())
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == len(library.photos())
