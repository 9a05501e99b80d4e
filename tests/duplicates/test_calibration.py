"""Probabilities from verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.calibration import calibrate, isotonic

VALUES = st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 10)), min_size=1, max_size=30)
VERDICTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40)


@given(VALUES)
def test_the_fit_never_falls_and_keeps_the_weighted_mean(values: list[tuple[float, float]]) -> None:
    given_values, weights = np.array(values).T
    fitted = isotonic(given_values, weights)
    assert (np.diff(fitted) >= -1e-12).all()
    assert np.average(fitted, weights=weights) == pytest.approx(np.average(given_values, weights=weights))


@given(VALUES, st.integers(0, 10_000))
def test_no_other_sequence_that_never_falls_is_nearer(values: list[tuple[float, float]], seed: int) -> None:
    given_values, weights = np.array(values).T
    other = np.sort(np.random.default_rng(seed).random(len(values)))
    fitted = isotonic(given_values, weights)
    assert weights @ (fitted - given_values) ** 2 <= weights @ (other - given_values) ** 2 + 1e-9


@given(VERDICTS, st.lists(st.floats(0, 1), min_size=2, max_size=10))
def test_more_confidence_is_never_less_probable(
    verdicts: list[tuple[float, bool]], confidences: list[float]
) -> None:
    calibration = calibrate(verdicts)
    probabilities = [calibration.probability(confidence) for confidence in sorted(confidences)]
    assert all(0 <= probability <= 1 for probability in probabilities)
    assert probabilities == sorted(probabilities)


def test_without_verdicts_confidence_is_probability() -> None:
    calibration = calibrate([])
    assert calibration.verdicts == 0
    assert calibration.probability(0.37) == pytest.approx(0.37)


def test_verdicts_move_the_curve() -> None:
    rejected = calibrate([(0.8, False)] * 50)
    accepted = calibrate([(0.4, True)] * 50)
    assert rejected.verdicts == 50
    assert rejected.probability(0.8) < 0.3
    assert accepted.probability(0.4) > 0.7


def test_the_least_certain_pair_is_asked_first() -> None:
    assert calibrate([]).most_informative([0.99, 0.48, 0.1, 0.7]) == [1, 3, 2, 0]
