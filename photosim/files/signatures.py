"""Recognize photo files by their first bytes, whatever their name."""

from __future__ import annotations

import os
import stat

from photosim.files.fspaths import long_path
from photosim.files.state import is_online_only

HEAD_BYTES = 4096
"""Bytes to read for `sniff`: far more than any signature needs."""

_PLAIN_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"FUJIFILMCCD-RAW ", "RAF"),
    (b"FOVb", "X3F"),
    (b"\0MRM", "MRW"),
    (b"II\x1a\0\0\0HEAPCCDR", "CRW"),
    (b"IIRO", "ORF"),
    (b"IIRS", "ORF"),
    (b"MMOR", "ORF"),
    (b"IIU\0", "RW2"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_CR3_BRAND = b"crx "
_BMP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})

_OPEN_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)


def sniff(head: bytes) -> str | None:
    """Return the photo format that starts with these bytes, or None."""
    if head.startswith(b"II*\0") and head[8:11] == b"CR\2":
        return "CR2"
    for signature, name in _PLAIN_SIGNATURES:
        if head.startswith(signature):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    if head[4:8] == b"ftyp":
        return _sniff_iso_media(head)
    return None


def is_photo_file(path: str, folder: int | None = None) -> bool:
    """Return whether a file begins like a photo; with `folder`, a descriptor, `path` is relative to it.

    Files that cannot be read, or that would have to be downloaded first, count as no photos.
    """
    try:
        info = os.stat(path if folder is not None else long_path(path), dir_fd=folder)
        if not stat.S_ISREG(info.st_mode) or info.st_size == 0 or is_online_only(info):
            return False
        handle = os.open(path if folder is not None else long_path(path), _OPEN_FLAGS, dir_fd=folder)
        try:
            return sniff(os.read(handle, HEAD_BYTES)) is not None
        finally:
            os.close(handle)
    except (OSError, ValueError):
        return False


def _sniff_iso_media(head: bytes) -> str | None:
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))]
    if brands[0] == _CR3_BRAND:
        return "CR3"
    if brands[0] in _HEIC_BRANDS - {b"mif1", b"msf1"}:
        return "HEIC"
    if not _AVIF_BRANDS.isdisjoint(brands):
        return "AVIF"
    return None if _HEIC_BRANDS.isdisjoint(brands) else "HEIC"
