"""Long lists beside a window: Python's interpreter lock must not hold the window up."""

from __future__ import annotations

import sys
from typing import Any

CHUNK_SIZE = 4000
"""Items handled in one go: some milliseconds, after which other threads may run."""

FREE_CHUNK_SIZE = 1000
"""Photos freed in one go: half a millisecond, which no thread can break into."""

LARGE_LIST = 20_000
"""Items from which on it is worth it."""

_SWITCH_SECONDS = 0.0005
"""How long a busy thread keeps the interpreter while the window waits for it (Python's usual: 0.005)."""


def prioritize_gui_thread() -> None:
    """Let the window's thread wait less for the threads of jobs: it asks many times for each frame."""
    sys.setswitchinterval(_SWITCH_SECONDS)


def free_in_steps(*held: list[Any] | set[Any]) -> None:
    """Empty these in steps: what is long and freed at once holds all threads until its last item is gone."""
    for items in held:
        while items:
            if isinstance(items, list):
                del items[-FREE_CHUNK_SIZE:]
            else:
                items.pop()
