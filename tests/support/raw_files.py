"""Write camera RAW files that LibRaw reads: TIFF files with sensor data and a JPEG preview."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.support.images import Size, make_scene

BYTE, ASCII, SHORT, LONG, RATIONAL, SIGNED = 1, 2, 3, 4, 5, 10
_FORMATS = {BYTE: "B", SHORT: "H", LONG: "I"}

WHITE = 16383
"""The sensor's largest value: 14 bits."""

Tags = Mapping[int, tuple[int, Any]]


class Tiff:
    """Builds a TIFF file by appending data and directories, and returns their offsets."""

    def __init__(self, order: str = "<", magic: int = 42) -> None:
        self.order = order
        self.data = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", magic, 0))

    def put(self, data: bytes) -> int:
        """Append bytes at an even offset."""
        self.data += bytes(len(self.data) % 2)
        place = len(self.data)
        self.data += data
        return place

    def directory(self, tags: Tags, following: int = 0) -> int:
        """Append a directory of tags with their types and values."""
        entries = b""
        for tag, (kind, values) in sorted(tags.items()):
            count, packed = self._packed(kind, values)
            if len(packed) > 4:
                packed = struct.pack(f"{self.order}I", self.put(packed))
            entries += struct.pack(f"{self.order}HHI", tag, kind, count) + packed.ljust(4, b"\0")
        head = struct.pack(f"{self.order}H", len(tags))
        return self.put(head + entries + struct.pack(f"{self.order}I", following))

    def finished(self, first: int) -> bytes:
        """Return the file with this first directory."""
        self.data += bytes(len(self.data) % 2)
        self.data[4:8] = struct.pack(f"{self.order}I", first)
        return bytes(self.data)

    def _packed(self, kind: int, values: Any) -> tuple[int, bytes]:
        if kind == ASCII:
            text = values.encode() + b"\0"
            return len(text), text
        many = list(values) if isinstance(values, Sequence | bytes) else [values]
        if kind in {RATIONAL, SIGNED}:
            letter = "I" if kind == RATIONAL else "i"
            pairs = [
                part
                for value in many
                for part in Fraction(value).limit_denominator(10_000).as_integer_ratio()
            ]
            return len(many), struct.pack(f"{self.order}{len(pairs)}{letter}", *pairs)
        return len(many), struct.pack(f"{self.order}{len(many)}{_FORMATS[kind]}", *many)


def mosaic(scene: Image.Image) -> bytes:
    """Return the Bayer sensor data (RGGB) of a scene: uint16, little-endian."""
    light = (np.asarray(scene, np.float32) / 255) ** 2.2 * WHITE
    seen = light[:, :, 1].copy()
    seen[0::2, 0::2] = light[0::2, 0::2, 0]
    seen[1::2, 1::2] = light[1::2, 1::2, 2]
    return seen.astype("<u2").tobytes()


def jpeg(image: Image.Image, **options: Any) -> bytes:
    """Encode a picture as JPEG."""
    target = io.BytesIO()
    image.save(target, "JPEG", **{"quality": 90, **options})
    return target.getvalue()


def make_dng(
    path: Path,
    seed: int = 4,
    size: Size = (720, 480),
    *,
    preview: Image.Image | int | None = 640,
    orientation: int = 1,
    taken_at: str | None = "2024:07:01 18:03:11",
    make: str | None = None,
    variant: int = 0,
) -> Path:
    """Write a scene as a DNG, uncompressed; `preview` is its picture, or the longest side of the scene's own.

    With another `make` ("NIKON CORPORATION") it is that camera's RAW file and no DNG. Gives the path.
    """
    scene = make_scene(seed, size, variant=variant)
    if isinstance(preview, int):
        shown: Image.Image | None = scene.resize((preview, round(preview * size[1] / size[0])))
    else:
        shown = preview
    sensor = mosaic(scene)

    def built(sensor_at: int) -> bytes:
        return _directories(size, shown, sensor_at, len(sensor), orientation, taken_at, make)

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(built(len(built(0))) + sensor)  # the sensor's data last, as cameras write them
    return path


def _directories(
    size: Size,
    shown: Image.Image | None,
    sensor_at: int,
    sensor_bytes: int,
    orientation: int,
    taken_at: str | None,
    make: str | None,
) -> bytes:
    tiff = Tiff()
    raw: dict[int, tuple[int, Any]] = {
        254: (LONG, 0),
        256: (LONG, size[0]),
        257: (LONG, size[1]),
        258: (SHORT, 16),
        259: (SHORT, 1),
        262: (SHORT, 32803),
        273: (LONG, sensor_at),
        277: (SHORT, 1),
        278: (LONG, size[1]),
        279: (LONG, sensor_bytes),
        33421: (SHORT, (2, 2)),
        33422: (BYTE, (0, 1, 1, 2)),
        50713: (SHORT, (1, 1)),
        50714: (SHORT, 0),
        50717: (LONG, WHITE),
    }
    below = [tiff.directory(raw)]
    if shown is not None:
        data = jpeg(shown)
        pixels: dict[int, tuple[int, Any]] = {
            254: (LONG, 1),
            256: (LONG, shown.width),
            257: (LONG, shown.height),
            258: (SHORT, (8, 8, 8)),
            259: (SHORT, 7),
            262: (SHORT, 6),
            273: (LONG, tiff.put(data)),
            277: (SHORT, 3),
            278: (LONG, shown.height),
            279: (LONG, len(data)),
        }
        below.append(tiff.directory(pixels))
    detail: dict[int, tuple[int, Any]] = {
        33434: (RATIONAL, Fraction(1, 250)),
        33437: (RATIONAL, Fraction(28, 10)),
        34855: (SHORT, 400),
        37386: (RATIONAL, 35),
        42036: (ASCII, "35mm F2.8"),
    }
    if taken_at is not None:
        detail[36867] = (ASCII, taken_at)
    position = {
        1: (ASCII, "N"),
        2: (RATIONAL, (10, 30, 0)),
        3: (ASCII, "W"),
        4: (RATIONAL, (20, 15, 0)),
    }
    first: dict[int, tuple[int, Any]] = {
        254: (LONG, 1),
        271: (ASCII, make or "PhotoSim"),
        272: (ASCII, "Test Camera"),
        274: (SHORT, orientation),
        330: (LONG, below),
        34665: (LONG, tiff.directory(detail)),
        34853: (LONG, tiff.directory(position)),
    }
    if make is None:
        first |= {
            50706: (BYTE, (1, 4, 0, 0)),
            50707: (BYTE, (1, 1, 0, 0)),
            50708: (ASCII, "PhotoSim Test Camera"),
            50721: (SIGNED, (3.1339, -1.6169, -0.4906, -0.9788, 1.9161, 0.0335, 0.0719, -0.229, 1.4052)),
            50728: (RATIONAL, (1, 1, 1)),
            50778: (SHORT, 21),
        }
    return tiff.finished(tiff.directory(first))


def make_raf(path: Path, seed: int = 4, size: Size = (720, 480), preview: int = 640) -> Path:
    """Write a scene as a Fujifilm file: a header with three offsets, then preview, dimensions and sensor data."""
    scene = make_scene(seed, size)
    shown = jpeg(scene.resize((preview, round(preview * size[1] / size[0]))))
    sensor = mosaic(scene)
    sides = struct.pack(">I", 2)
    sides += b"".join(struct.pack(">HHHH", tag, 4, size[1], size[0]) for tag in (0x100, 0x121))
    head = (b"FUJIFILMCCD-RAW 0201FF389501" + b"X-T4".ljust(32, b"\0") + b"0100").ljust(84, b"\0")
    at = 160
    places = (at, len(shown), at + len(shown), len(sides), at + len(shown) + len(sides), len(sensor))
    path.write_bytes((head + struct.pack(">6I", *places)).ljust(at, b"\0") + shown + sides + sensor)
    return path
