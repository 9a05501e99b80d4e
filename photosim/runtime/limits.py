"""Limits of time and memory for each photo: a process that exceeds them ends and records the photo."""

from __future__ import annotations

import faulthandler
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol

_log = logging.getLogger(__name__)

PHOTO_TIMEOUT_S = 60.0
"""A photo of 250 megapixels takes about 10 seconds; slow or busy computers get six times that."""

MIN_BYTES_PER_S = 1_000_000
"""Speed of the slowest supported drive or network; large files get more time accordingly."""

CANCEL_TIMEOUT_S = 4.5
"""Time for a photo that is still being read when the user has cancelled or closed the window."""

EXIT_STATUS = 70  # EX_SOFTWARE

_TICK_S = 0.1  # a decoder may fill some gigabytes of memory in a second
_MAX_TICK_S = 5.0  # counted at most for one tick: the computer may have been asleep
_REARM_S = 5.0
_GB = 1024**3
_MIN_MEMORY_GB, _MAX_MEMORY_GB = 2, 8


def memory_limit() -> int:
    """Return the bytes that reading photos may take: half of the computer's memory, within 2 and 8 GB."""
    import psutil

    half = int(psutil.virtual_memory().total) // 2
    return min(max(half, _MIN_MEMORY_GB * _GB), _MAX_MEMORY_GB * _GB)


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one photo may take: `timeout_s` seconds, and `memory_bytes` above what was in use before."""

    timeout_s: float
    memory_bytes: int

    @classmethod
    def default(cls) -> Limits:
        """Return the limits for this computer."""
        return cls(PHOTO_TIMEOUT_S, memory_limit())

    def timeout_for(self, size: int) -> float:
        """Return the seconds for a file of `size` bytes."""
        return self.timeout_s + size / MIN_BYTES_PER_S


class ReadingJournal(Protocol):
    """What the limits need of a `CrashJournal`."""

    @property
    def crash_log(self) -> IO[bytes] | None:
        """The open file for reports of faulthandler, None for no alarm."""

    def in_progress(self) -> dict[str, int]:
        """Return the photos that are being read, with their size in bytes."""

    def record_cause(self, cause: str, *paths: str) -> None:
        """Record why the process is about to end because of these photos, which are being read."""


@contextmanager
def enforce_limits(
    journal: ReadingJournal,
    limits: Limits | None,
    cancelled: Callable[[], bool],
    exit_process: Callable[[int], None] = os._exit,
) -> Iterator[None]:
    """End the process as soon as a photo in the journal exceeds the limits (None: no limits).

    Nothing else stops a decoder that hangs in C code. The journal then holds the reason.
    """
    if limits is None:
        yield
        return
    watchdog = _Watchdog(journal, limits, cancelled, exit_process)
    watchdog.rearm_alarm([])  # before the first photo, which may keep all Python threads from running
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()


class _Watchdog(threading.Thread):
    """Checks time and memory in a thread of its own.

    A decoder may hang while it holds the GIL, so that no Python thread runs. Therefore the thread keeps postponing an
    alarm of faulthandler, which needs no GIL.
    """

    def __init__(
        self,
        journal: ReadingJournal,
        limits: Limits,
        cancelled: Callable[[], bool],
        exit_process: Callable[[int], None],
    ) -> None:
        import psutil

        super().__init__(name="limits", daemon=True)
        self._journal, self._limits, self._cancelled = journal, limits, cancelled
        self._exit_process = exit_process
        self._process = psutil.Process()
        self._memory_before = int(self._process.memory_info().rss)
        self._seconds: dict[str, float] = {}  # time spent so far, by path
        self._stopped = threading.Event()
        self._rearm_at = 0.0
        self._alarm_lock = threading.Lock()

    def stop(self) -> None:
        """Stop checking."""
        self._stopped.set()
        with self._alarm_lock:
            faulthandler.cancel_dump_traceback_later()
        self.join()

    def run(self) -> None:
        last = time.monotonic()
        while not self._stopped.wait(_TICK_S):
            now = time.monotonic()
            self._check(min(now - last, _MAX_TICK_S))
            last = now

    def _check(self, elapsed: float) -> None:
        reading = self._journal.in_progress()
        self._seconds = {path: self._seconds.get(path, 0.0) + elapsed for path in reading}
        self.rearm_alarm(reading.values())
        timeouts = {path: self._limits.timeout_for(size) for path, size in reading.items()}
        late = [path for path, timeout in timeouts.items() if self._seconds[path] > timeout]
        if late:
            self._abort(f"Reading the photo took longer than {timeouts[late[0]]:.0f} seconds.", *late)
        for path in reading:
            if path not in late and self._cancelled() and self._seconds[path] > CANCEL_TIMEOUT_S:
                _log.warning("Still reading %s after the job was cancelled", path)
                self._exit_process(EXIT_STATUS)
        used = int(self._process.memory_info().rss) - self._memory_before
        if reading and used > self._limits.memory_bytes:
            gigabytes = self._limits.memory_bytes / _GB
            self._abort(f"Reading the photo needed more than {gigabytes:.2g} GB of memory.", *reading)

    def rearm_alarm(self, sizes: Iterable[int]) -> None:
        """Postpone the alarm by the timeout of the largest of these photos, given by their sizes in bytes."""
        now = time.monotonic()
        if self._journal.crash_log is None or now < self._rearm_at:
            return
        self._rearm_at = now + min(_REARM_S, self._limits.timeout_s / 4)
        timeout = self._limits.timeout_for(max(sizes, default=0))
        with self._alarm_lock:
            if not self._stopped.is_set():
                faulthandler.dump_traceback_later(timeout, exit=True, file=self._journal.crash_log)

    def _abort(self, cause: str, *paths: str) -> None:
        _log.error("%s %s", cause, ", ".join(paths))
        self._journal.record_cause(cause, *paths)
        self._exit_process(EXIT_STATUS)
