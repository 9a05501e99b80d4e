"""How long an indexing is said to take still."""

from __future__ import annotations

import pytest

from photosim.runtime.control import JobControl
from photosim.runtime.eta import MIN_ELAPSED_S, WINDOW_S, EtaEstimator
from tests.support.clock import Clock


def test_loading_the_model_does_not_count(clock: Clock) -> None:
    time_left = EtaEstimator(JobControl(), 100)
    clock.now += 30  # the first batch waits for the model
    assert time_left.update(10) is None
    clock.now += 5
    assert time_left.update(20) == pytest.approx(40)


def test_it_is_told_only_when_there_is_a_pace(clock: Clock) -> None:
    time_left = EtaEstimator(JobControl(), 100)
    assert time_left.update(0) is None
    clock.now += MIN_ELAPSED_S / 2
    assert time_left.update(50) is None
    clock.now += MIN_ELAPSED_S
    assert time_left.update(60) == pytest.approx(1.5 * MIN_ELAPSED_S * 40 / 60)


def test_a_pause_is_no_time(clock: Clock) -> None:
    control = JobControl()
    time_left = EtaEstimator(control, 100)
    time_left.update(10)
    control.pause()
    clock.now += 3600
    control.resume()
    clock.now += 10
    assert time_left.update(20) == pytest.approx(80)


def test_the_pace_of_the_last_minute_counts(clock: Clock) -> None:
    time_left = EtaEstimator(JobControl(), 10_000)
    time_left.update(0)
    done, told = 0, None
    for pace in (1, 50):  # photos a second
        for _ in range(int(2 * WINDOW_S)):
            clock.now += 1
            done += pace
            told = time_left.update(done)
    assert told == pytest.approx((10_000 - done) / 50, rel=0.05)


def test_in_the_end_nothing_is_left(clock: Clock) -> None:
    time_left = EtaEstimator(JobControl(), 10)
    time_left.update(1)
    clock.now += 60
    assert time_left.update(10) == 0
