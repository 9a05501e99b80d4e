"""A fair lock for many readers or one writer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class ReadWriteLock:
    """Shared by readers, exclusive to a writer; served first come, first served, so that neither side starves.

    Not reentrant: a thread that holds it must not acquire it again.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._readers = 0
        self._writing = False

    @contextmanager
    def read(self) -> Iterator[None]:
        """Hold the lock together with other readers."""
        self._acquire(exclusive=False)
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def write(self) -> Iterator[None]:
        """Hold the lock exclusively."""
        self._acquire(exclusive=True)
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _acquire(self, *, exclusive: bool) -> None:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._can_acquire(ticket, exclusive))
            except BaseException:
                self._queue.remove(ticket)
                self._changed.notify_all()
                raise
            self._queue.popleft()
            if exclusive:
                self._writing = True
            else:
                self._readers += 1
            self._changed.notify_all()

    def _can_acquire(self, ticket: object, exclusive: bool) -> bool:
        if self._queue[0] is not ticket or self._writing:
            return False
        return not (exclusive and self._readers)
