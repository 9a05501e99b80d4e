"""The movies of live photos: told by the mark that the phone writes into them, not by their names alone."""

from __future__ import annotations

from typing import BinaryIO

from photosim.files.fspaths import long_path

MOVIE_SUFFIXES = frozenset({".mov", ".mp4"})

_MARKS = (b"com.apple.quicktime.still-image-time", b"com.apple.quicktime.content.identifier")
"""Keys of the metadata that tie a movie to a still; a clip that was filmed by itself has neither."""

_ABOUT = b"moov"
"""The box of a movie file that holds everything but pictures and sound."""

_BOXES, _READ = 64, 4_000_000
"""Boxes looked at, and bytes of the one: that of a live photo's three seconds has some ten thousand."""


def is_live_movie(path: str) -> bool:
    """Whether a movie file is the moving part of a live photo; not of one that cannot be read."""
    try:
        with open(long_path(path), "rb") as stream:  # noqa: PTH123 - a path with any bytes
            about = _box(stream, _ABOUT)
    except (OSError, ValueError):
        return False
    return any(mark in about for mark in _MARKS)


def _box(stream: BinaryIO, wanted: bytes) -> bytes:
    """What is in the first box of a kind; nothing where the file is no movie or has none (ISO/IEC 14496-12, 4.2)."""
    for _ in range(_BOXES):
        head = stream.read(8)
        if len(head) < 8:
            return b""
        size, kind, used = int.from_bytes(head[:4], "big"), head[4:], 8
        if size == 1:  # the size is too large for its place, and follows
            size, used = int.from_bytes(stream.read(8), "big"), 16
        if kind == wanted:
            return stream.read(min(size - used, _READ) if size else _READ)
        if size < used:  # 0: the last box, which goes to the end
            return b""
        stream.seek(size - used, 1)
    return b""
