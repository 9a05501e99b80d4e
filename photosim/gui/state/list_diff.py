"""The difference between two lists of photos of which few rows have changed; found in a job."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import compress

from photosim.gui.base.long_lists import CHUNK_SIZE
from photosim.gui.state.listing import PhotoList

_MAX_ROWS = 500
"""Rows removed or inserted one by one; with more the list is replaced."""


@dataclass(frozen=True, slots=True)
class ListDiff:
    """How to change a list into another one."""

    base_order: int
    """The `order_hash` of the list to change."""

    removed: tuple[range, ...]
    """Rows of that list, the last ones first."""

    inserted: tuple[range, ...]
    """Rows of the new list, the first ones first."""


def diff_lists(before: PhotoList, after: PhotoList) -> ListDiff | None:
    """Compare two lists; None where they are equal, or differ in their order or in too many rows."""
    if before.order_hash is None or not before.file_ids:
        return None
    removed = _rows_not_in(before.file_ids, after.id_set)
    inserted = _rows_not_in(after.file_ids, before.id_set)
    if removed is None or inserted is None or not (removed or inserted):
        return None
    old, new = _without_rows(before.file_ids, removed), _without_rows(after.file_ids, inserted)
    same_order = len(old) == len(new) > 0 and all(
        old[start : start + CHUNK_SIZE] == new[start : start + CHUNK_SIZE]
        for start in range(0, len(new), CHUNK_SIZE)
    )
    if not same_order:
        return None
    return ListDiff(before.order_hash, tuple(reversed(_to_ranges(removed))), _to_ranges(inserted))


def _rows_not_in(file_ids: Sequence[int], known: Collection[int]) -> list[int] | None:
    """The rows whose photos are not among the known ones; None where there are too many."""
    rows: list[int] = []
    for row, file_id in enumerate(file_ids):
        if file_id not in known:
            rows.append(row)
            if len(rows) > _MAX_ROWS:
                return None
    return rows


def _without_rows(file_ids: Sequence[int], rows: Sequence[int]) -> list[int]:
    mask = [True] * len(file_ids)
    for row in rows:
        mask[row] = False
    return list(compress(file_ids, mask))


def _to_ranges(rows: Sequence[int]) -> tuple[range, ...]:
    """Join consecutive rows."""
    ranges: list[range] = []
    for row in rows:
        if ranges and ranges[-1].stop == row:
            ranges[-1] = range(ranges[-1].start, row + 1)
        else:
            ranges.append(range(row, row + 1))
    return tuple(ranges)
