"""Estimate the remaining time of a job from its speed in the last minute."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photosim.runtime.control import JobControl

WINDOW_S = 60.0
"""Seconds whose speed counts: a folder of RAW files may follow one of small JPEGs."""

MIN_ELAPSED_S = 2.0
"""Seconds of work before there is an estimate."""


class EtaEstimator:
    """Estimates the remaining time of a job with `total` steps.

    Time counts from the first finished steps, since the model is loaded before them, and without pauses.
    """

    def __init__(self, control: JobControl, total: int) -> None:
        self._control, self._total = control, total
        self._samples: deque[tuple[float, int]] = deque()  # (time, steps done)

    def update(self, done: int) -> float | None:
        """Record that `done` steps are finished; return the remaining seconds, None while there is no estimate."""
        now = time.monotonic() - self._control.paused_seconds
        self._samples.append((now, done))
        while len(self._samples) > 2 and self._samples[1][0] < now - WINDOW_S:
            self._samples.popleft()
        start, done_before = self._samples[0]
        if now - start < MIN_ELAPSED_S or done <= done_before:
            return None
        return (now - start) / (done - done_before) * (self._total - done)
