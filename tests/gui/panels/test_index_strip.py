"""The status strip of indexing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.panels.index_strip import IndexStrip, summary_text
from photosim.gui.services.processes.indexing import IndexState
from photosim.records import Phase, Progress


@pytest.fixture
def strip(qtbot: QtBot) -> IndexStrip:
    strip = IndexStrip()
    qtbot.addWidget(strip)
    return strip


def test_each_phase_says_what_it_knows(strip: IndexStrip) -> None:
    assert strip.isHidden()
    strip.show_progress(Progress(Phase.SCANNING, done=12))
    assert strip.text.text() == "12 photos found"
    assert (strip.bar.minimum(), strip.bar.maximum()) == (0, 0)
    strip.show_progress(Progress(Phase.ANALYZING, done=25, total=100, seconds_left=150))
    assert strip.text.text() == "25 of 100  ·  25%  ·  about 2 minutes left"
    assert strip.bar.value() * 4 == strip.bar.maximum()
    assert strip.phase_labels[Phase.SCANNING].text().startswith("✓")
    strip.show_progress(Progress(Phase.GROUPING, done=1, total=2))
    assert strip.text.text() == "Grouping similar photos"
    strip.show_progress(Progress(Phase.DETECTING, done=30, total=100))
    assert strip.text.text() == "Finding objects  ·  30 of 100  ·  30%"
    assert all(label.text().startswith("✓") for label in strip.phase_labels.values())
    assert not strip.isHidden()


def test_pause_becomes_resume(qtbot: QtBot, strip: IndexStrip) -> None:
    strip.show_progress(Progress(Phase.ANALYZING, done=1, total=2))
    strip.show_state(IndexState.RUNNING)
    with qtbot.waitSignal(strip.pause_requested):
        qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    strip.show_state(IndexState.PAUSED)
    assert strip.pause_button.text() == "Resume"
    assert strip.text.text() == "Paused  ·  1 of 2  ·  50%"
    with qtbot.waitSignal(strip.resume_requested):
        qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(strip.cancel_requested):
        qtbot.mouseClick(strip.cancel_button, Qt.MouseButton.LeftButton)
    strip.show_state(IndexState.CANCELLING)
    assert not strip.cancel_button.isEnabled()


def test_a_stopped_indexing_waits_with_a_button_to_resume_it(qtbot: QtBot, strip: IndexStrip) -> None:
    strip.show_state(IndexState.RUNNING)
    strip.show_state(IndexState.IDLE)
    strip.show_stopped(124, unreadable=1)
    assert strip.text.text() == "Indexing stopped. 124 photos left. 1 file couldn't be read."
    assert strip.pause_button.text() == "Resume"
    assert not strip.unreadable_button.isHidden()
    assert not strip._hide_timer.isActive()
    with qtbot.waitSignal(strip.resume_requested):
        qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    strip.show_stopped(None)
    assert strip.text.text() == "Indexing stopped."
    strip.show_state(IndexState.RUNNING)
    strip.show_progress(Progress(Phase.ANALYZING, done=1, total=2))
    assert strip.pause_button.text() == "Pause"
    strip.show_summary(Progress(Phase.DONE, indexed=2))
    assert strip.pause_button.isHidden()


def test_the_summary_goes_by_itself_unless_files_could_not_be_read(strip: IndexStrip) -> None:
    strip.show_summary(Progress(Phase.DONE, indexed=5))
    assert strip._hide_timer.isActive()
    strip.show_progress(Progress(Phase.SCANNING))
    assert not strip._hide_timer.isActive(), "the next indexing is shown"
    strip.show_summary(Progress(Phase.DONE, indexed=5, unreadable=1))
    assert not strip._hide_timer.isActive()


def test_the_summary_can_be_closed_and_leads_to_the_unreadable(qtbot: QtBot, strip: IndexStrip) -> None:
    strip.show()
    strip.show_summary(Progress(Phase.DONE, indexed=5, unreadable=2))
    assert strip.bar.isHidden()
    with qtbot.waitSignal(strip.unreadable_requested):
        qtbot.mouseClick(strip.unreadable_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(strip.close_button, Qt.MouseButton.LeftButton)
    assert strip.isHidden()
    strip.show_summary(Progress(Phase.DONE, indexed=5))
    assert strip.unreadable_button.isHidden()


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (Progress(Phase.DONE, indexed=1), "1 photo indexed."),
        (
            Progress(Phase.DONE, indexed=40, unchanged=7, unreadable=1, removed=2),
            "40 photos indexed, 1 file couldn't be read, 2 files removed, 7 unchanged.",
        ),
        (
            Progress(Phase.DONE, indexed=3, removed=5, moved=3),
            "3 photos indexed, 3 files moved, 2 files removed.",
        ),
        (Progress(Phase.DONE, indexed=2, videos=1), "2 photos indexed, 1 video skipped."),
        (Progress(Phase.DONE, indexed=1, videos=3), "1 photo indexed, 3 videos skipped."),
        (Progress(Phase.DONE, unchanged=7), "Up to date: 7 files"),
        (Progress(Phase.DONE), "No photos found."),
    ],
)
def test_one_line_says_what_came_of_it(progress: Progress, expected: str) -> None:
    assert summary_text(progress) == expected


def test_who_rescans_while_the_drive_is_away_is_told_that_its_photos_wait() -> None:
    text = summary_text(Progress(Phase.DONE), offline=True)
    assert text == "No photos found. Offline folders are skipped."
