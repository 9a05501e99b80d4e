"""The criteria of a filter, and the properties of a photo that it looks at."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from photosim.files.fspaths import is_inside
from photosim.records import DEFAULT_LEVEL, Photo


class Facet(StrEnum):
    """A property that photos can be filtered by; the value is the field of `PhotoFilter`."""

    TEXT = "text"
    DATES = "dates"
    CAMERAS = "cameras"
    FORMATS = "formats"
    ORIENTATIONS = "orientations"
    SIZES = "sizes"
    LABELS = "labels"
    FLAGS = "flags"
    CLUSTERS = "clusters"
    FOLDERS = "folders"


class Orientation(StrEnum):
    """The aspect of an upright photo."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


class Size(StrEnum):
    """A range of megapixels; the lower bound is included."""

    TINY = "under 2"
    SMALL = "2 to 8"
    MEDIUM = "8 to 16"
    LARGE = "16 to 32"
    HUGE = "from 32"


class Flag(StrEnum):
    """A property that a photo file has or not; RAW includes photos with a RAW file beside them."""

    COPIES = "copies"
    RAW = "raw"
    OFFLINE = "offline"
    MISSING = "missing"


NO_CAMERA = ""
"""Value of the camera facet for photos without a camera name."""

NO_DATE = -1
"""Month and day of a photo without a date."""

SIZE_BOUNDS_MP = (2, 8, 16, 32)
"""Megapixels at which one Size ends and the next begins."""

_SQUARE_TOLERANCE = 0.02
"""Largest difference between the sides of a square photo, relative to the longer one."""

_DATE_LENGTH = len("2024-07-01")

_SEPARATORS = re.compile(r"[/\\]+" if os.sep == "\\" else r"/+")


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Criteria that a photo must all fulfil: of several values of one facet any one, but of labels all.

    `text` holds words that must each occur in the file's name or in its folders from that of the source on. `dates` are
    the first and last month (see `month_of`), or `days` the first and last day (see `day_of`); `months_of_year`, 0 to
    11, are those of any year. `undated` admits photos without a date, in addition to those of the dates if given.
    `label_words` must each be a label, or end one ("retriever" for "golden retriever"), `object_words` are texts of
    `photosim.search.words.objects.ObjectCriterion`. `clusters` are titles of
    clusters at `cluster_level`, `folders` the paths of folders that a photo is in, or in a folder inside.
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
    months_of_year: frozenset[int] = frozenset()
    label_words: frozenset[str] = frozenset()
    object_words: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    cluster_level: int = DEFAULT_LEVEL
    folders: frozenset[str] = frozenset()

    @property
    def active_facets(self) -> tuple[Facet, ...]:
        """The facets that exclude photos."""
        return tuple(facet for facet in Facet if self._is_active(facet))

    @property
    def has_objects(self) -> bool:
        """Whether photos must have labels or objects."""
        return bool(self.labels or self.label_words or self.object_words)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of `text`, normalized for comparison."""
        return tuple(dict.fromkeys(fold_text(self.text).split()))

    def values(self, facet: Facet) -> frozenset[str]:
        """Return the selected values of a facet that has values."""
        values: frozenset[str] = getattr(self, facet)
        return values

    def with_value(self, facet: Facet, value: str, included: bool = True) -> PhotoFilter:
        """Return a copy with one value more, or with one less if not `included`."""
        values = self.values(facet) | {value} if included else self.values(facet) - {value}
        changes: dict[str, Any] = {facet.value: values}
        return replace(self, **changes)

    def without(self, facet: Facet) -> PhotoFilter:
        """Return a copy in which this facet excludes nothing."""
        if facet is Facet.TEXT:
            return replace(self, text="")
        if facet is Facet.DATES:
            return replace(self, dates=None, days=None, months_of_year=frozenset(), undated=False)
        if facet is Facet.LABELS:
            return replace(self, labels=frozenset(), label_words=frozenset(), object_words=frozenset())
        changes: dict[str, Any] = {facet.value: frozenset()}
        return replace(self, **changes)

    def combined(self, other: PhotoFilter) -> PhotoFilter:
        """Return a filter with the criteria of both; of two ranges of dates what they share, or else their span.

        Clusters are those of the other one's level if it has any.
        """
        changes: dict[str, Any] = {
            facet.value: self.values(facet) | other.values(facet)
            for facet in Facet
            if facet not in (Facet.TEXT, Facet.DATES)
        }
        if other.clusters and other.cluster_level != self.cluster_level:
            changes |= {"clusters": other.clusters, "cluster_level": other.cluster_level}
        days = _combined_ranges(self._day_range, other._day_range)
        months = None if self.days or other.days else _combined_ranges(self.dates, other.dates)
        return replace(
            self,
            **changes,
            text=" ".join(dict.fromkeys([*self.text.split(), *other.text.split()])),
            dates=months,
            days=None if months else days,
            months_of_year=self.months_of_year | other.months_of_year,
            label_words=self.label_words | other.label_words,
            object_words=self.object_words | other.object_words,
            undated=self.undated or other.undated,
        )

    @property
    def _day_range(self) -> tuple[int, int] | None:
        """The range of dates as days; a last month ends with the highest number that a day can have."""
        if self.days is not None or self.dates is None:
            return self.days
        (first, last) = self.dates
        return first // 12 * 10_000 + (first % 12 + 1) * 100, last // 12 * 10_000 + (last % 12 + 1) * 100 + 31

    def matches_unreadable(self, path: str, source: str, offline: Collection[str] = ()) -> bool:
        """Return whether a file of which only the path is known fulfils the criteria.

        `offline` are the sources that can't be reached.
        """
        facets = set(self.active_facets)
        if facets - {Facet.TEXT, Facet.FLAGS, Facet.FOLDERS}:
            return False
        if Facet.FLAGS in facets and not (Flag.OFFLINE in self.flags and source in offline):
            return False
        if self.folders and not any(is_inside(path, folder) for folder in self.folders):
            return False
        text = searchable_text(path, source)
        return all(word in text for word in self.words)

    def _is_active(self, facet: Facet) -> bool:
        if facet is Facet.TEXT:
            return bool(self.words)
        if facet is Facet.DATES:
            return bool(self.dates or self.days or self.months_of_year or self.undated)
        if facet is Facet.LABELS:
            return self.has_objects
        return bool(self.values(facet))


class FilterRow(NamedTuple):
    """The properties of one photo file that filters look at; `source` is the added folder that contains it."""

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
    def from_photo(cls, photo: Photo, source: str) -> FilterRow:
        """Return the row of a photo."""
        facts = photo.facts
        return cls(
            file_id=photo.file_id,
            path=photo.path,
            source=source,
            width=facts.width,
            height=facts.height,
            format=facts.format,
            taken_at=facts.taken_at,
            camera_name=facts.camera,
            missing=photo.missing,
            has_raw=bool(photo.raw_files),
            has_copies=photo.copies > 1,
        )

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
        """The camera's name, or NO_CAMERA."""
        return self.camera_name or NO_CAMERA

    @property
    def orientation(self) -> Orientation:
        """See `orientation_of`."""
        return orientation_of(self.width, self.height)

    @property
    def size(self) -> Size:
        """See `size_of`."""
        return size_of(self.width, self.height)


def _combined_ranges(first: tuple[int, int] | None, second: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return what two ranges share, or their span if they share nothing."""
    if first is None or second is None:
        return first or second
    shared = max(first[0], second[0]), min(first[1], second[1])
    return shared if shared[0] <= shared[1] else (min(first[0], second[0]), max(first[1], second[1]))


def fold_text(text: str) -> str:
    """Normalize text for comparison: without case, accents and differences in Unicode form."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFKD", plain.casefold())


def searchable_text(path: str, source: str) -> str:
    """Return a file's name and folders, from that of its source on, normalized for a search of words."""
    folder, name = split_path(path)
    return f"{searchable_folder(folder, source)}/{fold_text(name)}"


def searchable_folder(folder: str, source: str) -> str:
    """Return the part of `searchable_text` before the name, for the source or a folder inside it."""
    prefix = source.rstrip("/\\")
    source_name = _SEPARATORS.split(prefix)[-1]
    relative = folder[len(prefix) :] if folder.startswith(prefix) else f"/{folder}"
    return fold_text(source_name + _SEPARATORS.sub("/", relative).rstrip("/"))


def split_path(path: str) -> tuple[str, str]:
    """Split a path into folder and name."""
    position = max(path.rfind("/"), path.rfind("\\") if os.sep == "\\" else -1)
    return path[: max(position, 0)], path[position + 1 :]


def month_of(taken_at: str | None) -> int:
    """Return the months from year 0 to that of an ISO date; NO_DATE if there is no valid date."""
    return _month_and_day((taken_at or "")[:_DATE_LENGTH])[0]


def day_of(taken_at: str | None) -> int:
    """Return the day of an ISO date as a number with its digits, 20240701; NO_DATE if there is no valid date.

    A date with a month but no valid day is day 0 of its month.
    """
    return _month_and_day((taken_at or "")[:_DATE_LENGTH])[1]


@lru_cache(maxsize=16_384)
def _month_and_day(day: str) -> tuple[int, int]:
    """Return `month_of` and `day_of` of an ISO date; many photos have the same."""
    if day[4:5] != "-":
        return NO_DATE, NO_DATE
    try:
        year, month = int(day[:4]), int(day[5:7])
    except ValueError:
        return NO_DATE, NO_DATE
    if year < 0 or not 1 <= month <= 12:
        return NO_DATE, NO_DATE
    digits = day[8:10]
    number = int(digits) if day[7:8] == "-" and digits.isascii() and digits.isdigit() else 0
    return year * 12 + month - 1, year * 10_000 + month * 100 + (number if number <= 31 else 0)


@lru_cache(maxsize=4096)
def orientation_of(width: int, height: int) -> Orientation:
    """Return the orientation of a photo of this size in pixels."""
    if abs(width - height) <= _SQUARE_TOLERANCE * max(width, height):
        return Orientation.SQUARE
    return Orientation.LANDSCAPE if width > height else Orientation.PORTRAIT


@lru_cache(maxsize=4096)
def size_of(width: int, height: int) -> Size:
    """Return the range of megapixels of a photo of this size in pixels."""
    pixels = width * height
    return tuple(Size)[sum(pixels >= bound * 1_000_000 for bound in SIZE_BOUNDS_MP)]
