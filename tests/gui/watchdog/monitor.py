"""Measuring the stalls of an event loop."""

from __future__ import annotations

import collections
import signal
import time
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer

STALL_S = 0.010
"""Seconds; shorter stalls are not noticeable."""

_TICK_MS, _SAMPLE_S = 1, 0.002
_STACK_DEPTH = 3


class StallMonitor(QObject):
    """Records the longest stalls and their call stacks for each `activity`; an empty one is not to be reported."""

    def __init__(self) -> None:
        super().__init__()
        self.activity = ""
        self.busy: dict[str, float] = {}
        self.wall: dict[str, float] = {}
        self.stalls: collections.Counter[str] = collections.Counter()
        self.stacks: dict[str, collections.Counter[str]] = {}
        self._last_tick = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start measuring."""
        self._last_tick = time.perf_counter(), time.thread_time()
        self._timer.start()
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._sample_stack)
            signal.setitimer(signal.ITIMER_REAL, _SAMPLE_S, _SAMPLE_S)

    def stop(self) -> None:
        """Stop measuring."""
        self._timer.stop()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _tick(self) -> None:
        wall_now, busy_now = time.perf_counter(), time.thread_time()
        wall, busy = wall_now - self._last_tick[0], busy_now - self._last_tick[1]
        self._last_tick = wall_now, busy_now
        self.wall[self.activity] = max(self.wall.get(self.activity, 0.0), wall)
        self.busy[self.activity] = max(self.busy.get(self.activity, 0.0), busy)
        self.stalls[self.activity] += busy > STALL_S

    def _sample_stack(self, _: int, frame: FrameType | None) -> None:
        # By a signal, in the window's thread: sampling from another thread would keep its painters alive.
        if time.perf_counter() - self._last_tick[0] < STALL_S:
            return
        calls: list[str] = []
        while frame is not None and len(calls) < _STACK_DEPTH:
            if "/photosim/" in frame.f_code.co_filename:
                calls.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}")
            frame = frame.f_back
        if calls:
            self.stacks.setdefault(self.activity, collections.Counter())[" < ".join(calls)] += 1
