"""Background work."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from functools import partial

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import THREADS, CancelToken, Jobs, Priority
from tests.support.timeouts import TIMEOUT_MS, TIMEOUT_S


class ResultRecorder:
    """A callback that records the results of jobs."""

    def __init__(self) -> None:
        self.results: list[tuple[object, Exception | None]] = []
        self.threads: set[QThread] = set()

    def __call__(self, value: object, error: Exception | None) -> None:
        self.results.append((value, error))
        self.threads.add(QThread.currentThread())


def test_a_result_is_delivered_in_the_thread_of_the_window(qtbot: QtBot, jobs: Jobs) -> None:
    recorder, workers = ResultRecorder(), set()

    def work(cancel: CancelToken) -> int:
        workers.add(threading.get_ident())
        return 42

    jobs.start(work, recorder)
    qtbot.waitUntil(lambda: bool(recorder.results))
    assert recorder.results == [(42, None)]
    assert recorder.threads == {QThread.currentThread()}
    assert threading.get_ident() not in workers


def test_an_error_comes_back_through_the_same_callback(qtbot: QtBot, jobs: Jobs) -> None:
    recorder = ResultRecorder()
    jobs.start(lambda _: 1 / 0, recorder)
    qtbot.waitUntil(lambda: bool(recorder.results))
    value, error = recorder.results[0]
    assert value is None
    assert isinstance(error, ZeroDivisionError)


def test_a_cancelled_job_calls_nobody_back(qtbot: QtBot, jobs: Jobs) -> None:
    recorder, go = ResultRecorder(), threading.Event()
    running = jobs.start(lambda _: go.wait(TIMEOUT_S), recorder)
    waiting = [jobs.start(lambda _: 1, recorder) for _ in range(2 * THREADS)]
    for job in (running, *waiting):
        jobs.cancel(job)
    go.set()
    kept = ResultRecorder()
    jobs.start(lambda _: 7, kept)
    qtbot.waitUntil(lambda: bool(kept.results))
    assert recorder.results == []
    assert not jobs.is_busy


def test_a_job_that_checks_its_token_notices_that_it_was_cancelled(qtbot: QtBot, jobs: Jobs) -> None:
    started, ended = threading.Event(), threading.Event()

    def work(cancel: CancelToken) -> None:
        started.set()
        try:
            while True:
                cancel.check()
                threading.Event().wait(0.001)
        finally:
            ended.set()

    job = jobs.start(work, ResultRecorder(), immediately=True)
    assert started.wait(TIMEOUT_S)
    jobs.cancel(job)
    assert ended.wait(TIMEOUT_S)


def test_nothing_is_called_back_after_closing(qtbot: QtBot) -> None:
    jobs, recorder, go = Jobs(), ResultRecorder(), threading.Event()
    for _ in range(THREADS + 3):
        jobs.start(lambda _: go.wait(TIMEOUT_S), recorder)
    threading.Timer(0.05, go.set).start()
    assert jobs.close(TIMEOUT_MS)
    jobs.start(lambda _: 1, recorder)
    qtbot.wait(20)
    assert recorder.results == []
    assert not jobs.is_busy


TOGETHER = """
import sys
sys.setswitchinterval(1e-6)
from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QImage
from photosim.gui.base.jobs import Jobs
app, jobs, left = QCoreApplication([]), Jobs(), list(range(8))
def done(value, error):
    left.pop()
    if not left:
        app.quit()
for _ in range(8):
    jobs.start(lambda cancel: QImage(QSize(3, 3), QImage.Format.Format_Mono), done)
app.exec()
jobs.close()
"""


def test_jobs_that_make_their_first_images_together_do_not_wait_for_each_other_for_ever() -> None:
    tries = [subprocess.Popen([sys.executable, "-c", TOGETHER]) for _ in range(4)]
    try:
        assert [one.wait(TIMEOUT_S) for one in tries] == [0] * 4
    finally:
        for one in tries:
            one.kill()
            one.wait()


def test_results_are_delivered_while_the_callback_before_runs_an_event_loop_of_its_own(
    qtbot: QtBot, jobs: Jobs
) -> None:
    recorder, together = ResultRecorder(), threading.Barrier(2)

    def ask(_: object, error: Exception | None) -> None:
        assert error is None
        qtbot.waitUntil(lambda: bool(recorder.results))

    jobs.start(lambda _: together.wait(TIMEOUT_S), ask)
    jobs.start(lambda _: together.wait(TIMEOUT_S), recorder)
    qtbot.waitUntil(lambda: not jobs.is_busy)
    assert len(recorder.results) == 1


def test_a_job_starts_after_the_turn_that_requests_it_or_immediately(qtbot: QtBot, jobs: Jobs) -> None:
    began, immediately, recorder = threading.Event(), threading.Event(), ResultRecorder()
    jobs.start(lambda _: began.set(), recorder)
    jobs.start(lambda _: immediately.set(), recorder, immediately=True)
    assert immediately.wait(TIMEOUT_S)
    assert not began.is_set()
    dropped = jobs.start(lambda _: 1, ResultRecorder())
    jobs.cancel(dropped)
    qtbot.waitUntil(lambda: len(recorder.results) == 2)
    assert began.is_set()
    assert not jobs.is_busy


def test_a_result_that_arrived_just_before_its_job_was_cancelled_is_freed_in_a_thread(
    qtbot: QtBot, jobs: Jobs
) -> None:
    freed: list[int] = []

    class Large:
        def __del__(self) -> None:
            freed.append(threading.get_ident())

    made, recorder = threading.Event(), ResultRecorder()
    job = jobs.start(lambda _: (Large(), made.set())[0], recorder, immediately=True)
    assert made.wait(TIMEOUT_S)
    assert jobs._pool.wait(TIMEOUT_S)
    jobs.cancel(job)
    qtbot.waitUntil(lambda: bool(freed))
    assert freed != [threading.get_ident()]
    assert recorder.results == []


@pytest.mark.parametrize("cancelled", [False, True])
def test_what_a_job_was_given_or_has_loaded_is_freed_in_its_thread(
    qtbot: QtBot, jobs: Jobs, cancelled: bool
) -> None:
    freed: list[int] = []
    began, go = threading.Event(), threading.Event()

    class Large:
        def __del__(self) -> None:
            freed.append(threading.get_ident())

    def work(given: Large, cancel: CancelToken) -> None:
        loaded = Large()
        began.set()
        go.wait(TIMEOUT_S)
        cancel.check()
        del given, loaded

    job = jobs.start(partial(work, Large()), ResultRecorder(), immediately=True)
    assert began.wait(TIMEOUT_S)
    if cancelled:
        jobs.cancel(job)
    go.set()
    qtbot.waitUntil(lambda: len(freed) == 2 and not jobs._running)
    assert threading.get_ident() not in freed


def test_a_finished_job_is_freed_with_all_that_it_was_given(qtbot: QtBot, jobs: Jobs) -> None:
    class Data:
        def count(self, _: CancelToken) -> int:
            return 1

    given: list[weakref.ref[Data]] = []
    recorder = ResultRecorder()
    for _ in range(50):
        data = Data()
        given.append(weakref.ref(data))
        jobs.start(data.count, recorder)
        cancelled = Data()
        given.append(weakref.ref(cancelled))
        jobs.cancel(jobs.start(cancelled.count, recorder))
    del data, cancelled
    qtbot.waitUntil(lambda: len(recorder.results) == 50)
    assert jobs._pool.wait(TIMEOUT_S)
    gc.collect()
    assert [data for data in given if data() is not None] == []
    assert jobs._running == jobs._waiting == {}


def test_jobs_of_higher_priority_run_first_and_others_in_their_order(qtbot: QtBot, jobs: Jobs) -> None:
    started, go, order, recorder = threading.Semaphore(0), threading.Event(), list[int](), ResultRecorder()

    def block(_: CancelToken) -> None:
        started.release()
        go.wait(TIMEOUT_S)

    for _ in range(THREADS):
        jobs.start(block, ResultRecorder(), immediately=True)
    for _ in range(THREADS):
        assert started.acquire(timeout=TIMEOUT_S)
    lock = threading.Lock()

    def note(number: int, _: CancelToken) -> None:
        with lock:
            order.append(number)

    for number, priority in enumerate((Priority.LOW, Priority.HIGH, Priority.NORMAL, Priority.HIGH)):
        jobs.start(partial(note, number), recorder, priority, immediately=True)
    with jobs._pool._changed:
        queued = [job for _, _, job in sorted(jobs._pool._queue)]
    assert [job._work.args[0] for job in queued] == [1, 3, 2, 0]
    go.set()
    qtbot.waitUntil(lambda: len(recorder.results) == 4)
    assert sorted(order) == [0, 1, 2, 3]
