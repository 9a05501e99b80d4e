"""Tell whether a file that cannot be decoded was cut off: copied or downloaded in part."""

from __future__ import annotations

import os
import struct
from typing import IO

from photosim.imaging import tiff

_TAIL = 65536  # bytes at the end in which a complete file has its end mark, also with junk behind it
_END_MARKS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
_RAW_AS_TIFF = frozenset({"DNG", "NEF", "ARW", "CR2", "PEF", "SRW", "RAW"})
_ISO_MEDIA = frozenset({"AVIF", "HEIC", "CR3"})
_ISO_MEDIA_MAX_BOXES = 1000  # a photo has fewer than ten at the top level


def is_truncated(stream: IO[bytes], name: str) -> bool:
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
        return tiff.extent(stream) > size
    if name in _RAW_AS_TIFF:
        return tiff.raw_extent(stream) > size
    if name == "RAF":
        return _raf_extent(stream) > size
    in_boxes = name in _ISO_MEDIA or (name == "JPEG XL" and head[4:8] == b"JXL ")
    return in_boxes and _iso_media_extent(stream, size) > size


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


def _raf_extent(stream: IO[bytes]) -> int:
    """Give where the preview and the sensor's data end that a Fujifilm file's header names."""
    stream.seek(84)
    places: tuple[int, ...] = struct.unpack(">6I", stream.read(24).ljust(24, b"\0"))
    return max(start + length for start, length in zip(places[::2], places[1::2], strict=True))
