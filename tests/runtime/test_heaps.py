"""Threads share heaps, so that memory freed by one serves the others."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from tests.support.allocator import environment_of_plain_allocator

_COUNT = """
import ctypes, sys, threading
if sys.argv[1] == "shared":
    from photosim.runtime.heaps import share_heaps
    share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
all_are_here = threading.Barrier(8)
def allocate():
    assert libc.malloc(100)
    all_are_here.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_stats()
"""


def _heaps(how: str) -> int:
    finished = subprocess.run(
        [sys.executable, "-c", _COUNT, how],
        env=environment_of_plain_allocator(),
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stderr.count("Arena ")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has a heap for each thread")
def test_eight_threads_allocate_from_two_heaps() -> None:
    assert _heaps("own") > 2
    assert _heaps("shared") == 2
