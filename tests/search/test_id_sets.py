"""Sets of ids as sorted arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.id_sets import difference, intersection, sorted_unique

ids = st.lists(st.integers(-5, 20)).map(lambda numbers: np.array(numbers, np.int64))


@given(ids)
def test_a_set_is_sorted_and_holds_each_id_once(numbers: np.ndarray) -> None:
    assert sorted_unique(numbers).tolist() == sorted(set(numbers.tolist()))


@given(ids, ids)
def test_two_sets_are_told_apart(one: np.ndarray, other: np.ndarray) -> None:
    one, other = sorted_unique(one), sorted_unique(other)
    assert intersection(one, other).tolist() == sorted(set(one.tolist()) & set(other.tolist()))
    assert difference(one, other).tolist() == sorted(set(one.tolist()) - set(other.tolist()))
