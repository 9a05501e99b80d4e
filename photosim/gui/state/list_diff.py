"""What of a list of photos has changed since it was shown: few rows that went and came, found in a job."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import compress

from photosim.gui.base.gc_pause import CHUNK_SIZE
from photosim.gui.state.listing import PhotoList

_MOST = 500
"""Rows that come and go one by one; where there are more, the list is another one."""


@dataclass(frozen=True, slots=True)
class ListDiff:
    """How a list becomes another one."""

    base_order: int
    """The `order` of the list that is changed."""
    removed: tuple[range, ...]
    """Its rows that go, the last ones first."""
    inserted: tuple[range, ...]
    """Rows of the new list that come, the first ones first."""


def diff_lists(before: PhotoList, after: PhotoList) -> ListDiff | None:
    """How one list becomes the other; None where too much has changed, nothing has, or the order has."""
    if before.order_hash is None or not before.file_ids:
        return None
    out, into = _unknown(before.file_ids, after.id_set), _unknown(after.file_ids, before.id_set)
    if out is None or into is None or not (out or into):
        return None
    stayed, stay = _others(before.file_ids, out), _others(after.file_ids, into)
    same = len(stayed) == len(stay) > 0 and all(
        stayed[at : at + CHUNK_SIZE] == stay[at : at + CHUNK_SIZE] for at in range(0, len(stay), CHUNK_SIZE)
    )
    return ListDiff(before.order_hash, tuple(reversed(_ranges(out))), _ranges(into)) if same else None


def _unknown(file_ids: Sequence[int], known: Collection[int]) -> list[int] | None:
    """The rows whose photos are not among the known ones; None where they are too many."""
    rows: list[int] = []
    for row, file_id in enumerate(file_ids):
        if file_id not in known:
            rows.append(row)
            if len(rows) > _MOST:
                return None
    return rows


def _others(file_ids: Sequence[int], rows: Sequence[int]) -> list[int]:
    kept = [True] * len(file_ids)
    for row in rows:
        kept[row] = False
    return list(compress(file_ids, kept))


def _ranges(rows: Sequence[int]) -> tuple[range, ...]:
    """Rows that follow each other, together."""
    found: list[range] = []
    for row in rows:
        if found and found[-1].stop == row:
            found[-1] = range(found[-1].start, row + 1)
        else:
            found.append(range(row, row + 1))
    return tuple(found)
