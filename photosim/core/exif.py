"""Read what a photo says of itself in its EXIF block: never a reason to refuse the photo."""

from __future__ import annotations

import contextlib
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from PIL import ExifTags, Image

from photosim.core.records import PhotoFacts

_MAX_TEXT = 100
"""Characters kept of a camera's or a lens's name."""

_FIRST_YEAR = 1826
"""The year of the oldest photograph that survives: what claims to be older has an unset or a broken date."""

_DATE = re.compile(r"\s*(\d{4})[:\-/.](\d\d?)[:\-/.](\d\d?)(?:[ T]+(\d\d?):(\d\d)(?::(\d\d))?)?")

_Base, _Gps = ExifTags.Base, ExifTags.GPS
_Value = TypeVar("_Value")


def orientation_of(image: Image.Image) -> int:
    """Give EXIF's orientation, 1 (upright) to 8; 1 if it is missing or nonsense."""
    value = _or_none(lambda: image.getexif().get(_Base.Orientation))
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def facts_from(image: Image.Image, size: tuple[int, int], name: str) -> PhotoFacts:
    """Give the facts of an opened image of format `name` and upright `size` (width, height in pixels).

    Whatever is missing, damaged or absurd in its EXIF block is None.
    """
    main = _or_none(image.getexif)
    if not main:
        return PhotoFacts(*size, name)
    exif: Mapping[int, Any] = _or_none(lambda: main.get_ifd(ExifTags.IFD.Exif)) or {}
    gps: Mapping[int, Any] = _or_none(lambda: main.get_ifd(ExifTags.IFD.GPSInfo)) or {}
    latitude = _or_none(lambda: _degrees(gps, _Gps.GPSLatitude, _Gps.GPSLatitudeRef, "NS", 90))
    longitude = _or_none(lambda: _degrees(gps, _Gps.GPSLongitude, _Gps.GPSLongitudeRef, "EW", 180))
    if latitude is None or longitude is None or latitude == longitude == 0:  # 0, 0: no fix
        latitude = longitude = None
    return PhotoFacts(
        *size,
        name,
        taken_at=_or_none(lambda: _taken_at(main, exif)),
        camera=_or_none(lambda: _camera(main)),
        lens=_or_none(lambda: _text(exif.get(_Base.LensModel))),
        latitude=latitude,
        longitude=longitude,
    )


def _or_none(read: Callable[[], _Value]) -> _Value | None:
    """Call `read`; the EXIF parser raises errors of many kinds on hostile data, and each costs one field."""
    with contextlib.suppress(Exception):
        return read()
    return None


def _taken_at(main: Mapping[int, Any], exif: Mapping[int, Any]) -> str | None:
    candidates = (
        (exif, _Base.DateTimeOriginal),
        (main, _Base.DateTimeOriginal),
        (exif, _Base.DateTimeDigitized),
        (main, _Base.DateTime),
    )
    for directory, tag in candidates:
        found = _or_none(lambda d=directory, t=tag: _date(d.get(t)))  # type: ignore[misc]
        if found is not None:
            return str(found)
    return None


def _date(value: object) -> str | None:
    match = _DATE.match(_text(value) or "")
    if match is None:
        return None
    moment = datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    return moment.isoformat() if moment.year >= _FIRST_YEAR else None


def _camera(main: Mapping[int, Any]) -> str | None:
    make = _or_none(lambda: _text(main.get(_Base.Make)))
    model = _or_none(lambda: _text(main.get(_Base.Model)))
    if make is None or model is None:
        return model or make
    maker = make.split()[0].lower()
    return model if model.lower().startswith(maker) else f"{make} {model}"[:_MAX_TEXT]


def _text(value: object) -> str | None:
    """Give a tag's text, of bounded length, without control characters and surrogates; None if empty."""
    if isinstance(value, bytes):
        value = value[: 16 * _MAX_TEXT].decode("latin-1")
    if not isinstance(value, str):
        return None
    text = value[: 16 * _MAX_TEXT].split("\0", 1)[0]
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode()  # the parser takes UTF-8 for Latin-1
    kept = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join(kept.split())[:_MAX_TEXT].rstrip() or None


def _degrees(gps: Mapping[int, Any], value: int, reference: int, signs: str, limit: int) -> float | None:
    """Give a GPS coordinate, three rationals with the name of a hemisphere, as signed degrees."""
    hemisphere = (_text(gps.get(reference)) or "?")[0].upper()
    degrees, minutes, seconds = (float(part) for part in gps[value])
    total = degrees + minutes / 60 + seconds / 3600
    if hemisphere not in signs or not math.isfinite(total) or not 0 <= total <= limit:
        return None
    return round(total if hemisphere == signs[0] else -total, 7)
