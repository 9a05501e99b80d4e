"""Pause Python's garbage collector while many long-lived objects are created, and at the end of the process."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

FREEZE_FROM = 20_000
"""Allocations during a pause from which on all objects are frozen."""

_pauses = 0
_lock = threading.Lock()


@contextmanager
def gc_paused(*, freeze: bool = False) -> Iterator[None]:
    """Disable the collector, which stops all threads to visit every object; pauses may nest and overlap.

    When the last pause ends, all objects are excluded from later collections (`gc.freeze`) if `freeze` is set or if
    many were allocated. Modules stay until the process ends and photo records hold no cycles, so nothing leaks.
    """
    global _pauses  # noqa: PLW0603 - the collector is process-wide
    with _lock:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pauses -= 1
            if freeze or (_pauses == 0 and gc.get_count()[0] > FREEZE_FROM):
                gc.freeze()
            if _pauses == 0:
                gc.enable()


def skip_last_collections() -> None:
    """Let the process end without visiting every object twice more, a fifth of a short command; call it last.

    The memory goes back to the system anyway.
    """
    gc.freeze()
