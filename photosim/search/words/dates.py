"""Dates as people type them: "august 2023", "2021-05", "17 may 2021", "last summer", "christmas 2022"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

_YEAR = re.compile(r"(1[89]|20)\d\d")
_MONTH = re.compile(r"((?:1[89]|20)\d\d)[-/.](\d{1,2})")
_DAY = re.compile(r"((?:1[89]|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:1[89]|20)\d\d)")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_SHORT_NAME = 3  # letters of a month name that tell it from all others

MAX_WORDS = 3
"""The most words of a date."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of days, both included, or of every year's month 1 to 12 (`first` and `last` are then None)."""

    first: date | None = None
    last: date | None = None
    month_of_year: int | None = None

    @property
    def months(self) -> tuple[int, int] | None:
        """The first and last month, counted from year 0, if the range consists of whole months."""
        if self.first is None or self.last is None or self.first.day != 1:
            return None
        if self.last.day != calendar.monthrange(self.last.year, self.last.month)[1]:
            return None
        return self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month - 1

    @property
    def days(self) -> tuple[int, int] | None:
        """The first and last day as numbers with their digits (20240701), unless it is the month of any year."""
        if self.first is None or self.last is None:
            return None
        first, last = (day.year * 10_000 + day.month * 100 + day.day for day in (self.first, self.last))
        return first, last


def parse_date(words: Sequence[str], today: date) -> DateRange | None:
    """Return what these lower-case words mean as a date, or None; "last summer" is seen from `today`."""
    words = [word.strip(",") for word in words]
    if not all(words) or not 1 <= len(words) <= MAX_WORDS:
        return None
    if len(words) == 1:
        return _single_word(words[0], today)
    try:
        return _relative(words, today) or _named_season(words, today) or _month_and_year(words) or _day(words)
    except ValueError:  # no such day
        return None


def month_number(word: str) -> int | None:
    """Return 1 to 12 for the name of a month or its first letters ("aug", "sept"), or None."""
    if len(word) < _SHORT_NAME:
        return None
    return next(
        (number for number, name in enumerate(MONTHS, 1) if name.startswith(word.removesuffix("."))), None
    )


def _single_word(word: str, today: date) -> DateRange | None:
    if _YEAR.fullmatch(word):
        return _year(int(word))
    try:
        if found := _MONTH.fullmatch(word):
            return _month(int(found[1]), int(found[2]))
        if found := _DAY.fullmatch(word):
            return _one_day(date(int(found[1]), int(found[2]), int(found[3])))
        if found := _DAY_FIRST.fullmatch(word):
            return _one_day(date(int(found[3]), int(found[2]), int(found[1])))
    except ValueError:
        return None
    if word in ("today", "yesterday"):
        return _one_day(today - timedelta(days=word == "yesterday"))
    month = month_number(word)
    return None if month is None else DateRange(month_of_year=month)


def _relative(words: Sequence[str], today: date) -> DateRange | None:
    """Weeks, months, years and seasons seen from today: the last summer or Christmas is one that is over."""
    if len(words) != 2 or words[0] not in ("this", "last"):
        return None
    back = words[0] == "last"
    if words[1] == "year":
        return _year(today.year - back)
    if words[1] == "month":
        month = today.year * 12 + today.month - 1 - back
        return _month(month // 12, month % 12 + 1)
    if words[1] == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return DateRange(monday, monday + timedelta(days=6))
    if words[1] in _SEASONS:
        of_year = _SEASONS[words[1]]
        this_year = of_year(today.year)
        if not back:
            return this_year
        assert this_year.last is not None
        return this_year if this_year.last < today else of_year(today.year - 1)
    return None


def _named_season(words: Sequence[str], today: date) -> DateRange | None:
    """Summer or Christmas of a year, in either order."""
    if len(words) != 2:
        return None
    for name, year in (words, words[::-1]):
        if name in _SEASONS and _YEAR.fullmatch(year) and int(year) <= today.year:
            return _SEASONS[name](int(year))
    return None


def _month_and_year(words: Sequence[str]) -> DateRange | None:
    if len(words) != 2:
        return None
    for name, year in (words, words[::-1]):
        month = month_number(name)
        if month is not None and _YEAR.fullmatch(year):
            return _month(int(year), month)
    return None


def _day(words: Sequence[str]) -> DateRange | None:
    """A day as "17 may 2021" or "may 17 2021"."""
    if len(words) != MAX_WORDS or not _YEAR.fullmatch(words[2]):
        return None
    for day, name in (words[:2], words[1::-1]):
        found, month = _DAY_OF_MONTH.fullmatch(day), month_number(name)
        if found and month is not None:
            return _one_day(date(int(words[2]), month, int(found[1])))
    return None


def _summer(year: int) -> DateRange:
    return DateRange(date(year, 6, 1), date(year, 8, 31))


def _christmas(year: int) -> DateRange:
    return DateRange(date(year, 12, 24), date(year, 12, 26))


_SEASONS: dict[str, Callable[[int], DateRange]] = {
    "summer": _summer,
    "christmas": _christmas,
    "xmas": _christmas,
}
"""June to August, as in most of the world, and December 24 to 26."""


def _year(year: int) -> DateRange:
    return DateRange(date(year, 1, 1), date(year, 12, 31))


def _month(year: int, month: int) -> DateRange:
    first = date(year, month, 1)
    return DateRange(first, date(year, month, calendar.monthrange(year, month)[1]))


def _one_day(day: date) -> DateRange:
    return DateRange(day, day)
