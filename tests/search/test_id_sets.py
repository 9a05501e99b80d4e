"""Set operations on sorted arrays of ids."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.id_sets import counted, difference, distinct, intersection, rows_of, sorted_unique

far_apart = st.sampled_from([1, 10**12])  # ids for which a table would be too large, too
arrays = st.lists(st.integers(-5, 20)).map(lambda numbers: np.array(numbers, np.int64))


@given(arrays)
def test_a_set_is_sorted_and_holds_each_id_once(ids: np.ndarray) -> None:
    assert sorted_unique(ids).tolist() == sorted(set(ids.tolist()))


@given(arrays, arrays)
def test_intersection_and_difference_are_those_of_sets(ids: np.ndarray, others: np.ndarray) -> None:
    ids, others = sorted_unique(ids), sorted_unique(others)
    assert intersection(ids, others).tolist() == sorted(set(ids.tolist()) & set(others.tolist()))
    assert difference(ids, others).tolist() == sorted(set(ids.tolist()) - set(others.tolist()))


@given(st.lists(st.integers(-5, 20), unique=True), st.lists(st.integers(-7, 30)), far_apart)
def test_rows_are_those_of_the_wanted_ids(ids: list[int], wanted: list[int], step: int) -> None:
    rows = rows_of(np.array(ids, np.int64) * step, np.array(wanted, np.int64) * step)
    assert rows.tolist() == [ids.index(value) if value in ids else -1 for value in wanted]


@given(st.lists(st.integers(-5, 20)), far_apart)
def test_values_are_counted_and_coded_however_large_they_are(numbers: list[int], step: int) -> None:
    values = np.array(numbers, np.int64) * step
    found, codes = distinct(values)
    assert found.tolist() == sorted(set(values.tolist()))
    assert found[codes].tolist() == values.tolist()
    found, counts = counted(values)
    assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == Counter(values.tolist())
    assert found.tolist() == sorted(found.tolist())
