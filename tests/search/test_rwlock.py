"""The lock for many readers or one writer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from photosim.search.rwlock import ReadWriteLock
from tests.support.timeouts import TIMEOUT_S


def start(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_readers_share_the_lock() -> None:
    lock, together = ReadWriteLock(), threading.Barrier(3, timeout=TIMEOUT_S)

    def read() -> None:
        with lock.read():
            together.wait()

    for thread in [start(read) for _ in range(3)]:
        thread.join(TIMEOUT_S)
    assert not together.broken


def test_a_writer_is_exclusive() -> None:
    lock, inside, overlaps = ReadWriteLock(), [0, 0], []

    def read() -> None:
        for _ in range(200):
            with lock.read():
                inside[0] += 1
                overlaps.append(inside[1])
                inside[0] -= 1

    def write() -> None:
        for _ in range(200):
            with lock.write():
                inside[1] += 1
                time.sleep(0)
                overlaps.append(inside[1] - 1)
                inside[1] -= 1

    for thread in [start(work) for work in (read, write, read, write)]:
        thread.join(TIMEOUT_S)
    assert len(overlaps) == 800
    assert not any(overlaps)


def test_a_writer_that_waits_is_not_overtaken_by_later_readers() -> None:
    lock, order = ReadWriteLock(), list[str]()

    def enter(name: str, *, exclusive: bool) -> None:
        with lock.write() if exclusive else lock.read():
            order.append(name)

    with lock.read():
        writer = start(lambda: enter("writer", exclusive=True))
        wait_for(lambda: len(lock._queue) == 1)
        reader = start(lambda: enter("reader", exclusive=False))
        wait_for(lambda: len(lock._queue) == 2)
        assert not order
    writer.join(TIMEOUT_S)
    reader.join(TIMEOUT_S)
    assert order == ["writer", "reader"]


def test_an_error_inside_releases_the_lock() -> None:
    lock = ReadWriteLock()
    for hold in (lock.write, lock.read, lock.write):
        try:
            with hold():
                raise RuntimeError
        except RuntimeError:
            pass
    with lock.write():
        pass


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.001)
