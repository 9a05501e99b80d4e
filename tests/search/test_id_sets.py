"""Set operations on sorted arrays of ids."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.id_sets import difference, intersection, sorted_unique

arrays = st.lists(st.integers(-5, 20)).map(lambda numbers: np.array(numbers, np.int64))


@given(arrays)
def test_a_set_is_sorted_and_holds_each_id_once(ids: np.ndarray) -> None:
    assert sorted_unique(ids).tolist() == sorted(set(ids.tolist()))


@given(arrays, arrays)
def test_intersection_and_difference_are_those_of_sets(ids: np.ndarray, others: np.ndarray) -> None:
    ids, others = sorted_unique(ids), sorted_unique(others)
    assert intersection(ids, others).tolist() == sorted(set(ids.tolist()) & set(others.tolist()))
    assert difference(ids, others).tolist() == sorted(set(ids.tolist()) - set(others.tolist()))
