"""Long work of the window's thread runs in steps, in order, and can be completed or cancelled."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from photosim.gui.base.idle_steps import IdleSteps


def _steps(done: list[str], name: str, count: int) -> Iterator[None]:
    for number in range(count):
        done.append(f"{name}{number}")
        yield


def test_adding_runs_no_step_at_once(qtbot: QtBot) -> None:
    owner, done = QObject(), list[str]()
    slices = IdleSteps(owner)
    slices.add(_steps(done, "a", 1))
    assert done == []
    assert not slices.is_idle
    qtbot.waitUntil(lambda: slices.is_idle)
    assert done == ["a0"]


def test_work_runs_in_the_order_in_which_it_was_added(qtbot: QtBot) -> None:
    owner, done = QObject(), list[str]()
    slices = IdleSteps(owner)
    slices.add(_steps(done, "a", 3))
    slices.add(_steps(done, "b", 2))
    qtbot.waitUntil(lambda: slices.is_idle)
    assert done == ["a0", "a1", "a2", "b0", "b1"]


def test_the_event_loop_turns_between_two_steps(qtbot: QtBot) -> None:
    owner, seen = QObject(), list[str]()
    slices = IdleSteps(owner)

    def work() -> Iterator[None]:
        for _ in range(2):
            seen.append("step")
            QTimer.singleShot(0, lambda: seen.append("turn"))
            yield

    slices.add(work())
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert seen == ["step", "turn", "step", "turn"]


def test_what_was_due_during_a_long_step_is_done_before_the_next(qtbot: QtBot) -> None:
    owner, seen = QObject(), list[str]()
    slices = IdleSteps(owner)

    def work() -> Iterator[None]:
        for _ in range(3):
            seen.append("step")
            QTimer.singleShot(1, lambda: seen.append("due"))
            time.sleep(0.005)
            yield

    slices.add(work())
    qtbot.waitUntil(lambda: len(seen) == 6)
    assert seen == ["step", "due"] * 3


def test_a_step_that_gives_nothing_is_not_mistaken_for_the_end(qtbot: QtBot) -> None:
    owner, done = QObject(), list[object]()
    slices = IdleSteps(owner)
    slices.add(done.append(value) for value in (None, False, 0))
    qtbot.waitUntil(lambda: slices.is_idle)
    assert done == [None, False, 0]


def test_cancelled_work_never_runs(qtbot: QtBot) -> None:
    owner, done = QObject(), list[str]()
    slices = IdleSteps(owner)
    slices.add(_steps(done, "a", 2))
    slices.cancel()
    assert slices.is_idle
    slices.add(_steps(done, "b", 1))
    qtbot.waitUntil(lambda: slices.is_idle)
    assert done == ["b0"]


def test_work_may_add_work(qtbot: QtBot) -> None:
    owner, done = QObject(), list[str]()
    slices = IdleSteps(owner)

    def work() -> Iterator[None]:
        slices.add(_steps(done, "later", 1))
        done.append("first")
        yield

    slices.add(work())
    qtbot.waitUntil(lambda: slices.is_idle)
    assert done == ["first", "later0"]
