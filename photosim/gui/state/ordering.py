"""The sort orders of a view, and sorting that does not block the window whatever the number of photos."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from photosim.gui.base.long_lists import CHUNK_SIZE, free_in_steps
from photosim.records import Photo

MIN_TILE_EDGE, DEFAULT_TILE_EDGE, MAX_TILE_EDGE = 72, 160, 320
"""Sides of a tile in logical pixels; thumbnails have no more pixels than the largest shows."""

_SAMPLES = 8
"""Keys sampled for each chunk: more make the chunks more even."""

_LONGEST_NUMBER = 16
"""Digits up to which numbers in names compare as numbers; a date with its time has 14."""

_DIGITS = re.compile(r"\d+")
_ONLY_DIGITS = str.maketrans("", "", "-:T")

SortKey = Callable[[Photo], Any]


class SortOrder(StrEnum):
    """What a view is sorted by."""

    NAME = "name"
    DATE = "date"
    SIMILARITY = "similarity"


def sort_key(order: SortOrder, similarities: Mapping[int, float] | None = None) -> SortKey:
    """The sort key of an order: names as people count (2 before 10), newest date first, most similar first.

    `similarities` are by file id. Photos without a date, or without a similarity, come last, by name.
    """
    if order is SortOrder.DATE:
        return _by_date
    if order is SortOrder.SIMILARITY:
        known = similarities or {}
        return lambda photo: (
            (-known[photo.file_id], _by_name(photo)) if photo.file_id in known else (2.0, _by_name(photo))
        )
    return _by_name


def sort_in_chunks(photos: Sequence[Photo], key: SortKey) -> list[Photo]:
    """Sort photos in chunks, between which other threads can run.

    Sample sort (Frazer and McKellar, 1970): split at keys taken from a sample, then sort each chunk by itself.
    """
    keys = [key(photo) for photo in photos]
    if len(photos) <= CHUNK_SIZE:
        return [photos[index] for index in sorted(range(len(photos)), key=keys.__getitem__)]
    step = max(CHUNK_SIZE // _SAMPLES, 1)
    splitters = sorted(keys[::step])[_SAMPLES::_SAMPLES]
    chunks: list[list[int]] = [[] for _ in range(len(splitters) + 1)]
    for index, photo_key in enumerate(keys):
        chunks[bisect_right(splitters, photo_key)].append(index)
    ordered = []
    for chunk in chunks:
        chunk.sort(key=keys.__getitem__)
        ordered += [photos[index] for index in chunk]
    free_in_steps(keys)
    return ordered


def natural_key(text: str) -> str:
    """The key of a text for natural sort order: numbers are padded, so that 2 comes before 10."""
    return _DIGITS.sub(_pad, text.casefold())


def _by_name(photo: Photo) -> str:
    name = PurePath(photo.path).name if "\\" in photo.path else photo.path.rpartition("/")[2]
    return f"{natural_key(name)}\0{photo.path}"  # the path distinguishes files of the same name


def _pad(digits: re.Match[str]) -> str:
    return digits.group().zfill(_LONGEST_NUMBER)


def _by_date(photo: Photo) -> tuple[int, str]:
    try:
        taken = int((photo.facts.taken_at or "0").translate(_ONLY_DIGITS))
    except ValueError:
        taken = 0
    return -taken, _by_name(photo)
