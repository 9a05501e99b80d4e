"""TIFF and AVIF files that Pillow alone decodes wrongly or not at all."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from photosim.errors import UnreadablePhotoError
from photosim.imaging.decode import LoadedFile, decode
from photosim.imaging.decoders import TiffPhoto
from tests.support.file_kinds import mean_difference
from tests.support.images import make_scene

SCENE = make_scene(2, (64, 48))
COMPRESSIONS = {"none": 1, "deflate": 8}


def read(data: bytes) -> Image.Image:
    return decode(LoadedFile("photo", bytes(16), len(data), data)).image


def make_planar_tiff(
    image: Image.Image,
    *,
    bits: int = 16,
    order: str = "<",
    rows: int = 48,
    compression: str = "none",
    extra: int | None = None,
    tile: int = 0,
) -> bytes:
    """Return a TIFF whose channels lie in separate planes, as scanners and ImageMagick write them."""
    pixels = np.asarray(image).astype(np.uint16) * (257 if bits == 16 else 1)
    pixels = pixels.astype(np.dtype("u2" if bits == 16 else "u1").newbyteorder(order))
    height, width, channels = pixels.shape
    if tile:
        padded = np.zeros((-(-height // tile) * tile, -(-width // tile) * tile, channels), pixels.dtype)
        padded[:height, :width] = pixels
        cuts = [
            padded[top : top + tile, left : left + tile, channel]
            for channel in range(channels)
            for top in range(0, height, tile)
            for left in range(0, width, tile)
        ]
    else:
        cuts = [
            pixels[top : top + rows, :, channel]
            for channel in range(channels)
            for top in range(0, height, rows)
        ]
    parts = [zlib.compress(cut.tobytes()) if compression == "deflate" else cut.tobytes() for cut in cuts]
    photometric = 5 if image.mode == "CMYK" else 2
    tags = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * channels),
        259: (3, [COMPRESSIONS[compression]]),
        262: (3, [photometric]),
        277: (3, [channels]),
        284: (3, [2]),
    }
    tags |= {322: (4, [tile]), 323: (4, [tile])} if tile else {278: (4, [rows])}
    tags |= {338: (3, [extra])} if extra is not None else {}
    offsets_tag, lengths_tag = (324, 325) if tile else (273, 279)
    tags |= {offsets_tag: (4, [0] * len(parts)), lengths_tag: (4, [len(part) for part in parts])}
    return _tiff(dict(sorted(tags.items())), offsets_tag, parts, order)


def _tiff(tags: dict[int, tuple[int, list[int]]], offsets_tag: int, parts: list[bytes], order: str) -> bytes:
    """Lay out one directory, the values outside it, and the pixels."""
    formats = {3: "H", 4: "I"}
    at = 8 + 2 + 12 * len(tags) + 4
    first = at + sum(
        len(values) * struct.calcsize(formats[kind])
        for kind, values in tags.values()
        if len(values) * struct.calcsize(formats[kind]) > 4
    )
    starts = [first + sum(map(len, parts[:number])) for number in range(len(parts))]
    tags[offsets_tag] = (4, starts)
    directory, outside = struct.pack(f"{order}H", len(tags)), b""
    for tag, (kind, values) in tags.items():
        data = struct.pack(f"{order}{len(values)}{formats[kind]}", *values)
        if len(data) > 4:
            field, outside = struct.pack(f"{order}I", at + len(outside)), outside + data
        else:
            field = data.ljust(4, b"\0")
        directory += struct.pack(f"{order}HHI", tag, kind, len(values)) + field
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return head + directory + bytes(4) + outside + b"".join(parts)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("rows", [48, 10])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
def test_colors_in_planes_are_read_at_every_depth(bits: int, order: str, rows: int, compression: str) -> None:
    data = make_planar_tiff(SCENE, bits=bits, order=order, rows=rows, compression=compression)
    assert mean_difference(read(data), SCENE) == 0


@pytest.mark.parametrize("bits", [8, 16])
def test_tiles_in_planes_are_read(bits: int) -> None:
    assert mean_difference(read(make_planar_tiff(SCENE, bits=bits, tile=32)), SCENE) == 0


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("extra", [0, 1, 2])
def test_an_additional_plane_does_not_matter(bits: int, extra: int) -> None:
    with_alpha = SCENE.copy()
    with_alpha.putalpha(255)
    assert mean_difference(read(make_planar_tiff(with_alpha, bits=bits, extra=extra)), SCENE) == 0


@pytest.mark.parametrize("bits", [8, 16])
def test_printing_colors_in_planes_are_read(bits: int) -> None:
    cmyk = SCENE.convert("CMYK")
    assert mean_difference(read(make_planar_tiff(cmyk, bits=bits)), cmyk.convert("RGB")) == 0


def test_an_avif_with_damaged_exif_is_read_and_turned() -> None:
    exif = Image.Exif()
    exif[274] = 6
    exif[271] = "A maker of cameras"
    file = io.BytesIO()
    SCENE.save(file, "AVIF", quality=90, exif=exif, speed=8)
    data = file.getvalue()
    at = data.index(b"A maker of cameras") - 30
    start = (
        data.rindex(b"MM\0*", 0, at + 30)
        if b"MM\0*" in data[: at + 30]
        else data.rindex(b"II*\0", 0, at + 30)
    )
    damaged = data[:start] + b"XXXX" + data[start + 4 :]
    upright = SCENE.transpose(Image.Transpose.ROTATE_270)
    assert mean_difference(read(data), upright) < 9
    assert mean_difference(read(damaged), upright) < 9


@pytest.mark.parametrize("filler", [b"\xff", b"\0", b"\xff\xfe\x00\x02"])
def test_a_jpeg_whose_header_never_ends_is_refused_and_one_with_many_segments_is_read(filler: bytes) -> None:
    stored = io.BytesIO()
    make_scene(1, (64, 48)).save(stored, "JPEG", quality=95)
    data = stored.getvalue()
    at = 4 + int.from_bytes(data[4:6], "big")  # behind the first segment
    fine, endless = (data[:at] + count * filler + data[at:] for count in (20_000, 300_000))
    assert mean_difference(read(fine), make_scene(1, (64, 48))) < 6
    with pytest.raises(UnreadablePhotoError, match=r"^The JPEG data can't be decoded"):
        read(endless)


def test_a_tiff_of_millions_of_strips_is_refused_and_one_of_many_is_read() -> None:
    def tiff(strips: int) -> bytes:
        tags = (
            (256, 1, 1),
            (257, 1, strips),
            (258, 1, 8),
            (259, 1, 1),
            (262, 1, 1),
            (273, strips, 8),
            (277, 1, 1),
        )
        entries = [*tags, (278, 1, 1), (279, strips, 8)]
        directory = b"".join(struct.pack("<HHII", tag, 4, count, value) for tag, count, value in entries)
        return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + directory + bytes(4 * strips)

    assert TiffPhoto(io.BytesIO(tiff(20_000))).size == (1, 20_000)
    data = tiff(4_100_000)
    with pytest.raises(SyntaxError, match="more strips"):
        TiffPhoto(io.BytesIO(data))
    with pytest.raises(UnreadablePhotoError):
        read(data)


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:4:4"])
def test_an_avif_without_color_information_in_its_container_looks_the_same(subsampling: str) -> None:
    stored = io.BytesIO()
    make_scene(1, (320, 240)).save(stored, "AVIF", quality=90, subsampling=subsampling)
    data = stored.getvalue()
    assert data.count(b"colr") == 1
    assert read(data.replace(b"colr", b"free")).tobytes() == read(data).tobytes()


@pytest.mark.parametrize("size", [(64, 48), (3, 3)])
def test_a_jpeg_with_endless_scans_is_refused_and_what_follows_its_end_does_not_count(
    size: tuple[int, int],
) -> None:
    stored = io.BytesIO()
    make_scene(1, (64, 48)).resize(size).save(stored, "JPEG", progressive=True)
    data = stored.getvalue()
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    few, many = (data[:-2] + count * last_scan + data[-2:] for count in (100, 600))
    whole = read(data)
    assert read(few).size == whole.size
    assert read(data + 600 * last_scan).tobytes() == whole.tobytes()
    with pytest.raises(UnreadablePhotoError, match=r"^The JPEG data can't be decoded"):
        read(many)
