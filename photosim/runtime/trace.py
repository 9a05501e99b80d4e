"""Record when the steps of a job begin and end: `python -m tests.benchmarks.timeline` draws them.

Off unless the environment variable PHOTOSIM_TRACE names a file; child processes append to the same one.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

VARIABLE = "PHOTOSIM_TRACE"

_FILE = os.environ.get(VARIABLE)

_OFF: AbstractContextManager[None] = nullcontext()


def span(step: str, photos: int = 0) -> AbstractContextManager[None]:
    """Record a step of this thread from entering the context to leaving it, and how many photos it is about."""
    return _OFF if _FILE is None else _recorded(_FILE, step, photos)


@contextmanager
def _recorded(file: str, step: str, photos: int) -> Iterator[None]:
    start, processor = time.monotonic(), time.thread_time()
    try:
        yield
    finally:
        event = {
            "step": step,
            "photos": photos,
            "process": os.getpid(),
            "thread": threading.current_thread().name,
            "start": start,
            "end": time.monotonic(),
            "processor": time.thread_time() - processor,
        }
        with suppress(OSError):  # a job does not fail for want of its trace
            _append(file, json.dumps(event) + "\n")


def _append(file: str, line: str) -> None:
    """Append in one write, so that lines of several processes and threads do not mix."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
