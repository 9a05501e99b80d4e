"""Terms of a search: what typed words mean, as a condition of a filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MINYEAR, date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from photosim.search.filters.criteria import PhotoFilter
from photosim.search.words.dates import MONTHS, DateRange, month_number, parse_date
from photosim.search.words.objects import ObjectCriterion

Counts = npt.NDArray[np.intp]


class TermKind(StrEnum):
    """What a word of a search stands for, in the order in which suggestions are shown."""

    OBJECT = "object"
    CLUSTER = "cluster"
    FOLDER = "folder"
    CAMERA = "camera"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a search.

    `value` is a label, an `ObjectCriterion.text`, a title, a path, a name, an ISO 8601 date ("2023", "2023-08",
    "2023-08-17", "2023-06-01/2023-08-31" or "--08" for the August of any year), or a part of a file's name or folders.
    """

    kind: TermKind
    value: str
    criteria: PhotoFilter


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term that typed words may mean, how many photos it would find, and the typed text that is left without it."""

    term: Term
    photos: int
    rest: str = ""


def cluster_term(title: str, level: int) -> Term:
    """Return the term for a cluster."""
    return Term(TermKind.CLUSTER, title, PhotoFilter(clusters=frozenset({title}), cluster_level=level))


def camera_term(value: str, cameras: Iterable[str]) -> Term:
    """Return the term for cameras, of which any one will do."""
    return Term(TermKind.CAMERA, value, PhotoFilter(cameras=frozenset(cameras)))


def object_term(label: str) -> Term:
    """Return the term for a label."""
    return Term(TermKind.OBJECT, label, PhotoFilter(labels=frozenset({label})))


def objects_term(word: str) -> Term:
    """Return the term for all labels that are kinds of what a word names."""
    return Term(TermKind.OBJECT, word, PhotoFilter(label_words=frozenset({word})))


def object_words_term(criterion: ObjectCriterion) -> Term:
    """Return the term for a number of objects, or for an object at a place."""
    return Term(TermKind.OBJECT, criterion.text, PhotoFilter(object_words=frozenset({criterion.text})))


def folder_term(path: str) -> Term:
    """Return the term for a folder."""
    return Term(TermKind.FOLDER, path, PhotoFilter(folders=frozenset({path})))


def text_term(words: Sequence[str]) -> Term:
    """Return the term for parts of the file's name or folders."""
    text = " ".join(words)
    return Term(TermKind.TEXT, text, PhotoFilter(text=text))


def date_term(dates: DateRange) -> Term:
    """Return the term for a range of dates."""
    if dates.month_of_year is not None:
        months = frozenset({dates.month_of_year - 1})
        return Term(TermKind.DATE, f"--{dates.month_of_year:02}", PhotoFilter(months_of_year=months))
    assert dates.first is not None
    assert dates.last is not None
    first, last = dates.first.isoformat(), dates.last.isoformat()
    if dates.months is None:
        value = first if first == last else f"{first}/{last}"
        return Term(TermKind.DATE, value, PhotoFilter(days=dates.days))
    if dates.months[0] == dates.months[1]:
        value = first[:7]
    elif first[4:] == "-01-01" and last == f"{first[:4]}-12-31":
        value = first[:4]
    else:
        value = f"{first}/{last}"
    return Term(TermKind.DATE, value, PhotoFilter(dates=dates.months))


def dates_beginning(words: Sequence[str], photos: Counts) -> Iterator[DateRange]:
    """Yield the years and months with photos that begin with these words, the latest first."""
    months = np.flatnonzero(photos).tolist()[::-1]
    text = " ".join(words)
    if text.isdigit() and len(text) > 1:
        for year in dict.fromkeys(month // 12 for month in months):
            if str(year).startswith(text) and year >= MINYEAR:
                yield DateRange(date(year, 1, 1), date(year, 12, 31))
        return
    is_month_name = month_number(words[0]) is not None or any(word in MONTHS for word in words)
    is_number = len(words) == 1 and "-" in text and text[:4].isdigit()
    if not is_month_name and not is_number:
        return
    for month in months:
        year, name = month // 12, MONTHS[month % 12]
        spellings = (f"{name} {year}", f"{name[:3]} {year}", f"{year} {name}", f"{year}-{month % 12 + 1:02}")
        if any(spelling.startswith(text) for spelling in spellings):
            parsed = parse_date([name, str(year)], date.max)
            if parsed is not None:
                yield parsed
