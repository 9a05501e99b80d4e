"""Background work: the only place of the window that starts threads."""

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
"""At once: thumbnails never wait behind one slow answer, and a slow disk is not asked for more."""


class Priority(IntEnum):
    """Order of the jobs that wait for a thread."""

    LOW = 0
    """May be needed later."""
    NORMAL = 1
    """Was requested."""
    HIGH = 2
    """The user is waiting for it."""


_TELLING_S = 0.003
"""How long answers are told in one turn of the window."""


class Cancelled(Exception):  # noqa: N818 - it reports no error
    """The answer of a job that noticed it was cancelled; nobody is told."""


class CancelToken:
    """Tells a running job that its answer is no longer wanted."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Stop wanting the answer."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the answer is no longer wanted."""
        return self._event.is_set()

    def check(self) -> None:
        """Leave the job here when its answer is no longer wanted."""
        if self.is_cancelled:
            raise Cancelled


Work = Callable[[CancelToken], Any]
Done = Callable[[Any, Exception | None], None]


class Jobs(QObject):
    """Runs plain functions in threads and brings their answers to the thread of the window.

    Each job is told through one callback, `done(value, error)`, with the error in place of the value when it
    failed. A cancelled job's answer is dropped, and after `close` nothing is called any more.
    """

    _answered = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Shiboken looks up pathlib when a call first has to tell a path from other things, under a lock of C++ and
        # letting go of Python's: two threads that come there together wait for each other for ever.
        QImage(QSize(1, 1), QImage.Format.Format_Mono)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[_Runnable, int]] = {}
        self._begin = QTimer(self, interval=0, singleShot=True)
        self._begin.timeout.connect(self._start_waiting)
        self._running: dict[int, tuple[_Runnable, Done]] = {}
        # A thread may still be on its way out of a job that has answered: its object goes a little later.
        self._leaving: deque[_Runnable | None] = deque(maxlen=8 * THREADS)
        self._answers: deque[tuple[int, object, Exception | None]] = deque()
        self._tell_soon = QTimer(self, interval=0, singleShot=True)
        self._tell_soon.timeout.connect(self._tell)
        self._answered.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._closed = False

    def start(
        self, work: Work, done: Done, priority: Priority = Priority.NORMAL, *, immediately: bool = False
    ) -> int:
        """Run `work` in a thread, then call `done` in this one; returns the job's id.

        It begins when the window has painted what changes now, or `at_once`: otherwise the two would hold each other up.
        """
        job = next(self._ids)
        if self._closed:
            return job
        runnable = _Runnable(job, work, self._answered)
        self._running[job] = (runnable, done)
        if immediately:
            self._pool.start(runnable, priority)
        else:
            self._waiting[job] = runnable, priority
            self._begin.start()
        return job

    def cancel(self, job: int | None) -> None:
        """Drop a job: it is taken off the queue, or its answer is thrown away."""
        if job is None or job not in self._running:
            return
        runnable, _ = self._running.pop(job)
        runnable.cancel.cancel()
        if self._waiting.pop(job, None) is None and not self._pool.tryTake(runnable):
            # The pool still holds it: keep it alive until it has answered.
            self._running[job] = (runnable, _nobody)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return any(done is not _nobody for _, done in self._running.values())

    def close(self, wait_ms: int = 5000) -> bool:
        """Drop everything and wait for the threads; returns whether all of them ended in time."""
        self._closed = True
        self._begin.stop()
        self._tell_soon.stop()
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
    def _take(self, job: int, value: object, error: Exception | None) -> None:
        """Keep an answer for a turn of its own: this one may be painting the window."""
        self._answers.append((job, value, error))
        self._tell_soon.start()

    def _tell(self) -> None:
        """Tell what came; the rest in the next turn, when it takes long."""
        until = time.monotonic() + _TELLING_S
        while self._answers and not self._closed:
            job, value, error = self._answers.popleft()
            if self._answers:  # before `done`, which may wait in an event loop of its own
                self._tell_soon.start()
            runnable, done = self._running.pop(job, (None, _nobody))
            self._leaving.append(runnable)
            if done is _nobody and value is not None:
                # Came just before it was dropped: what is large is freed in a thread.
                unwanted = [value]
                value = None
                self.start(partial(_clear, unwanted), _nobody, Priority.LOW)
            elif not isinstance(error, Cancelled):
                done(value, error)
            if time.monotonic() > until:
                break


class _Runnable(QRunnable):
    """One job; it lives in `Jobs._running` until its answer has arrived, so Qt must not delete it."""

    def __init__(self, job: int, work: Work, answered: Any) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self.cancel = CancelToken()
        self._job, self._work, self._answered = job, work, answered

    def run(self) -> None:
        value: object = None
        error: Exception | None = None
        try:
            self.cancel.check()
            value = self._work(self.cancel)
            if self.cancel.is_cancelled:
                value = None  # freed here: a long list would hold up the window
        except Cancelled as cancelled:
            error = cancelled
        except Exception as raised:
            _log.debug("A job failed", exc_info=True)
            error = raised
        self._answered.emit(self._job, value, error)


def _nobody(value: object, error: Exception | None) -> None:
    """The callback of a job whose answer is no longer wanted."""


def _clear(held: list[object], _: CancelToken) -> None:
    held.clear()
