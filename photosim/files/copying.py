"""Copy or move one file: completely or not at all, and never over another file."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from xxhash import xxh3_128

from photosim.errors import PhotoSimError
from photosim.files.fspaths import long_path, stat_stamp
from photosim.records import FileEntry

_CHUNK = 4 << 20  # bytes copied between two checks for cancellation
_PART = ".photosim-{name}.part"


class TransferProgress:
    """Receives the progress of a transfer and may cancel it, in the thread of the transfer; this one does neither."""

    def set_total(self, size: int) -> None:
        """Set the number of bytes in all."""

    def advance(self, photos: int, size: int) -> None:
        """Count this many more photos and bytes as done."""

    def is_cancelled(self) -> bool:
        """Return whether to stop; finished photos stay done."""
        return False


class TransferCancelled(Exception):  # noqa: N818 - not an error
    """The user cancelled the transfer in the middle of a photo."""


def copy_or_move(source: str, target: str, progress: TransferProgress, *, move: bool) -> FileEntry:
    """Copy or move one file to a path where nothing exists. Raises FileExistsError where something does."""
    before = stat_entry(source)
    if move and os.path.islink(source):  # noqa: PTH114
        raise PhotoSimError("This is only a link. Move the photo itself.")
    old, new = long_path(source), long_path(target)
    # Create the target first: the move then replaces our own empty file and never another one.
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    remove_target = True  # while the source still exists
    try:
        if move and _rename(old, new):
            remove_target = False
            progress.advance(0, before.size)
        else:
            _copy(old, new, progress)
            if move:
                if stat_entry(source) != before:
                    raise PhotoSimError("The file was changed by another program.")
                os.remove(old)  # noqa: PTH107
                remove_target = False
        return stat_entry(target)
    except (OSError, PhotoSimError, TransferCancelled):
        if remove_target:
            with suppress(OSError):
                os.remove(new)  # noqa: PTH107
        raise


def stat_entry(path: str) -> FileEntry:
    """Return a file's present size and time. Raises OSError when it does not exist."""
    return FileEntry(path, *stat_stamp(path))


def _rename(source: str, target: str) -> bool:
    """Move a file over our own one; return False when they are on different drives."""
    try:
        os.replace(source, target)  # noqa: PTH105
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _copy(source: str, target: str, progress: TransferProgress) -> None:
    """Copy a file over our own one, with its times, and verify it; the target is complete or untouched."""
    part = os.path.join(os.path.dirname(target), _PART.format(name=uuid.uuid4().hex))  # noqa: PTH118, PTH120
    try:
        with open(source, "rb") as old, open(part, "xb") as new:  # noqa: PTH123
            read = xxh3_128()
            for chunk in _chunks(old):
                if progress.is_cancelled():
                    raise TransferCancelled
                read.update(chunk)
                new.write(chunk)
                progress.advance(0, len(chunk))
            new.flush()
            os.fsync(new.fileno())
        with suppress(OSError):  # the drive may support no permissions or times
            shutil.copystat(source, part)
        with open(part, "rb") as new:  # noqa: PTH123
            written = xxh3_128()
            for chunk in _chunks(new):
                written.update(chunk)
        if written.digest() != read.digest():
            raise PhotoSimError("The copy differs from the original. The disk may be failing.")
        os.replace(part, target)  # noqa: PTH105
    except (OSError, PhotoSimError, TransferCancelled):
        with suppress(OSError):
            os.remove(part)  # noqa: PTH107
        raise


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
