"""Pause, resume and cancel a running indexing from another thread."""

from __future__ import annotations

import threading


class Control:
    """What the person asked of a running job; every method may be called from any thread."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()

    def pause(self) -> None:
        """Let the job rest at its next safe place."""
        self._running.clear()

    def resume(self) -> None:
        """Let the job go on."""
        self._running.set()

    def cancel(self) -> None:
        """Let the job end at its next safe place; what it has finished is kept."""
        self._cancelled.set()
        self._running.set()

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to end."""
        return self._cancelled.is_set()

    def may_go_on(self) -> bool:
        """Wait while paused; then whether the job should go on."""
        self._running.wait()
        return not self._cancelled.is_set()
