"""The progress bar that repaints later, and the stack of status strips."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction, QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.panels.index_strip import IndexStrip
from photosim.gui.services.undo import UndoHistory
from photosim.gui.widgets.status_strip import DeferredProgressBar, StatusArea, StatusStrip
from photosim.records import Phase, Progress

RUNNING, DONE = Progress(Phase.ANALYZING, done=1, total=2), Progress(Phase.DONE, indexed=5)


class RecordingBar(DeferredProgressBar):
    """Records the value at each paint event."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.painted.append(self.value())
        super().paintEvent(event)


@pytest.fixture
def bar(qtbot: QtBot) -> RecordingBar:
    bar = RecordingBar()
    qtbot.addWidget(bar)
    bar.setRange(0, 100)
    bar.setValue(1)
    bar.show()
    qtbot.waitUntil(lambda: bool(bar.painted))
    bar.painted.clear()
    return bar


@pytest.fixture
def area(qtbot: QtBot) -> StatusArea:
    area = StatusArea((FileStrip(UndoHistory(QAction(), QAction())), IndexStrip()))
    qtbot.addWidget(area)
    area.show()
    return area


@pytest.fixture
def files(area: StatusArea) -> FileStrip:
    [strip] = area.findChildren(FileStrip)
    return strip


@pytest.fixture
def indexing(area: StatusArea) -> IndexStrip:
    [strip] = area.findChildren(IndexStrip)
    return strip


def visible_texts(area: StatusArea) -> list[str]:
    """The texts of the visible strips from top to bottom."""
    area.adjustSize()
    strips = [*area.findChildren(FileStrip), *area.findChildren(IndexStrip)]
    return [strip.text.text() for strip in sorted(strips, key=lambda strip: strip.y()) if strip.isVisible()]


def test_setting_a_value_paints_nothing_within_the_call(bar: RecordingBar) -> None:
    bar.setValue(60)
    assert (bar.value(), bar.painted) == (60, [])


def test_the_last_value_is_painted(qtbot: QtBot, bar: RecordingBar) -> None:
    for value in (10, 50, 90):
        bar.setValue(value)
    qtbot.waitUntil(lambda: bool(bar.painted))
    assert bar.painted[-1] == 90


def test_a_new_range_is_applied_at_once_and_painted_later(qtbot: QtBot, bar: RecordingBar) -> None:
    bar.setRange(0, 500)
    assert (bar.minimum(), bar.maximum(), bar.painted) == (0, 500, [])
    qtbot.waitUntil(lambda: bool(bar.painted))


def test_setting_the_same_range_keeps_the_value(bar: RecordingBar) -> None:
    bar.setRange(0, 100)
    assert bar.value() == 1


def test_updates_stay_enabled(bar: RecordingBar) -> None:
    bar.setValue(20)
    bar.setRange(0, 0)
    assert bar.updatesEnabled()


def test_only_the_latest_of_the_finished_strips_is_shown(
    area: StatusArea, files: FileStrip, indexing: IndexStrip
) -> None:
    indexing.show_summary(DONE)
    files.show_result("3 photos moved to the trash.")
    assert visible_texts(area) == ["3 photos moved to the trash."]
    indexing.show_summary(DONE)
    assert visible_texts(area) == [indexing.text.text()]


def test_a_running_strip_stays_when_another_one_finishes(
    area: StatusArea, files: FileStrip, indexing: IndexStrip
) -> None:
    indexing.show_progress(RUNNING)
    files.start("Copying to “b”")
    assert visible_texts(area) == ["Copying to “b”", indexing.text.text()], "the latest is on top"
    files.show_result("3 photos copied to “b”.")
    assert visible_texts(area) == ["3 photos copied to “b”.", indexing.text.text()]
    indexing.show_summary(DONE)
    assert visible_texts(area) == [indexing.text.text()]


def test_a_strip_that_starts_leaves_the_finished_one_visible(
    area: StatusArea, files: FileStrip, indexing: IndexStrip
) -> None:
    files.show_result("3 photos moved to the trash.")
    indexing.show_progress(RUNNING)
    assert visible_texts(area) == [indexing.text.text(), "3 photos moved to the trash."]


def pass_time(strip: StatusStrip) -> None:
    """Do what happens when the strip has been shown for some seconds."""
    if strip._hide_timer.isActive():
        strip._hide_timer.timeout.emit()


def test_success_disappears_by_itself_and_failure_stays(
    area: StatusArea, files: FileStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileStrip, "underMouse", lambda _: False)
    monkeypatch.setattr(QApplication, "focusWidget", lambda: files.close_button)
    files.show_result("3 photos moved to the trash.")
    pass_time(files)
    assert files.isVisible(), "the focus is in the strip"
    monkeypatch.setattr(QApplication, "focusWidget", lambda: None)
    monkeypatch.setattr(FileStrip, "underMouse", lambda _: True)
    pass_time(files)
    assert files.isVisible(), "the pointer is over the strip"
    monkeypatch.setattr(FileStrip, "underMouse", lambda _: False)
    pass_time(files)
    assert files.isHidden()
    files.show_result("3 photos weren't moved.", failed=True)
    pass_time(files)
    files.release_undo()
    pass_time(files)
    assert visible_texts(area) == ["3 photos weren't moved."]
    files.start("Copying to “b”")
    pass_time(files)
    assert visible_texts(area) == ["Copying to “b”"]


def test_undo_stays_until_it_is_about_something_else_or_the_user_went_on(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileStrip, "underMouse", lambda _: False)
    history = UndoHistory(QAction(), QAction())
    strip = FileStrip(history)
    qtbot.addWidget(strip)
    strip.show_result("3 photos moved to trash.", undo_id=history.push("Move", lambda: None, lambda: None))
    pass_time(strip)
    assert not strip.undo_button.isHidden()
    history.push("Rename", lambda: None, lambda: None)
    assert strip.undo_button.isHidden()
    pass_time(strip)
    assert strip.isHidden()
    strip.show_result("3 photos moved to trash.", undo_id=history.push("Move", lambda: None, lambda: None))
    strip.release_undo()
    pass_time(strip)
    assert strip.isHidden()
