"""Memory in files: its pages leave the process and what was written stays."""

from __future__ import annotations

import os
import sys
from threading import Event

import numpy as np
import psutil
import pytest

from photosim.runtime import file_memory as module
from photosim.runtime.file_memory import file_memory, releasing_pages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all that it needs")

SIZE = 64_000_000


def test_what_was_written_stays_while_its_pages_leave_the_process() -> None:
    memory = file_memory(SIZE)
    assert memory is not None
    values = np.frombuffer(memory, np.uint8)
    process, turn = psutil.Process(), Event()
    before = process.memory_info().rss
    values[:] = np.arange(256, dtype=np.uint8).repeat(SIZE // 256)
    full = process.memory_info().rss - before
    with releasing_pages(memory):
        while process.memory_info().rss - before > full // 2:
            turn.wait(0.01)
    assert full > SIZE * 0.9
    assert np.array_equal(values[:: SIZE // 256], np.arange(256, dtype=np.uint8))


def test_where_there_is_no_room_there_is_no_memory_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert file_memory(SIZE) is None
    assert file_memory(0) is None
    monkeypatch.delattr(module.mmap, "MADV_DONTNEED")
    assert file_memory(SIZE) is None
