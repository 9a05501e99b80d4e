"""Tell whether a file that cannot be decoded was cut off: copied or downloaded in part."""

from __future__ import annotations

import os
from typing import IO

_TAIL = 65536  # bytes at the end in which a complete file has its end mark, also with junk behind it
_END_MARKS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
_ISO_MEDIA_MAX_BOXES = 1000  # a photo has fewer than ten at the top level

# TIFF 6.0, section 2: bytes of a value by its type; and the tags that say where the pixels are.
_TIFF_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TIFF_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}  # those of BigTIFF
_TIFF_PIXELS = ((273, 279), (324, 325))  # offsets and lengths of strips, of tiles
_TIFF_MAX_PART = 1_000_000  # bytes of a directory or of a list of offsets that are looked at


def ends_early(stream: IO[bytes], name: str) -> bool:
    """Tell whether a file of format `name` lacks the end that its format prescribes."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read(_TAIL)
    if name in _END_MARKS:
        return _END_MARKS[name] not in tail
    if name == "GIF":
        return not tail.rstrip(b"\0").endswith(b";")
    stream.seek(0)
    head = stream.read(16)
    if name == "WebP":
        return int.from_bytes(head[4:8], "little") + 8 > size
    if name == "TIFF":
        return _tiff_extent(stream, size) > size
    return name in {"AVIF", "HEIC"} and _iso_media_extent(stream, size) > size


def _iso_media_extent(stream: IO[bytes], size: int) -> int:
    """Give where the last top-level box ends, or a box that makes no sense starts."""
    at = 0
    for _ in range(_ISO_MEDIA_MAX_BOXES):
        if at + 8 > size:
            break
        stream.seek(at)
        header = stream.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length < 8:
            break  # 0: the box reaches to the end of the file
        at += length
    return at


def _tiff_extent(stream: IO[bytes], size: int) -> int:
    """Give where the last byte lies that the first directory needs: itself, its values and its pixels."""
    extent = 0

    def part(at: int, length: int) -> bytes:
        nonlocal extent
        extent = max(extent, at + length)
        stream.seek(min(at, size))
        return stream.read(min(length, _TIFF_MAX_PART))

    def number(digits: bytes) -> int:
        return int.from_bytes(digits, order)  # type: ignore[arg-type]

    head = part(0, 16)
    order = "little" if head.startswith(b"II") else "big"
    big = b"+" in head[:4]
    counter, entry_bytes, inline = (8, 20, 8) if big else (2, 12, 4)
    start = number(head[8:16] if big else head[4:8])
    count = number(part(start, counter))
    directory = part(start + counter, count * entry_bytes)
    values: dict[int, list[int]] = {}
    for at in range(0, len(directory) - entry_bytes + 1, entry_bytes):
        entry = directory[at : at + entry_bytes]
        tag, width = number(entry[:2]), _TIFF_TYPE_BYTES.get(number(entry[2:4]), 1)
        length = width * number(entry[4 : 4 + inline])
        held = entry[4 + inline :]
        held = held[:length] if length <= inline else part(number(held), length)
        values[tag] = [number(held[byte : byte + width]) for byte in range(0, len(held), width)]
    for offsets, lengths in _TIFF_PIXELS:
        for at, length in zip(values.get(offsets, ()), values.get(lengths, ()), strict=False):
            extent = max(extent, at + length)
    return extent
