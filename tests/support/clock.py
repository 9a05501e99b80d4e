"""A clock for tests that depend on time."""

from __future__ import annotations


class Clock:
    """Replaces `time.monotonic`; the test sets `now` in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
