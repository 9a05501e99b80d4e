"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from photosim.runtime.free_memory import return_free_memory
from tests.support.allocator import environment_of_plain_allocator

BLOCKS, SIZE = 4000, 16_384
_FREE = f"""
import ctypes, psutil
from photosim.runtime.free_memory import return_free_memory
library = ctypes.CDLL(None)
library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
blocks = [library.malloc({SIZE}) for _ in range({BLOCKS})]
for block in blocks:
    ctypes.memset(block, 1, {SIZE})
for index, block in enumerate(blocks):
    if index % 16:
        library.free(block)
before = psutil.Process().memory_info().rss
return_free_memory()
print(before - psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only with glibc")
def test_what_lies_between_memory_in_use_is_given_back() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", _FREE],
        env=environment_of_plain_allocator(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(finished.stdout) > BLOCKS * SIZE / 2


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_on_other_systems_no_library_is_loaded(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("loaded"))
    return_free_memory()
