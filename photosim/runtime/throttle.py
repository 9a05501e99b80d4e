"""Keep the computer quiet while indexing: one thread of low priority, by itself on battery."""

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

import psutil

_log = logging.getLogger(__name__)

BATTERY_POLL_S = 10.0
"""Between two looks at the battery: soon enough for whoever pulls the plug, and free of cost."""

_NICE = 15  # of 19: the indexing gives way to everything, and still goes on under a program that never rests


class QuietMode(StrEnum):
    """When the computer is kept quiet."""

    AUTO = "auto"
    """While it runs on battery."""

    ON = "on"
    OFF = "off"

    @classmethod
    def parse(cls, word: object) -> QuietMode:
        """The choice that a settings file or a message names; what is not understood is `AUTO`."""
        return next((choice for choice in cls if choice == word), cls.AUTO)


def on_battery() -> bool:
    """Whether the computer runs on its battery; False where there is none or nobody can tell."""
    try:
        battery = psutil.sensors_battery()
    except Exception as error:  # psutil passes on whatever the system's drivers answer
        _log.debug("The battery could not be asked: %s", error)
        return False
    return battery is not None and battery.power_plugged is False


def set_priority(*, low: bool) -> None:
    """Give this process and its threads low or usual priority for processor and disk, where the system lets it.

    A Unix system does not let everybody raise a priority again: such a process stays low until it ends, which
    costs nothing while the computer has nothing else to do.
    """
    if sys.platform == "win32":
        _attempt(partial(_set_windows_class, low))
        return
    # Linux keeps a priority for each thread; elsewhere the process has one.
    tasks = Path("/proc/self/task")
    threads = [int(task.name) for task in tasks.iterdir()] if tasks.is_dir() else [0]
    for thread in threads:
        _attempt(partial(os.setpriority, os.PRIO_PROCESS, thread, _NICE if low else 0))
        if sys.platform == "linux":
            _attempt(partial(_set_disk_class, thread, low))


class Throttle:
    """How much of the computer a job may take; it may be changed from any thread while the job runs.

    Until a choice is made nothing is held back and no priority is touched.
    """

    def __init__(
        self,
        battery: Callable[[], bool] = on_battery,
        prioritise: Callable[[bool], None] = lambda low: set_priority(low=low),
    ) -> None:
        self._battery, self._prioritise = battery, prioritise
        self._choice = QuietMode.OFF
        self._is_quiet = False
        self._looked = -BATTERY_POLL_S
        self._working = 0
        self._turn = threading.Condition()

    @property
    def is_quiet(self) -> bool:
        """Whether the computer is kept quiet now."""
        return self._is_quiet

    def set_mode(self, choice: QuietMode) -> None:
        """Follow this choice from now on."""
        with self._turn:
            self._choice = choice
            self._looked = -BATTERY_POLL_S
            self._decide()
            self._turn.notify_all()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Work within it: at once, or, when the computer is kept quiet, when nobody else does."""
        with self._turn:
            self._decide()
            while self._is_quiet and self._working:
                self._turn.wait(BATTERY_POLL_S)
                self._decide()
            self._working += 1
        try:
            yield
        finally:
            with self._turn:
                self._working -= 1
                self._turn.notify_all()

    def _decide(self) -> None:
        if self._choice is QuietMode.AUTO:
            now = time.monotonic()
            if now - self._looked < BATTERY_POLL_S:
                return
            self._looked = now
            quiet = self._battery()
        else:
            quiet = self._choice is QuietMode.ON
        if quiet != self._is_quiet:
            self._is_quiet = quiet
            self._prioritise(quiet)


def _set_windows_class(low: bool) -> None:
    if sys.platform == "win32":
        process = psutil.Process()
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if low else psutil.NORMAL_PRIORITY_CLASS)
        process.ionice(psutil.IOPRIO_LOW if low else psutil.IOPRIO_NORMAL)


def _set_disk_class(thread: int, low: bool) -> None:
    if sys.platform == "linux":
        psutil.Process(thread).ionice(psutil.IOPRIO_CLASS_IDLE if low else psutil.IOPRIO_CLASS_NONE)


def _attempt(change: Callable[[], None]) -> None:
    try:
        change()
    except (OSError, psutil.Error) as error:
        _log.debug("A priority was left as it is: %s", error)
