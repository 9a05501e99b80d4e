"""Numbers, sizes, dates and closeness in the words and the language of the person."""

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
from photosim.ml.closeness import SLIDER_MAX, STEPS_PER_BAND, SimilarityBand, slider_position
from photosim.records import Cluster, Label, Photo, PhotoFacts

_PLAIN, _ISO = "d MMMM yyyy", "yyyy-MM-dd"

_WEEKDAY = re.compile(r"[\s,،]*dddd(?:'[^']*')?[\s,،]*")

_YEAR = re.compile(r"(?<!y)yy(?!y)")
_MINUTE, _HOUR = 60, 3600  # seconds


def format_number(value: int) -> str:
    """A whole number with the separators of the person's country."""
    return QLocale().toString(value)


def count_photos(count: int) -> str:
    """So many photos."""
    return tr("1 photo") if count == 1 else tr("{count} photos").format(count=format_number(count))


def count_clusters(count: int) -> str:
    """So many clusters."""
    return tr("1 cluster") if count == 1 else tr("{count} clusters").format(count=format_number(count))


def describe_cluster(one: Cluster, fitting: int | None = None) -> str:
    """What a cluster shows, as far as that is known, and how many photos it holds, or how many of them fit."""
    count = count_photos(one.size) if fitting is None else count_of_total(fitting, one.size, count_photos)
    return count if one.title is None else f"{one.title} · {count}"


def count_files(count: int) -> str:
    """So many files."""
    return tr("1 file") if count == 1 else tr("{count} files").format(count=format_number(count))


def count_videos(count: int) -> str:
    """So many videos."""
    return tr("1 video") if count == 1 else tr("{count} videos").format(count=format_number(count))


def count_of_total(count: int, total: int, unit: Callable[[int], str]) -> str:
    """How many are shown of how many there are; `unit` says "so many photos"."""
    return (
        unit(total)
        if count == total
        else tr("{count} of {total}").format(count=format_number(count), total=unit(total))
    )


def format_size(count: int) -> str:
    """A file size."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def format_dimensions(width: int, height: int) -> str:
    """Pixels across and down, and megapixels where there is at least one."""
    text = f"{width} × {height}"
    megapixels = width * height / 1e6
    if megapixels < 1:
        return text
    return tr("{size} ({megapixels} megapixels)").format(
        size=text, megapixels=QLocale().toString(megapixels, "f", 1 if megapixels < 10 else 0)
    )


def format_timestamp(iso: str) -> str:
    """A date and time of day given as ISO 8601 without a zone."""
    moment = QDateTime.fromString(iso, Qt.DateFormat.ISODate)
    if not moment.isValid():
        return iso
    return f"{format_long_date(moment.date())}, {QLocale().toString(moment.time(), QLocale.FormatType.ShortFormat)}"


def format_time_left(seconds: float) -> str:
    """About how long something will still take."""
    if seconds < _MINUTE:
        return tr("less than a minute left")
    if seconds < _HOUR:
        minutes = round(seconds / _MINUTE)
        return tr("about 1 minute left") if minutes == 1 else tr("about {n} minutes left").format(n=minutes)
    hours = round(seconds / _HOUR)
    return (
        tr("about 1 hour left") if hours == 1 else tr("about {n} hours left").format(n=format_number(hours))
    )


def format_duration(seconds: float) -> str:
    """About how long something takes."""
    if seconds < _MINUTE:
        return tr("less than a minute")
    if seconds < _HOUR:
        minutes = round(seconds / _MINUTE)
        return tr("about 1 minute") if minutes == 1 else tr("about {n} minutes").format(n=minutes)
    hours = round(seconds / _HOUR)
    return tr("about 1 hour") if hours == 1 else tr("about {n} hours").format(n=format_number(hours))


def display_path(value: str) -> str:
    """A path as text that can be shown, whatever bytes its name holds."""
    return os.fsencode(value).decode("utf-8", "replace") if not value.isprintable() else value


def display_folder(value: str) -> str:
    """The folder of a file, as people write it: what lies in their home folder begins with ~, except on Windows."""
    folder, home = os.path.dirname(value), os.path.expanduser("~")  # noqa: PTH111, PTH120 - texts, not files
    if sys.platform != "win32" and is_inside(folder, home) and home != "/":
        folder = "~" + folder[len(home.rstrip("/")) :]
    return display_path(folder)


def display_name(value: str) -> str:
    """The last part of a path as text that can be shown."""
    return display_path(os.path.basename(value.rstrip("/\\")) or value)  # noqa: PTH119 - a text, not a file


def camera_name(photo: Photo) -> str:
    """The camera, or nothing."""
    return photo.facts.camera or ""


def photo_badge(photo: Photo) -> str:
    """The marks of a camera's RAW file, of a photo that has one beside it, and of one with copies; else nothing."""
    marks = []
    if photo.raw_files:
        marks.append(f"{photo.facts.format} + RAW")
    elif photo.facts.is_raw:
        marks.append("RAW")
    if photo.copies > 1:
        marks.append(f"×{format_number(photo.copies)}")
    return "  ".join(marks)


def cover_badge(photo: Photo) -> str:
    """The marks of a cluster's cover: its copies are in the cluster, and are counted with it."""
    return photo_badge(replace(photo, copies=1) if photo.copies > 1 else photo)


def format_exposure(facts: PhotoFacts) -> str:
    """Seconds, f-number, sensitivity and focal length, as far as they are known."""
    parts = []
    if facts.exposure is not None:
        parts.append(tr("{seconds} s").format(seconds=_seconds(facts.exposure)))
    if facts.aperture is not None:
        parts.append(f"f/{_short(facts.aperture)}")
    if facts.iso is not None:
        parts.append(f"ISO {facts.iso}")
    if facts.focal_length is not None:
        parts.append(f"{_short(facts.focal_length)} mm")
    return " · ".join(parts)


def format_coordinates(latitude: float, longitude: float) -> str:
    """A place on the earth in degrees."""
    north = tr("N") if latitude >= 0 else tr("S")
    east = tr("E") if longitude >= 0 else tr("W")
    return f"{QLocale().toString(abs(latitude), 'f', 4)}° {north}, {QLocale().toString(abs(longitude), 'f', 4)}° {east}"


def format_labels(found: Iterable[Label]) -> str:
    """What a photo shows, each with how sure the model is."""
    return ", ".join(
        tr("{label} {percent} %").format(label=label.name, percent=round(label.score * 100))
        for label in found
    )


def _seconds(value: float) -> str:
    """Short exposures as cameras write them: 1/250."""
    return f"1/{round(1 / value)}" if value <= 0.3 else _short(value)


def _short(value: float) -> str:
    """One decimal where there is one."""
    return QLocale().toString(value, "f", 0 if round(value, 1) == round(value) else 1)


def band_name(value: SimilarityBand) -> str:
    """The heading over matches that are this close."""
    return {
        SimilarityBand.SAME_PHOTO: tr("Same photo"),
        SimilarityBand.VERY_SIMILAR: tr("Same scene"),
        SimilarityBand.SIMILAR: tr("Similar"),
        SimilarityBand.LESS_SIMILAR: tr("Loosely related"),
    }[value]


def threshold_name(threshold: float) -> str:
    """What the threshold slider lets through, in words."""
    position = slider_position(threshold)
    if position == SLIDER_MAX:
        return tr("Everything related")
    name_here = SimilarityBand(min(-(-position // STEPS_PER_BAND), len(SimilarityBand) - 1))
    exact = position % STEPS_PER_BAND == 0
    return {
        SimilarityBand.SAME_PHOTO: tr("Only the same photo"),
        SimilarityBand.VERY_SIMILAR: tr("Same scene and closer") if exact else tr("Nearly the same photo"),
        SimilarityBand.SIMILAR: tr("Similar and closer") if exact else tr("Much alike"),
        SimilarityBand.LESS_SIMILAR: tr("Somewhat alike"),
    }[name_here]


def format_similarity(similarity: float) -> str:
    """A similarity as a whole number of hundred, for those who want to know."""
    return tr("Likeness {score} of 100").format(score=max(0, min(100, round(similarity * 100))))


def plain_tooltip(*lines: str) -> str:
    """A tool tip of plain lines: Qt would take a file name with angle brackets for markup."""
    return "<p style='white-space:pre'>" + "<br>".join(escape(line) for line in lines) + "</p>"


def format_long_date(day: QDate) -> str:
    """A day with the name of its month: 16 August 2022."""
    locale = QLocale()
    text = _WEEKDAY.sub(" ", locale.dateFormat(QLocale.FormatType.LongFormat)).strip()
    return locale.toString(day, text if all(part in text for part in "dMy") else _PLAIN)


def format_short_date(day: QDate) -> str:
    """A day in numbers."""
    return QLocale().toString(day, short_date_format())


def short_date_format() -> str:
    """How the person's country writes a day in numbers; where no country is known, as ISO 8601 does."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return _ISO
    return _YEAR.sub("yyyy", locale.dateFormat(QLocale.FormatType.ShortFormat))
