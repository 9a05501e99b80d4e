"""The estimate of the remaining time."""

from __future__ import annotations

import pytest

from photosim.runtime.control import JobControl
from photosim.runtime.eta import MIN_ELAPSED_S, WINDOW_S, EtaEstimator
from tests.support.clock import Clock


def test_loading_the_model_does_not_count(clock: Clock) -> None:
    estimator = EtaEstimator(JobControl(), 100)
    clock.now += 30  # the first batch waits for the model
    assert estimator.update(10) is None
    clock.now += 5
    assert estimator.update(20) == pytest.approx(40)


def test_there_is_no_estimate_before_there_is_a_pace(clock: Clock) -> None:
    estimator = EtaEstimator(JobControl(), 100)
    assert estimator.update(0) is None
    clock.now += MIN_ELAPSED_S / 2
    assert estimator.update(50) is None
    clock.now += MIN_ELAPSED_S
    assert estimator.update(60) == pytest.approx(1.5 * MIN_ELAPSED_S * 40 / 60)


def test_a_pause_is_no_time(clock: Clock) -> None:
    control = JobControl()
    estimator = EtaEstimator(control, 100)
    estimator.update(10)
    control.pause()
    clock.now += 3600
    control.resume()
    clock.now += 10
    assert estimator.update(20) == pytest.approx(80)


def test_the_pace_of_the_last_minute_counts(clock: Clock) -> None:
    estimator = EtaEstimator(JobControl(), 10_000)
    estimator.update(0)
    done, estimate = 0, None
    for pace in (1, 50):  # photos a second
        for _ in range(int(2 * WINDOW_S)):
            clock.now += 1
            done += pace
            estimate = estimator.update(done)
    assert estimate == pytest.approx((10_000 - done) / 50, rel=0.05)


def test_in_the_end_nothing_is_left(clock: Clock) -> None:
    estimator = EtaEstimator(JobControl(), 10)
    estimator.update(1)
    clock.now += 60
    assert estimator.update(10) == 0
