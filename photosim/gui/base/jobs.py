"""Runs background jobs in threads; no other module of the window starts threads."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, QTimer, Signal, Slot
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
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[_Runnable, int]] = {}
        self._start_timer = QTimer(self, interval=0, singleShot=True)
        self._start_timer.timeout.connect(self._start_waiting)
        self._running: dict[int, tuple[_Runnable, Done]] = {}
        # A thread may still be leaving a job whose result has arrived, so the job's object is freed a little later.
        self._leaving: deque[_Runnable | None] = deque(maxlen=8 * THREADS)
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
        job = next(self._ids)
        if self._closed:
            return job
        runnable = _Runnable(job, work, self._finished)
        self._running[job] = (runnable, done)
        if immediately:
            self._pool.start(runnable, priority)
        else:
            self._waiting[job] = runnable, priority
            self._start_timer.start()
        return job

    def cancel(self, job: int | None) -> None:
        """Remove a job from the queue, or drop its result."""
        if job is None or job not in self._running:
            return
        runnable, _ = self._running.pop(job)
        runnable.cancel.cancel()
        if self._waiting.pop(job, None) is None and not self._pool.tryTake(runnable):
            # The pool still uses the object: keep it alive until the job has finished.
            self._running[job] = (runnable, _ignore)

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
        for runnable, _ in self._running.values():
            runnable.cancel.cancel()
        self._pool.clear()
        ended = self._pool.waitForDone(wait_ms)
        if ended:
            self._running.clear()
        return ended

    def _start_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for runnable, priority in waiting.values():
            self._pool.start(runnable, priority)

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
            runnable, done = self._running.pop(job, (None, _ignore))
            self._leaving.append(runnable)
            if done is _ignore and value is not None:
                # The job finished just before it was cancelled: a large value is freed in a thread.
                dropped = [value]
                value = None
                self.start(partial(_clear, dropped), _ignore, Priority.LOW)
            elif not isinstance(error, Cancelled):
                done(value, error)
            if time.monotonic() > deadline:
                break


class _Runnable(QRunnable):
    """One job. It is referenced by `Jobs` until its result has arrived, so Qt must not delete it."""

    def __init__(self, job: int, work: Work, finished: Any) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self.cancel = CancelToken()
        self._job, self._work, self._finished = job, work, finished

    def run(self) -> None:
        value: object = None
        error: Exception | None = None
        try:
            self.cancel.check()
            value = self._work(self.cancel)
            if self.cancel.is_cancelled:
                value = None  # freed here: a long list would block the window
        except Cancelled as cancelled:
            error = cancelled
        except Exception as raised:
            _log.debug("A job failed", exc_info=True)
            error = raised
        self._finished.emit(self._job, value, error)


def _ignore(value: object, error: Exception | None) -> None:
    """The callback of a cancelled job."""


def _clear(items: list[object], _: CancelToken) -> None:
    items.clear()
