"""The difference between two lists of photos of which few rows have changed; found in a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
    if before.order_hash is None or not before.photos:
        return None
    old, new = before.photos.ids, after.photos.ids
    if abs(len(old) - len(new)) > _MAX_ROWS:
        return None
    is_removed, is_inserted = ~np.isin(old, new), ~np.isin(new, old)
    removed, inserted = np.flatnonzero(is_removed), np.flatnonzero(is_inserted)
    if max(len(removed), len(inserted)) > _MAX_ROWS or not (len(removed) or len(inserted)):
        return None
    remaining = old[~is_removed]
    if not len(remaining) or not np.array_equal(remaining, new[~is_inserted]):
        return None
    return ListDiff(before.order_hash, tuple(reversed(to_ranges(removed))), to_ranges(inserted))


def to_ranges(rows: Sequence[int] | npt.NDArray[np.intp]) -> tuple[range, ...]:
    """Join consecutive ones of ascending rows."""
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []
    return tuple(range(int(run[0]), int(run[-1]) + 1) for run in runs)
