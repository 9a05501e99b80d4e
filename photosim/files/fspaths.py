"""Questions about paths and files: containment, identity, changes, and long paths on Windows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photosim.records import FileEntry, Photo

_MAX_PLAIN_LENGTH = 247
"""Characters of a path that Windows takes without the prefix: 260, less the 8.3 name that must fit into a folder."""

_PREFIX, _NETWORK_PREFIX = "\\\\?\\", "\\\\?\\UNC\\"


def with_separator(folder: str) -> str:
    """Return the folder's path with one separator at its end: what every path inside it begins with."""
    return folder.rstrip(os.sep) + os.sep


def is_inside(path: str, folder: str) -> bool:
    """Return whether a path is a folder or lies below it, by the text of both; the disk is not read."""
    return with_separator(path).startswith(with_separator(folder))


def rebase(path: str, old: str, new: str) -> str:
    """Return the path that a file inside the folder `old` has when that folder is moved to `new`."""
    return with_separator(new) + path[len(with_separator(old)) :]


def same_file(first: str, second: str) -> bool:
    """Return whether two paths lead to the same existing file or folder."""
    try:
        return Path(long_path(first)).samefile(long_path(second))
    except (OSError, ValueError):
        return False


def file_identity(path: str, stat: os.stat_result) -> object:
    """Return what tells a file or folder from all others, by its path and what `os.stat` says of it.

    Some network drives give no inode numbers: there it is the resolved path.
    """
    return (stat.st_dev, stat.st_ino) if stat.st_ino else os.path.realpath(path)


_MAX_TIME_NS = 2**63 - 1  # in the year 2262; a broken clock, or a file of anybody's, may be later


def stat_stamp(path: str) -> tuple[int, int]:
    """Return size and modification time (bytes, nanoseconds) of a file. Raises OSError or ValueError."""
    return stamp_of(os.stat(long_path(path)))  # noqa: PTH116 - once for each photo, as text


def stamp_of(found: os.stat_result) -> tuple[int, int]:
    """Return size and modification time (bytes, nanoseconds)."""
    return found.st_size, clamp_time(found.st_mtime_ns)


def clamp_time(nanoseconds: int) -> int:
    """Return a time within the 64 bits that SQLite stores."""
    return min(max(nanoseconds, -_MAX_TIME_NS), _MAX_TIME_NS)


def is_unchanged(file: FileEntry | Photo, *, if_unreachable: bool = False) -> bool:
    """Return whether a file still has the size and time that were recorded; `if_unreachable` when it has no stamp."""
    try:
        return stat_stamp(file.path) == (file.size, file.mtime_ns)
    except (OSError, ValueError):
        return if_unreachable


def long_path(path: str, *, windows: bool = os.name == "nt") -> str:
    """Return an absolute path in the form that the system accepts at any length."""
    if not windows or len(path) <= _MAX_PLAIN_LENGTH or path.startswith(_PREFIX):
        return path
    path = path.replace("/", "\\")  # Windows translates no slashes behind the prefix
    return _NETWORK_PREFIX + path[2:] if path.startswith("\\\\") else _PREFIX + path


def plain_path(path: str, *, windows: bool = os.name == "nt") -> str:
    """Return the path without the prefix of `long_path`, as users know it."""
    if not windows or not path.startswith(_PREFIX):
        return path
    if path.startswith(_NETWORK_PREFIX):
        return "\\\\" + path[len(_NETWORK_PREFIX) :]
    return path[len(_PREFIX) :]
