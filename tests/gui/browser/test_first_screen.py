"""In a large library the first photos are there before all the others."""

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
from photosim.library.library import Library
from tests.support.window_driver import click, settle, shown

FIRST = 5


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library of the tests be a large one."""
    monkeypatch.setattr(loader, "_FIRST", FIRST)
    monkeypatch.setattr(loader, "_FIRST_LOOK_MS", 50)


@pytest.fixture
def window(open_window: Callable[[Library], MainWindow], library: Library) -> MainWindow:
    return open_window(library)


def go_elsewhere(qtbot: QtBot, window: MainWindow) -> None:
    window.services.navigator.go(
        Place(View.FOLDER, folder=window.services.library_monitor.overview.sources[0].path)
    )
    settle(qtbot, window)


def screens(qtbot: QtBot, window: MainWindow) -> list[list[str]]:
    """Go elsewhere and back to all photos: what is shown after each change of the list."""
    go_elsewhere(qtbot, window)
    seen: list[list[str]] = []
    window.views.browser.photos.modelReset.connect(lambda: seen.append(shown(window)))
    with qtbot.waitSignal(window.views.browser.loaded):
        window.services.navigator.go(Place(View.ALL))
    settle(qtbot, window)
    return seen


@pytest.mark.parametrize("headings", [GroupBy.NONE, GroupBy.DAY])
def test_the_newest_photos_come_before_all_and_stay_where_they_are(
    qtbot: QtBot, window: MainWindow, library: Library, headings: GroupBy
) -> None:
    qtbot.waitUntil(lambda: len(shown(window)) == len(library.photos()))
    window.views.browser.set_group_by(headings)
    settle(qtbot, window)
    first, *_, last = screens(qtbot, window)
    assert len(first) == FIRST
    assert len(last) == len(library.photos())
    assert first == last[:FIRST]


def test_what_was_chosen_among_the_first_stays_chosen(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: len(shown(window)) == len(library.photos()))
    go_elsewhere(qtbot, window)
    put_off: list[Callable[[], None]] = []
    clock = SimpleNamespace(singleShot=lambda _ms, load_the_others: put_off.append(load_the_others))
    monkeypatch.setattr(loader, "QTimer", clock)
    window.services.navigator.go(Place(View.ALL))
    qtbot.waitUntil(lambda: len(shown(window)) == FIRST)
    click(qtbot, window.views.browser.grid, 3)
    chosen = window.views.browser.selected_photos()
    [load_the_others] = put_off
    load_the_others()
    qtbot.waitUntil(lambda: len(shown(window)) == len(library.photos()))
    assert window.views.browser.selected_photos() == chosen
    assert len(chosen) == 1


def test_in_an_order_that_needs_all_photos_they_come_together(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    qtbot.waitUntil(lambda: len(shown(window)) == len(library.photos()))
    window.views.browser.set_order(SortOrder.NAME)
    settle(qtbot, window)
    assert all(len(seen) == len(library.photos()) for seen in screens(qtbot, window))


def test_what_was_shown_last_is_there_at_once_on_the_way_back(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    qtbot.waitUntil(lambda: len(shown(window)) == len(library.photos()))
    window.views.browser.grid.select_row(7)
    window.services.navigator.go(Place(View.UNREADABLE))
    settle(qtbot, window)
    assert window.views.browser.currentWidget() is not window.views.browser.grid
    window.services.navigator.go(Place(View.ALL))
    assert window.views.browser.currentWidget() is window.views.browser.grid
    assert len(shown(window)) == len(library.photos())
    settle(qtbot, window)
    assert len(shown(window)) == len(library.photos())
