"""A window holds after many photos and searches what it held after few."""

from __future__ import annotations

import gc
import weakref
from collections import Counter

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.main_window import MainWindow
from photosim.gui.state import navigator
from photosim.gui.state.places import DroppedItems
from photosim.library import Library
from tests.support.window_driver import wait_until_idle

ROUNDS = 8
"""Each opens two photos in the viewer, shows another in the panel and searches by it in the grid."""


def use(qtbot: QtBot, window: MainWindow, library: Library, rounds: int) -> None:
    photos = library.photos()[
        : ROUNDS + 1
    ]  # all of them in the first rounds, so that later ones need no new thumbnails
    for number in range(rounds):
        row = number % ROUNDS
        window.views.viewer.open(photos, row)
        window.views.viewer.step(1)
        wait_until_idle(qtbot, window)
        window.views.viewer.dismiss()
        window.controllers.search.open_items(DroppedItems(files=(photos[row].path,)))
        wait_until_idle(qtbot, window)


def census(window: MainWindow) -> tuple[Counter[str], int]:
    """Return the objects of Python by type, and how many children the window has.

    Without dead weak references: PySide leaves one behind for some connections.
    """
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    living = (item for item in gc.get_objects() if not isinstance(item, weakref.ref) or item() is not None)
    return Counter(type(item).__name__ for item in living), len(window.findChildren(QObject))


@pytest.mark.no_qt_log  # which would keep a record of every message of the offscreen platform
def test_photos_and_searches_leave_nothing_behind(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigator, "MAX_ENTRIES", 4)
    census(window)  # makes Python's objects for the children
    use(qtbot, window, library, 2 * ROUNDS)
    before, children_before = census(window)
    use(qtbot, window, library, 2 * ROUNDS)
    after, children_after = census(window)
    grown = {name: count for name, count in (after - before).items() if count >= ROUNDS}
    assert grown == {}
    assert children_after <= children_before + 2


def test_thousands_of_jobs_leave_nothing_behind(qtbot: QtBot, jobs: Jobs) -> None:
    finished: list[int] = []
    before = 0
    for count in range(100, 3001, 100):
        for _ in range(100):
            jobs.start(lambda _: bytes(10_000), lambda value, _: finished.append(len(value)))
        qtbot.waitUntil(lambda count=count: len(finished) == count)  # type: ignore[misc]
        before = before or len(gc.get_objects())
    gc.collect()
    assert len(gc.get_objects()) < before + 100
