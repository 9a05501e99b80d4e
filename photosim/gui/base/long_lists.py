"""Handles long lists in chunks, so that Python's interpreter lock does not block the window's thread."""

from __future__ import annotations

import sys
from typing import Any

CHUNK_SIZE = 4000
"""Items handled at once: some milliseconds, after which other threads can run."""

FREE_CHUNK_SIZE = 1000
"""Photos freed at once: half a millisecond, during which no other thread can run."""

LARGE_LIST = 20_000
"""Items from which on a faster method is worth it."""

_SWITCH_INTERVAL_S = 0.0005
"""How long a busy thread keeps the interpreter while the window waits for it; Python's default is 0.005."""


def prioritize_gui_thread() -> None:
    """Let the window's thread wait less for the threads of jobs, many times in each frame."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)


def free_in_steps(*collections: list[Any] | set[Any]) -> None:
    """Empty collections in chunks: freeing a long one at once blocks all threads until its last item is freed."""
    for items in collections:
        while items:
            if isinstance(items, list):
                del items[-FREE_CHUNK_SIZE:]
            else:
                items.pop()
