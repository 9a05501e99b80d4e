"""Pause, resume, slow down and cancel a running indexing from another thread."""

from __future__ import annotations

import threading
import time

from photosim.runtime.limits import Limits
from photosim.runtime.throttle import Throttle


class JobControl:
    """What the person asked of a running job; every method may be called from any thread.

    `throttle` says how much of the computer the job may take, `limits` what one photo may take; exceeding these
    ends the process, so they are for a process of the job's own.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits
        self.throttle = Throttle()
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._resting_since: float | None = None
        self._rested = 0.0

    def pause(self) -> None:
        """Let the job rest at its next safe place."""
        if self._resting_since is None:
            self._resting_since = time.monotonic()
        self._running.clear()

    def resume(self) -> None:
        """Let the job go on."""
        self._rested, self._resting_since = self.paused_seconds, None
        self._running.set()

    def cancel(self) -> None:
        """Let the job end at its next safe place; what it has finished is kept."""
        self._cancelled.set()
        self._running.set()

    @property
    def paused_seconds(self) -> float:
        """Seconds that the job was to rest so far."""
        since = self._resting_since
        return self._rested + (0.0 if since is None else time.monotonic() - since)

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to end."""
        return self._cancelled.is_set()

    def wait_while_paused(self) -> bool:
        """Wait while paused; then whether the job should go on."""
        self._running.wait()
        return not self._cancelled.is_set()
