"""The directories of a TIFF file, read within bounds: what tells a camera's RAW file, and where a file must end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

# TIFF 6.0, section 2: bytes of a value by its type; 16 to 18 are those of BigTIFF.
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}

_COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_DIRECTORIES, _DNG_VERSION = 259, 262, 271, 330, 50706
_PIXELS = ((273, 279), (324, 325))  # the tags with offsets and lengths of strips, of tiles

_WANTED = frozenset({_COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_DIRECTORIES, _DNG_VERSION, *sum(_PIXELS, ())})

# Bounds for a file that lies: with them the longest walk takes a second or two.
_MAX_PART = 200_000  # bytes of a list of offsets that are looked at
_MAX_ENTRIES = 4000
_MAX_DIRECTORIES = 32  # a RAW file has three to ten

_SENSOR_PHOTOMETRICS = frozenset({32803, 34892})  # colour filter array; linear RAW (DNG 1.7)
_SENSOR_COMPRESSIONS = frozenset({32767, 32769, 32770, 34713})  # Sony, Samsung, Samsung, Nikon
_KINDS_BY_MAKER = {b"NIKON": "NEF", b"SONY": "ARW", b"PENTAX": "PEF", b"RICOH": "PEF", b"SAMSUNG": "SRW"}

Directory = dict[int, list[int]]
"""The values of the tags that matter here, as whole numbers; a text is a list of its bytes."""


def raw_format(stream: IO[bytes]) -> str | None:
    """Name the kind of camera RAW that a TIFF file is ("DNG", "NEF", ... or "RAW"), None for a plain TIFF."""
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
    kinds = (kind for name, kind in _KINDS_BY_MAKER.items() if maker.upper().startswith(name))
    return next(kinds, "RAW")


def extent(stream: IO[bytes]) -> int:
    """Give where the last byte lies that the first directory needs: itself, its values and its pixels."""
    reader = _Reader(stream)
    first = next(reader.directories(), {})
    return max(reader.extent, _pixels_end(first))


def raw_extent(stream: IO[bytes]) -> int:
    """Give where the last byte lies of the pictures in all directories; cameras err in the places of other values."""
    return max((_pixels_end(directory) for directory in _Reader(stream).directories()), default=0)


def _pixels_end(directory: Directory) -> int:
    ends = (
        at + length
        for offsets, lengths in _PIXELS
        for at, length in zip(directory.get(offsets, ()), directory.get(lengths, ()), strict=False)
    )
    return max(ends, default=0)


class _Reader:
    """One walk over a file's directories; `extent` is where the last byte lies that they name."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.extent = 0
        self._stream = stream
        self._size = stream.seek(0, os.SEEK_END)
        head = self._part(0, 16)
        self._order = "little" if head.startswith(b"II") else "big"
        self._big = b"+" in head[:4]
        self._first = self._number(head[8:16] if self._big else head[4:8])

    def directories(self) -> Iterator[Directory]:
        """The directories in the order of the file's chain, each before those below it."""
        waiting, seen = [self._first], set[int]()
        while waiting and len(seen) < _MAX_DIRECTORIES:
            start = waiting.pop(0)
            if start == 0 or start in seen or start >= self._size:
                self.extent = max(self.extent, start)
                continue
            seen.add(start)
            directory, following = self._directory(start)
            yield directory
            waiting = [*directory.get(_SUB_DIRECTORIES, ())[:_MAX_DIRECTORIES], *waiting, following]

    def _directory(self, start: int) -> tuple[Directory, int]:
        counter, entry_bytes, inline = (8, 20, 8) if self._big else (2, 12, 4)
        count = self._number(self._part(start, counter))
        end = start + counter + count * entry_bytes
        entries = self._part(start + counter, count * entry_bytes)[: _MAX_ENTRIES * entry_bytes]
        values: Directory = {}
        for at in range(0, len(entries) - entry_bytes + 1, entry_bytes):
            entry = entries[at : at + entry_bytes]
            tag, width = self._number(entry[:2]), _TYPE_BYTES.get(self._number(entry[2:4]), 1)
            length = width * self._number(entry[4 : 4 + inline])
            held = entry[4 + inline :]
            if length > inline:
                place = self._number(held)
                self.extent = max(self.extent, place + length)
            if tag not in _WANTED or tag in values:
                continue
            held = held[:length] if length <= inline else self._part(place, length)
            values[tag] = [self._number(held[byte : byte + width]) for byte in range(0, len(held), width)]
        self._stream.seek(min(end, self._size))
        return values, self._number(self._stream.read(inline))

    def _part(self, at: int, length: int) -> bytes:
        self.extent = max(self.extent, at + length)
        self._stream.seek(min(at, self._size))
        return self._stream.read(min(length, _MAX_PART))

    def _number(self, digits: bytes) -> int:
        return int.from_bytes(digits, self._order)  # type: ignore[arg-type]
