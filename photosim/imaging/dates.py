"""Parse the dates that cameras and programs write, in metadata and in file names."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

FIRST_YEAR = 1826
"""Year of the oldest surviving photograph; earlier dates are unset or broken."""

_FIRST_YEAR_OF_NAMES = 1990
"""Year of the first digital cameras."""

_LONGEST = 100  # characters

_DAY = re.compile(
    r"\s*(\d{4})\s*(?:[:\-/._]|年)\s*(\d\d?)\s*(?:[:\-/._]|月)\s*(\d\d?)(?!\d)日?"
    r"|\s*(\d{4})(\d\d)(\d\d)(?=\D|$|\d{4}(?:\d\d)?(?!\d))"
)
_MONTH = re.compile(r"\s*(\d{4})(?:-(\d\d))?\s*$")
_HALVES = r"[ap]\.?m\b\.?|上午|下午"
_TIMES = (
    re.compile(
        rf"[\sT,;_-]*(?P<before>{_HALVES})?\s*(?P<hour>\d\d?)\s*(?P<mark>[:.\-])\s*(?P<minute>\d\d?)"
        rf"(?:\s*(?P=mark)\s*(?P<second>\d\d?))?(?!\d)(?:[.,]\d+)?\s*(?P<after>{_HALVES})?",
        re.IGNORECASE,
    ),
    re.compile(r"[\sT_-]*(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?!\d)"),
)

_NAME_DAY = r"(?P<year>(?:19|20)\d\d)(?P<mark>[-_.]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
_NAME_TIME = (
    r"(?:[-_ T.]{1,3}|[ _]\w{1,3}\.?(?: las)?[ _])"  # "2024-07-01 at 18.03.11", "um", "à", "a las"
    r"(?P<hour>\d\d?)[-_.:h ]?(?P<minute>\d\d)[-_.:m ]?(?P<second>\d\d)(?:[-_.]?\d{3})?(?!\d)"
    r"\s?(?P<half>[ap]m\b)?"
)
_NAME = re.compile(rf"(?<!\d){_NAME_DAY}(?:{_NAME_TIME}|(?!\d))", re.IGNORECASE)
_BEFORE_PLAIN_DAY = re.compile(
    r"(?:^|(?:IMG|VID|MVIMG|PANO|PXL|DSC|WP|BURST|Screenshot|Screen|Scan|Photo|Image|Foto)[-_ ]?)$",
    re.IGNORECASE,
)
_NAME_EPOCH = re.compile(
    r"^(?:FB_IMG_|mmexport|wx_camera_|microMsg\.|Image_|IMG_|photo_)?(1\d{12})(?!\d)"
    r"|^(?:FB_IMG_|mmexport|wx_camera_)(1\d{9})(?!\d)",
    re.IGNORECASE,
)


def parse_date(text: str) -> str | None:
    """Return a date of EXIF or XMP as ISO 8601 without a zone, None without a valid day.

    Where only the time is missing or odd, the day begins: 00:00:00. A leap second is the second before. A year or
    month alone, as XMP allows, becomes its first day.
    """
    text = text[:_LONGEST]
    match = _DAY.match(text)
    if match is None:
        partial = _MONTH.match(text)
        return _moment(partial[1], partial[2] or "1", "1") if partial else None
    year, month, day = match.groups()[:3] if match[1] else match.groups()[3:]
    time = next((found for pattern in _TIMES if (found := pattern.match(text, match.end()))), None)
    if time is None:
        return _moment(year, month, day)
    parts = time.groupdict()
    half = parts.get("before") or parts.get("after") or ""
    return _moment(year, month, day, parts["hour"], parts["minute"], parts["second"] or "0", half)


def date_in_name(path: str) -> str | None:
    """Return the date in the name of a file as phones, messengers and screenshots write it, None if there is none."""
    name = os.path.splitext(os.path.basename(path))[0][:_LONGEST]  # noqa: PTH119, PTH122 - any bytes
    latest = datetime.now() + timedelta(days=2)
    for match in _NAME.finditer(name):
        parts = match.groupdict()
        if not parts["mark"] and not parts["hour"] and not _BEFORE_PLAIN_DAY.search(name[: match.start()]):
            continue  # any number of eight digits
        time = parts["hour"] or "0", parts["minute"] or "0", parts["second"] or "0", parts["half"] or ""
        found = _moment(parts["year"], parts["month"], parts["day"], *time)
        if found is not None and int(parts["year"]) >= _FIRST_YEAR_OF_NAMES and found < latest.isoformat():
            return found
    epoch = _NAME_EPOCH.match(name)
    if epoch is None:
        return None
    found = date_of_time(int(epoch[1]) / 1000 if epoch[1] else int(epoch[2]))
    return found if found is not None and found < latest.isoformat() else None


def date_of_time(seconds: float) -> str | None:
    """Return the local date of a time in seconds since the epoch, None for the epoch itself and for absurd times."""
    if seconds <= 86_400:
        return None
    try:
        moment = datetime.fromtimestamp(seconds, UTC).astimezone().replace(tzinfo=None, microsecond=0)
    except (OverflowError, OSError, ValueError):
        return None
    return moment.isoformat()


def _moment(
    year: str, month: str, day: str, hour: str = "0", minute: str = "0", second: str = "0", half: str = ""
) -> str | None:
    try:
        start = datetime(int(year), int(month), int(day))
    except ValueError:
        return None
    if start.year < FIRST_YEAR:
        return None
    hours = int(hour)
    if half and hours <= 12:
        hours = hours % 12 + (12 if half[0] in "pP下" else 0)
    try:
        return start.replace(
            hour=hours, minute=int(minute), second=59 if second == "60" else int(second)
        ).isoformat()
    except ValueError:
        return start.isoformat()
