"""A clock for tests of what takes time."""

from __future__ import annotations


class Clock:
    """Goes on only when told; stands in for `time.monotonic`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
