"""Read the EXIF, XMP and IPTC metadata of a photo; damaged metadata never makes a photo unreadable."""

from __future__ import annotations

import contextlib
import math
import numbers
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from PIL import ExifTags, Image

from photosim.imaging import xmp
from photosim.imaging.dates import parse_date
from photosim.records import PhotoFacts

_MAX_TEXT = 100
"""Longest name of a camera or a lens in characters."""

# Names of the three kinds of dates, those of the photo itself first: when it was taken, digitized, and last changed.
_ORIGINAL, _DIGITIZED, _CHANGED = range(3)

_XMP_DATES = (
    (_ORIGINAL, (xmp.EXIF, "DateTimeOriginal")),
    (_ORIGINAL, (xmp.PHOTOSHOP, "DateCreated")),
    (_DIGITIZED, (xmp.EXIF, "DateTimeDigitized")),
    (_DIGITIZED, (xmp.XMP, "CreateDate")),
    (_CHANGED, (xmp.TIFF, "DateTime")),
    (_CHANGED, (xmp.XMP, "ModifyDate")),
)

_IPTC_RESOURCE = 0x0404  # of a Photoshop block
_IPTC_DATE, _IPTC_TIME = (2, 55), (2, 60)  # "Date Created" and "Time Created"
_MAX_IPTC_FIELDS = 1000

_ADOBE_RGB = "R03"  # interoperability index (DCF 2.0)
_ADOBE_RGB_SPACE = 2  # value of ColorSpace that some cameras write

# Minimum and maximum of plausible values.
_ISOS = 1, 10_000_000
_EXPOSURES = 1e-6, 1e6  # seconds
_APERTURES = 0.3, 1024  # f-numbers
_FOCAL_LENGTHS = 0.1, 10_000  # millimetres
_APEX = -20, 20
_ISO_OVERFLOW = 65535

_XMP_COORDINATE = re.compile(
    r"(\d{1,3}),(\d{1,2}(?:\.\d{1,20})?)(?:,(\d{1,2}(?:\.\d{1,20})?))?([NSEWnsew])", re.ASCII
)

_Base, _Gps = ExifTags.Base, ExifTags.GPS
_Value = TypeVar("_Value")


def read_orientation(image: Image.Image) -> int:
    """Return EXIF's orientation, 1 (upright) to 8; 1 if it is missing or invalid."""
    value = _or_none(lambda: image.getexif().get(_Base.Orientation))
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def is_adobe_rgb(image: Image.Image) -> bool:
    """Return whether the EXIF of a camera says that the colors are those of Adobe RGB."""
    exif = _or_none(image.getexif)
    if not exif:
        return False
    index = _or_none(lambda: exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex))
    space = _or_none(lambda: exif.get_ifd(ExifTags.IFD.Exif).get(_Base.ColorSpace))
    return clean_text(index) == _ADOBE_RGB or space == _ADOBE_RGB_SPACE


def read_facts(image: Image.Image, size: tuple[int, int], name: str) -> PhotoFacts:
    """Return the metadata of an opened image of format `name` and upright `size` (width, height in pixels).

    Missing, damaged and implausible fields are None. Of all dates in EXIF, XMP and IPTC, one of the photo itself comes
    before one of a change.
    """
    main = _or_none(image.getexif)
    found = _exif_facts(main) if main else {}
    properties = _or_none(lambda: _xmp_properties(image)) or {}
    if found.get("latitude") is None:
        found |= _or_none(lambda: _xmp_position(properties)) or {}
    dates = [
        *(_exif_dates(main) if main else ()),
        *(_or_none(lambda: list(_xmp_dates(properties))) or ()),
        *(_or_none(lambda: list(_iptc_dates(image))) or ()),
    ]
    return PhotoFacts(*size, name, **(found | _first_date(dates)))


def exif_fields(main: Image.Exif) -> dict[str, Any]:
    """Return the metadata in an EXIF block, by the names of the fields of PhotoFacts."""
    return _exif_facts(main) | _first_date(list(_exif_dates(main)))


def _exif_facts(main: Image.Exif) -> dict[str, Any]:
    exif: Mapping[int, Any] = _or_none(lambda: main.get_ifd(ExifTags.IFD.Exif)) or {}
    gps: Mapping[int, Any] = _or_none(lambda: main.get_ifd(ExifTags.IFD.GPSInfo)) or {}
    latitude = _or_none(lambda: _degrees(gps, _Gps.GPSLatitude, _Gps.GPSLatitudeRef, "NS", 90))
    longitude = _or_none(lambda: _degrees(gps, _Gps.GPSLongitude, _Gps.GPSLongitudeRef, "EW", 180))
    if latitude is None or longitude is None or latitude == longitude == 0:  # 0, 0: no fix
        latitude = longitude = None
    return {
        "camera": _or_none(lambda: _camera(main)),
        "lens": _or_none(lambda: clean_text(exif.get(_Base.LensModel))),
        "latitude": latitude,
        "longitude": longitude,
        "iso": _or_none(lambda: _iso(exif)),
        "aperture": _or_none(lambda: _aperture(exif)),
        "exposure": _or_none(lambda: _exposure(exif)),
        "focal_length": _or_none(lambda: _number(exif.get(_Base.FocalLength), _FOCAL_LENGTHS)),
    }


_Date = tuple[int, str, str]
"""Kind of a date, the block that it stands in ("exif", "xmp", "iptc"), and the date as ISO 8601."""


def _first_date(dates: list[_Date]) -> dict[str, Any]:
    """Return the date of the photo and its source, as fields of PhotoFacts; of equal kinds the first."""
    if not dates:
        return {"taken_at": None, "taken_from": None}
    _, source, date = min(dates, key=lambda date: date[0])
    return {"taken_at": date, "taken_from": source}


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


def _exif_dates(main: Image.Exif) -> Iterator[_Date]:
    exif: Mapping[int, Any] = _or_none(lambda: main.get_ifd(ExifTags.IFD.Exif)) or {}
    for kind, directory, tag in (
        (_ORIGINAL, exif, _Base.DateTimeOriginal),
        (_ORIGINAL, main, _Base.DateTimeOriginal),
        (_DIGITIZED, exif, _Base.DateTimeDigitized),
        (_CHANGED, main, _Base.DateTime),
    ):
        date = _or_none(lambda d=directory, t=tag: parse_date(clean_text(d.get(t)) or ""))  # type: ignore[misc]
        if date is not None:
            yield kind, "exif", date


def _xmp_properties(image: Image.Image) -> xmp.Properties:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if isinstance(packet, str):
        packet = packet[: xmp.MAX_BYTES].encode(errors="replace")
    return xmp.read_properties(packet) if packet else {}


def _xmp_position(properties: xmp.Properties) -> dict[str, float]:
    """Return the position in XMP, as fields of PhotoFacts; empty for none, and for 0, 0: no fix."""
    latitude = _xmp_degrees(properties.get((xmp.EXIF, "GPSLatitude"), ""), "NS", 90)
    longitude = _xmp_degrees(properties.get((xmp.EXIF, "GPSLongitude"), ""), "EW", 180)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return {}
    return {"latitude": latitude, "longitude": longitude}


def _xmp_degrees(text: str, signs: str, limit: int) -> float | None:
    """Return a coordinate given as "51,30.5N" or "51,30,30N" in signed degrees."""
    match = _XMP_COORDINATE.fullmatch(text.replace(" ", ""))
    if match is None or match[4].upper() not in signs:
        return None
    total = float(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    if total > limit:
        return None
    return round(total if match[4].upper() == signs[0] else -total, 7)


def _xmp_dates(properties: xmp.Properties) -> Iterator[_Date]:
    for kind, name in _XMP_DATES:
        date = parse_date(properties.get(name, ""))
        if date is not None:
            yield kind, "xmp", date


def _iptc_dates(image: Image.Image) -> Iterator[_Date]:
    """Yield the date of creation in the IPTC block of a JPEG (IIM 4, record 2)."""
    resources = image.info.get("photoshop")
    data = resources.get(_IPTC_RESOURCE) if isinstance(resources, dict) else None
    fields: dict[tuple[int, int], str] = {}
    at = 0
    while isinstance(data, bytes) and data[at : at + 1] == b"\x1c" and len(fields) < _MAX_IPTC_FIELDS:
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        fields.setdefault((data[at + 1], data[at + 2]), data[at + 5 : at + 5 + length].decode("latin-1"))
        at += 5 + length
    date = parse_date(f"{fields.get(_IPTC_DATE, '')} {fields.get(_IPTC_TIME, '')[:6]}")
    if date is not None:
        yield _ORIGINAL, "iptc", date


def _camera(main: Mapping[int, Any]) -> str | None:
    make = _or_none(lambda: clean_text(main.get(_Base.Make)))
    model = _or_none(lambda: clean_text(main.get(_Base.Model)))
    if make is None or model is None:
        return model or make
    maker = make.split()[0].lower()
    return model if model.lower().startswith(maker) else f"{make} {model}"[:_MAX_TEXT]


def _degrees(gps: Mapping[int, Any], value: int, reference: int, signs: str, limit: int) -> float | None:
    """Return a GPS coordinate, given as one to three rationals and a hemisphere, in signed degrees."""
    hemisphere = (clean_text(gps.get(reference)) or "?")[0].upper()
    parts = gps[value]
    if not isinstance(parts, tuple | list):
        parts = (parts,)
    degrees, minutes, seconds = (float(parts[0]), *map(_rational, parts[1:3]), 0.0, 0.0)[:3]
    total = degrees + minutes / 60 + seconds / 3600
    if hemisphere not in signs or not math.isfinite(total) or not 0 <= total <= limit:
        return None
    return round(total if hemisphere == signs[0] else -total, 7)


def _rational(value: Any) -> float:
    """Return the value of a rational; 0 for 0/0, by which cameras say that there is no such part."""
    if getattr(value, "denominator", 1) == 0 and getattr(value, "numerator", 1) == 0:
        return 0.0
    return float(value)


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
