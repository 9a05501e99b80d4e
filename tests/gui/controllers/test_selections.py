"""Picking photos, and contact sheets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.base import qt_paths
from photosim.gui.controllers import selections
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from tests.gui.conftest import SEEDS, VARIANTS
from tests.support.window_driver import click, shown_names, wait_until_idle

TOTAL = SEEDS * VARIANTS


def test_picked_photos_are_a_place_of_their_own_and_back_leads_to_where_one_was(
    qtbot: QtBot, window: MainWindow
) -> None:
    wait_until_idle(qtbot, window)
    window.views.actions.pick_photos.trigger()
    dialog = window.controllers.selections.dialog
    assert dialog is not None
    assert f"{TOTAL}" in dialog.labelText()
    dialog.setIntValue(SEEDS)
    dialog.accept()
    wait_until_idle(qtbot, window)
    names = shown_names(window)
    assert len(names) == SEEDS
    assert len({name.split(" take ")[0] for name in names}) == SEEDS, "one of each scene"
    assert f"{SEEDS} of {TOTAL} photos" in window.windowTitle()
    assert window.controllers.selections.dialog is None
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == TOTAL


def test_it_picks_among_the_selected_photos_where_there_are_several(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_idle(qtbot, window)
    grid = window.views.browser.grid
    click(qtbot, grid, 0)
    for row in (1, 2):
        qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert window.views.browser.selection.count() == row + 1
    chosen = set(shown_names(window)[:3])
    window.controllers.selections.ask_count()
    dialog = window.controllers.selections.dialog
    assert dialog is not None
    assert dialog.intMaximum() == 2
    dialog.accept()
    wait_until_idle(qtbot, window)
    assert set(shown_names(window)) < chosen


def test_a_selection_whose_photos_are_gone_says_so(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_idle(qtbot, window)
    window.services.navigator.open_selection("Two photos", (10_001, 10_002))
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.SELECTION
    assert window.views.browser.currentWidget() is window.views.browser.empty_page


@pytest.mark.parametrize(("name", "start"), [("sheet.pdf", b"%PDF"), ("sheet.html", b"<!DOCTYPE html>")])
def test_a_contact_sheet_holds_the_photos_that_are_shown(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, start: bytes
) -> None:
    wait_until_idle(qtbot, window)
    file = tmp_path / name
    file.write_bytes(b"an earlier one, which the dialog has asked about")
    monkeypatch.setattr(qt_paths, "choose_new_file", lambda *_: str(file))
    with qtbot.waitSignal(window.controllers.library.message) as told:
        window.views.actions.contact_sheet.trigger()
    assert told.args is not None
    assert name in told.args[0]
    content = file.read_bytes()
    assert content.startswith(start)
    marks = content.count(b"<img ") if name.endswith("html") else content.count(b"/Subtype /Image")
    assert marks == TOTAL


def test_a_sheet_that_cannot_be_written_is_told(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until_idle(qtbot, window)
    monkeypatch.setattr(qt_paths, "choose_new_file", lambda *_: str(tmp_path / "nowhere" / "sheet.pdf"))
    window.views.actions.contact_sheet.trigger()
    wait_until_idle(qtbot, window)
    dialog = window.controllers.library.error_dialog
    assert dialog is not None
    assert "can't be written" in dialog.message.text()
    dialog.close()


def test_too_many_photos_for_a_sheet_are_refused_before_a_file_is_asked_for(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until_idle(qtbot, window)
    monkeypatch.setattr(selections, "MAX_ON_SHEET", TOTAL - 1)
    monkeypatch.setattr(qt_paths, "choose_new_file", lambda *_: pytest.fail("no file is asked for"))
    with qtbot.waitSignal(window.controllers.library.message) as told:
        window.views.actions.contact_sheet.trigger()
    assert told.args is not None
    assert f"{TOTAL - 1}" in told.args[0]


def test_nothing_can_be_picked_where_no_photos_are_shown(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_idle(qtbot, window)
    window.views.actions.show_duplicates.trigger()
    wait_until_idle(qtbot, window)
    assert not window.views.actions.pick_photos.isEnabled()
    assert not window.views.actions.contact_sheet.isEnabled()


def test_among_clusters_and_of_one_photo_it_says_what_is_missing(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    actions, message = window.views.actions, window.controllers.library.message
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    for action in (actions.pick_photos, actions.contact_sheet):
        with qtbot.waitSignal(message) as told:
            action.trigger()
        assert "Select what to" in told.args[0]
    [photo] = library.photos()[:1]
    window.services.navigator.open_selection("One", [photo.file_id])
    wait_until_idle(qtbot, window)
    with qtbot.waitSignal(message) as told:
        actions.pick_photos.trigger()
    assert told.args[0] == "There is only one photo here."
