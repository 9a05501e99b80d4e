"""Photos in the rows of a grid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.state import photo_rows
from photosim.gui.state.photo_rows import PhotoRows
from tests.support.photo_records import make_photo_record, make_photo_records

SPLICES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), st.integers(0, 9)), max_size=12)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_rows, "_BLOCK", 4)


@given(st.integers(0, 30), SPLICES)
def test_rows_change_as_a_list_does(count: int, splices: list[tuple[int, int, int]]) -> None:
    expected = make_photo_records(count)
    rows = PhotoRows(expected)
    expected = list(expected)
    number = 1000
    for place, removed, inserted in splices:
        start = min(place, len(expected))
        stop = min(start + removed, len(expected))
        new = [make_photo_record(number + one) for one in range(inserted)]
        number += inserted
        before, copy = list(expected), rows.copy()
        expected[start:stop] = new
        rows.splice(range(start, stop), new)
        assert copy == before, "a copy stays as it is"
        assert copy.ids.tolist() == [photo.file_id for photo in before]
        assert list(rows) == expected
        assert len(rows) == len(expected)
        assert rows.ids.tolist() == [photo.file_id for photo in expected]
        assert [rows[row] for row in range(len(rows))] == expected
        assert rows[start : start + 6] == expected[start : start + 6]
        assert rows[::-2] == expected[::-2]


def test_files_are_found_by_their_ids() -> None:
    rows = PhotoRows(make_photo_records(11)[::-1])
    assert [rows.row_of(file_id) for file_id in (11, 1, 12)] == [0, 10, None]
    assert rows.rows_of({3, 99, 10}) == [1, 8]
    assert rows.rows_of([4]) == [7]
    assert PhotoRows().row_of(1) is None
    assert PhotoRows().rows_of([1, 2]) == []


def test_there_is_no_photo_beyond_the_last_one() -> None:
    rows = PhotoRows(make_photo_records(5))
    assert rows[-1].file_id == 5
    for row in (5, -6):
        with pytest.raises(IndexError):
            rows[row]


def test_rows_that_are_freed_are_empty_and_their_copy_is_not() -> None:
    rows = PhotoRows(make_photo_records(9))
    copy = rows.copy()
    rows.free_in_steps()
    assert (list(rows), len(rows), rows.ids.tolist()) == ([], 0, [])
    assert len(list(copy)) == 9
