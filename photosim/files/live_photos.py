"""Recognize the movies of live photos by the metadata that the phone writes into them, not by name alone."""

from __future__ import annotations

from typing import BinaryIO

from photosim.files.fspaths import long_path

MOVIE_SUFFIXES = frozenset({".mov", ".mp4"})

_METADATA_KEYS = (b"com.apple.quicktime.still-image-time", b"com.apple.quicktime.content.identifier")
"""Keys that tie a movie to a still image; movies filmed on their own have neither."""

_METADATA_BOX = b"moov"
"""The box of a movie file that holds everything except pictures and sound."""

_MAX_BOXES, _MAX_METADATA_BYTES = 64, 4_000_000
"""Bounds for hostile files; the metadata of a live photo's three seconds takes about 10 kB."""


def is_live_movie(path: str) -> bool:
    """Return whether a movie file is the moving part of a live photo; False for unreadable files."""
    try:
        with open(long_path(path), "rb") as stream:  # noqa: PTH123 - a path with any bytes
            metadata = _read_box(stream, _METADATA_BOX)
    except (OSError, ValueError):
        return False
    return any(key in metadata for key in _METADATA_KEYS)


def _read_box(stream: BinaryIO, wanted: bytes) -> bytes:
    """Return the content of the first box of a type, or nothing without one (ISO/IEC 14496-12, 4.2)."""
    for _ in range(_MAX_BOXES):
        header = stream.read(8)
        if len(header) < 8:
            return b""
        size, kind, header_size = int.from_bytes(header[:4], "big"), header[4:], 8
        if size == 1:  # a 64-bit size follows
            size, header_size = int.from_bytes(stream.read(8), "big"), 16
        if kind == wanted:
            length = size - header_size if size else _MAX_METADATA_BYTES
            return stream.read(max(0, min(length, _MAX_METADATA_BYTES)))
        if size < header_size:  # 0: the last box, up to the end of the file
            return b""
        stream.seek(size - header_size, 1)
    return b""
