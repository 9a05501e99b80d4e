"""Copy or move one file: whole or not at all, and never over another one."""

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

_CHUNK = 4 << 20  # bytes copied between two looks at whether to go on
_PART = ".photosim-{name}.part"


class TransferProgress:
    """Receives progress and says whether to stop, in the thread of the transfer; this one ignores and never stops."""

    def set_total(self, size: int) -> None:
        """Set the number of bytes in all."""

    def advance(self, photos: int, size: int) -> None:
        """Add photos and bytes that are done."""

    def is_cancelled(self) -> bool:
        """Whether to stop; what is done stays done."""
        return False


class TransferCancelled(Exception):  # noqa: N818 - nothing is wrong
    """The person wants no more, in the middle of a photo."""


def copy_or_move(source: str, target: str, progress: TransferProgress, *, move: bool) -> FileEntry:
    """Copy or move one file to a path where nothing is. Raises FileExistsError where something is."""
    before = stat_entry(source)
    if move and os.path.islink(source):  # noqa: PTH114
        raise PhotoSimError("It is only a link to a photo: move the photo itself.")
    here, there = long_path(source), long_path(target)
    # The name is taken first: what moves onto it replaces our own empty file and never another's.
    os.close(os.open(there, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    may_go = True  # what lies at the target, while the source is still there
    try:
        if move and _rename(here, there):
            may_go = False
            progress.advance(0, before.size)
        else:
            _copy(here, there, progress)
            if move:
                if stat_entry(source) != before:
                    raise PhotoSimError("It was changed just now.")
                os.remove(here)  # noqa: PTH107
                may_go = False
        return stat_entry(target)
    except (OSError, PhotoSimError, TransferCancelled):
        if may_go:
            with suppress(OSError):
                os.remove(there)  # noqa: PTH107
        raise


def stat_entry(path: str) -> FileEntry:
    """A file as it lies there now. Raises OSError when it does not."""
    return FileEntry(path, *stat_stamp(path))


# --- helpers --------------------------------------------------------------------------------------------------


def _rename(source: str, target: str) -> bool:
    """Move a file onto one that is ours; False when they lie on two drives."""
    try:
        os.replace(source, target)  # noqa: PTH105
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _copy(source: str, target: str, watch: TransferProgress) -> None:
    """Copy a file over one that is ours, with its times, and compare; the target is whole or untouched."""
    part = os.path.join(os.path.dirname(target), _PART.format(name=uuid.uuid4().hex))  # noqa: PTH118, PTH120
    try:
        with open(source, "rb") as old, open(part, "xb") as new:  # noqa: PTH123
            written = xxh3_128()
            for chunk in _chunks(old):
                if watch.is_cancelled():
                    raise TransferCancelled
                written.update(chunk)
                new.write(chunk)
                watch.advance(0, len(chunk))
            new.flush()
            os.fsync(new.fileno())
        with suppress(OSError):  # a drive without rights or times of its own keeps the bytes all the same
            shutil.copystat(source, part)
        with open(part, "rb") as new:  # noqa: PTH123
            there = xxh3_128()
            for chunk in _chunks(new):
                there.update(chunk)
        if there.digest() != written.digest():
            raise PhotoSimError("The copy was not the same as the file: the disk may be failing.")
        os.replace(part, target)  # noqa: PTH105
    except (OSError, PhotoSimError, TransferCancelled):
        with suppress(OSError):
            os.remove(part)  # noqa: PTH107
        raise


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
