"""Rename files without replacing others, and make what was renamed durable."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from contextlib import suppress
from functools import cache
from typing import Any

from photosim.files.fspaths import long_path

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1  # Linux, renameat2(2)
_RENAME_EXCL = 4  # macOS, renamex_np(2)
_UNSUPPORTED = frozenset(
    getattr(errno, name)
    for name in ("EINVAL", "ENOSYS", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP")
    if hasattr(errno, name)
)
"""Errors of a system or drive that cannot rename or link in this way."""


def rename_new(source: str, target: str) -> None:
    """Rename a file to a path where nothing exists.

    Raises FileExistsError where something does, and OSError with EXDEV for another drive.
    """
    old, new = long_path(source), long_path(target)
    if os.name == "nt":
        os.rename(old, new)  # noqa: PTH104 - never replaces a file on Windows
    elif not _rename_exclusively(old, new) and not _rename_by_link(old, new):
        _rename_over_placeholder(old, new)


def sync_file(path: str) -> None:
    """Make the content of a file durable. Raises OSError."""
    descriptor = os.open(long_path(path), os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name == "nt":  # NTFS has a journal of its own and opens no folders
        return
    with suppress(OSError):  # some network drives cannot
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _rename_exclusively(old: str, new: str) -> bool:
    """Rename by the call that fails where something exists; return False where there is no such call."""
    rename = _exclusive_rename()
    if rename is None:
        return False
    code = rename(os.fsencode(old), os.fsencode(new))
    if code in _UNSUPPORTED:
        return False
    if code:
        raise OSError(code, os.strerror(code), old, None, new)
    return True


@cache
def _exclusive_rename() -> Any:
    """Return a function of two paths that returns an errno, or None where the system has none."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            function, before, between = library.renamex_np, (), ()
            function.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)
            flag = _RENAME_EXCL
        else:
            function, before, between = library.renameat2, (_AT_FDCWD,), (_AT_FDCWD,)
            function.argtypes = (
                ctypes.c_int,
                ctypes.c_char_p,
                ctypes.c_int,
                ctypes.c_char_p,
                ctypes.c_uint,
            )
            flag = _RENAME_NOREPLACE
    except (OSError, AttributeError):
        return None
    function.restype = ctypes.c_int

    def rename(old: bytes, new: bytes) -> int:
        return ctypes.get_errno() if function(*before, old, *between, new, flag) else 0

    return rename


def _rename_by_link(old: str, new: str) -> bool:
    """Link the file to its new name and remove the old one; return False on drives without hard links."""
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return False
        raise
    except NotImplementedError:
        return False
    try:
        os.remove(old)  # noqa: PTH107
    except OSError:
        os.remove(new)  # noqa: PTH107 - the name of a moment ago
        raise
    return True


def _rename_over_placeholder(old: str, new: str) -> None:
    """Rename over an empty file of our own: another program would have to write into it just then."""
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    placeholder = os.fstat(descriptor)
    os.close(descriptor)
    try:
        found = os.stat(new, follow_symlinks=False)  # noqa: PTH116
        if found.st_size or (found.st_dev, found.st_ino) != (placeholder.st_dev, placeholder.st_ino):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        os.replace(old, new)  # noqa: PTH105
    except FileExistsError:
        raise
    except OSError:
        with suppress(OSError):
            os.remove(new)  # noqa: PTH107
        raise
