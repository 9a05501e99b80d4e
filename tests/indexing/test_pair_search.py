"""Which candidates of a photo are compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.candidates import MAX_MISSES
from photosim.indexing.pair_search import _Queue


@given(st.lists(st.booleans(), max_size=30))
def test_candidates_are_compared_best_first_until_so_many_are_no_copies(are_copies: list[bool]) -> None:
    queue = _Queue([(0, row) for row in range(len(are_copies))])
    compared: list[int] = []
    while pairs := queue.next_pairs():
        rows = [row for _, row in pairs]
        compared += rows
        queue.advance(sum(not are_copies[row] for row in rows))
    misses = [row for row, is_copy in enumerate(are_copies) if not is_copy]
    last = misses[MAX_MISSES - 1] if len(misses) >= MAX_MISSES else len(are_copies) - 1
    assert compared == list(range(last + 1))
