"""Full screen of the window and of the viewer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.library import Library
from tests.support.window_driver import click, wait_until_idle

_Key = Qt.Key
_FULL = Qt.WindowState.WindowFullScreen


def view(qtbot: QtBot, window: MainWindow) -> None:
    """Open a photo in the viewer."""
    click(qtbot, window.views.browser.grid, 0)
    wait_until_idle(qtbot, window)
    qtbot.keyClick(window.views.browser.grid, _Key.Key_Return)
    assert window.views.viewer.isVisible()


def test_escape_ends_the_full_screen_of_a_photo_and_then_closes_it(qtbot: QtBot, window: MainWindow) -> None:
    view(qtbot, window)
    qtbot.keyClick(window.views.viewer, _Key.Key_F)
    assert window.isFullScreen()
    qtbot.keyClick(window.views.viewer, _Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.views.viewer.isVisible()
    qtbot.keyClick(window.views.viewer, _Key.Key_Escape)
    assert not window.views.viewer.isVisible()


def test_a_photo_that_filled_the_screen_leaves_the_window_as_it_was(qtbot: QtBot, window: MainWindow) -> None:
    window.showMaximized()
    view(qtbot, window)
    qtbot.keyClick(window.views.viewer, _Key.Key_F)
    assert window.isFullScreen()
    qtbot.keyClick(window.views.viewer, _Key.Key_Space)
    assert not window.views.viewer.isVisible()
    assert not window.isFullScreen()
    assert window.isMaximized()
    assert not window.views.actions.full_screen.isChecked()


def test_a_full_screen_from_before_the_photo_outlasts_it(qtbot: QtBot, window: MainWindow) -> None:
    window.views.actions.full_screen.trigger()
    view(qtbot, window)
    qtbot.keyClick(window.views.viewer, _Key.Key_Escape)
    assert not window.views.viewer.isVisible()
    assert window.isFullScreen()


def test_escape_leaves_the_full_screen_of_the_window(qtbot: QtBot, window: MainWindow) -> None:
    window.views.actions.full_screen.trigger()
    assert window.isFullScreen()
    qtbot.keyClick(window.views.browser.grid, _Key.Key_Escape)
    assert not window.isFullScreen()
    assert not window.views.actions.full_screen.isChecked()


def test_the_menu_knows_of_a_full_screen_that_the_system_began(window: MainWindow) -> None:
    window.setWindowState(window.windowState() | _FULL)
    assert window.views.actions.full_screen.isChecked()
    window.views.actions.full_screen.trigger()
    assert not window.isFullScreen()


def test_the_next_start_is_not_in_full_screen_and_as_large_as_before_it(
    open_window: Callable[[Library], MainWindow], library: Library
) -> None:
    first = open_window(library)
    first.showMaximized()
    first.views.actions.full_screen.trigger()
    first.close()
    second = open_window(library)
    assert not second.isFullScreen()
    assert second.isMaximized()
    assert not second.views.actions.full_screen.isChecked()
    second.views.actions.full_screen.trigger()
    assert second.isFullScreen()
