"""How long a long job is going to take: from the pace of its last minute."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photosim.runtime.control import JobControl

WINDOW_S = 60.0
"""A folder of RAW files follows one of small JPEGs: what was a minute ago says little."""

MIN_ELAPSED_S = 2.0
"""Seconds of pace before a guess is worth telling."""


class EtaEstimator:
    """Guesses as a job with `total` steps goes on.

    The pace counts from the first steps that were done, since the model is loaded before them; a pause is no time.
    """

    def __init__(self, control: JobControl, total: int) -> None:
        self._control, self._total = control, total
        self._seen: deque[tuple[float, int]] = deque()

    def update(self, done: int) -> float | None:
        """Seconds until the end when `done` steps are done; None while that is too early to tell."""
        now = time.monotonic() - self._control.paused_seconds
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] < now - WINDOW_S:
            self._seen.popleft()
        since, before = self._seen[0]
        if now - since < MIN_ELAPSED_S or done <= before:
            return None
        return (now - since) / (done - before) * (self._total - done)
