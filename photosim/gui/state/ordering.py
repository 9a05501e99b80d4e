"""The sort orders of a view, and sorting that does not block the window whatever the number of photos."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import Any, TypeVar

from photosim.gui.base.long_lists import CHUNK_SIZE, free_in_steps
from photosim.records import Photo
from photosim.search.filters import criteria

MIN_TILE_EDGE, DEFAULT_TILE_EDGE, MAX_TILE_EDGE = 72, 160, 320
"""Sides of a tile in logical pixels; thumbnails have no more pixels than the largest shows."""

_SAMPLES = 8
"""Keys sampled for each chunk: more make the chunks more even."""

_LONGEST_NUMBER = 16
"""Digits up to which numbers in names compare as numbers; a date with its time has 14."""

_DIGITS = re.compile(r"\d+")
_ONLY_DIGITS = str.maketrans("", "", "-:T")

_FIRST_MONTH = 12
"""January of the year 1; cameras without a clock set write the year 0."""

LATEST = 10**18
"""No date is later, as a number; most have 14 digits."""

NEVER = 2 * LATEST
"""Later than any date as a number."""

_INVERTED = bytes(range(255, -1, -1))
"""Translation table that reverses the order of bytes."""

SortKey = Callable[[Photo], Any]

_Item = TypeVar("_Item")


class SortOrder(StrEnum):
    """What a view is sorted by."""

    NAME = "name"
    DATE = "date"
    ADDED = "added"
    SIZE = "size"
    TYPE = "type"
    UNIQUENESS = "uniqueness"
    SIMILARITY = "similarity"
    BEST_MATCH = "match"

    @property
    def is_ranked(self) -> bool:
        """Whether photos are ordered by a number of their own, which is highest first."""
        return self in (SortOrder.SIMILARITY, SortOrder.BEST_MATCH)

    @property
    def is_descending(self) -> bool:
        """The usual direction: dates newest first, sizes largest first, names and types from A to Z."""
        return self not in (SortOrder.NAME, SortOrder.TYPE)


def sort_key(
    order: SortOrder, similarities: Mapping[int, float] | None = None, *, descending: bool | None = None
) -> SortKey:
    """The sort key of an order in a direction, by default its usual one.

    Names sort as people count (2 before 10). Equal photos sort by name; those without a date, or without a similarity,
    come last in both directions. `similarities` (for the best match, the scores of labels) are by file id, and always
    sort the highest first, as do those for the uniqueness, which are made for one direction.
    """
    descending = order.is_descending if descending is None else descending
    if order is SortOrder.DATE:
        return _newest_first if descending else _oldest_first
    if order is SortOrder.ADDED:
        # Ids are assigned in the order in which files are added, and never reused.
        return (lambda photo: -photo.file_id) if descending else (lambda photo: photo.file_id)
    if order is SortOrder.SIZE:
        sign = -1 if descending else 1
        return lambda photo: (sign * photo.size, name_key(photo))
    if order is SortOrder.TYPE:
        if descending:
            return lambda photo: (inverted_key(photo.facts.format), name_key(photo))
        return lambda photo: (photo.facts.format, name_key(photo))
    if order.is_ranked or order is SortOrder.UNIQUENESS:
        known = similarities or {}
        return lambda photo: (
            (-known[photo.file_id], name_key(photo)) if photo.file_id in known else (2.0, name_key(photo))
        )
    return (lambda photo: inverted_key(name_key(photo))) if descending else name_key


def sort_in_chunks(items: Sequence[_Item], key: Callable[[_Item], Any]) -> list[_Item]:
    """Sort in chunks, between which other threads can run.

    Sample sort (Frazer and McKellar, 1970): split at keys taken from a sample, then sort each chunk by itself.
    """
    keys = [key(item) for item in items]
    if len(items) <= CHUNK_SIZE:
        return [items[index] for index in sorted(range(len(items)), key=keys.__getitem__)]
    step = max(CHUNK_SIZE // _SAMPLES, 1)
    splitters = sorted(keys[::step])[_SAMPLES::_SAMPLES]
    chunks: list[list[int]] = [[] for _ in range(len(splitters) + 1)]
    for index, item_key in enumerate(keys):
        chunks[bisect_right(splitters, item_key)].append(index)
    ordered = []
    for chunk in chunks:
        chunk.sort(key=keys.__getitem__)
        ordered += [items[index] for index in chunk]
    free_in_steps(keys)
    return ordered


def natural_key(text: str) -> str:
    """The key of a text for natural sort order: numbers are padded, so that 2 comes before 10."""
    return _DIGITS.sub(_pad, text.casefold())


def inverted_key(text: str) -> bytes:
    """A key that sorts texts in reverse. UTF-8 keeps the order of characters, and never holds the byte 0 or 255."""
    return text.encode("utf-8", "surrogatepass").translate(_INVERTED) + b"\xff"


def month_of(photo: Photo) -> int | None:
    """The month of a photo's date, counted from the year 0; None without one."""
    month = criteria.month_of(photo.facts.taken_at)
    return month if month >= _FIRST_MONTH else None


def name_key(photo: Photo) -> str:
    """The key that photos are sorted by name with: no two files have the same."""
    name = PurePath(photo.path).name if "\\" in photo.path else photo.path.rpartition("/")[2]
    return f"{natural_key(name)}\0{photo.path}"  # the path distinguishes files of the same name


def _pad(digits: re.Match[str]) -> str:
    return digits.group().zfill(_LONGEST_NUMBER)


def date_number(photo: Photo) -> int:
    """The digits of a photo's date as a number, from 0, which stands for none, to LATEST."""
    try:
        number = int((photo.facts.taken_at or "0").translate(_ONLY_DIGITS))
        return min(max(number, 0), LATEST)
    except ValueError:
        return 0


def _newest_first(photo: Photo) -> tuple[int, str]:
    return -date_number(photo), name_key(photo)


def _oldest_first(photo: Photo) -> tuple[int, str]:
    return date_number(photo) or NEVER, name_key(photo)
