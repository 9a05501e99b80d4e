"""PNG files built chunk by chunk, with ancillary chunks that no encoder writes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Sequence

import numpy as np
from PIL import Image

Chunk = tuple[bytes, bytes]

_COLOR_TYPES = {"L": 0, "RGB": 2, "RGBA": 6}


def make_png(
    image: Image.Image,
    *,
    before: Sequence[Chunk] = (),
    after: Sequence[Chunk] = (),
    damaged: Collection[bytes] = (),
) -> bytes:
    """Return a PNG of an 8-bit image with chunks before and after the pixels; `damaged` kinds have wrong checksums."""
    pixels = np.asarray(image)
    return png_of_rows(
        [row.tobytes() for row in pixels],
        image.size,
        8,
        _COLOR_TYPES[image.mode],
        before=before,
        after=after,
        damaged=damaged,
    )


def png_of_rows(
    rows: Sequence[bytes],
    size: tuple[int, int],
    depth: int,
    color_type: int,
    *,
    before: Sequence[Chunk] = (),
    after: Sequence[Chunk] = (),
    damaged: Collection[bytes] = (),
) -> bytes:
    """Return a PNG of unfiltered rows."""
    header = (b"IHDR", struct.pack(">IIBBBBB", *size, depth, color_type, 0, 0, 0))
    pixels = (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    chunks = [header, *before, pixels, *after, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(make_chunk(kind, data, kind in damaged) for kind, data in chunks)


def make_chunk(kind: bytes, data: bytes, damaged: bool = False) -> bytes:
    """Return a chunk, with a wrong checksum if it is damaged."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ damaged)
