"""Detect truncated files: copied or downloaded in part."""

from __future__ import annotations

import os
import struct
from typing import IO

from photosim.imaging.formats import tiff

_TAIL_BYTES = 65536  # at the end, in which a complete file has its end marker, even with junk after it
_END_MARKERS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
_RAW_AS_TIFF = frozenset({"DNG", "NEF", "ARW", "CR2", "PEF", "SRW", "RAW"})
_ISO_MEDIA = frozenset({"AVIF", "HEIC", "CR3"})
_ISO_MEDIA_MAX_BOXES = 1000  # a photo has fewer than ten at the top level


def is_truncated(stream: IO[bytes], name: str) -> bool:
    """Return whether a file of format `name` lacks the end that its format requires."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    tail = stream.read(_TAIL_BYTES)
    if name in _END_MARKERS:
        return _END_MARKERS[name] not in tail
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
    """Return the end of the last top-level box, or the start of an invalid one."""
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
            break  # 0: up to the end of the file
        at += length
    return at


def _raf_extent(stream: IO[bytes]) -> int:
    """Return the end of the preview and the sensor data by the header of a Fujifilm file."""
    stream.seek(84)
    spans: tuple[int, ...] = struct.unpack(">6I", stream.read(24).ljust(24, b"\0"))
    return max(start + length for start, length in zip(spans[::2], spans[1::2], strict=True))
