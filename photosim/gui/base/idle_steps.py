"""Long work of the window's own thread, cut into steps between which the window lives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

_PAUSE_MS = 1
"""From the end of a step to the next: what it changed is painted between them, and whatever else was due is done."""


class IdleSteps(QObject):
    """Takes steps one by one, one in each turn of the event loop. Each `next` of an iterator is a step."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: deque[Iterator[object]] = deque()
        self._timer = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._timer.timeout.connect(self._step)

    @property
    def is_idle(self) -> bool:
        """Whether all steps are taken."""
        return not self._waiting

    def add(self, steps: Iterator[object]) -> None:
        """Take these steps after those that wait."""
        self._waiting.append(steps)
        self._timer.start()

    def run_all(self) -> None:
        """Take all steps now: somebody needs what comes of them."""
        while self._waiting:
            self._step()

    def cancel(self) -> None:
        """Take no further step."""
        self._waiting.clear()
        self._timer.stop()

    def _step(self) -> None:
        if self._waiting and next(self._waiting[0], self) is self:
            self._waiting.popleft()
        if self._waiting:
            self._timer.start()
        else:
            self._timer.stop()
