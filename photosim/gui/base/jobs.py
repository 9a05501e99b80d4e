"""Runs background jobs in threads; no other module of the window starts threads."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

_log = logging.getLogger(__name__)

THREADS = 4
"""Enough that thumbnails never wait for one slow job, few enough for a slow disk."""

_DELIVERY_BUDGET_S = 0.003
"""How long results are delivered in one turn of the event loop."""


class Priority(IntEnum):
    """Order of the jobs that wait for a thread."""

    LOW = 0
    """May be needed later."""

    NORMAL = 1
    """Was requested."""

    HIGH = 2
    """The user is waiting for it."""


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Raised in a job that was cancelled; its callback is not called."""


class CancelToken:
    """Tells a running job that it was cancelled."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Cancel the job."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Cancelled if the job was cancelled."""
        if self.is_cancelled:
            raise Cancelled


Work = Callable[[CancelToken], Any]
Done = Callable[[Any, Exception | None], None]


class Jobs(QObject):
    """Runs functions in threads and delivers their results to the window's thread.

    Each job has one callback, `done(value, error)`; `value` is None when the job failed. The result of a cancelled job
    is dropped, and after `close` no callback is called.
    """

    _finished = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Shiboken imports pathlib when a call first has to tell a path from other types, under a C++ lock and after
        # releasing Python's lock: two threads that get there at the same time deadlock.
        QImage(QSize(1, 1), QImage.Format.Format_Mono)
        self._pool = _ThreadPool(THREADS)
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[_Job, int]] = {}
        self._start_timer = QTimer(self, interval=0, singleShot=True)
        self._start_timer.timeout.connect(self._start_waiting)
        self._running: dict[int, tuple[_Job, Done]] = {}
        self._results: deque[tuple[int, object, Exception | None]] = deque()
        self._deliver_timer = QTimer(self, interval=0, singleShot=True)
        self._deliver_timer.timeout.connect(self._deliver)
        self._finished.connect(self._add_result, Qt.ConnectionType.QueuedConnection)
        self._closed = False

    def start(
        self, work: Work, done: Done, priority: Priority = Priority.NORMAL, *, immediately: bool = False
    ) -> int:
        """Run `work` in a thread, then call `done` in this thread; returns the id of the job.

        The job starts after the window has painted its current changes, unless `immediately`: the two would slow each
        other down.
        """
        job = _Job(next(self._ids), work, self._finished)
        if self._closed:
            return job.id
        self._running[job.id] = job, done
        if immediately:
            self._pool.start(job, priority)
        else:
            self._waiting[job.id] = job, priority
            self._start_timer.start()
        return job.id

    def cancel(self, job_id: int | None) -> None:
        """Remove a job from the queue, or drop its result."""
        if job_id is None or job_id not in self._running:
            return
        job, _ = self._running.pop(job_id)
        job.cancel.cancel()
        if self._waiting.pop(job_id, None) is None and not self._pool.remove(job):
            self._running[job_id] = job, _ignore  # its value is freed in a thread

    @property
    def is_busy(self) -> bool:
        """Whether any result is still to be delivered."""
        return any(done is not _ignore for _, done in self._running.values())

    def close(self, wait_ms: int = 5000) -> bool:
        """Cancel all jobs and wait for the threads; returns whether all of them ended in time."""
        self._closed = True
        self._start_timer.stop()
        self._deliver_timer.stop()
        self._waiting.clear()
        for job, _ in self._running.values():
            job.cancel.cancel()
        ended = self._pool.close(wait_ms / 1000)
        if ended:
            self._running.clear()
        return ended

    def _start_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for job, priority in waiting.values():
            self._pool.start(job, priority)

    @Slot(int, object, object)
    def _add_result(self, job: int, value: object, error: Exception | None) -> None:
        """Deliver a result in another turn of the event loop: the window may be painted in this one."""
        self._results.append((job, value, error))
        self._deliver_timer.start()

    def _deliver(self) -> None:
        """Deliver results; those for which there is no time, in the next turn."""
        deadline = time.monotonic() + _DELIVERY_BUDGET_S
        while self._results and not self._closed:
            job, value, error = self._results.popleft()
            if self._results:  # before `done`, which may run an event loop of its own
                self._deliver_timer.start()
            _, done = self._running.pop(job, (None, _ignore))
            if done is _ignore and value is not None:
                # The job finished just before it was cancelled: a large value is freed in a thread.
                dropped = [value]
                value = None
                self.start(partial(_clear, dropped), _ignore, Priority.LOW)
            elif not isinstance(error, Cancelled):
                done(value, error)
            if time.monotonic() > deadline:
                break


class _Job:
    """A function to run once, and what becomes of its result."""

    def __init__(self, job_id: int, work: Work, finished: Any) -> None:
        self.id = job_id
        self.cancel = CancelToken()
        self._work: Work | None = work
        self._finished = finished

    def run(self) -> None:
        """Run the function and emit its result; what the function holds is freed here, not in the window's thread."""
        value: object = None
        error: Exception | None = None
        work, self._work = self._work, None
        assert work is not None
        try:
            self.cancel.check()
            value = work(self.cancel)
            if self.cancel.is_cancelled:
                value = None  # a long list would block the window
        except Cancelled as cancelled:
            error = cancelled.with_traceback(None)  # which holds all that the function had loaded
        except Exception as raised:
            _log.debug("A job failed", exc_info=True)
            error = raised
        del work
        with suppress(RuntimeError):  # the window was destroyed while this job was running
            self._finished.emit(self.id, value, error)


class _ThreadPool:
    """Runs jobs in Python's threads, those of higher priority first.

    Not QThreadPool: PySide never frees a QRunnable whose subclass was written in Python and handed to it. The threads
    are daemons, so that a job that hangs does not keep the program from ending.
    """

    def __init__(self, max_threads: int) -> None:
        self._max_threads = max_threads
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._queue: list[tuple[int, int, _Job]] = []
        self._threads = self._busy = 0
        self._closed = False

    def start(self, job: _Job, priority: int) -> None:
        """Run a job as soon as a thread is free."""
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._queue, (-priority, next(self._order), job))
            if self._busy + len(self._queue) > self._threads and self._threads < self._max_threads:
                self._threads += 1
                threading.Thread(target=self._run_jobs, name=f"job {self._threads}", daemon=True).start()
            self._changed.notify_all()

    def remove(self, job: _Job) -> bool:
        """Take a job out of the queue; False when it is running or has run."""
        with self._changed:
            remaining = [entry for entry in self._queue if entry[2] is not job]
            found = len(remaining) < len(self._queue)
            heapq.heapify(remaining)
            self._queue = remaining
            return found

    def wait(self, timeout_s: float) -> bool:
        """Wait until no job is queued or running; returns whether that was in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._queue, timeout_s)

    def close(self, timeout_s: float) -> bool:
        """Drop the queue and end the threads; returns whether all of them ended in time."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._threads, timeout_s)

    def _run_jobs(self) -> None:
        while self._run_next():
            pass

    def _run_next(self) -> bool:
        """Run one job, which is freed on return; False when the pool is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if self._closed:
                self._threads -= 1
                self._changed.notify_all()
                return False
            _, _, job = heapq.heappop(self._queue)
            self._busy += 1
        try:
            job.run()
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()
        return True


def _ignore(value: object, error: Exception | None) -> None:
    """The callback of a cancelled job."""


def _clear(items: list[object], _: CancelToken) -> None:
    items.clear()
