"""The metrics of `make bench-model` on hand-made vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.measures import Vectors, pairs, retrieval


def at(*degrees: float) -> Vectors:
    """Return unit vectors in a plane at these angles: the nearer the angles, the more similar."""
    angles = np.radians(np.array(degrees))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_separate_classes_are_retrieved_perfectly() -> None:
    vectors = at(*range(12), *range(90, 102))
    found = retrieval(vectors, np.repeat([0, 1], 12))
    assert (found.precision_at_10, found.mean_average_precision) == (1, 1)


def test_retrieval_is_what_counting_by_hand_gives() -> None:
    # From 0: 1 (other), 3 (own) -> the nearest is not of its kind, average 1/2. From 3: 1 (other), 0 (own): the same.
    # From 1: 0, 3 are both of the other kind, and it has no second one: it asks nothing.
    found = retrieval(at(0, 1, 3), np.array([7, 2, 7]))
    assert found.mean_average_precision == pytest.approx(0.5)
    assert found.precision_at_10 == found.recall_at_1 == 0
    # From 0: own 2, other 3, own 9 -> (1 + 2/3) / 2; from 2: other 3, own 0, own 9 -> (1/2 + 2/3) / 2;
    # from 9: other 3, own 2, own 0 -> (1/2 + 2/3) / 2.
    found = retrieval(at(0, 2, 3, 9), np.array([0, 0, 1, 0]))
    assert found.mean_average_precision == pytest.approx((5 / 6 + 7 / 12 + 7 / 12) / 3)
    assert found.precision_at_10 == pytest.approx(1 / 2)
    assert found.recall_at_1 == pytest.approx(1 / 3)


def test_the_ten_nearest_count_for_precision_or_as_many_as_there_are() -> None:
    near_others, far_own = list(range(1, 11)), [40, 41]
    found = retrieval(at(0, *near_others, *far_own), np.array([0, *range(1, 11), 0, 0]))
    # Each has two others: the photo at 0 finds none of them first; those at 40 and 41 find each other.
    assert found.precision_at_10 == pytest.approx((0 + 1 / 2 + 1 / 2) / 3)
    many = retrieval(at(0, *near_others, *range(30, 60)), np.array([0, *range(1, 11)] + [0] * 30))
    # Of a kind of 31, the ten nearest count: none for the photo at 0, all for those far from the others.
    assert many.precision_at_10 == pytest.approx(30 / 31)
    assert many.recall_at_1 == pytest.approx(30 / 31)


def test_a_photo_does_not_find_itself_even_among_equal_ones() -> None:
    found = retrieval(at(5, 5, 5), np.array([0, 1, 0]))
    # From the first: the second (equal, of another kind) and then the third; from the third: the first at once.
    assert found.mean_average_precision == pytest.approx((1 / 2 + 1) / 2)


def test_copies_that_are_close_are_all_found() -> None:
    found = pairs(at(0, 1, 2, 50, 51, 52), np.repeat([0, 1], 3))
    assert (found.best_f1, found.recall_at_precision_99) == (1, 1)


def test_pairs_are_what_counting_by_hand_gives() -> None:
    # Cosines by the angle between: 1 (same group), 2 (another), 3 (another), 20 (same), 21, 23, ...
    found = pairs(at(0, 1, 3, 23), np.array([0, 0, 1, 1]))
    # Above the closest pair: precision 1, recall 1/2. All up to the pair 3-23: 2 of 4, recall 1.
    assert found.recall_at_precision_99 == pytest.approx(0.5)
    assert found.best_f1 == pytest.approx(2 / 3)


def test_pairs_that_are_equally_similar_count_together() -> None:
    found = pairs(at(0, 10, 20), np.array([0, 0, 1]))
    assert found.recall_at_precision_99 == 0
    assert found.best_f1 == pytest.approx(2 / 3)


@pytest.mark.parametrize("measure", [retrieval, pairs])
def test_photos_without_another_of_their_class_cannot_be_measured(measure: object) -> None:
    with pytest.raises(ValueError, match="no two photos"):
        measure(at(0, 1), np.array([0, 1]))  # type: ignore[operator]


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_neither_the_order_of_the_photos_nor_of_the_classes_matters(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = rng.integers(0, max(count // 2, 1), count)
    if np.bincount(labels).max() < 2:
        return
    order = rng.permutation(count)
    original, shuffled = retrieval(vectors, labels), retrieval(vectors[order], labels.max() - labels[order])
    assert original.precision_at_10 == pytest.approx(shuffled.precision_at_10)
    assert original.mean_average_precision == pytest.approx(shuffled.mean_average_precision)
    assert pairs(vectors, labels).best_f1 == pytest.approx(pairs(vectors[order], labels[order]).best_f1)
