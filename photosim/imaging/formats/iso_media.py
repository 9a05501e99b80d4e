"""Read the boxes of ISO base media files (HEIC, AVIF) within bounds: the color coding of the photo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

_MAX_BOXES = 1000
"""Boxes read of one container: a photo has fewer than ten at the top, and one for each property of its items."""

_MAX_META_BYTES = 4_000_000  # a grid of 250 megapixels has some hundred items
_MAX_ASSOCIATIONS = 20_000


def code_points(stream: IO[bytes]) -> tuple[int, int] | None:
    """Return the color primaries and transfer characteristics (H.273) of the primary item, None if it has none.

    An item with an ICC profile has no code points, since the profile is more exact.
    """
    meta = _find_meta(stream)
    if not meta.startswith(b"\0\0\0\0"):
        return None
    boxes = dict(reversed(list(_boxes(meta[4:]))))  # the first of each kind counts
    properties = dict(_boxes(boxes.get(b"iprp", b"")))
    children = [*_boxes(properties.get(b"ipco", b""))]
    wanted = _associations(properties.get(b"ipma", b""), _primary_item(boxes.get(b"pitm", b"")))
    found = [
        data
        for kind, data in (children[index - 1] for index in wanted if 0 < index <= len(children))
        if kind == b"colr"
    ]
    if any(data.startswith((b"prof", b"rICC")) for data in found):
        return None
    coded = [data for data in found if data.startswith(b"nclx") and len(data) >= 10]
    if not coded:
        return None
    return int.from_bytes(coded[0][4:6], "big"), int.from_bytes(coded[0][6:8], "big")


def _find_meta(stream: IO[bytes]) -> bytes:
    """Return the content of the first "meta" box at the top level, empty if there is none."""
    at = 0
    for _ in range(_MAX_BOXES):
        stream.seek(at)
        header = stream.read(16)
        if len(header) < 8:
            break
        length, start = int.from_bytes(header[:4], "big"), 8
        if length == 1:
            length, start = int.from_bytes(header[8:16], "big"), 16
        if header[4:8] == b"meta":
            stream.seek(at + start)
            return stream.read(min(length - start if length else _MAX_META_BYTES, _MAX_META_BYTES))
        if length < start:
            break
        at += length
    return b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of the boxes in the content of another one."""
    at = 0
    for _ in range(_MAX_BOXES):
        length = int.from_bytes(data[at : at + 4], "big")
        if len(data) - at < 8 or length < 8:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + length]
        at += length


def _primary_item(pitm: bytes) -> int:
    return int.from_bytes(pitm[4:8] if pitm[:1] == b"\1" else pitm[4:6], "big")


def _associations(ipma: bytes, item: int) -> list[int]:
    """Return the numbers of the properties of an item, from 1."""
    if len(ipma) < 8:
        return []
    id_bytes, index_bytes = (2 if ipma[0] == 0 else 4), (2 if ipma[3] & 1 else 1)
    mask = (1 << (8 * index_bytes - 1)) - 1  # the highest bit says that the property is essential
    at = 8
    for _ in range(min(int.from_bytes(ipma[4:8], "big"), _MAX_ASSOCIATIONS)):
        found = int.from_bytes(ipma[at : at + id_bytes], "big")
        at += id_bytes
        count = int.from_bytes(ipma[at : at + 1], "big")
        indexes = ipma[at + 1 : at + 1 + count * index_bytes]
        at += 1 + len(indexes)
        if found == item:
            parts = range(0, len(indexes), index_bytes)
            return [int.from_bytes(indexes[part : part + index_bytes], "big") & mask for part in parts]
        if at >= len(ipma):
            break
    return []
