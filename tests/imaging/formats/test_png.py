"""Only the pixels make a PNG unreadable, not its other chunks."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.errors import UnreadablePhotoError
from photosim.imaging.decode import DecodedPhoto, LoadedFile, decode
from photosim.imaging.formats import png, png_pixels
from tests.support.file_kinds import SRGB_PROFILE, display_p3, mean_difference
from tests.support.images import make_exif, make_scene
from tests.support.png_files import Chunk, make_chunk, make_png, png_of_rows

SCENE = make_scene(2, (64, 48))
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:DateTimeOriginal="2019-03-04T05:06:07"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
EXIF = make_exif(taken_at="2024:07:01 18:03:11").removeprefix(b"Exif\0\0")


def read(data: bytes) -> DecodedPhoto:
    return decode(LoadedFile("photo", bytes(16), len(data), data))


def compressed(data: bytes) -> bytes:
    return zlib.compress(data, 9)


def large_profile() -> bytes:
    """A profile of 1.5 MB, as scanners and printing presses have them."""
    count = int.from_bytes(SRGB_PROFILE[128:132], "big")
    entries = b"".join(
        struct.pack(">4sII", tag, start + 12, length)
        for tag, start, length in struct.iter_unpack(">4sII", SRGB_PROFILE[132 : 132 + 12 * count])
    )
    extra = struct.pack(">4sII", b"zzzz", len(SRGB_PROFILE) + 12, 1_500_000)
    profile = SRGB_PROFILE[:128] + struct.pack(">I", count + 1) + entries + extra
    profile += SRGB_PROFILE[132 + 12 * count :] + b"data" + bytes(1_499_996)
    return struct.pack(">I", len(profile)) + profile[4:]


HARMLESS: dict[str, list[Chunk]] = {
    "large profile": [(b"iCCP", b"scanner\0\0" + compressed(large_profile()))],
    "profile bomb": [(b"iCCP", b"scanner\0\0" + compressed(bytes(30_000_000)))],
    "profile that is no zlib stream": [(b"iCCP", b"scanner\0\0junk")],
    "profile of an unknown compression": [(b"iCCP", b"scanner\0\x07junk")],
    "empty profile": [(b"iCCP", b"")],
    "large compressed text": [(b"zTXt", b"workflow\0\0" + compressed(b"node " * 400_000))],
    "text bomb": [(b"zTXt", b"Raw profile type exif\0\0" + compressed(bytes(30_000_000)))],
    "large XMP": [(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compressed(b"<x:xmpmeta/>" * 100_000))],
    "large text": [(b"tEXt", b"c\0" + b"A" * 10_000_000)],
    "many texts": [(b"tEXt", b"c\0" + b"A" * 500)] * 3000,
    "text of an unknown compression": [(b"zTXt", b"c\0\x09junk")],
    "text without a keyword": [(b"tEXt", b""), (b"zTXt", b""), (b"iTXt", b"XML:com.adobe.xmp\0")],
    "short chunks": [
        (kind, b"\0") for kind in (b"gAMA", b"cHRM", b"pHYs", b"tRNS", b"cICP", b"acTL", b"eXIf")
    ],
    "empty chunks": [(kind, b"") for kind in (b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tRNS", b"cICP", b"acTL")],
    "animation of no frames": [(b"acTL", bytes(8)), (b"fcTL", b"short")],
    "junk in EXIF": [(b"eXIf", b"II*\0\xff\xff\xff\xff")],
    "hexadecimal junk": [(b"tEXt", b"Raw profile type exif\0\nexif\n 5\nxyz")],
}


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("place", ["before", "after"])
def test_large_and_damaged_chunks_cost_nothing_but_themselves(name: str, place: str) -> None:
    photo = read(make_png(SCENE, **{place: HARMLESS[name]}))  # type: ignore[arg-type]
    assert mean_difference(photo.image, SCENE) == 0


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"gAMA", b"iCCP", b"tRNS", b"zzZz"])
def test_a_wrong_checksum_of_an_ancillary_chunk_does_not_matter(kind: bytes) -> None:
    data = {b"gAMA": struct.pack(">I", 100_000), b"tRNS": bytes(6)}.get(kind, b"Comment\0hello")
    assert mean_difference(read(make_png(SCENE, before=[(kind, data)], damaged={kind})).image, SCENE) == 0


def test_the_pixels_are_found_behind_a_chunk_of_wrong_length() -> None:
    whole = make_png(SCENE, before=[(b"tEXt", b"Comment\0hello")])
    at = whole.index(b"tEXt") - 4
    for length in (0, 5, 20, 1000, 0x7FFFFFFF):
        damaged = whole[:at] + struct.pack(">I", length) + whole[at + 4 :]
        assert mean_difference(read(damaged).image, SCENE) == 0


def test_a_cut_png_is_incomplete() -> None:
    with pytest.raises(UnreadablePhotoError, match="incomplete"):
        read(make_png(SCENE)[:-200])


@pytest.mark.parametrize("place", ["before", "after"])
def test_dates_are_read_wherever_they_are(place: str) -> None:
    digits = b"\nexif\n%8d\n" % len(EXIF) + EXIF.hex().encode()
    for chunk, day in (
        ((b"eXIf", EXIF), "2024-07-01"),
        ((b"zTXt", b"Raw profile type exif\0\0" + compressed(digits)), "2024-07-01"),
        ((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP), "2019-03-04"),
        ((b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compressed(XMP)), "2019-03-04"),
    ):
        facts = read(make_png(SCENE, **{place: [chunk]})).facts  # type: ignore[arg-type]
        assert (facts.taken_at or "")[:10] == day


def test_profiles_and_gamma_count_in_the_order_of_the_standard() -> None:
    gamma, profile = (b"gAMA", struct.pack(">I", 100_000)), (b"iCCP", b"p3\0\0" + compressed(display_p3()))

    def with_chunks(*chunks: Chunk) -> Image.Image:
        return read(make_png(SCENE, before=chunks)).image

    converted = with_chunks(profile)
    assert mean_difference(converted, SCENE) > 1
    assert mean_difference(with_chunks(gamma, profile), converted) == 0
    assert mean_difference(with_chunks(profile, (b"cICP", bytes([1, 13, 0, 1]))), SCENE) == 0
    assert mean_difference(with_chunks(gamma, (b"sRGB", b"\0")), SCENE) == 0
    assert mean_difference(with_chunks(gamma), SCENE) > 20


def test_one_16_bit_color_is_transparent_and_its_neighbours_are_not() -> None:
    colors = [(0x1234, 0x5678, 0x9ABC), (0x1235, 0x5678, 0x9ABC), (0x1134, 0x5678, 0x9ABC)]
    row = b"".join(struct.pack(">3H", *color) for color in colors)
    data = png_of_rows([row], (3, 1), 16, 2, before=[(b"tRNS", struct.pack(">3H", *colors[0]))])
    assert read(data).picture[0].tolist() == [[255, 255, 255], [0x12, 0x56, 0x9A], [0x11, 0x56, 0x9A]]


@pytest.mark.parametrize(("depth", "value"), [(1, 1), (2, 2), (4, 9), (8, 77), (16, 0x4567)])
def test_a_transparent_grey_of_every_depth_is_white(depth: int, value: int) -> None:
    row = struct.pack(">H", value) if depth == 16 else bytes([value << (8 - depth) & 0xFF])
    opaque = png_of_rows([row], (1, 1), depth, 0)
    transparent = png_of_rows([row], (1, 1), depth, 0, before=[(b"tRNS", struct.pack(">H", value))])
    assert read(transparent).picture.tolist() == [[[255, 255, 255]]]
    if depth > 1:
        assert read(opaque).picture.max() < 255


def test_an_interlaced_16_bit_color_is_transparent_too() -> None:
    row = struct.pack(">3H", 1, 2, 3)
    plain = png_of_rows([row], (1, 1), 16, 2, before=[(b"tRNS", row)])
    header = plain[8 : 8 + 25]
    interlaced = make_chunk(b"IHDR", header[8:20] + b"\1")
    assert read(plain[:8] + interlaced + plain[33:]).picture.tolist() == [[[255, 255, 255]]]


def test_of_an_animation_the_default_picture_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    frames = [make_scene(seed, (64, 48)) for seed in (1, 2, 3)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    assert mean_difference(read(path.read_bytes()).image, frames[0]) == 0


def test_the_pieces_of_a_file_read_like_a_file() -> None:
    data = make_png(SCENE, before=[(b"tEXt", b"a\0b"), (b"gAMA", bytes(4))])
    expected = make_png(SCENE)
    stream = io.BytesIO(data)
    pieces = png_pixels.Pieces(
        stream, [chunk for chunk in png._read_chunks(stream) if chunk.kind in png._CRITICAL]
    )
    assert pieces.read() == expected
    assert pieces.seek(0, io.SEEK_END) == len(expected)
    for start, length in ((0, 5), (3, 40), (20, 30), (100, 1), (len(expected) - 4, 100)):
        assert pieces.seek(start) == start
        assert pieces.read(length) == expected[start : start + length]
        assert pieces.tell() == min(start + length, len(expected))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_in_an_ancillary_chunk_never_costs_the_photo(data: st.DataObject) -> None:
    chunk = data.draw(
        st.sampled_from(
            [
                (b"eXIf", EXIF),
                (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
                (b"iCCP", b"p3\0\0" + compressed(display_p3())),
                (b"tIME", bytes(7)),
                (b"pHYs", bytes(9)),
            ]
        )
    )
    whole = bytearray(make_png(SCENE, before=[chunk]))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(33, 33 + 11 + len(chunk[1])))] = data.draw(st.integers(0, 255))
    assert read(bytes(whole)).picture.shape == np.asarray(SCENE).shape


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(("color_type", "channels"), [(2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize(("size", "factor"), [((37, 61), 2), ((64, 64), 4), ((1, 9), 8), ((30, 5), 16)])
def test_pixels_decoded_in_bands_are_those_that_pillow_gives(
    monkeypatch: pytest.MonkeyPatch,
    depth: int,
    color_type: int,
    channels: int,
    size: tuple[int, int],
    factor: int,
) -> None:
    width, height = size
    random = np.random.default_rng(width)
    rows = random.integers(0, 256, (height, 1 + width * channels * depth // 8), np.uint8)
    rows[:, 0] = random.integers(0, 5, height)  # all filters
    data = zlib.compress(rows.tobytes())
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    whole = png_pixels.SIGNATURE + b"".join(make_chunk(*chunk) for chunk in chunks)
    with Image.open(io.BytesIO(whole)) as image:
        expected = (image.convert("LA") if channels == 2 else image).reduce(factor)
    monkeypatch.setattr(png_pixels, "_BAND_BYTES", 500)
    pieces = [data[at : at + 100] for at in range(0, len(data), 100)]
    small = png_pixels.decode_reduced(pieces, size, depth, color_type, factor)
    assert small is not None
    assert (small.mode, small.size) == (expected.mode, expected.size)
    assert small.tobytes() == expected.tobytes()
    assert png_pixels.decode_reduced(pieces[:-1], size, depth, color_type, factor) is None
    assert png_pixels.decode_reduced([b"no", b"data"], size, depth, color_type, factor) is None


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_large_png_looks_as_a_small_one_does_and_a_damaged_one_says_so(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    data = make_png(make_scene(2, (1280, 960)).convert(mode))
    small = read(data)
    calls = []
    real = png.decode_reduced
    monkeypatch.setattr(png, "decode_reduced", lambda *given: calls.append(given) or real(*given))
    monkeypatch.setattr("photosim.imaging.decode._LARGE_PIXELS", 1_000_000)
    large = read(data)
    assert len(calls) == 1
    assert large.facts == small.facts
    assert large.picture.shape == small.picture.shape
    assert mean_difference(large.image, small.image) < 1
    with pytest.raises(UnreadablePhotoError, match="incomplete"):
        read(data[: len(data) // 2])
