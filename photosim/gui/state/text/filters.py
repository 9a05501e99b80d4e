"""Names of filter facets and values, and descriptions of filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QDate, QLocale

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.paths import printable
from photosim.search.filters.criteria import (
    NO_CAMERA,
    Facet,
    Flag,
    Orientation,
    PhotoFilter,
    Size,
    split_path,
)
from photosim.search.words.objects import ObjectCriterion, Place
from photosim.search.words.terms import Term, TermKind


def facet_name(facet: Facet) -> str:
    """The name of a facet."""
    return {
        Facet.TEXT: tr("Name"),
        Facet.DATES: tr("Date"),
        Facet.CAMERAS: tr("Camera"),
        Facet.FORMATS: tr("Format"),
        Facet.ORIENTATIONS: tr("Orientation"),
        Facet.SIZES: tr("Size"),
        Facet.LABELS: tr("Objects"),
        Facet.FLAGS: tr("Status"),
        Facet.CLUSTERS: tr("Cluster"),
        Facet.FOLDERS: tr("Folder"),
    }[facet]


def choice_name(facet: Facet, value: str) -> str:
    """The name of a value of a facet."""
    if facet is Facet.CAMERAS and value == NO_CAMERA:
        return tr("Unknown camera")
    if facet is Facet.FOLDERS:
        return formatting.display_name(value)
    names: dict[str, str] = {
        Orientation.LANDSCAPE: tr("Landscape"),
        Orientation.PORTRAIT: tr("Portrait"),
        Orientation.SQUARE: tr("Square"),
        Size.TINY: tr("Under 2 megapixels"),
        Size.SMALL: tr("2 to 8 megapixels"),
        Size.MEDIUM: tr("8 to 16 megapixels"),
        Size.LARGE: tr("16 to 32 megapixels"),
        Size.HUGE: tr("32 megapixels and more"),
        Flag.COPIES: tr("Has duplicates"),
        Flag.RAW: tr("RAW"),
        Flag.OFFLINE: tr("Offline"),
        Flag.MISSING: tr("Missing"),
    }
    is_enum = facet in (Facet.ORIENTATIONS, Facet.SIZES, Facet.FLAGS)
    # Labels come from any model, and cameras from any file.
    return names.get(value, value) if is_enum else printable(value)


def format_month(month: int) -> str:
    """Format a month, counted from year 0, with its year."""
    return tr("{month} {year}").format(month=month_name(month), year=month // 12)


def month_name(month: int) -> str:
    """The short name of a month, counted from year 0."""
    return QLocale().standaloneMonthName(month % 12 + 1, QLocale.FormatType.ShortFormat)


def format_month_range(first: int, last: int) -> str:
    """Format a range of months; whole years without their months."""
    if first % 12 == 0 and last % 12 == 11:
        return _format_range(str(first // 12), str(last // 12))
    return _format_range(format_month(first), format_month(last))


def format_day_range(first: int, last: int) -> str:
    """Format a range of days, given as 20220816."""
    return _format_range(*(formatting.format_short_date(to_qdate(day)) for day in (first, last)))


def to_qdate(day: int) -> QDate:
    """Convert a day, given as 20220816; the first of its month for one that does not exist."""
    year, month, day_of_month = day // 10_000, day // 100 % 100, day % 100
    date = QDate(year, month, day_of_month)
    return date if date.isValid() else QDate(year, month, 1)


def format_date_range(photo_filter: PhotoFilter) -> str:
    """Format the days or months of a filter; empty where there are none."""
    if photo_filter.days is not None:
        return format_day_range(*photo_filter.days)
    return format_month_range(*photo_filter.dates) if photo_filter.dates is not None else ""


def filter_chips(photo_filter: PhotoFilter) -> Iterator[tuple[str, PhotoFilter]]:
    """Yield the name of each part of a filter, with the filter that is left without it."""
    for facet in photo_filter.active_facets:
        if facet is Facet.TEXT:
            words = photo_filter.text.split()
            for index, word in enumerate(words):
                rest = " ".join(words[:index] + words[index + 1 :])
                yield tr("“{text}”").format(text=word), replace(photo_filter, text=rest)
        elif facet is Facet.DATES:
            yield from _date_chips(photo_filter)
        else:
            if facet is Facet.LABELS:
                for word in sorted(photo_filter.label_words):
                    rest_words = photo_filter.label_words - {word}
                    yield object_name(word), replace(photo_filter, label_words=rest_words)
                for word in sorted(photo_filter.object_words):
                    rest_words = photo_filter.object_words - {word}
                    yield object_word_name(word), replace(photo_filter, object_words=rest_words)
            for value in sorted(photo_filter.values(facet)):
                yield choice_name(facet, value), photo_filter.with_value(facet, value, False)


def object_name(word: str) -> str:
    """The name of all objects of a kind, of which the word is the last of their labels."""
    return tr("Any “{word}”").format(word=printable(word))


def object_word_name(text: str) -> str:
    """The name of an `ObjectCriterion`: how many objects, or where one is."""
    criterion = ObjectCriterion.parse(text)
    if criterion is None:
        return printable(text)
    label = printable(criterion.label)
    match criterion.place:
        case Place.LEFT:
            return tr("{label} on the left").format(label=label)
        case Place.RIGHT:
            return tr("{label} on the right").format(label=label)
        case Place.TOP:
            return tr("{label} at the top").format(label=label)
        case Place.BOTTOM:
            return tr("{label} at the bottom").format(label=label)
    return f"{criterion.count} × {label}"


def kind_name(kind: TermKind) -> str:
    """The heading of suggestions of a kind."""
    return {
        TermKind.OBJECT: tr("Objects"),
        TermKind.CLUSTER: tr("Clusters"),
        TermKind.FOLDER: tr("Folders"),
        TermKind.CAMERA: tr("Cameras"),
        TermKind.DATE: tr("Dates"),
        TermKind.TEXT: tr("File and folder names"),
    }[kind]


def kind_icon(kind: TermKind) -> str:
    """The name of the icon of a kind of suggestions."""
    return {
        TermKind.OBJECT: "label",
        TermKind.CLUSTER: "clusters",
        TermKind.FOLDER: "folder",
        TermKind.CAMERA: "camera",
        TermKind.DATE: "calendar",
        TermKind.TEXT: "file-name",
    }[kind]


def term_name(term: Term) -> str:
    """The name of a term of a search: that of its chips, or of a word for several cameras."""
    if term.kind is TermKind.CAMERA:
        return printable(term.value)
    return " ".join(text for text, _ in filter_chips(term.criteria))


def term_detail(term: Term) -> str:
    """Where a folder is; nothing for other terms."""
    if term.kind is not TermKind.FOLDER:
        return ""
    return formatting.display_path(split_path(term.value)[0])


def _date_chips(photo_filter: PhotoFilter) -> Iterator[tuple[str, PhotoFilter]]:
    text, months = format_date_range(photo_filter), photo_filter.months_of_year
    for month in sorted(months):
        name = QLocale().standaloneMonthName(month + 1, QLocale.FormatType.LongFormat)
        yield name, replace(photo_filter, months_of_year=months - {month})
    if text and photo_filter.undated:
        text = tr("{dates} or no date").format(dates=text)
    elif photo_filter.undated:
        text = tr("No date")
    if text:
        yield text, replace(photo_filter, dates=None, days=None, undated=False)


def _format_range(first: str, last: str) -> str:
    return first if first == last else tr("{first} – {last}").format(first=first, last=last)
