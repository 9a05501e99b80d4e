"""What a person narrows photos to, and whether one photo is among them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from photosim.records import RAW_FORMATS, Photo


class Facet(StrEnum):
    """What photos can be chosen by; the values are the fields of `PhotoFilter`."""

    TEXT = "text"
    DATES = "dates"
    CAMERAS = "cameras"
    FORMATS = "formats"
    ORIENTATIONS = "orientations"
    SIZES = "sizes"
    LABELS = "labels"
    FLAGS = "flags"


class Orientation(StrEnum):
    """How a photo stands."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


class Size(StrEnum):
    """How many megapixels a photo has: the lower bound is within, the upper one is not."""

    TINY = "under 2"
    SMALL = "2 to 8"
    MEDIUM = "8 to 16"
    LARGE = "16 to 32"
    HUGE = "from 32"


class Flag(StrEnum):
    """What is special about a photo's file. RAW is also a photo with a RAW file beside it."""

    COPIES = "copies"
    RAW = "raw"
    OFFLINE = "offline"
    MISSING = "missing"


NO_CAMERA = ""
"""The choice of photos that name no camera."""

NO_DATE = -1
"""The month of a photo without a date."""

SIZE_BOUNDS_MP = (2, 8, 16, 32)
"""Megapixels at which one Size ends and the next begins."""

_SQUARE_TOLERANCE = 0.02
"""The part of the longer side by which the sides of a square photo may differ."""

_SEPARATORS = re.compile(r"[/\\]+" if os.sep == "\\" else r"/+")


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """All of these must fit a photo, and of the choices of one facet any, but of `labels` all.

    `text` holds words that each must be in the name or in the folders below and with the source. `dates` are the
    first and the last month, as `month_of` counts them, or `days` the first and the last day, as `day_of` counts them;
    `undated` lets through photos without a date, beside those of `dates` or `days` if these are given.
    """

    text: str = ""
    dates: tuple[int, int] | None = None
    undated: bool = False
    cameras: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    orientations: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    days: tuple[int, int] | None = None

    @property
    def active_facets(self) -> tuple[Facet, ...]:
        """The facets that leave photos out."""
        return tuple(facet for facet in Facet if self._leaves_out(facet))

    @property
    def words(self) -> tuple[str, ...]:
        """The words of `text` as they are compared."""
        return tuple(dict.fromkeys(fold_text(self.text).split()))

    def values(self, facet: Facet) -> frozenset[str]:
        """The choices of a facet that has choices."""
        chosen: frozenset[str] = getattr(self, facet)
        return chosen

    def with_value(self, facet: Facet, choice: str, wanted: bool = True) -> PhotoFilter:
        """The same filter with one choice more, or less."""
        chosen = self.values(facet) | {choice} if wanted else self.values(facet) - {choice}
        changed: dict[str, Any] = {facet.value: chosen}
        return replace(self, **changed)

    def without(self, facet: Facet) -> PhotoFilter:
        """The same filter where this facet leaves nothing out."""
        if facet is Facet.TEXT:
            return replace(self, text="")
        if facet is Facet.DATES:
            return replace(self, dates=None, days=None, undated=False)
        changed: dict[str, Any] = {facet.value: frozenset()}
        return replace(self, **changed)

    def keeps(self, entry: FilterRow, labels: Collection[str] = (), away: Collection[str] = ()) -> bool:
        """Whether a photo fits; `labels` are the photo's, `away` the sources that are offline."""
        return (
            all(word in entry.text for word in self.words)
            and self._keeps_date(entry)
            and _keeps(self.cameras, entry.camera)
            and _keeps(self.formats, entry.format)
            and _keeps(self.orientations, entry.orientation)
            and _keeps(self.sizes, entry.size)
            and self.labels.issubset(labels)
            and (not self.flags or not self.flags.isdisjoint(entry.flags(away)))
        )

    def matches_unreadable(self, path: str, source: str, away: Collection[str] = ()) -> bool:
        """Whether a file fits of which only the path is known."""
        left = {facet for facet in self.active_facets if facet is not Facet.TEXT}
        if left - {Facet.FLAGS} or (left and not (Flag.OFFLINE in self.flags and source in away)):
            return False
        text = searchable_text(path, source)
        return all(word in text for word in self.words)

    # --- helpers -----------------------------------------------------------------------------------------

    def _leaves_out(self, facet: Facet) -> bool:
        if facet is Facet.TEXT:
            return bool(self.words)
        if facet is Facet.DATES:
            return self.dates is not None or self.days is not None or self.undated
        return bool(self.values(facet))

    def _keeps_date(self, entry: FilterRow) -> bool:
        if Facet.DATES not in self.active_facets:
            return True
        if entry.month == NO_DATE:
            return self.undated
        return _is_between(entry.month, self.dates) or _is_between(entry.day, self.days)


class FilterRow(NamedTuple):
    """What a filter looks at in one photo file; `source` is the added folder that it lies in."""

    file_id: int
    path: str
    source: str
    width: int
    height: int
    format: str
    taken_at: str | None
    camera_name: str | None
    missing: bool
    has_raw: bool
    has_copies: bool

    @classmethod
    def of(cls, photo: Photo, source: str) -> FilterRow:
        """The entry for a photo."""
        facts = photo.facts
        return cls(
            *(photo.file_id, photo.path, source, facts.width, facts.height, facts.format),
            *(facts.taken_at, facts.camera, photo.missing, bool(photo.raw_files), photo.copies > 1),
        )

    @property
    def text(self) -> str:
        """Where words are looked for."""
        return searchable_text(self.path, self.source)

    @property
    def month(self) -> int:
        """See `month_of`."""
        return month_of(self.taken_at)

    @property
    def day(self) -> int:
        """See `day_of`."""
        return day_of(self.taken_at)

    @property
    def camera(self) -> str:
        """The camera, or NO_CAMERA."""
        return self.camera_name or NO_CAMERA

    @property
    def orientation(self) -> Orientation:
        """How the photo stands."""
        return orientation_of(self.width, self.height)

    @property
    def size(self) -> Size:
        """How many megapixels it has."""
        return size_of(self.width, self.height)

    def flags(self, away: Collection[str]) -> set[Flag]:
        """What is special about the file; `away` are the sources that are offline."""
        flags = {
            Flag.COPIES: self.has_copies,
            Flag.RAW: self.has_raw or self.format in RAW_FORMATS,
            Flag.OFFLINE: self.source in away,
            Flag.MISSING: self.missing,
        }
        return {state for state, flag in flags.items() if flag}


def fold_text(text: str) -> str:
    """Text as it is compared: without capitals, accents and the different ways to write one character."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in apart if not unicodedata.combining(one))
    return unicodedata.normalize("NFKD", plain.casefold())


def searchable_text(path: str, source: str) -> str:
    """A file's name and folders, from the name of its source on, as words are looked for in them."""
    folder, name = split_path(path)
    return f"{searchable_folder(folder, source)}/{fold_text(name)}"


def searchable_folder(folder: str, source: str) -> str:
    """The part of `text_of` before the name, for a folder that is or lies in a source."""
    above = source.rstrip("/\\")
    start = _SEPARATORS.split(above)[-1]
    below = folder[len(above) :] if folder.startswith(above) else f"/{folder}"
    return fold_text(start + _SEPARATORS.sub("/", below).rstrip("/"))


def split_path(path: str) -> tuple[str, str]:
    """The folder and the name of a file."""
    at = max(path.rfind("/"), path.rfind("\\") if os.sep == "\\" else -1)
    return path[: max(at, 0)], path[at + 1 :]


def month_of(taken_at: str | None) -> int:
    """The months from year 0 to that of an ISO date, UNDATED when there is none or it is no date."""
    if not taken_at or taken_at[4:5] != "-":
        return NO_DATE
    try:
        year, month = int(taken_at[:4]), int(taken_at[5:7])
    except ValueError:
        return NO_DATE
    return year * 12 + month - 1 if year >= 0 and 1 <= month <= 12 else NO_DATE


def day_of(taken_at: str | None) -> int:
    """The day of an ISO date as a number that reads as it is written, 20240701; UNDATED when there is none.

    Of a date without a true day it is day 0 of its month, before all its days.
    """
    month = month_of(taken_at)
    if month == NO_DATE or taken_at is None:
        return NO_DATE
    day = taken_at[8:10]
    number = int(day) if taken_at[7:8] == "-" and day.isascii() and day.isdigit() else 0
    return month // 12 * 10_000 + (month % 12 + 1) * 100 + (number if number <= 31 else 0)


def orientation_of(width: int, height: int) -> Orientation:
    """How a photo of so many pixels stands."""
    if abs(width - height) <= _SQUARE_TOLERANCE * max(width, height):
        return Orientation.SQUARE
    return Orientation.LANDSCAPE if width > height else Orientation.PORTRAIT


def size_of(width: int, height: int) -> Size:
    """The range of megapixels of a photo of so many pixels."""
    pixels = width * height
    return tuple(Size)[sum(pixels >= bound * 1_000_000 for bound in SIZE_BOUNDS_MP)]


def _keeps(chosen: frozenset[str], value: str) -> bool:
    return not chosen or value in chosen


def _is_between(number: int, span: tuple[int, int] | None) -> bool:
    return span is not None and span[0] <= number <= span[1]
