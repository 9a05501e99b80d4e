"""Selecting a few photos that stand for many."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.clustering.selection import select_spread, sharpest_of_runs

UNKNOWN = np.float32(np.nan)


def unit_rows(count: int, seed: int = 0, dimensions: int = 8) -> npt.NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def near(row: npt.NDArray[np.float32], count: int, seed: int) -> npt.NDArray[np.float32]:
    rows = row + 0.05 * unit_rows(count, seed, len(row))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@given(st.integers(0, 40), st.integers(1, 45), st.integers(1, 6), st.integers(0, 99))
def test_it_selects_as_many_as_asked_for_each_once_and_always_the_same(
    total: int, count: int, days: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = unit_rows(total, seed) if total else np.empty((0, 8), np.float32)
    day = random.integers(0, days, total)
    sharpness = np.where(random.random(total) < 0.3, UNKNOWN, random.random(total)).astype(np.float32)
    rows = select_spread(vectors, count, day, sharpness)
    assert len(rows) == min(count, total)
    assert np.array_equal(rows, np.unique(rows))
    assert np.array_equal(rows, select_spread(vectors, count, day, sharpness))


def test_one_photo_of_each_kind_is_selected() -> None:
    kinds = np.eye(8, dtype=np.float32)[:5]
    vectors = np.concatenate(
        [near(kind, size, size) for kind, size in zip(kinds, (40, 3, 9, 1, 20), strict=True)]
    )
    kind_of = np.repeat(np.arange(5), (40, 3, 9, 1, 20))
    total = len(vectors)
    rows = select_spread(vectors, 5, np.zeros(total, np.int64), np.full(total, UNKNOWN))
    assert sorted(kind_of[rows]) == [0, 1, 2, 3, 4]


def test_a_day_of_many_photos_does_not_take_the_place_of_the_others() -> None:
    vectors = unit_rows(400, dimensions=32)
    days = np.repeat(np.arange(10), [310, *[10] * 9])
    rows = select_spread(vectors, 20, days, np.full(400, UNKNOWN))
    counts = np.bincount(days[rows], minlength=10)
    assert counts.min() >= 1
    assert counts[0] <= 8


def test_blurred_photos_are_left_out_while_there_are_enough_others() -> None:
    vectors, days = unit_rows(50, dimensions=32), np.zeros(50, np.int64)
    sharpness = np.full(50, 1, np.float32)
    sharpness[[3, 17, 40]] = 0.01
    assert not {3, 17, 40} & set(select_spread(vectors, 45, days, sharpness).tolist())
    assert {3, 17, 40} & set(select_spread(vectors, 49, days, sharpness).tolist())


def test_of_photos_that_look_alike_the_sharpest_is_selected() -> None:
    vectors = np.concatenate(
        [near(row, 10, seed) for seed, row in enumerate(np.eye(8, dtype=np.float32)[:4])]
    )
    sharpness = np.tile(np.linspace(0.5, 1, 10, dtype=np.float32), 4)
    rows = select_spread(vectors, 4, np.zeros(40, np.int64), sharpness)
    assert (rows % 10).tolist() == [9, 9, 9, 9]


@pytest.mark.parametrize("count", [1, 3, 10, 11])
def test_of_many_photos_the_sharpest_of_each_run_in_time_are_compared(count: int) -> None:
    order = np.array([5, 0, 9, 3, 1, 2, 8, 7, 6, 4])
    sharpness = np.array([UNKNOWN, 4, 3, 9, 1, 2, 8, UNKNOWN, 5, 7], np.float32)
    rows = sharpest_of_runs(order, sharpness, count)
    assert len(rows) == min(count, 10)
    assert 3 in rows, "the sharpest of all"
    positions = [order.tolist().index(row) for row in rows]
    assert positions == sorted(positions)


def test_a_run_without_known_sharpness_is_represented_by_its_first() -> None:
    rows = sharpest_of_runs(np.arange(6), np.full(6, UNKNOWN), 3)
    assert rows.tolist() == [0, 2, 4]
