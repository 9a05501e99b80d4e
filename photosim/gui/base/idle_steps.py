"""Runs long work of the window's thread in steps, between which the window stays responsive."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

_PAUSE_MS = 1
"""Between two steps: the window paints what has changed and handles other events."""


class IdleSteps(QObject):
    """Runs one step in each turn of the event loop. Each `next` of an iterator is a step."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: deque[Iterator[object]] = deque()
        self._timer = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._timer.timeout.connect(self._run_step)

    @property
    def is_idle(self) -> bool:
        """Whether all steps are done."""
        return not self._waiting

    def add(self, steps: Iterator[object]) -> None:
        """Run steps after those that wait."""
        self._waiting.append(steps)
        self._timer.start()

    def cancel(self) -> None:
        """Drop all steps that wait."""
        self._waiting.clear()
        self._timer.stop()

    def _run_step(self) -> None:
        steps = self._waiting[0]
        if next(steps, self) is self and self._waiting and self._waiting[0] is steps:  # the step may cancel
            self._waiting.popleft()
        if self._waiting:
            self._timer.start()
        else:
            self._timer.stop()
