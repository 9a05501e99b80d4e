"""The chunks of a PNG file that hold pixels, for Pillow, or decoded in bands of rows that are made smaller at once.

Of 250 megapixels, Pillow's four bytes for each would take 1 GB.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MODES = {2: "RGB", 4: "LA", 6: "RGBA"}
_BAND_BYTES = 8_000_000
_BLOCK_BYTES = 1 << 16


class Chunk(NamedTuple):
    """One chunk of a file."""

    kind: bytes
    start: int
    """Where the data begins."""
    length: int


class Pieces(io.RawIOBase):
    """A file that consists of chunks of another one, as they are."""

    def __init__(self, stream: IO[bytes], chunks: list[Chunk]) -> None:
        super().__init__()
        self._stream = stream
        self._pieces: list[tuple[int, int, int]] = []  # position here, start in the stream, length
        at = len(SIGNATURE)
        for chunk in chunks:
            length = chunk.length + 12
            start = chunk.start - 8
            if self._pieces and self._pieces[-1][1] + self._pieces[-1][2] == start:
                position, first, before = self._pieces.pop()
                self._pieces.append((position, first, before + length))
            else:
                self._pieces.append((at, start, length))
            at += length
        self._at, self._number = 0, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position; returns it."""
        if whence == io.SEEK_CUR:
            offset += self._at
        elif whence == io.SEEK_END:
            last = self._pieces[-1] if self._pieces else (0, 0, len(SIGNATURE))
            offset += last[0] + last[2]
        self._at = max(0, offset)
        self._number = 0
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes from all chunks, as if they followed one another."""
        parts: list[bytes] = []
        left = size if size >= 0 else 1 << 62
        if self._at < len(SIGNATURE) and left:
            parts.append(SIGNATURE[self._at : self._at + left])
            left -= len(parts[0])
            self._at += len(parts[0])
        while left > 0 and self._number < len(self._pieces):
            position, start, length = self._pieces[self._number]
            inside = self._at - position
            if inside >= length:
                self._number += 1
                continue
            self._stream.seek(start + inside)
            data = self._stream.read(min(left, length - inside))
            if not data:
                break
            parts.append(data)
            left -= len(data)
            self._at += len(data)
        return b"".join(parts)


def read_data(stream: IO[bytes], chunks: Iterable[Chunk]) -> Iterator[bytes]:
    """Yield what chunks hold, in blocks."""
    for chunk in chunks:
        for done in range(0, chunk.length, _BLOCK_BYTES):
            stream.seek(chunk.start + done)
            yield stream.read(min(_BLOCK_BYTES, chunk.length - done))


def decode_reduced(
    pieces: Iterable[bytes], size: tuple[int, int], depth: int, color_type: int, factor: int
) -> Image.Image | None:
    """Decode what the pieces of "IDAT" hold at 1/`factor` of its size, 16-bit values by their upper bytes.

    The pixels are not interlaced and none of their colors stands for transparency. Returns None for other kinds than
    RGB and those with alpha, and for damaged data.
    """
    mode = _MODES.get(color_type)
    if mode is None or depth not in (8, 16):
        return None
    width, height = size
    rows = factor * max(1, _BAND_BYTES // (factor * width * len(mode) * depth // 8))
    bands: list[Image.Image] = []
    above: bytes | None = None
    try:
        for filtered in _filtered_rows(pieces, 1 + width * len(mode) * depth // 8, rows, height):
            # A filter works on each byte of a pixel by itself, so that the upper ones need no lower ones.
            upper = filtered if depth == 8 else np.hstack([filtered[:, :1], filtered[:, 1::2]])
            content = upper.tobytes() if above is None else b"\0" + above + upper.tobytes()
            band_size = width, len(upper) + (above is not None)
            band = Image.frombytes(mode, band_size, zlib.compress(content, 0), "zip", mode)
            if above is not None:
                band = band.crop((0, 1, *band_size))
            above = band.crop((0, band.height - 1, *band.size)).tobytes()
            bands.append(band.reduce(factor))
    except (zlib.error, ValueError, OSError):
        return None
    small = Image.new(mode, (bands[0].width, sum(band.height for band in bands)))
    for number, band in enumerate(bands):
        small.paste(band, (0, number * rows // factor))
    return small


def _filtered_rows(
    pieces: Iterable[bytes], row_bytes: int, rows: int, height: int
) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the decompressed rows (N, row_bytes) of a picture in bands. Raises zlib.error and ValueError."""
    decompressor = zlib.decompressobj()
    remaining = iter(pieces)
    compressed = b""
    for top in range(0, height, rows):
        wanted = row_bytes * min(rows, height - top)
        band = bytearray()
        while len(band) < wanted:
            compressed = compressed or next(remaining, b"")
            more = decompressor.decompress(compressed, wanted - len(band))
            if not more and not compressed:
                raise ValueError("the pixels end too early")
            compressed = decompressor.unconsumed_tail
            if decompressor.eof and not more:
                raise ValueError("the pixels end too early")
            band += more
        yield np.frombuffer(band, np.uint8).reshape(-1, row_bytes)
