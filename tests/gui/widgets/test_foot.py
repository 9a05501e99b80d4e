"""The strips at the foot of the window: what goes on, and the newest of what is over."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.panels.index_strip import IndexStrip
from photosim.gui.widgets.foot import StatusArea
from photosim.records import Phase, Progress

READING, DONE = Progress(Phase.READING, done=1, total=2), Progress(Phase.DONE, indexed=5)


@pytest.fixture
def foot(qtbot: QtBot) -> StatusArea:
    made = StatusArea((FileStrip(QAction()), IndexStrip()))
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def files(foot: StatusArea) -> FileStrip:
    [strip] = foot.findChildren(FileStrip)
    return strip


@pytest.fixture
def indexing(foot: StatusArea) -> IndexStrip:
    [strip] = foot.findChildren(IndexStrip)
    return strip


def seen(foot: StatusArea) -> list[str]:
    """The texts from top to bottom."""
    strips = [*foot.findChildren(FileStrip), *foot.findChildren(IndexStrip)]
    foot.adjustSize()
    return [one.text.text() for one in sorted(strips, key=lambda one: one.y()) if one.isVisible()]


def test_of_what_is_over_only_the_newest_is_told(
    foot: StatusArea, files: FileStrip, indexing: IndexStrip
) -> None:
    indexing.show_summary(DONE)
    files.show_result("3 photos moved to the trash.")
    assert seen(foot) == ["3 photos moved to the trash."]
    indexing.show_summary(DONE)
    assert seen(foot) == ["5 photos indexed."]


def test_what_goes_on_is_not_put_away_by_what_is_over(
    foot: StatusArea, files: FileStrip, indexing: IndexStrip
) -> None:
    indexing.show_progress(READING)
    files.start("Copying to “b”")
    assert seen(foot) == ["Copying to “b”", "1 of 2  ·  50 %"], "the newest is on top"
    files.show_result("3 photos copied to “b”.")
    assert seen(foot) == ["3 photos copied to “b”.", "1 of 2  ·  50 %"]
    indexing.show_summary(DONE)
    assert seen(foot) == ["5 photos indexed."]


def test_what_begins_leaves_in_sight_what_is_just_over(
    foot: StatusArea, files: FileStrip, indexing: IndexStrip
) -> None:
    files.show_result("3 photos moved to the trash.")
    indexing.show_progress(READING)
    assert seen(foot) == ["1 of 2  ·  50 %", "3 photos moved to the trash."]


def test_what_went_well_with_files_goes_by_itself_and_what_failed_stays(
    qtbot: QtBot, foot: StatusArea, files: FileStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileStrip, "underMouse", lambda _: False)
    monkeypatch.setattr(QApplication, "focusWidget", lambda: files.close_button)
    files._leave.setInterval(1)
    files.show_result("3 photos moved to the trash.")
    qtbot.wait(20)
    assert files.isVisible(), "the person is at it"
    monkeypatch.setattr(QApplication, "focusWidget", lambda: None)
    qtbot.waitUntil(files.isHidden)
    files.show_result("3 photos stay as they are.", failed=True)
    qtbot.wait(20)
    assert seen(foot) == ["3 photos stay as they are."]
    files.start("Copying to “b”")
    qtbot.wait(20)
    assert seen(foot) == ["Copying to “b”"]
