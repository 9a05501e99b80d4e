"""Read the directories of TIFF files within bounds, to recognize camera RAW and truncated files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

# Bytes of a value by its type (TIFF 6.0, section 2); 16 to 18 belong to BigTIFF.
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}

_COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_DIRECTORIES, _DNG_VERSION = 259, 262, 271, 330, 50706
_PIXELS = ((273, 279), (324, 325))  # tags with offsets and lengths of strips, and of tiles

_WANTED = frozenset({_COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_DIRECTORIES, _DNG_VERSION, *sum(_PIXELS, ())})

# Bounds for hostile files: the longest read takes a second or two.
_MAX_READ_BYTES = 200_000  # of one list of offsets
_MAX_ENTRIES = 4000
_MAX_DIRECTORIES = 32  # a RAW file has three to ten

_SENSOR_PHOTOMETRICS = frozenset({32803, 34892})  # color filter array; linear RAW (DNG 1.7)
_SENSOR_COMPRESSIONS = frozenset({32767, 32769, 32770, 34713})  # Sony, Samsung, Samsung, Nikon
_FORMATS_BY_MAKER = {b"NIKON": "NEF", b"SONY": "ARW", b"PENTAX": "PEF", b"RICOH": "PEF", b"SAMSUNG": "SRW"}

Directory = dict[int, list[int]]
"""Integer values by tag, of the tags used here; a text is a list of its bytes."""


def raw_format(stream: IO[bytes]) -> str | None:
    """Return the camera RAW format of a TIFF file ("DNG", "NEF", ... or "RAW"), None for a plain TIFF."""
    maker = b""
    is_raw = False
    for directory in _Reader(stream).directories():
        if _DNG_VERSION in directory:
            return "DNG"
        maker = maker or bytes(byte & 0xFF for byte in directory.get(_MAKE, ())[:40])
        is_raw |= not _SENSOR_PHOTOMETRICS.isdisjoint(directory.get(_PHOTOMETRIC, ()))
        is_raw |= not _SENSOR_COMPRESSIONS.isdisjoint(directory.get(_COMPRESSION, ()))
    if not is_raw:
        return None
    formats = (format_ for name, format_ in _FORMATS_BY_MAKER.items() if maker.upper().startswith(name))
    return next(formats, "RAW")


def extent(stream: IO[bytes]) -> int:
    """Return the end of everything that the first directory refers to: itself, its values and its pixels."""
    reader = _Reader(stream)
    first = next(reader.directories(), {})
    return max(reader.extent, _pixels_end(first))


def raw_extent(stream: IO[bytes]) -> int:
    """Return the end of the pixels of all directories; cameras write wrong offsets of other values."""
    return max((_pixels_end(directory) for directory in _Reader(stream).directories()), default=0)


def _pixels_end(directory: Directory) -> int:
    ends = (
        start + length
        for offsets, lengths in _PIXELS
        for start, length in zip(directory.get(offsets, ()), directory.get(lengths, ()), strict=False)
    )
    return max(ends, default=0)


class _Reader:
    """Reads the directories of one file; `extent` is the end of everything read or referred to so far."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.extent = 0
        self._stream = stream
        self._size = stream.seek(0, os.SEEK_END)
        head = self._read(0, 16)
        self._order = "little" if head.startswith(b"II") else "big"
        self._big = b"+" in head[:4]
        self._first = self._number(head[8:16] if self._big else head[4:8])

    def directories(self) -> Iterator[Directory]:
        """Yield the directories in the order of the file, each before its subdirectories."""
        pending, seen = [self._first], set[int]()
        while pending and len(seen) < _MAX_DIRECTORIES:
            start = pending.pop(0)
            if start == 0 or start in seen or start >= self._size:
                self.extent = max(self.extent, start)
                continue
            seen.add(start)
            directory, next_start = self._directory(start)
            yield directory
            pending = [*directory.get(_SUB_DIRECTORIES, ())[:_MAX_DIRECTORIES], *pending, next_start]

    def _directory(self, start: int) -> tuple[Directory, int]:
        count_bytes, entry_bytes, inline_bytes = (8, 20, 8) if self._big else (2, 12, 4)
        count = self._number(self._read(start, count_bytes))
        end = start + count_bytes + count * entry_bytes
        entries = self._read(start + count_bytes, count * entry_bytes)[: _MAX_ENTRIES * entry_bytes]
        values: Directory = {}
        for at in range(0, len(entries) - entry_bytes + 1, entry_bytes):
            entry = entries[at : at + entry_bytes]
            tag, width = self._number(entry[:2]), _TYPE_BYTES.get(self._number(entry[2:4]), 1)
            length = width * self._number(entry[4 : 4 + inline_bytes])
            data = entry[4 + inline_bytes :]
            if length > inline_bytes:
                offset = self._number(data)
                self.extent = max(self.extent, offset + length)
            if tag not in _WANTED or tag in values:
                continue
            data = data[:length] if length <= inline_bytes else self._read(offset, length)
            values[tag] = [self._number(data[at : at + width]) for at in range(0, len(data), width)]
        self._stream.seek(min(end, self._size))
        return values, self._number(self._stream.read(inline_bytes))

    def _read(self, at: int, length: int) -> bytes:
        self.extent = max(self.extent, at + length)
        self._stream.seek(min(at, self._size))
        return self._stream.read(min(length, _MAX_READ_BYTES))

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, self._order)  # type: ignore[arg-type]
