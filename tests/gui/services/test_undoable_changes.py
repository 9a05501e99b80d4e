"""Changes that run in jobs and can be undone."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.services.undo import UndoHistory
from photosim.gui.services.undoable_changes import Prepare, UndoableChange, UndoableChanges


class Counter:
    """A number that is changed, and what was shown and told of it."""

    def __init__(self, jobs: Jobs) -> None:
        self.value = 0
        self.events: list[object] = []
        self.undo, self.redo = QAction(), QAction()
        self.history = UndoHistory(self.undo, self.redo)
        self.changes = UndoableChanges[int](
            jobs,
            self.history,
            show=lambda result, error: self.events.append(result if error is None else type(error)),
            tell=lambda text, undo_id: self.events.append((text, undo_id is not None)),
        )

    def adding(self, number: int) -> Prepare:
        def add(_: object) -> int:
            self.value += number
            if self.value < 0:
                raise ValueError
            return number

        return lambda: add

    def add(self, number: int, message: str = "Added") -> None:
        self.changes.make(
            UndoableChange(
                "Add",
                self.adding(number),
                undo=lambda result: self.adding(-result),
                redo=self.adding,
                message=lambda _: message,
                has_changed=bool,
                after=lambda: self.events.append("after"),
                after_undo=lambda: self.events.append("after undo"),
            )
        )


@pytest.fixture
def counter(qtbot: QtBot, jobs: Jobs) -> Counter:
    return Counter(jobs)


def test_a_change_is_made_undone_and_redone(qtbot: QtBot, counter: Counter) -> None:
    counter.add(3)
    qtbot.waitUntil(lambda: 3 in counter.events)
    assert counter.events == ["after", ("Added", True), 3]
    counter.events.clear()
    counter.undo.trigger()
    qtbot.waitUntil(lambda: -3 in counter.events)
    assert (counter.value, counter.events) == (0, ["after undo", ("Add undone.", False), -3])
    counter.events.clear()
    counter.redo.trigger()
    qtbot.waitUntil(lambda: 3 in counter.events)
    assert (counter.value, counter.events) == (3, ["after", ("Added", True), 3])


def test_a_change_that_changed_nothing_cannot_be_undone(qtbot: QtBot, counter: Counter) -> None:
    counter.add(0)
    qtbot.waitUntil(lambda: 0 in counter.events)
    assert counter.events == ["after", ("Added", False), 0]
    assert not counter.undo.isEnabled()


def test_a_change_that_fails_is_shown_as_its_error_and_not_undone(qtbot: QtBot, counter: Counter) -> None:
    counter.add(-1)
    qtbot.waitUntil(lambda: bool(counter.events))
    assert counter.events == [ValueError]
    assert not counter.undo.isEnabled()


def test_a_change_without_a_message_tells_nothing(qtbot: QtBot, counter: Counter) -> None:
    counter.add(2, message="")
    qtbot.waitUntil(lambda: 2 in counter.events)
    counter.undo.trigger()
    qtbot.waitUntil(lambda: -2 in counter.events)
    assert counter.events == ["after", 2, "after undo", -2]
