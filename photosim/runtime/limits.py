"""Limits on time and memory for each photo: a process that exceeds them for a photo ends, and says for which."""

from __future__ import annotations

import faulthandler
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from photosim.runtime.crash_journal import CrashJournal

_log = logging.getLogger(__name__)

PHOTO_TIMEOUT_S = 60.0
"""A photo of 250 million pixels takes some 10 seconds; six times that for a slow or busy computer."""

BYTES_PER_S = 1_000_000
"""The slowest drive or network that is waited for: a large file gets this much more time."""

CANCEL_TIMEOUT_S = 5.0
"""For a photo that is still being read when the person has cancelled or closed the window."""

EXIT_STATUS = 70  # EX_SOFTWARE

_TICK_S = 0.1  # memory can be filled at some gigabytes a second
_LONGEST_TICK_S = 5.0  # a computer that slept between two ticks did not work on the photo
_REARM_S = 5.0
_GB = 1024**3
_LEAST_GB, _MOST_GB = 2, 8


def memory_limit() -> int:
    """Bytes that reading photos may take: half of the computer's memory, within 2 and 8 GB."""
    half = int(psutil.virtual_memory().total) // 2
    return min(max(half, _LEAST_GB * _GB), _MOST_GB * _GB)


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one photo may take: `seconds`, and `memory` in bytes on top of what was taken before."""

    timeout_s: float
    memory_bytes: int

    @classmethod
    def default(cls) -> Limits:
        """Those of this computer."""
        return cls(PHOTO_TIMEOUT_S, memory_limit())

    def timeout_for(self, size: int) -> float:
        """The time for a file of `size` bytes."""
        return self.timeout_s + size / BYTES_PER_S


@contextmanager
def enforce_limits(
    journal: CrashJournal,
    limits: Limits | None,
    cancelled: Callable[[], bool],
    exit_process: Callable[[int], None] = os._exit,
) -> Iterator[None]:
    """Within it the process ends as soon as a photo named in the journal exceeds the limits (None: never).

    A decoder stuck in C code can be ended in no other way. The journal then holds the reason.
    """
    if limits is None:
        yield
        return
    watchdog = _Watchdog(journal, limits, cancelled, exit_process)
    watchdog.rearm_alarm([])  # before the first photo, which may leave no Python thread a chance
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()


class _Watchdog(threading.Thread):
    """Looks at the clock and at the memory from a thread of its own.

    A decoder may hold Python's lock while it is stuck, so that no thread of Python runs. Therefore an alarm of
    faulthandler, which needs no lock, stands behind this thread and is put off again and again.
    """

    def __init__(
        self,
        journal: CrashJournal,
        limits: Limits,
        cancelled: Callable[[], bool],
        end: Callable[[int], None],
    ) -> None:
        super().__init__(name="limits", daemon=True)
        self._journal, self._limits, self._cancelled, self._end = journal, limits, cancelled, end
        self._process = psutil.Process()
        self._before = int(self._process.memory_info().rss)
        self._ages: dict[str, float] = {}
        self._stopped = threading.Event()
        self._alarm_at = 0.0
        self._alarm_lock = threading.Lock()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        with self._alarm_lock:
            faulthandler.cancel_dump_traceback_later()
        self.join()

    def run(self) -> None:
        last = time.monotonic()
        while not self._stopped.wait(_TICK_S):
            now = time.monotonic()
            self._check(min(now - last, _LONGEST_TICK_S))
            last = now

    def _check(self, seconds: float) -> None:
        reading = self._journal.in_progress()
        self._ages = {path: self._ages.get(path, 0.0) + seconds for path in reading}
        self.rearm_alarm(reading.values())
        for path, size in reading.items():
            limit = self._limits.timeout_for(size)
            if self._ages[path] > limit:
                self._stop_process(f"Reading it took longer than {limit:.0f} seconds.", path)
            elif self._cancelled() and self._ages[path] > CANCEL_TIMEOUT_S:
                _log.warning("%s was still being read when all was to end", path)
                self._end(EXIT_STATUS)
        if reading and int(self._process.memory_info().rss) - self._before > self._limits.memory_bytes:
            gigabytes = self._limits.memory_bytes / _GB
            self._stop_process(f"Reading it needed more than {gigabytes:.2g} GB of memory.", *reading)

    def rearm_alarm(self, sizes: Iterable[int]) -> None:
        """Let the alarm ring when the time for the largest of these photos is over and nobody put it off again."""
        now = time.monotonic()
        if self._journal.crash_log is None or now < self._alarm_at:
            return
        self._alarm_at = now + min(_REARM_S, self._limits.timeout_s / 4)
        seconds = self._limits.timeout_for(max(sizes, default=0))
        with self._alarm_lock:
            if not self._stopped.is_set():
                faulthandler.dump_traceback_later(seconds, exit=True, file=self._journal.crash_log)

    def _stop_process(self, why: str, *paths: str) -> None:
        _log.error("%s %s", why, ", ".join(paths))
        self._journal.record_cause(why)
        self._end(EXIT_STATUS)
