"""Memory in temporary files, for large data that is written or read once from its beginning to its end.

Its pages need not stay in the process: the system has them in its cache and can write them out.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_RELEASE_INTERVAL_S = 0.002  # a decoder writes up to 5 MB in this time


def file_memory(size: int) -> mmap.mmap | None:
    """Return `size` bytes in a temporary file without a name; None if the system, or its disk, cannot provide them."""
    if size <= 0 or not hasattr(os, "posix_fallocate") or not hasattr(mmap, "MADV_DONTNEED"):
        return None
    try:
        with tempfile.TemporaryFile() as file:
            os.posix_fallocate(file.fileno(), 0, size)  # writing to a page the disk has no room for is fatal
            return mmap.mmap(file.fileno(), size)
    except (OSError, ValueError):
        return None


@contextmanager
def releasing_pages(*memories: mmap.mmap) -> Iterator[None]:
    """Meanwhile keep taking the pages of `file_memory` out of the process; what they hold stays in the file.

    Works only while the interpreter's lock is free, as during the decoding of a JPEG.
    """
    if not memories:
        yield
        return
    stopped = threading.Event()

    def release() -> None:
        while not stopped.wait(_RELEASE_INTERVAL_S):
            for memory in memories:
                memory.madvise(mmap.MADV_DONTNEED)

    thread = threading.Thread(target=release, name="release pages", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
