"""Pause, resume, throttle and cancel a running job from another thread."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from photosim.runtime.throttle import Throttle

if TYPE_CHECKING:
    from photosim.runtime.limits import Limits


class JobControl:
    """The control of one running job; every method may be called from any thread.

    `throttle` says how much of the CPU the job may use. Exceeding `limits` ends the process, so they are only for a
    job in a process of its own.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits
        self.throttle = Throttle()
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._paused_since: float | None = None
        self._paused_before = 0.0

    def pause(self) -> None:
        """Pause the job at its next safe point."""
        if self._paused_since is None:
            self._paused_since = time.monotonic()
        self._running.clear()

    def resume(self) -> None:
        """Continue a paused job."""
        self._paused_before, self._paused_since = self.paused_seconds, None
        self._running.set()

    def cancel(self) -> None:
        """End the job at its next safe point; its finished work stays."""
        self._cancelled.set()
        self._running.set()

    @property
    def paused_seconds(self) -> float:
        """Seconds for which the job has been paused in all."""
        since = self._paused_since
        return self._paused_before + (0.0 if since is None else time.monotonic() - since)

    @property
    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self._cancelled.is_set()

    def wait_while_paused(self) -> bool:
        """Block while the job is paused; return False if it was cancelled."""
        self._running.wait()
        return not self._cancelled.is_set()
