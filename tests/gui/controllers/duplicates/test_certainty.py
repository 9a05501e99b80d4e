"""What is certain is reviewed together, and the line of certainty says what it means for the user."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.duplicates.calibration import calibrate
from photosim.gui.duplicates.certain_dialog import CertainDialog
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import indexed_library
from tests.support.window_driver import wait_until_idle

Open = Callable[[Library], MainWindow]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Three photos, each with an identical copy."""
    folder = tmp_path / "photos"
    for number in range(3):
        make_photo(folder / "a" / f"{number}.jpg", number)
    (folder / "b").mkdir()
    for number in range(3):
        shutil.copy(folder / "a" / f"{number}.jpg", folder / "b" / f"copy of {number}.jpg")
    with indexed_library(tmp_path / "library", folder, monkeypatch) as opened:
        yield opened


@pytest.fixture
def window(qtbot: QtBot, library: Library, open_window: Open) -> MainWindow:
    window = open_window(library)
    window.services.navigator.go(Place(View.DUPLICATES))
    wait_until_idle(qtbot, window)
    return window


def started(qtbot: QtBot, window: MainWindow) -> CertainDialog:
    window.views.actions.review_certain.trigger()
    controller = window.controllers.duplicate_certainty
    qtbot.waitUntil(lambda: controller.dialog is not None)
    assert controller.dialog is not None
    return controller.dialog


def test_when_all_are_right_all_are_decided_in_one_step(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    dialog = started(qtbot, window)
    for number in range(1, 4):
        assert dialog.title.text() == f"Is this right? {number} of 3"
        assert not library.duplicates.reviews()
        qtbot.keyClick(dialog, Qt.Key.Key_Y)
    wait_until_idle(qtbot, window)
    assert len(library.duplicates.reviews()) == 3
    assert len(library.duplicates.basket().photos) == 3
    assert window.views.toast.text() == "3 groups reviewed."
    totals = window.services.library_monitor.overview.duplicates
    assert totals is not None
    assert totals.groups == 0, "the side bar knows"
    window.views.actions.undo.trigger()
    wait_until_idle(qtbot, window)
    assert not library.duplicates.reviews()


def test_the_next_group_to_review_is_shown_after_those_that_are_certain(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = window.views.duplicates
    certain = [page.model.groups[0], page.model.groups[2]]
    monkeypatch.setattr("photosim.gui.controllers.duplicates.certainty.certain_groups", lambda *_: certain)
    dialog = started(qtbot, window)
    dialog.accept()
    wait_until_idle(qtbot, window)
    assert page.current == page.model.groups[1]
    assert len(library.duplicates.reviews()) == 2


def test_enter_presses_the_focused_button(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    dialog = started(qtbot, window)
    assert dialog.right_button.hasFocus()
    qtbot.keyClick(dialog.right_button, Qt.Key.Key_Return)
    assert dialog.title.text() == "Is this right? 2 of 3"
    dialog.wrong_button.setFocus()
    qtbot.keyClick(dialog.wrong_button, Qt.Key.Key_Enter)
    wait_until_idle(qtbot, window)
    assert window.views.toast.text().startswith("Stopped. No group was decided.")


@pytest.mark.parametrize("key", [Qt.Key.Key_Y, Qt.Key.Key_Return])
def test_a_key_that_is_held_answers_once(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    dialog = started(qtbot, window)
    held = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", autorep=True)
    qtbot.keyClick(dialog.right_button, key)
    for _ in range(5):
        QApplication.sendEvent(dialog.right_button, held)
    assert dialog.title.text() == "Is this right? 2 of 3"
    dialog.reject()


def test_at_the_first_wrong_one_nothing_is_decided_and_it_is_shown(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    dialog = started(qtbot, window)
    qtbot.keyClick(dialog, Qt.Key.Key_Y)
    group = dialog.group
    qtbot.keyClick(dialog, Qt.Key.Key_N)
    wait_until_idle(qtbot, window)
    assert not library.duplicates.reviews()
    assert window.views.duplicates.current == group
    assert window.views.toast.text().startswith("Stopped. No group was decided.")
    assert window.controllers.duplicate_certainty.dialog is None


def test_escape_decides_nothing(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    dialog = started(qtbot, window)
    qtbot.keyClick(dialog, Qt.Key.Key_Y)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert not library.duplicates.reviews()
    assert window.controllers.duplicate_certainty.dialog is None


def test_with_nothing_certain_one_is_told(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library.duplicates, "calibration", lambda: calibrate([(1.0, False)] * 20))
    window.views.actions.review_certain.trigger()
    wait_until_idle(qtbot, window)
    assert window.controllers.duplicate_certainty.dialog is None
    assert window.views.toast.text() == "No groups are certain enough. Review them one by one."


def test_in_the_dialog_marks_can_only_be_looked_at(qtbot: QtBot, window: MainWindow) -> None:
    dialog = started(qtbot, window)
    assert [pane.keep_button.text() for pane in dialog.row.panes] == ["Keep", "To trash"]
    assert not any(pane.keep_button.isEnabled() for pane in dialog.row.panes)
    dialog.reject()
    wait_until_idle(qtbot, window)


def test_the_slider_lists_what_is_at_least_this_certain(qtbot: QtBot, window: MainWindow) -> None:
    page = window.views.duplicates
    with qtbot.waitSignal(page.filters.filter_changed) as changed:
        page.certainty.slider.setValue(90)
    assert changed.args[0].min_confidence == 0.9
    wait_until_idle(qtbot, window)
    page.filters.clear()
    assert page.certainty.slider.value() == 50, "it follows the filter"
    with qtbot.waitSignal(page.filters.filter_changed) as changed:
        page.certainty.useful_box.click()
    assert changed.args[0].useful_first
    assert not changed.args[0].is_active, "an order leaves nothing out"
    wait_until_idle(qtbot, window)
    assert len(page.model.groups) == 3


def test_keys_of_the_review_do_nothing_at_the_slider(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    page = window.views.duplicates
    page.certainty.slider.setFocus()
    for key in (Qt.Key.Key_K, Qt.Key.Key_A, Qt.Key.Key_N):
        qtbot.keyClick(page.certainty.slider, key)
    wait_until_idle(qtbot, window)
    assert not library.duplicates.reviews()
    qtbot.keyClick(page.certainty.slider, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is page.list


def test_the_line_is_told_by_what_the_user_said(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library.duplicates, "calibration", lambda: calibrate([(0.9, True)] * 40))
    monkeypatch.setattr("photosim.gui.controllers.duplicates.certainty.share_above", lambda *_: 0.974)
    window.controllers.duplicates.reviewed.emit()
    bar = window.views.duplicates.certainty
    text = "Above this line, 97 of 100 are the same photo for you (from 40 verdicts)."
    qtbot.waitUntil(lambda: bar.slider.accessibleDescription() == text)
    assert text in bar.sentence.toolTip()
