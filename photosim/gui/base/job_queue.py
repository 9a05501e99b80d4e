"""Jobs that run one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from photosim.gui.base.jobs import Done, Jobs, Priority, Work


class JobQueue:
    """Starts each job once the one before it has finished and its result was delivered."""

    def __init__(self, jobs: Jobs, finished: Callable[[], object] = lambda: None) -> None:
        """`finished` is called when no job is left."""
        self._jobs, self._finished = jobs, finished
        self._queue: deque[Callable[[], object]] = deque()
        self._is_running = False

    @property
    def is_running(self) -> bool:
        """Whether a job runs."""
        return self._is_running

    def add(self, work: Work, done: Done) -> None:
        """Run `work` in a job, then call `done` in this thread."""
        self.add_prepared(lambda: work, done)

    def add_prepared(self, prepare: Callable[[], Work], done: Done) -> None:
        """Like `add`, but `prepare` is called when the job starts, in this thread, and returns what it runs."""

        def start() -> None:
            self._is_running = True
            self._jobs.start(prepare(), partial(self._finish, done), Priority.HIGH)

        self._queue.append(start)
        self._start_next()

    def _start_next(self) -> None:
        if self._is_running:
            return
        if self._queue:
            self._queue.popleft()()
        else:
            self._finished()

    def _finish(self, done: Done, value: Any, error: Exception | None) -> None:
        self._is_running = False
        done(value, error)
        self._start_next()
