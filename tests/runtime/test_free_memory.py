"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
import sys

import psutil
import pytest

from photosim.runtime.free_memory import return_free_memory

BLOCKS, SIZE = 4000, 16_384


@pytest.mark.skipif(sys.platform != "linux", reason="only with glibc")
def test_what_lies_between_memory_in_use_is_given_back() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [library.malloc(SIZE) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, SIZE)
    for index, block in enumerate(blocks):
        if index % 16:
            library.free(block)
    before = psutil.Process().memory_info().rss
    return_free_memory()
    assert before - psutil.Process().memory_info().rss > BLOCKS * SIZE / 2
    for block in blocks[::16]:
        library.free(block)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("loaded"))
    return_free_memory()
