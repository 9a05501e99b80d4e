"""Sets of ids as sorted arrays: NumPy's own set functions go by hashes, which takes thirty times as long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
"""Here always one-dimensional, and sorted and different where a set is meant."""


def sorted_unique(ids: Ids) -> Ids:
    """The set of these numbers."""
    sorted_ids = np.sort(ids)
    is_first = np.ones(len(sorted_ids), bool)
    np.not_equal(sorted_ids[1:], sorted_ids[:-1], out=is_first[1:])
    return sorted_ids if is_first.all() else sorted_ids[is_first]


def intersection(ids: Ids, others: Ids) -> Ids:
    """What two sets have in common."""
    return ids[_is_in(ids, others)]


def difference(ids: Ids, others: Ids) -> Ids:
    """A set without what is in another one."""
    return ids[~_is_in(ids, others)]


def _is_in(ids: Ids, others: Ids) -> NDArray[np.bool_]:
    """For each of `ids` whether it is in the set `others`."""
    if not len(others):
        return np.zeros(len(ids), bool)
    positions = np.minimum(np.searchsorted(others, ids), len(others) - 1)
    return np.asarray(others[positions] == ids)
