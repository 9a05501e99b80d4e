"""What kind of file a name tells by its suffix: a photo, a video, a side file, or a download in progress."""

from __future__ import annotations

import os

from photosim.files.signatures import is_photo_file

PHOTO_SUFFIXES: frozenset[str] = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".mpo"}
    | {".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif"}
    | {".avif", ".avifs", ".heic", ".heif", ".heics", ".heifs", ".hif", ".jxl"}
    # RAW files
    | {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw"}
    | {".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)

VIDEO_SUFFIXES: frozenset[str] = frozenset(
    {".mov", ".mp4", ".m4v", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".mts", ".m2ts", ".3gp"}
    | {".3g2", ".mod", ".tod", ".vob", ".flv", ".ogv", ".insv", ".lrv", ".braw"}
)

SIDECAR_SUFFIXES = frozenset({".xmp", ".aae", ".pp3", ".dop", ".thm", ".on1", ".cos", ".vrd"})
"""Files that other programs store beside a photo under its name, with their edits and metadata."""

_UNFINISHED_SUFFIXES = frozenset({".part", ".partial", ".filepart", ".crdownload", ".download"})
"""Files that are being downloaded or copied."""

NON_PHOTO_SUFFIXES = VIDEO_SUFFIXES | SIDECAR_SUFFIXES | _UNFINISHED_SUFFIXES
"""Suffixes of files that are no photos even if they begin like one."""

PHOTO_ENDINGS = PHOTO_SUFFIXES | {suffix.upper() for suffix in PHOTO_SUFFIXES}
"""The suffixes as cameras write them: looked up before a name is lowercased, which most then need not be."""


def is_photo_path(path: str) -> bool:
    """Return whether a scan lists the file at this path: by its suffix, or by its first bytes if that says nothing."""
    name = os.path.basename(path)  # noqa: PTH119 - any bytes
    suffix = name[name.rfind(".") :].lower()
    return suffix in PHOTO_SUFFIXES or (suffix not in NON_PHOTO_SUFFIXES and is_photo_file(path))
