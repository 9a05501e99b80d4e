"""The page of the duplicates."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from tests.support.window_driver import wait_until_idle


def test_the_duplicates_are_a_place_of_their_own(qtbot: QtBot, window: MainWindow) -> None:
    browser, page = window.views.browser, window.views.duplicates
    window.services.navigator.go(Place(View.DUPLICATES))
    wait_until_idle(qtbot, window)
    assert browser.currentWidget() is page
    assert window.views.top_bar.title.text() == "Duplicates"
    window.services.navigator.back()
    assert browser.currentWidget() is browser.grid
    assert browser.photo_model.rowCount() > 0, "what was there before is shown at once"


def test_an_empty_library_asks_for_a_folder_first(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    window = open_window(empty_library)
    window.services.navigator.go(Place(View.DUPLICATES))
    wait_until_idle(qtbot, window)
    page = window.views.duplicates.empty_page
    assert page.isVisible()
    assert page.title.text() == "No photos"
