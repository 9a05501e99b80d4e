"""What photos say of themselves."""

from __future__ import annotations

import io
import random
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from photosim.imaging.exif import read_facts, read_orientation
from photosim.records import PhotoFacts
from tests.support.images import make_exif

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of the blocks damaged here

Base, Gps, Ifd = ExifTags.Base, ExifTags.GPS, ExifTags.IFD
FULL = make_exif(
    orientation=6,
    taken_at="2024:07:01 18:03:11",
    make="FUJIFILM",
    model="X100V",
    lens="23mm f/2",
    gps=(48.858222, -2.2945),
)


def facts_of(block: bytes) -> PhotoFacts:
    """The facts of a JPEG with this EXIF block, through the real parser."""
    image = Image.new("RGB", (8, 6))
    image.info["exif"] = block
    return read_facts(image, (8, 6), "JPEG")


def facts_with(
    main: dict[int, Any] | None = None,
    detail: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
) -> PhotoFacts:
    """The facts of an image whose EXIF parser gave these values."""
    image = Image.new("RGB", (8, 6))
    exif = image.getexif()
    exif.update({Base.Software: "x", **(main or {})})
    exif.get_ifd(Ifd.Exif).update(detail or {})
    exif.get_ifd(Ifd.GPSInfo).update(gps or {})
    return read_facts(image, (8, 6), "JPEG")


def position(latitude: Any, north: Any, longitude: Any, east: Any) -> dict[int, Any]:
    return {
        Gps.GPSLatitude: latitude,
        Gps.GPSLatitudeRef: north,
        Gps.GPSLongitude: longitude,
        Gps.GPSLongitudeRef: east,
    }


def test_all_facts_are_read() -> None:
    assert facts_of(FULL) == PhotoFacts(
        width=8,
        height=6,
        format="JPEG",
        taken_at="2024-07-01T18:03:11",
        camera="FUJIFILM X100V",
        lens="23mm f/2",
        latitude=pytest.approx(48.858222, abs=1e-6),
        longitude=pytest.approx(-2.2945, abs=1e-6),
        taken_from="exif",
    )


def test_a_photo_without_exif_has_its_size_and_format_alone() -> None:
    assert read_facts(Image.new("RGB", (8, 6)), (8, 6), "PNG") == PhotoFacts(8, 6, "PNG")
    assert read_orientation(Image.new("RGB", (8, 6))) == 1


def test_the_date_taken_comes_before_the_others() -> None:
    original, digitized, changed = "2001:01:01 01:01:01", "2002:02:02 02:02:02", "2003:03:03 03:03:03"
    main, detail = {Base.DateTime: changed}, {Base.DateTimeDigitized: digitized}
    assert facts_with(main, {**detail, Base.DateTimeOriginal: original}).taken_at == "2001-01-01T01:01:01"
    assert facts_with(main, {**detail, Base.DateTimeOriginal: "0000:00:00 00:00:00"}).taken_at == (
        "2002-02-02T02:02:02"
    )
    assert facts_with(main).taken_at == "2003-03-03T03:03:03"
    assert facts_with({Base.DateTimeOriginal: original, **main}).taken_at == "2001-01-01T01:01:01"


@pytest.mark.parametrize(
    ("written", "taken_at"),
    [
        ("2024:07:01 18:03:11", "2024-07-01T18:03:11"),
        (b"2024:07:01 18:03:11\0", "2024-07-01T18:03:11"),
        ("2024-07-01T18:03:11+02:00", "2024-07-01T18:03:11"),
        ("2024/07/01 18:03", "2024-07-01T18:03:00"),
        ("2024:07:01", "2024-07-01T00:00:00"),
        ("2024:7:1 8:03:11", "2024-07-01T08:03:11"),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2024:02:30 10:00:00", None),
        ("2024:07:01 25:00:00", "2024-07-01T00:00:00"),
        ("0001:01:01 00:00:00", None),
        ("1825:12:31 00:00:00", None),
        ("yesterday", None),
        ("", None),
        (b"", None),
        (b"\xff\xfe", None),
        (20240701, None),
        (None, None),
        (("2024:07:01 18:03:11",), None),
    ],
)
def test_dates_are_read_or_refused(written: Any, taken_at: str | None) -> None:
    assert facts_with(detail={Base.DateTimeOriginal: written}).taken_at == taken_at


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("Canon", "Canon EOS R6", "Canon EOS R6"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("Canon", None, "Canon"),
        (None, "EOS", "EOS"),
        (None, None, None),
        ("  SONY \0\0 junk", "ILCE-7M4\0", "SONY ILCE-7M4"),
        (b"Canon\0", b"EOS", "Canon EOS"),
        ("\0\0\0", " \t\n ", None),
        ("A\x01B\x1b[31m", "C\u202eD", "A B [31m C D"),
        ("\ud800", "X", "X"),
        ("M" * 200_000, "N" * 200_000, "M" * 100),
        (17, ("a", "b"), None),
        ("ZoÃ«", "写真".encode().decode("latin-1"), "Zoë 写真"),
    ],
)
def test_camera_names_are_tidied(make: Any, model: Any, camera: str | None) -> None:
    values = {tag: text for tag, text in ((Base.Make, make), (Base.Model, model)) if text is not None}
    assert facts_with(values).camera == camera


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        (position((48, 51, 29.6), "N", (2, 17, 40.2), "E"), (48.8582222, 2.2945)),
        (position((33, Fraction(515, 10), 0), "S", (151, 12.5, 0), "W"), (-33.8583333, -151.2083333)),
        (position((10, 0, 0), b"n\0", (20, 0, 0), b"e"), (10, 20)),
        (position((0, 0, 0), "N", (0, 0, 0), "E"), (None, None)),
        (position((90, 0, 1), "N", (0, 0, 0), "E"), (None, None)),
        (position((10, 0, 0), "N", (181, 0, 0), "E"), (None, None)),
        (position((-10, 0, 0), "N", (20, 0, 0), "E"), (None, None)),
        (position((10, 0, 0), "X", (20, 0, 0), "E"), (None, None)),
        (position((10, 0, 0), None, (20, 0, 0), "E"), (None, None)),
        (position((10, 0), "N", (20, 0, 0), "E"), (10, 20)),
        (position(10.5, "N", (20, 0, 0), "E"), (10.5, 20)),
        (position("10", "N", (20, 0, 0), "E"), (10, 20)),
        (position((10, 30, IFDRational(0, 0)), "N", (20, IFDRational(0, 0), 0), "E"), (10.5, 20)),
        (position((10, 30, IFDRational(5, 0)), "N", (20, 0, 0), "E"), (None, None)),
        (position((IFDRational(0, 0), 30, 0), "N", (20, 0, 0), "E"), (None, None)),
        (position((IFDRational(1, 0), 0, 0), "N", (20, 0, 0), "E"), (None, None)),
        (position((float("nan"), 0, 0), "N", (float("inf"), 0, 0), "E"), (None, None)),
        ({Gps.GPSLatitude: (10, 0, 0), Gps.GPSLatitudeRef: "N"}, (None, None)),
    ],
)
def test_positions_are_read_whole_or_not_at_all(
    gps: dict[int, Any], expected: tuple[float | None, float | None]
) -> None:
    facts = facts_with(gps=gps)
    assert (facts.latitude, facts.longitude) == expected


@pytest.mark.parametrize("value", [0, 9, -1, 2**40, "6", b"\6", 6.5, (6, 6), None])
def test_an_absurd_orientation_is_upright(value: Any) -> None:
    image = Image.new("RGB", (8, 6))
    image.getexif()[Base.Orientation] = value
    assert read_orientation(image) == 1


def test_one_damaged_field_costs_one_field() -> None:
    detail = {Base.DateTimeOriginal: object(), Base.LensModel: "35mm"}
    gps = position("?", "N", "?", "E")
    facts = facts_with({Base.Make: ["Canon"], Base.Model: "EOS"}, detail, gps)
    assert facts == PhotoFacts(8, 6, "JPEG", camera="EOS", lens="35mm")


def assert_sound(facts: PhotoFacts) -> None:
    """Facts that a database, a JSON line and a screen can take."""
    for text in (facts.camera, facts.lens):
        assert text is None or (text.isprintable() and 0 < len(text) <= 100 and text == text.strip())
        assert text is None or text.encode("utf-8")
    if facts.taken_at is not None:
        assert datetime.fromisoformat(facts.taken_at).isoformat() == facts.taken_at
    assert (facts.latitude is None) == (facts.longitude is None)
    if facts.latitude is not None and facts.longitude is not None:
        assert abs(facts.latitude) <= 90
        assert abs(facts.longitude) <= 180
    assert facts.iso is None or (type(facts.iso) is int and 1 <= facts.iso <= 10_000_000)
    for number in (facts.aperture, facts.exposure, facts.focal_length):
        assert number is None or (type(number) is float and 0 < number < 1e7)


scalars = (
    st.none()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(IFDRational, st.integers(), st.integers())
    | st.from_regex(r"[0-9]{1,4}[: -][0-9]{1,2}:[0-9]{1,2} [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}")
)
values = scalars | st.lists(scalars, max_size=4) | st.lists(scalars, max_size=4).map(tuple)


@settings(max_examples=120)
@given(st.tuples(*[values] * 15))
def test_whatever_a_tag_holds_the_facts_are_sound(held: tuple[Any, ...]) -> None:
    make, model, changed, taken, lens, iso, index, time, number, apex, length, *gps = held
    main = {Base.Make: make, Base.Model: model, Base.DateTime: changed}
    detail = {
        Base.DateTimeOriginal: taken,
        Base.LensModel: lens,
        Base.ISOSpeedRatings: iso,
        Base.RecommendedExposureIndex: index,
        Base.ExposureTime: time,
        Base.FNumber: number,
        Base.ApertureValue: apex,
        Base.ShutterSpeedValue: apex,
        Base.FocalLength: length,
    }
    assert_sound(facts_with(main, detail, position(*gps)))


@settings(max_examples=120)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"Exif\0\0", b"Exif\0\0II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]),
)
def test_whatever_an_exif_block_holds_the_facts_are_sound(junk: bytes, head: bytes) -> None:
    assert_sound(facts_of(head + junk))


@settings(max_examples=120)
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_whatever_is_damaged_in_a_true_block_the_facts_are_sound(chance: random.Random, count: int) -> None:
    block = bytearray(FULL)
    for _ in range(count):
        block[chance.randrange(len(block))] = chance.choice([0, 1, 127, 255, chance.randrange(256)])
    assert_sound(facts_of(bytes(block)))
    image = Image.new("RGB", (8, 6))
    image.info["exif"] = bytes(block)
    assert 1 <= read_orientation(image) <= 8


@settings(max_examples=40)
@given(st.floats(-89.9, 89.9), st.floats(-179.9, 179.9))
def test_a_position_survives_writing_and_reading(latitude: float, longitude: float) -> None:
    target = io.BytesIO()
    Image.new("RGB", (8, 6)).save(target, "JPEG", exif=make_exif(gps=(latitude, longitude)))
    with Image.open(target) as image:
        facts = read_facts(image, image.size, "JPEG")
    if facts.latitude is None:
        assert max(abs(latitude), abs(longitude)) < 1e-5
    else:
        assert (facts.latitude, facts.longitude) == pytest.approx((latitude, longitude), abs=2e-6)


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({Base.ISOSpeedRatings: 400}, (400, None, None, None)),
        ({Base.ISOSpeedRatings: (800, 0)}, (800, None, None, None)),
        ({Base.ISOSpeedRatings: 65535, Base.RecommendedExposureIndex: 102400}, (102400, None, None, None)),
        ({Base.ISOSpeedRatings: 0}, (None, None, None, None)),
        ({Base.FNumber: IFDRational(28, 10)}, (None, 2.8, None, None)),
        ({Base.ApertureValue: IFDRational(3, 1)}, (None, 2.8, None, None)),
        ({Base.FNumber: IFDRational(0, 0)}, (None, None, None, None)),
        ({Base.ExposureTime: IFDRational(1, 250)}, (None, None, 0.004, None)),
        ({Base.ShutterSpeedValue: IFDRational(-2, 1)}, (None, None, 4.0, None)),
        ({Base.ExposureTime: "1/250"}, (None, None, None, None)),
        ({Base.ExposureTime: -1}, (None, None, None, None)),
        ({Base.FocalLength: IFDRational(350, 10)}, (None, None, None, 35.0)),
        ({Base.FocalLength: float("inf")}, (None, None, None, None)),
        ({Base.FocalLength: ()}, (None, None, None, None)),
    ],
)
def test_how_a_photo_was_exposed_is_read_or_refused(
    detail: dict[int, Any], expected: tuple[int | None, float | None, float | None, float | None]
) -> None:
    facts = facts_with(detail=detail)
    assert (facts.iso, facts.aperture, facts.exposure, facts.focal_length) == expected


def xmp_packet(properties: str) -> bytes:
    """Return an XMP packet whose description has these attributes."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
        f" {properties}/></rdf:RDF></x:xmpmeta>"
    ).encode()


@pytest.mark.parametrize(
    ("packet", "taken_at"),
    [
        (xmp_packet('xmp:CreateDate="2020-02-03T04:05:06"'), "2020-02-03T04:05:06"),
        (
            xmp_packet('xmp:CreateDate="2020-02-03" exif:DateTimeOriginal="2019-01-01T10:00:00.55+02:00"'),
            "2019-01-01T10:00:00",
        ),
        (xmp_packet('photoshop:DateCreated="2018-05-06"').decode(), "2018-05-06T00:00:00"),
        (
            xmp_packet('exif:DateTimeOriginal="0000-00-00T00:00:00" xmp:CreateDate="2020-02-03"'),
            "2020-02-03T00:00:00",
        ),
        (b"exif:DateTimeOriginal=" + b"9" * 100_000, None),
        (b"\xff\xfe" * 1000, None),
        (17, None),
    ],
)
def test_a_date_in_xmp_alone_counts(packet: Any, taken_at: str | None) -> None:
    image = Image.new("RGB", (8, 6))
    image.info["xmp"] = packet
    facts = read_facts(image, (8, 6), "PNG")
    assert (facts.taken_at, facts.taken_from) == (taken_at, taken_at and "xmp")


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ("51,30.5N", "0,7.65W", (51.5083333, -0.1275)),
        ("51,30,30N", "0,7,39W", (51.5083333, -0.1275)),
        ("33,51.4S", "151,12.6E", (-33.8566667, 151.21)),
        ("91,0.0N", "0,7.65W", (None, None)),
        ("51,30.5N", "0,7.65N", (None, None)),
        ("51,30.5N", "", (None, None)),
        ("0,0.0N", "0,0.0E", (None, None)),
        ("51.5", "-0.1", (None, None)),
        ("9" * 100_000 + "N", "x", (None, None)),
    ],
)
def test_a_position_in_xmp_alone_counts(
    latitude: str, longitude: str, expected: tuple[float | None, float | None]
) -> None:
    image = Image.new("RGB", (8, 6))
    image.info["xmp"] = xmp_packet(f'exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}"')
    facts = read_facts(image, (8, 6), "PNG")
    assert (facts.latitude, facts.longitude) == expected


def test_of_two_original_dates_that_in_exif_counts() -> None:
    image = Image.new("RGB", (8, 6))
    image.info |= {"exif": FULL, "xmp": xmp_packet('exif:DateTimeOriginal="2019-01-01T10:00:00"')}
    assert read_facts(image, (8, 6), "JPEG").taken_at == "2024-07-01T18:03:11"


def iptc_block(day: bytes, time: bytes = b"") -> dict[int, bytes]:
    fields = ((55, day), (60, time)) if time else ((55, day),)
    return {0x0404: b"".join(b"\x1c\x02" + bytes([tag, 0, len(text)]) + text for tag, text in fields)}


@pytest.mark.parametrize(
    ("exif", "info", "expected"),
    [
        (
            {306: "2024:01:02 03:04:05"},
            {"xmp": xmp_packet('exif:DateTimeOriginal="1987-06-05"')},
            "1987-06-05 xmp",
        ),
        ({306: "2024:01:02 03:04:05"}, {"xmp": xmp_packet('photoshop:DateCreated="1987"')}, "1987-01-01 xmp"),
        ({306: "2024:01:02 03:04:05"}, {"xmp": xmp_packet('xmp:CreateDate="1987-06-05"')}, "1987-06-05 xmp"),
        ({306: "2024:01:02 03:04:05"}, {"xmp": xmp_packet('xmp:ModifyDate="1987-06-05"')}, "2024-01-02 exif"),
        (
            {306: "2024:01:02 03:04:05"},
            {"photoshop": iptc_block(b"19870605", b"101112+0100")},
            "1987-06-05 iptc",
        ),
        ({306: "2024:01:02 03:04:05"}, {"photoshop": iptc_block(b"00000000")}, "2024-01-02 exif"),
        ({306: "2024:01:02 03:04:05"}, {"photoshop": {0x0404: b"\x1c\x02\x37\xff\xff19"}}, "2024-01-02 exif"),
        ({306: "2024:01:02 03:04:05"}, {}, "2024-01-02 exif"),
        ({}, {"xmp": xmp_packet('xmp:ModifyDate="1987-06-05"')}, "1987-06-05 xmp"),
    ],
)
def test_the_date_of_the_photo_comes_before_that_of_a_change_wherever_they_stand(
    exif: dict[int, str], info: dict[str | tuple[int, int], Any], expected: str
) -> None:
    image = Image.new("RGB", (8, 6))
    image.info |= info
    image.getexif().update(exif)
    facts = read_facts(image, (8, 6), "JPEG")
    assert f"{(facts.taken_at or '')[:10]} {facts.taken_from}" == expected
