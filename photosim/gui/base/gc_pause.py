"""Long lists beside a window: Python's interpreter lock and its collector must not hold the window up."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHUNK_SIZE = 4000
"""Items handled in one go: some milliseconds, after which other threads may run."""

FREE_CHUNK_SIZE = 1000
"""Photos freed in one go: half a millisecond, which no thread can break into."""

LARGE_LIST = 20_000
"""Items from which on it is worth it."""

_SWITCH_SECONDS = 0.0005
"""How long a busy thread keeps the interpreter while the window waits for it (Python's usual: 0.005)."""

_holders = 0
_lock = threading.Lock()


def prioritize_gui_thread() -> None:
    """Let the window's thread wait less for the threads of jobs: it asks many times for each frame."""
    sys.setswitchinterval(_SWITCH_SECONDS)


@contextmanager
def gc_paused(*, permanently: bool = False) -> Iterator[None]:
    """Within it Python's collector rests, as it stops all threads to look at every object there is.

    What was made within stays out of its sight afterwards, `for_good` or where it was much: photo records hold no
    cycles, so nothing is lost.
    """
    global _holders  # noqa: PLW0603 - the collector is the whole program's
    with _lock:
        _holders += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if _holders == 0:
                if permanently or gc.get_count()[0] > LARGE_LIST:
                    gc.freeze()
                gc.enable()


def free_in_steps(*held: list[Any] | set[Any]) -> None:
    """Empty these in steps: what is long and freed at once holds all threads until its last item is gone."""
    for items in held:
        while items:
            if isinstance(items, list):
                del items[-FREE_CHUNK_SIZE:]
            else:
                items.pop()
