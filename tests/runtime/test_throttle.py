"""Using less CPU: when, with how many threads, and with which priority."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from photosim.runtime import throttle
from photosim.runtime.throttle import QuietMode, Throttle
from tests.support.timeouts import TIMEOUT_S


class Computer:
    """A battery that the test charges and discharges, and the priorities that were set."""

    def __init__(self) -> None:
        self.on_battery = False
        self.priorities: list[bool] = []
        self.throttle = Throttle(lambda: self.on_battery, self.priorities.append)

    def assert_concurrency(self, threads: int) -> None:
        """Assert that of four threads exactly this many work at the same time."""
        working, all_met, meet = list[int](), threading.Event(), threading.Barrier(4)

        def work(number: int) -> None:
            meet.wait(TIMEOUT_S)
            for _ in range(3):
                with self.throttle.slot():
                    working.append(number)
                    if len(working) == threads:
                        all_met.set()
                    assert all_met.wait(TIMEOUT_S)
                    time.sleep(0.001)
                    assert len(working) <= threads
                    working.remove(number)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))


@pytest.fixture
def computer() -> Computer:
    return Computer()


def test_until_a_choice_is_made_nothing_is_held_back_and_no_priority_touched(computer: Computer) -> None:
    computer.on_battery = True
    computer.assert_concurrency(4)
    assert computer.priorities == []


def test_a_quiet_computer_has_one_thread_at_work_and_low_priority(computer: Computer) -> None:
    computer.throttle.set_mode(QuietMode.ON)
    computer.assert_concurrency(1)
    assert computer.priorities == [True]
    computer.throttle.set_mode(QuietMode.OFF)
    computer.assert_concurrency(4)
    assert computer.priorities == [True, False]


def test_on_battery_it_is_quiet_by_itself_and_on_mains_no_more(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "BATTERY_POLL_S", 0.0)
    computer.throttle.set_mode(QuietMode.AUTO)
    computer.assert_concurrency(4)
    computer.on_battery = True
    computer.assert_concurrency(1)
    computer.on_battery = False
    computer.assert_concurrency(4)
    assert computer.priorities == [True, False]


def test_turning_it_off_lets_those_who_wait_go_at_once(computer: Computer) -> None:
    computer.throttle.set_mode(QuietMode.ON)
    inside, leave = threading.Event(), threading.Event()

    def work() -> None:
        with computer.throttle.slot():
            inside.set()
            leave.wait(TIMEOUT_S)

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(TIMEOUT_S)
    inside.clear()
    second = threading.Thread(target=work)
    second.start()
    assert not inside.wait(0.05)
    computer.throttle.set_mode(QuietMode.OFF)
    assert inside.wait(TIMEOUT_S)
    leave.set()
    first.join()
    second.join()


@pytest.mark.parametrize(
    ("value", "mode"),
    [
        ("on", QuietMode.ON),
        ("off", QuietMode.OFF),
        ("auto", QuietMode.AUTO),
        ("loud", QuietMode.AUTO),
        (7, QuietMode.AUTO),
    ],
)
def test_an_unknown_value_counts_as_auto(value: object, mode: QuietMode) -> None:
    assert QuietMode.parse(value) is mode


def test_a_battery_that_cannot_be_asked_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no such driver")

    monkeypatch.setattr("psutil.sensors_battery", fail, raising=False)
    assert throttle.on_battery() is False


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux alone")
def test_every_thread_gets_the_low_priority_also_those_that_come_later() -> None:
    program = """
import os, threading
from photosim.runtime.throttle import set_priority
stop = threading.Event()
early = threading.Thread(target=stop.wait, daemon=True); early.start()
set_priority(low=True)
late = threading.Thread(target=stop.wait, daemon=True); late.start()
print([os.getpriority(os.PRIO_PROCESS, tid) for tid in (os.getpid(), early.native_id, late.native_id)])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[15, 15, 15]"
