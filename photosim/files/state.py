"""The recorded state of a file, to tell later whether the same file, unchanged, is still at its path."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass

from xxhash import xxh3_128

from photosim.errors import PhotoSimError
from photosim.files.fspaths import clamp_time, long_path
from photosim.records import FileEntry

CHANGED = "The file was changed or replaced by another program."
"""Why nothing was done with a file that is not the one that was meant."""

_SAMPLE_BYTES = 16_384  # read from the head, and again from the tail
_FAT_ROUNDING_NS = 2_000_000_000  # FAT stores even seconds
_EXFAT_ROUNDING_NS = 10_000_000
_ONLINE_ONLY = 0x1000 | 0x40000 | 0x400000
"""Attributes of a file on Windows whose content is not on this computer: OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS."""

_DATALESS = 0x40000000
"""The flag of such a file on macOS."""

_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class FileState:
    """Size, times (nanoseconds) and identity of a file; `sample` is a digest of the head and tail of its content.

    `sample` is empty for a file that cannot be read, or not without a download.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    sample: bytes

    def entry(self, path: str) -> FileEntry:
        """Return the entry of this file at a path."""
        return FileEntry(path, self.size, clamp_time(self.mtime_ns))


def is_online_only(info: os.stat_result) -> bool:
    """Return whether the content of a file is not on this computer: opening it would start a download."""
    windows = getattr(info, "st_file_attributes", 0) & _ONLINE_ONLY
    return bool(windows or getattr(info, "st_flags", 0) & _DATALESS)


def read_state(path: str, *, follow_links: bool = False) -> FileState:
    """Return the present state of a file, or of a link. Raises OSError, ValueError, and PhotoSimError for no file."""
    found = _stat(path, follow_links=follow_links)
    return FileState(
        size=found.st_size,
        mtime_ns=found.st_mtime_ns,
        ctime_ns=found.st_ctime_ns,
        device=found.st_dev,
        inode=found.st_ino,
        sample=_read_sample(path, found),
    )


def is_same_state(
    path: str, expected: FileState, *, follow_links: bool = False, after_restart: bool = False
) -> bool:
    """Return whether the file of a recorded state is at a path, unchanged.

    Where only the attributes of the file have changed, its content decides; also where it has another number, on drives
    that number files anew: FAT, and any drive `after_restart`. Raises OSError or ValueError where nothing is at the path.
    """
    try:
        found = _stat(path, follow_links=follow_links)
    except PhotoSimError:
        return False
    if found.st_size != expected.size or not _is_same_time(found.st_mtime_ns, expected.mtime_ns):
        return False
    has_same_number = found.st_ino == expected.inode
    times = (found.st_mtime_ns, found.st_ctime_ns)
    is_same_device = found.st_dev == expected.device
    if has_same_number and is_same_device and times == (expected.mtime_ns, expected.ctime_ns):
        # The number of a deleted file is used again, and many systems count its times in steps of some milliseconds.
        sample = _read_sample(path, found)
        return not sample or not expected.sample or sample == expected.sample
    is_fat = found.st_mtime_ns % _EXFAT_ROUNDING_NS == 0
    if not (has_same_number or is_fat or after_restart):
        return False
    if not expected.sample:
        return has_same_number
    return _read_sample(path, found) == expected.sample


def has_state(
    path: str, expected: FileState, *, follow_links: bool = False, after_restart: bool = False
) -> bool:
    """Return the same as `is_same_state`, and False where nothing is at the path."""
    try:
        return is_same_state(path, expected, follow_links=follow_links, after_restart=after_restart)
    except (OSError, ValueError):
        return False


def require_state(path: str, expected: FileState | None, *, follow_links: bool = False) -> None:
    """Raise PhotoSimError unless the file of a recorded state, if one is given, is at a path; OSError for nothing."""
    if expected is not None and not is_same_state(path, expected, follow_links=follow_links):
        raise PhotoSimError(CHANGED)


def _stat(path: str, *, follow_links: bool) -> os.stat_result:
    found = os.stat(long_path(path), follow_symlinks=follow_links)  # noqa: PTH116 - thousands, as text
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISLNK(found.st_mode):
        raise PhotoSimError("This is not a file.")
    return found


def _is_same_time(found: int, expected: int) -> bool:
    """Compare two times; a drive may have rounded the one that was recorded when the file was written."""
    if found == expected:
        return True
    return found % _EXFAT_ROUNDING_NS == 0 and abs(found - expected) < _FAT_ROUNDING_NS


def _read_sample(path: str, found: os.stat_result) -> bytes:
    if is_online_only(found):
        return b""  # reading it would download it
    with suppress(OSError):
        if stat.S_ISLNK(found.st_mode):
            return xxh3_128(os.fsencode(os.readlink(long_path(path)))).digest()  # noqa: PTH115
        descriptor = os.open(long_path(path), _READ_FLAGS)
        with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123
            digest = xxh3_128(file.read(_SAMPLE_BYTES))
            if found.st_size > _SAMPLE_BYTES:
                file.seek(max(found.st_size - _SAMPLE_BYTES, _SAMPLE_BYTES))
                digest.update(file.read(_SAMPLE_BYTES))
            return digest.digest()
    return b""
