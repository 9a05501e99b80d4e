"""Use less CPU while indexing: one thread of low priority, automatically while on battery."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path

_log = logging.getLogger(__name__)

BATTERY_POLL_S = 10.0
"""Seconds between two reads of the battery's state."""

_NICE = 15  # of 19: yields to everything else, and still progresses beside a program that never idles


class QuietMode(StrEnum):
    """When to use less CPU."""

    AUTO = "auto"
    """While the computer runs on battery."""

    ON = "on"
    OFF = "off"

    @classmethod
    def parse(cls, value: object) -> QuietMode:
        """Return the mode with this value, AUTO for anything unknown."""
        return next((mode for mode in cls if mode == value), cls.AUTO)


def on_battery() -> bool:
    """Return whether the computer runs on battery; False where there is none or its state is unknown."""
    import psutil

    try:
        battery = psutil.sensors_battery()
    except Exception as error:  # psutil passes on any error of the system's drivers
        _log.debug("The battery's state is unknown: %s", error)
        return False
    return battery is not None and battery.power_plugged is False


def set_priority(*, low: bool) -> None:
    """Give this process and its threads low or normal priority for CPU and disk, where the system allows it.

    Unix systems let few users raise a priority again. Such a process keeps the low one until it ends, which costs
    nothing while the computer is otherwise idle.
    """
    if sys.platform == "win32":
        _attempt(partial(_set_windows_class, low))
        return
    # Linux has a priority for each thread, other systems one for the process.
    tasks = Path("/proc/self/task")
    threads = [int(task.name) for task in tasks.iterdir()] if tasks.is_dir() else [0]
    for thread in threads:
        _attempt(partial(os.setpriority, os.PRIO_PROCESS, thread, _NICE if low else 0))
        if sys.platform == "linux":
            _attempt(partial(_set_disk_class, thread, low))


class Throttle:
    """Limits the CPU usage of a job; the mode may be changed from any thread while the job runs.

    Without `set_mode` nothing is limited and no priority is changed.
    """

    def __init__(
        self,
        on_battery: Callable[[], bool] = on_battery,
        set_low_priority: Callable[[bool], None] = lambda low: set_priority(low=low),
    ) -> None:
        self._on_battery, self._set_low_priority = on_battery, set_low_priority
        self._mode = QuietMode.OFF
        self._is_quiet = False
        self._battery_read_at = -BATTERY_POLL_S
        self._slots_used = 0
        self._changed = threading.Condition()

    def set_mode(self, mode: QuietMode) -> None:
        """Change the mode."""
        with self._changed:
            self._mode = mode
            self._battery_read_at = -BATTERY_POLL_S
            self._update()
            self._changed.notify_all()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot to work in; while the CPU usage is limited there is only one."""
        with self._changed:
            self._update()
            while self._is_quiet and self._slots_used:
                self._changed.wait(BATTERY_POLL_S)
                self._update()
            self._slots_used += 1
        try:
            yield
        finally:
            with self._changed:
                self._slots_used -= 1
                self._changed.notify_all()

    def _update(self) -> None:
        if self._mode is QuietMode.AUTO:
            now = time.monotonic()
            if now - self._battery_read_at < BATTERY_POLL_S:
                return
            self._battery_read_at = now
            quiet = self._on_battery()
        else:
            quiet = self._mode is QuietMode.ON
        if quiet != self._is_quiet:
            self._is_quiet = quiet
            self._set_low_priority(quiet)


def _set_windows_class(low: bool) -> None:
    if sys.platform == "win32":
        import psutil

        process = psutil.Process()
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if low else psutil.NORMAL_PRIORITY_CLASS)
        process.ionice(psutil.IOPRIO_LOW if low else psutil.IOPRIO_NORMAL)


def _set_disk_class(thread: int, low: bool) -> None:
    if sys.platform == "linux":
        import psutil

        psutil.Process(thread).ionice(psutil.IOPRIO_CLASS_IDLE if low else psutil.IOPRIO_CLASS_NONE)


def _attempt(change: Callable[[], None]) -> None:
    import psutil

    try:
        change()
    except (OSError, psutil.Error) as error:
        _log.debug("A priority was left as it is: %s", error)
