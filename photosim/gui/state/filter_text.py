"""The filter in words: its facets, their choices, and what is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QDate, QLocale

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.search.photo_filter import NO_CAMERA, Facet, Flag, Orientation, PhotoFilter, Size


def facet_name(one: Facet) -> str:
    """What a facet is called."""
    return {
        Facet.TEXT: tr("Name"),
        Facet.DATES: tr("Date"),
        Facet.CAMERAS: tr("Camera"),
        Facet.FORMATS: tr("Format"),
        Facet.ORIENTATIONS: tr("Shape"),
        Facet.SIZES: tr("Size"),
        Facet.LABELS: tr("Shows"),
        Facet.FLAGS: tr("State"),
    }[one]


def choice_name(of: Facet, value: str) -> str:
    """What a choice is called."""
    if of is Facet.CAMERAS and value == NO_CAMERA:
        return tr("No camera named")
    named: dict[str, str] = {
        Orientation.LANDSCAPE: tr("Landscape"),
        Orientation.PORTRAIT: tr("Portrait"),
        Orientation.SQUARE: tr("Square"),
        Size.TINY: tr("Under 2 megapixels"),
        Size.SMALL: tr("2 to 8 megapixels"),
        Size.MEDIUM: tr("8 to 16 megapixels"),
        Size.LARGE: tr("16 to 32 megapixels"),
        Size.HUGE: tr("32 megapixels and more"),
        Flag.COPIES: tr("With copies"),
        Flag.RAW: tr("RAW"),
        Flag.OFFLINE: tr("Offline"),
        Flag.MISSING: tr("Missing"),
    }
    return named.get(value, value) if of in (Facet.ORIENTATIONS, Facet.SIZES, Facet.FLAGS) else value


def format_month(number: int) -> str:
    """A month with its year, short."""
    return tr("{month} {year}").format(month=month_name(number), year=number // 12)


def month_name(number: int) -> str:
    """A month without its year, short."""
    return QLocale().standaloneMonthName(number % 12 + 1, QLocale.FormatType.ShortFormat)


def format_month_range(first: int, last: int) -> str:
    """A range of months, whole years as such."""
    if first % 12 == 0 and last % 12 == 11:
        years = str(first // 12), str(last // 12)
        return (
            years[0] if years[0] == years[1] else tr("{first} – {last}").format(first=years[0], last=years[1])
        )
    return (
        format_month(first)
        if first == last
        else tr("{first} – {last}").format(first=format_month(first), last=format_month(last))
    )


def filter_chips(wanted: PhotoFilter) -> Iterator[tuple[str, PhotoFilter]]:
    """What is chosen, piece by piece, each with the filter that is left without it."""
    for one in wanted.active_facets:
        if one is Facet.TEXT:
            yield tr("“{text}”").format(text=" ".join(wanted.text.split())), wanted.without(one)
        elif one is Facet.DATES:
            yield _dates(wanted), wanted.without(one)
        else:
            for value in sorted(wanted.values(one)):
                yield choice_name(one, value), wanted.with_value(one, value, False)


def format_day_range(first: int, last: int) -> str:
    """A range of days."""
    ends = [formatting.format_short_date(to_qdate(day)) for day in (first, last)]
    return ends[0] if first == last else tr("{first} – {last}").format(first=ends[0], last=ends[1])


def to_qdate(day: int) -> QDate:
    """A day as Qt knows it; the first of its month for one that the calendar lacks."""
    found = QDate(day // 10_000, day // 100 % 100, day % 100)
    return found if found.isValid() else QDate(day // 10_000, day // 100 % 100, 1)


def format_date_range(wanted: PhotoFilter) -> str:
    """The days or months that are chosen, if any are."""
    if wanted.days is not None:
        return format_day_range(*wanted.days)
    return format_month_range(*wanted.dates) if wanted.dates is not None else ""


def _dates(wanted: PhotoFilter) -> str:
    text = format_date_range(wanted)
    if not text:
        return tr("Without a date")
    return tr("{dates} or without a date").format(dates=text) if wanted.undated else text
