"""Combining several examples into one query and one score."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.feedback import LESS_WEIGHT, MORE_WEIGHT, apply_feedback, scale_shift, smooth_max

NO_VECTORS = np.empty((0, 3), np.float32)


def unit(*values: float) -> np.ndarray:
    vector = np.array([values], np.float32)
    return vector / np.linalg.norm(vector)


def test_a_query_without_feedback_stays_as_it_is() -> None:
    assert np.allclose(apply_feedback(unit(1, 2, 3), NO_VECTORS, NO_VECTORS), unit(1, 2, 3))


def test_more_attracts_and_less_repels_by_their_weights() -> None:
    q, more, less = unit(1, 0, 0), unit(0, 1, 0), unit(0, 0, 1)
    both = apply_feedback(q, more, less)
    assert np.allclose(both, unit(1, MORE_WEIGHT, -LESS_WEIGHT * (1 + MORE_WEIGHT)))
    assert np.allclose(apply_feedback(q, NO_VECTORS, less), unit(1, 0, -LESS_WEIGHT))
    assert np.allclose(
        apply_feedback(q, np.concatenate([more, less]), NO_VECTORS), unit(1, MORE_WEIGHT / 2, MORE_WEIGHT / 2)
    )


def test_a_query_that_feedback_cancels_stays() -> None:
    q = unit(1, 0, 0)
    more, less = unit(-(1 - 1e-6), 1e-6, 0), NO_VECTORS
    assert np.allclose(apply_feedback(q, more, less), q)


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4), min_size=1, max_size=6))
def test_the_smooth_maximum_lies_between_the_mean_and_the_largest(rows: list[list[float]]) -> None:
    cosines = np.array(rows, np.float32)
    scores = smooth_max(cosines)
    assert (scores <= cosines.max(axis=0) + 1e-4).all()
    assert (scores >= cosines.mean(axis=0) - 1e-4).all()


def test_scores_come_back_to_the_scale_of_cosines() -> None:
    scores = np.array([0.8, 0.7, 0.2], np.float32)
    cosines = np.array([[0.9, 0.5], [0.1, 0.8]], np.float32)
    assert np.isclose(scale_shift(scores, cosines), 0.1)
    assert scale_shift(scores[:0], cosines[:, :0]) == 0
