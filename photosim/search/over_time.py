"""Photos in periods of time: of a ranked list, the best of each year, month or day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photosim.search.exact import Ids, Vectors
from photosim.search.filters.criteria import day_of

MAX_PER_PERIOD = 5

_MONTH, _YEAR = 100, 10_000
"""What a day as a number with its digits (20240701, see `day_of`) is divided by. A camera without a set clock writes the
year 0, which is no date."""


@dataclass(frozen=True, slots=True)
class Period:
    """A year, month or day ("2024", "2024-07", "2024-07-01") with the rows of its photos, best first.

    `has_query` is whether the photo that all are compared with was taken in it; it is in no row.
    """

    name: str
    rows: tuple[int, ...]
    has_query: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """When a photo was taken: an ISO date, and whether it `is_estimated` from the file, which may be a later copy."""

    date: str | None
    is_estimated: bool = False

    @property
    def day(self) -> int:
        """The day as in `day_of`; 0 without a valid one."""
        day = day_of(self.date)
        return day if day >= _YEAR else 0


def best_of_periods(
    query: Dated,
    query_vector: Vectors,
    photos: Sequence[Dated],
    vectors: Vectors,
    copy_cosine: float,
    per_period: int = MAX_PER_PERIOD,
) -> tuple[Period, ...]:
    """Return the best photos of each period, the earliest period first, with that of the query.

    `photos` (N,) are ranked, best first; `vectors` (N, D) are their embeddings, of unit length. Periods are years;
    months where all photos are of one year, days where all are of one month. Photos without a date are left out, and of
    those with a cosine of at least `copy_cosine` all but the first in a period; in other periods, too, where the date is
    estimated. Without a date of the query there are no periods.
    """
    if not query.day:
        return ()
    days = np.array([query.day, *(photo.day for photo in photos)], np.int64)
    is_estimated = np.array([query.is_estimated, *(photo.is_estimated for photo in photos)], bool)
    rows = np.concatenate([query_vector[np.newaxis], vectors])
    are_copies = rows @ rows.T >= copy_cosine
    kept = [0]
    for row in np.flatnonzero(days)[1:].tolist():
        if not (are_copies[row, kept] & (is_estimated[row] | (days[kept] == days[row]))).any():
            kept.append(row)
    divisor = _divisor(days[kept])
    periods: dict[int, list[int]] = {}
    for row in kept:
        found = periods.setdefault(int(days[row] // divisor), [])
        is_query_period = found[:1] == [0]
        if len(found) < per_period + is_query_period and not are_copies[row, found].any():
            found.append(row)
    return tuple(
        Period(_name(number, divisor), tuple(row - 1 for row in found if row), has_query=found[0] == 0)
        for number, found in sorted(periods.items())
    )


def _divisor(days: Ids) -> int:
    """Return what the days are divided by: by a year if there are several, else by a month or by a day."""
    return next((divisor for divisor in (_YEAR, _MONTH) if len(np.unique(days // divisor)) > 1), 1)


def _name(number: int, divisor: int) -> str:
    text = f"{number * divisor:08}"
    parts = (text[:4], text[4:6], text[6:])
    return "-".join(part for part in parts if part != "00")  # a day without a number is its month
