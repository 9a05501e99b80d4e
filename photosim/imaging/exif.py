"""Read the EXIF and XMP metadata of a photo; damaged metadata never makes a photo unreadable."""

from __future__ import annotations

import contextlib
import math
import numbers
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from PIL import ExifTags, Image

from photosim.records import PhotoFacts

_MAX_TEXT = 100
"""Longest name of a camera or a lens in characters."""

_FIRST_YEAR = 1826
"""Year of the oldest surviving photograph; earlier dates are unset or broken."""

_DATE = re.compile(r"\s*(\d{4})[:\-/.](\d\d?)[:\-/.](\d\d?)(?:[ T]+(\d\d?):(\d\d)(?::(\d\d))?)?")

_MAX_XMP = 1_000_000  # bytes
_XMP_DATES = (b"exif:DateTimeOriginal", b"photoshop:DateCreated", b"xmp:CreateDate")
_XMP_DATE = re.compile(rb"(" + b"|".join(_XMP_DATES) + rb")(?:>|\s*=\s*[\"'])\s*([0-9T:. +-]{8,40})")

# Minimum and maximum of plausible values.
_ISOS = 1, 10_000_000
_EXPOSURES = 1e-6, 1e6  # seconds
_APERTURES = 0.3, 1024  # f-numbers
_FOCAL_LENGTHS = 0.1, 10_000  # millimetres
_APEX = -20, 20
_ISO_OVERFLOW = 65535

_Base, _Gps = ExifTags.Base, ExifTags.GPS
_Value = TypeVar("_Value")


def read_orientation(image: Image.Image) -> int:
    """Return EXIF's orientation, 1 (upright) to 8; 1 if it is missing or invalid."""
    value = _or_none(lambda: image.getexif().get(_Base.Orientation))
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def read_facts(image: Image.Image, size: tuple[int, int], name: str) -> PhotoFacts:
    """Return the metadata of an opened image of format `name` and upright `size` (width, height in pixels).

    Missing, damaged and implausible fields are None. The date is taken from XMP where EXIF has none.
    """
    main = _or_none(image.getexif)
    found = exif_fields(main) if main else {}
    if found.get("taken_at") is None:
        found["taken_at"] = _or_none(lambda: _date_in_xmp(image))
    return PhotoFacts(*size, name, **found)


def exif_fields(main: Image.Exif) -> dict[str, Any]:
    """Return the metadata in an EXIF block, by the names of the fields of PhotoFacts."""
    exif: Mapping[int, Any] = _or_none(lambda: main.get_ifd(ExifTags.IFD.Exif)) or {}
    gps: Mapping[int, Any] = _or_none(lambda: main.get_ifd(ExifTags.IFD.GPSInfo)) or {}
    latitude = _or_none(lambda: _degrees(gps, _Gps.GPSLatitude, _Gps.GPSLatitudeRef, "NS", 90))
    longitude = _or_none(lambda: _degrees(gps, _Gps.GPSLongitude, _Gps.GPSLongitudeRef, "EW", 180))
    if latitude is None or longitude is None or latitude == longitude == 0:  # 0, 0: no fix
        latitude = longitude = None
    return {
        "taken_at": _or_none(lambda: _taken_at(main, exif)),
        "camera": _or_none(lambda: _camera(main)),
        "lens": _or_none(lambda: clean_text(exif.get(_Base.LensModel))),
        "latitude": latitude,
        "longitude": longitude,
        "iso": _or_none(lambda: _iso(exif)),
        "aperture": _or_none(lambda: _aperture(exif)),
        "exposure": _or_none(lambda: _exposure(exif)),
        "focal_length": _or_none(lambda: _number(exif.get(_Base.FocalLength), _FOCAL_LENGTHS)),
    }


def clean_text(value: object) -> str | None:
    """Return a tag's text without control characters and surrogates, of limited length; None if empty."""
    if isinstance(value, bytes):
        value = value[: 16 * _MAX_TEXT].decode("latin-1")
    if not isinstance(value, str):
        return None
    decoded = value[: 16 * _MAX_TEXT].split("\0", 1)[0]
    with contextlib.suppress(UnicodeError):
        decoded = decoded.encode("latin-1").decode()  # the parser decodes UTF-8 as Latin-1
    printable = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in decoded)
    return " ".join(printable.split())[:_MAX_TEXT].rstrip() or None


def _or_none(read: Callable[[], _Value]) -> _Value | None:
    """Return `read()`, None if it fails: the EXIF parser raises all kinds of errors on hostile data."""
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
    match = _DATE.match(clean_text(value) or "")
    if match is None:
        return None
    moment = datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    return moment.isoformat() if moment.year >= _FIRST_YEAR else None


def _camera(main: Mapping[int, Any]) -> str | None:
    make = _or_none(lambda: clean_text(main.get(_Base.Make)))
    model = _or_none(lambda: clean_text(main.get(_Base.Model)))
    if make is None or model is None:
        return model or make
    maker = make.split()[0].lower()
    return model if model.lower().startswith(maker) else f"{make} {model}"[:_MAX_TEXT]


def _degrees(gps: Mapping[int, Any], value: int, reference: int, signs: str, limit: int) -> float | None:
    """Return a GPS coordinate, given as three rationals and a hemisphere, in signed degrees."""
    hemisphere = (clean_text(gps.get(reference)) or "?")[0].upper()
    degrees, minutes, seconds = (float(part) for part in gps[value])
    total = degrees + minutes / 60 + seconds / 3600
    if hemisphere not in signs or not math.isfinite(total) or not 0 <= total <= limit:
        return None
    return round(total if hemisphere == signs[0] else -total, 7)


def _iso(exif: Mapping[int, Any]) -> int | None:
    """Return the ISO value; cameras write 65535 and another tag when it exceeds EXIF's 16 bits."""
    for tag in (_Base.ISOSpeedRatings, _Base.RecommendedExposureIndex, _Base.ISOSpeed):
        value = _number(exif.get(tag), _ISOS)
        if value is not None and value != _ISO_OVERFLOW:
            return round(value)
    return None


def _exposure(exif: Mapping[int, Any]) -> float | None:
    """Return the exposure in seconds, from the APEX value (a power of two) where there is no other."""
    seconds = _number(exif.get(_Base.ExposureTime), _EXPOSURES)
    apex = _number(exif.get(_Base.ShutterSpeedValue), _APEX)
    return seconds if seconds is not None or apex is None else _number(2**-apex, _EXPOSURES)


def _aperture(exif: Mapping[int, Any]) -> float | None:
    f_number = _number(exif.get(_Base.FNumber), _APERTURES)
    apex = _number(exif.get(_Base.ApertureValue), _APEX)
    return (
        f_number if f_number is not None or apex is None else _number(round(2 ** (apex / 2), 1), _APERTURES)
    )


def _number(value: Any, limits: tuple[float, float]) -> float | None:
    """Return a tag's number, or the first of several, if it is within the limits."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    number = _or_none(lambda: float(value)) if isinstance(value, numbers.Real) else None
    return number if number is not None and limits[0] <= number <= limits[1] else None


def _date_in_xmp(image: Image.Image) -> str | None:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if isinstance(packet, str):
        packet = packet[:_MAX_XMP].encode(errors="replace")
    found = dict(_XMP_DATE.findall(packet[:_MAX_XMP]))
    for name in _XMP_DATES:
        date = _or_none(lambda value=found.get(name): _date(value))  # type: ignore[misc]  # noqa: B008
        if date is not None:
            return str(date)
    return None
