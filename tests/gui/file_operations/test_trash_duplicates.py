"""The whole window: the basket of reviewed duplicates goes to the system's trash, and comes back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.duplicates.page import DuplicatesPage
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from tests.gui.file_operations.steps import list_files, wait_until_done
from tests.support.window_driver import wait_until_idle


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow) -> DuplicatesPage:
    """The Duplicates, with two groups of identical files, the first of which was reviewed."""
    window.services.navigator.go(Place(View.DUPLICATES))
    wait_until_idle(qtbot, window)
    shown = window.views.duplicates
    assert [len(group.photos) for group in shown.model.groups] == [2, 2]
    qtbot.keyClick(shown.list, Qt.Key.Key_K)
    wait_until_idle(qtbot, window)
    return shown


def test_identical_files_cannot_be_said_to_differ(qtbot: QtBot, page: DuplicatesPage) -> None:
    shown = page.current
    assert not page.group_view.decisions.different.isEnabled()
    qtbot.keyClick(page.list, Qt.Key.Key_N)
    qtbot.keyClick(page.list, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert page.current == shown


def move_basket(qtbot: QtBot, window: MainWindow, page: DuplicatesPage) -> None:
    qtbot.mouseClick(page.basket_bar.button, Qt.MouseButton.LeftButton)
    wait_until_done(qtbot, window)
    wait_until_idle(qtbot, window)


def test_only_reviewed_groups_go_and_undo_brings_them_back(
    qtbot: QtBot, window: MainWindow, page: DuplicatesPage, folder: Path
) -> None:
    before, second = list_files(folder), page.model.groups[1]
    [superfluous] = window.controllers.duplicates.service.basket().photos
    move_basket(qtbot, window, page)
    gone = set(before) - set(list_files(folder))
    assert [folder / name for name in gone] == [Path(superfluous.path)]
    assert page.basket_bar.result.text().startswith("1 photo moved to trash (")
    assert page.basket_bar.result.isVisible()
    assert [group.id for group in page.model.groups] == [second.id]
    assert not page.basket_bar.button.isEnabled()
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    wait_until_idle(qtbot, window)
    assert list_files(folder) == before
    assert len(page.model.groups) == 2


def test_a_photo_that_was_changed_since_stays_and_it_is_told(
    qtbot: QtBot, window: MainWindow, page: DuplicatesPage, folder: Path
) -> None:
    [superfluous] = window.controllers.duplicates.service.basket().photos
    state = Path(superfluous.path).stat()
    content = bytearray(Path(superfluous.path).read_bytes())
    content[-1] ^= 1
    Path(superfluous.path).write_bytes(content)
    os.utime(superfluous.path, ns=(state.st_atime_ns, state.st_mtime_ns))
    before = list_files(folder)
    move_basket(qtbot, window, page)
    assert list_files(folder) == before
    assert page.basket_bar.result.text().startswith("1 photo stayed: ")


def test_after_the_last_group_the_result_can_still_be_read(
    qtbot: QtBot, window: MainWindow, page: DuplicatesPage
) -> None:
    qtbot.keyClick(page.list, Qt.Key.Key_K)
    wait_until_idle(qtbot, window)
    assert page.done_page.isVisible()
    move_basket(qtbot, window, page)
    assert page.empty_page.title.text() == "No duplicates found"
    assert page.basket_bar.result.isVisible()
    assert page.basket_bar.result.text().startswith("2 photos moved to trash (")
