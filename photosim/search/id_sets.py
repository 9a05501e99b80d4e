"""Set operations on sorted arrays of unique ids, and tables by id in place of sorting.

NumPy's own set functions use hashing, which takes thirty times as long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosim.search.exact import Ids

_TABLE_SHARE, _MIN_TABLE = 8, 100_000
"""A table by id has at most this many places for each id, or at least this many; others are sorted."""


def sorted_unique(ids: Ids) -> Ids:
    """Return the ids sorted and without duplicates."""
    sorted_ids = np.sort(ids)
    is_first = np.ones(len(sorted_ids), bool)
    np.not_equal(sorted_ids[1:], sorted_ids[:-1], out=is_first[1:])
    return sorted_ids if is_first.all() else sorted_ids[is_first]


def intersection(ids: Ids, others: Ids) -> Ids:
    """Return the ids that are in both sets."""
    return ids[is_in(ids, others)]


def difference(ids: Ids, others: Ids) -> Ids:
    """Return the ids that are not in the other set."""
    return ids[~is_in(ids, others)]


def is_in(ids: Ids, others: Ids) -> NDArray[np.bool_]:
    """Return which ids (N,), in any order, are among the others, which are sorted."""
    if not len(others):
        return np.zeros(len(ids), bool)
    positions = np.minimum(np.searchsorted(others, ids), len(others) - 1)
    return np.asarray(others[positions] == ids)


def rows_of(ids: Ids, wanted: Ids) -> Ids:
    """Return the row in `ids` (N,), which are unique, of each of the wanted ones (M,); -1 where it is none of them."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    if _has_table(ids):
        table = np.full(
            int(ids.max()) + 2, -1, np.int64
        )  # the last place is for ids that are greater than all
        table[ids] = np.arange(len(ids))
        return table[np.clip(wanted, -1, len(table) - 1)]
    order = np.argsort(ids)
    rows = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)]
    return np.where(ids[rows] == wanted, rows, -1)


def distinct(values: Ids) -> tuple[Ids, Ids]:
    """Return the values, sorted and each once, and the index among them of each value (N,)."""
    if not _has_table(values):
        found, codes = np.unique(values, return_inverse=True)
        return found, codes.reshape(-1)
    is_used = np.zeros(int(values.max()) + 1, bool)
    is_used[values] = True
    return np.flatnonzero(is_used), (is_used.cumsum() - 1)[values]


def counted(values: Ids) -> tuple[Ids, Ids]:
    """Return the values, sorted and each once, and how often each occurs."""
    if not _has_table(values):
        in_order = np.sort(values)
        firsts = np.flatnonzero(np.diff(in_order, prepend=in_order[:1] - 1))
        return in_order[firsts], np.diff(firsts, append=len(values))
    counts = np.bincount(values)
    found = np.flatnonzero(counts)
    return found, counts[found]


def _has_table(values: Ids) -> bool:
    if not len(values):
        return False
    places = max(_TABLE_SHARE * len(values), _MIN_TABLE)
    return bool(values.min() >= 0 and values.max() < places)
