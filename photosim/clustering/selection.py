"""Selecting a few photos that stand for many: far apart from each other, spread over the days, and sharp."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

MAX_CANDIDATES = 30_000
"""Photos that are compared with each other; of more, the sharpest of each short run in time."""

_BLURRED = 0.1
"""The share of the photos, those least sharp, that are left out while there are enough others."""

_ALIKE = 0.8
"""Cosine from which a sharper photo of the same day takes the place of a selected one."""


def sharpest_of_runs(order: Integers, sharpness: Scores, count: int = MAX_CANDIDATES) -> Integers:
    """Return at most `count` of the rows in `order` (N,): the sharpest of each of `count` runs of it.

    `sharpness` (rows,) has NaN where it is unknown, which counts as least sharp.
    """
    if len(order) <= count:
        return order
    run_of = np.arange(len(order)) * count // len(order)
    known = np.nan_to_num(sharpness[order], nan=-np.inf)
    best_last = np.lexsort((-np.arange(len(order)), known, run_of))
    last_of_run = np.append(np.flatnonzero(np.diff(run_of[best_last])), len(order) - 1)
    rows: Integers = order[np.sort(best_last[last_of_run])]
    return rows


def select_spread(vectors: Vectors, count: int, days: Integers, sharpness: Scores) -> Integers:
    """Return `count` rows, ascending, that cover photos with unit-length `vectors` (N, D), or all if there are fewer.

    Farthest-point traversal (Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985), begun at the
    photo nearest to the mean. A day, of `days` (N,), gets at most its share, which grows with the square root of its
    photos; the least sharp photos, by `sharpness` (N,) with NaN where unknown, are left out while there are enough
    others; and a sharper photo that looks like a selected one takes its place.
    """
    total = len(vectors)
    if count >= total:
        return np.arange(total)
    is_sharp = _is_sharp(sharpness, count)
    _, day_of, sizes = np.unique(days, return_inverse=True, return_counts=True)
    left = _shares(sizes, count)
    is_free = is_sharp.copy()
    closeness = np.full(total, -np.inf, np.float32)
    selected: list[int] = []
    while len(selected) < count:
        is_allowed = is_free & (left[day_of] > 0)
        if not is_allowed.any():
            is_allowed = is_free  # every day has its share
        if not selected:
            row = _first(np.where(is_allowed, vectors @ vectors.mean(axis=0), -np.inf))
        else:
            row = _first(np.where(is_allowed, -closeness, -np.inf))
        row = _sharpest_alike(vectors, row, sharpness, is_free & (days == days[row]))
        cosines = vectors @ vectors[row]
        np.maximum(closeness, cosines, out=closeness)
        is_free[row] = False
        left[day_of[row]] -= 1
        selected.append(row)
    return np.sort(np.array(selected, np.int64))


def _shares(sizes: Integers, count: int) -> Integers:
    """Return how many of `count` photos each day gets: one at least, where there are not more days than that."""
    if len(sizes) >= count:
        return np.ones(len(sizes), np.int64)
    exact = (count - len(sizes)) * np.sqrt(sizes) / np.sqrt(sizes).sum()
    shares: Integers = 1 + exact.astype(np.int64)
    largest_rest = np.argsort(shares - 1 - exact, kind="stable")
    shares[largest_rest[: count - shares.sum()]] += 1
    return shares


def _is_sharp(sharpness: Scores, count: int) -> npt.NDArray[np.bool_]:
    known = sharpness[~np.isnan(sharpness)]
    if not len(known):
        return np.ones(len(sharpness), bool)
    is_sharp = np.isnan(sharpness) | (sharpness >= np.quantile(known, _BLURRED))
    return is_sharp if np.count_nonzero(is_sharp) >= count else np.ones(len(sharpness), bool)


def _sharpest_alike(vectors: Vectors, row: int, sharpness: Scores, candidates: npt.NDArray[np.bool_]) -> int:
    rows = np.flatnonzero(candidates)
    alike = rows[vectors[rows] @ vectors[row] >= _ALIKE]
    known = np.nan_to_num(sharpness[alike], nan=-np.inf)
    if not len(alike) or not known.max() > np.nan_to_num(sharpness[row], nan=-np.inf):
        return row
    return int(alike[_first(known)])


def _first(values: npt.NDArray[np.float32]) -> int:
    """Return the row of the largest value, the first of several."""
    return int(values.argmax())
