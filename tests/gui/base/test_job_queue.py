"""Jobs that run one after the other."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from photosim.gui.base.job_queue import JobQueue
from photosim.gui.base.jobs import CancelToken, Jobs
from tests.support.timeouts import TIMEOUT_S


def test_a_job_starts_when_the_result_of_the_one_before_is_delivered(qtbot: QtBot, jobs: Jobs) -> None:
    events: list[str] = []
    first_may_end = threading.Event()

    def first(_: CancelToken) -> None:
        first_may_end.wait(TIMEOUT_S)
        events.append("first")

    queue = JobQueue(jobs, lambda: events.append("none left"))
    queue.add(first, lambda *_: events.append("first is done"))
    queue.add(lambda _: events.append("second"), lambda *_: events.append("second is done"))
    assert queue.is_running
    first_may_end.set()
    qtbot.waitUntil(lambda: "none left" in events)
    assert events == ["first", "first is done", "second", "second is done", "none left"]
    assert not queue.is_running


def test_a_job_that_fails_holds_up_no_other(qtbot: QtBot, jobs: Jobs) -> None:
    results: list[tuple[object, Exception | None]] = []
    queue = JobQueue(jobs)
    queue.add(lambda _: 1 / 0, lambda *result: results.append(result))
    queue.add(lambda _: 2, lambda *result: results.append(result))
    qtbot.waitUntil(lambda: len(results) == 2)
    assert isinstance(results[0][1], ZeroDivisionError)
    assert results[1] == (2, None)


def test_what_a_job_needs_is_prepared_when_it_starts(qtbot: QtBot, jobs: Jobs) -> None:
    state, seen = ["before"], list[object]()
    queue = JobQueue(jobs)
    queue.add(lambda _: None, lambda *_: state.__setitem__(0, "after"))

    def prepare() -> object:
        now = state[0]
        return lambda _: now

    queue.add_prepared(prepare, lambda value, _: seen.append(value))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["after"]
