"""Formats numbers, counts, dates, paths and photo facts as text in the user's language."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from html import escape

from PySide6.QtCore import QDate, QDateTime, QLocale, Qt

from photosim.files.fspaths import is_inside
from photosim.gui.base.translation import tr
from photosim.paths import printable
from photosim.records import Cluster, Label, Photo, PhotoFacts, SimilarityBand

_MINUTE, _HOUR = 60, 3600  # seconds
_DEFAULT_LONG_DATE, _ISO_DATE = "d MMMM yyyy", "yyyy-MM-dd"
_MINUTES = re.compile(r"([:.])mm")  # in the format of a time, with what separates them from hours
_WEEKDAY = re.compile(r"[\s,،]*dddd(?:'[^']*')?[\s,،]*")
_SHORT_YEAR = re.compile(r"(?<!y)yy(?!y)")
_LONGEST_FRACTION = 0.3  # seconds up to which an exposure is written as a fraction


def format_number(value: int) -> str:
    """Format a whole number with the separators of the locale."""
    return QLocale().toString(value)


def count_photos(count: int) -> str:
    """Format a number of photos."""
    return tr("%Ln photo(s)", "", count)


def count_clusters(count: int) -> str:
    """Format a number of clusters."""
    return tr("%Ln cluster(s)", "", count)


def count_files(count: int) -> str:
    """Format a number of files."""
    return tr("%Ln file(s)", "", count)


def count_of_total(count: int, total: int, format_count: Callable[[int], str]) -> str:
    """Format a part of a total, "3 of 10 photos", or the total alone where it is all; `format_count` adds the unit."""
    if count == total:
        return format_count(total)
    return tr("{part} of {total}").format(part=format_number(count), total=format_count(total))


def describe_cluster(cluster: Cluster, matching: int | None = None) -> str:
    """The title of a cluster, if any, and its number of photos, or how many of them match a filter."""
    size = cluster.size
    count = count_photos(size) if matching is None else count_of_total(matching, size, count_photos)
    title = cluster_title(cluster)
    return count if title is None else f"{title} · {count}"


def cluster_title(cluster: Cluster) -> str | None:
    """The title of a cluster as text that can be shown, None where it has none: labels come from any model."""
    return None if cluster.title is None else printable(cluster.title)


def format_size(size: int) -> str:
    """Format a file size in bytes."""
    return QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def format_dimensions(width: int, height: int) -> str:
    """Format width and height in pixels, with the megapixels where there is at least one."""
    size = f"{width} × {height}"
    megapixels = width * height / 1e6
    if megapixels < 1:
        return size
    return tr("{size} ({megapixels} MP)").format(
        size=size, megapixels=QLocale().toString(megapixels, "f", 1 if megapixels < 10 else 0)
    )


def format_timestamp(iso: str, *, with_seconds: bool = False) -> str:
    """Format a date and time given as ISO 8601 without a zone; returns what is none as it is."""
    timestamp = QDateTime.fromString(iso, Qt.DateFormat.ISODate)
    if not timestamp.isValid():
        return iso
    pattern = QLocale().timeFormat(QLocale.FormatType.ShortFormat)
    if with_seconds:  # the long format of the locale has the time zone too
        pattern = _MINUTES.sub(r"\1mm\1ss", pattern)
    time = QLocale().toString(timestamp.time(), pattern)
    return f"{format_long_date(timestamp.date())}, {time}"


def format_long_date(date: QDate) -> str:
    """Format a date with the name of its month and the whole year: 16 August 2022."""
    locale = QLocale()
    text = _WEEKDAY.sub(" ", locale.dateFormat(QLocale.FormatType.LongFormat)).strip()
    is_complete = all(field in text for field in "dMy")
    return locale.toString(date, text if is_complete else _DEFAULT_LONG_DATE)


def format_month(month: int) -> str:
    """Format a month counted from the year 0: August 2022."""
    year, month_of_year = divmod(month, 12)
    name = QLocale().standaloneMonthName(month_of_year + 1, QLocale.FormatType.LongFormat)
    return tr("{month} {year}").format(month=name, year=f"{year:04}")


def format_short_date(date: QDate) -> str:
    """Format a date in numbers, with the whole year."""
    return QLocale().toString(date, short_date_format())


def short_date_format() -> str:
    """The locale's format for dates in numbers, with the whole year; ISO 8601 where the locale is not known."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return _ISO_DATE
    return _SHORT_YEAR.sub("yyyy", locale.dateFormat(QLocale.FormatType.ShortFormat))


def format_time_left(seconds: float) -> str:
    """Format an estimate of the remaining time."""
    if seconds < _MINUTE:
        return tr("less than a minute left")
    if seconds < _HOUR:
        return tr("about %Ln minute(s) left", "", round(seconds / _MINUTE))
    return tr("about %Ln hour(s) left", "", round(seconds / _HOUR))


def format_duration(seconds: float) -> str:
    """Format an estimate of how long something takes."""
    if seconds < _MINUTE:
        return tr("less than a minute")
    if seconds < _HOUR:
        return tr("about %Ln minute(s)", "", round(seconds / _MINUTE))
    return tr("about %Ln hour(s)", "", round(seconds / _HOUR))


def display_path(path: str) -> str:
    """A path as text that can be shown, whatever bytes it holds."""
    return printable(os.fsencode(path).decode("utf-8", "replace")) if not path.isprintable() else path


def display_folder(path: str) -> str:
    """The folder of a file as text that can be shown, with ~ for the home folder except on Windows."""
    folder, home = os.path.dirname(path), os.path.expanduser("~")  # noqa: PTH111, PTH120 - texts, not files
    if sys.platform != "win32" and is_inside(folder, home) and home != "/":
        folder = "~" + folder[len(home.rstrip("/")) :]
    return display_path(folder)


def display_name(path: str) -> str:
    """The last component of a path as text that can be shown."""
    return display_path(os.path.basename(path.rstrip("/\\")) or path)  # noqa: PTH119 - a text, not a file


def show_in_folder_text() -> str:
    """Return what the system calls showing a file in its folder."""
    if sys.platform == "win32":
        return tr("&Show in Explorer")
    if sys.platform == "darwin":
        return tr("&Reveal in Finder")
    return tr("&Show in folder")


def photo_badge(photo: Photo) -> str:
    """The badge of a photo that is a RAW file, has one, or has identical copies; otherwise empty."""
    parts = []
    if photo.raw_files:
        parts.append(f"{photo.facts.format} + RAW")
    elif photo.facts.is_raw:
        parts.append("RAW")
    if photo.copies > 1:
        parts.append(f"×{format_number(photo.copies)}")
    return "  ".join(parts)


def cover_badge(photo: Photo) -> str:
    """The badge of a cluster's cover, without its copies: they are in the cluster and counted there."""
    return photo_badge(replace(photo, copies=1) if photo.copies > 1 else photo)


def format_exposure(facts: PhotoFacts) -> str:
    """Format exposure time, f-number, ISO and focal length, as far as they are known."""
    parts = []
    if facts.exposure is not None:
        parts.append(tr("{seconds} s").format(seconds=_format_exposure_time(facts.exposure)))
    if facts.aperture is not None:
        parts.append(f"f/{_format_decimal(facts.aperture)}")
    if facts.iso is not None:
        parts.append(f"ISO {facts.iso}")
    if facts.focal_length is not None:
        parts.append(f"{_format_decimal(facts.focal_length)} mm")
    return " · ".join(parts)


def format_coordinates(latitude: float, longitude: float) -> str:
    """Format a position in degrees."""
    north = tr("N") if latitude >= 0 else tr("S")
    east = tr("E") if longitude >= 0 else tr("W")
    return f"{QLocale().toString(abs(latitude), 'f', 4)}° {north}, {QLocale().toString(abs(longitude), 'f', 4)}° {east}"


def format_labels(labels: Iterable[Label]) -> str:
    """Format the labels of a photo, each with its probability."""
    return ", ".join(
        tr("{label} {percent}%").format(label=printable(label.name), percent=round(label.score * 100))
        for label in labels
    )


def object_name(label: str) -> str:
    """The label of an object, with a capital letter: "Dog"; "Object" where it has none."""
    name = printable(label)
    return name[:1].upper() + name[1:] if name else tr("Object")


def band_name(band: SimilarityBand) -> str:
    """The name of a similarity band."""
    return {
        SimilarityBand.IDENTICAL: tr("Identical"),
        SimilarityBand.SAME_PHOTO: tr("Same photo"),
        SimilarityBand.VERY_SIMILAR: tr("Very similar"),
        SimilarityBand.SIMILAR: tr("Similar"),
        SimilarityBand.LESS_SIMILAR: tr("Less similar"),
    }[band]


def format_percent(share: float) -> str:
    """Format a share, 0..1, in percent."""
    return tr("{percent}%").format(percent=round(share * 100))


def format_similarity(similarity: float) -> str:
    """Format a similarity, 0..1, in percent."""
    return tr("{percent}% similar").format(percent=max(0, min(100, round(similarity * 100))))


def plain_tooltip(*lines: str) -> str:
    """A tool tip of plain lines; Qt would take a file name with angle brackets for markup."""
    return "<p style='white-space:pre'>" + "<br>".join(escape(line) for line in lines) + "</p>"


def _format_exposure_time(seconds: float) -> str:
    return f"1/{round(1 / seconds)}" if seconds <= _LONGEST_FRACTION else _format_decimal(seconds)


def _format_decimal(value: float) -> str:
    """Format with one decimal where it is not zero."""
    return QLocale().toString(value, "f", 0 if round(value, 1) == round(value) else 1)
