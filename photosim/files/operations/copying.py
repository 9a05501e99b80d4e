"""Copy one file: complete, verified and durable, or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from xxhash import xxh3_128

from photosim.errors import PhotoSimError
from photosim.files.fspaths import long_path
from photosim.files.state import CHANGED

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


def part_path(folder: str) -> str:
    """Return a new path in a folder for a file that is still being written."""
    return os.path.join(folder, _PART.format(name=uuid.uuid4().hex))  # noqa: PTH118


def is_part(path: str) -> bool:
    """Return whether a path is one that `part_path` returns."""
    name = os.path.basename(path)  # noqa: PTH119
    before, after = _PART.split("{name}")
    return name.startswith(before) and name.endswith(after)


def copy_file(source: str, part: str, progress: TransferProgress) -> None:
    """Copy a file with its times to a path where nothing exists, and verify the copy, which is then on the disk.

    Raises OSError, TransferCancelled, and PhotoSimError when the file changes meanwhile or the copy differs; nothing is
    left then.
    """
    old_path, new_path = long_path(source), long_path(part)
    try:
        with open(old_path, "rb") as old, open(new_path, "xb") as new:  # noqa: PTH123
            before = os.fstat(old.fileno())
            digest = xxh3_128()
            for chunk in _chunks(old):
                if progress.is_cancelled():
                    raise TransferCancelled
                digest.update(chunk)
                new.write(chunk)
                progress.advance(0, len(chunk))
            after = os.fstat(old.fileno())
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise PhotoSimError(CHANGED)
            new.flush()
            with suppress(OSError):  # the drive may support no permissions or times
                shutil.copystat(old_path, new_path)
            os.fsync(new.fileno())
        if os.name == "nt":  # closing a file that was written sets its time
            with suppress(OSError):
                shutil.copystat(old_path, new_path)
        with open(new_path, "rb") as new:  # noqa: PTH123
            written = xxh3_128()
            for chunk in _chunks(new):
                written.update(chunk)
        if written.digest() != digest.digest():
            raise PhotoSimError("The copy differs from the original. The disk may be failing.")
    except FileExistsError:
        raise
    except BaseException:
        with suppress(OSError):
            os.remove(new_path)  # noqa: PTH107
        raise


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
