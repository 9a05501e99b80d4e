"""Open, hash and hold the files of photos, with a sentence for all that can go wrong."""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from xxhash import xxh3_128

from photosim.errors import UnreachablePhotoError, UnreadablePhotoError
from photosim.files.fspaths import long_path
from photosim.imaging import file_types
from photosim.runtime.file_memory import file_memory

MAX_FILE_BYTES = 2 * 1024**3
"""Size of the largest supported file: MAX_PIXELS with 16 bits per channel take 1.5 GB."""

_BLOCK_BYTES = 1024**2
_MAX_CONTENT_BYTES = 256 * 1024**2

_NOT_A_FILE = "This is a folder or a device, not a file."


@contextlib.contextmanager
def open_photo_file(path: str | Path) -> Iterator[io.FileIO]:
    """Open a regular file of supported size. Raises UnreadablePhotoError for anything that goes wrong."""
    try:
        with io.FileIO(long_path(str(path)), opener=_open_nonblocking) as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise UnreadablePhotoError(_NOT_A_FILE)
            if info.st_size > MAX_FILE_BYTES:
                limit = MAX_FILE_BYTES // 1024**3
                raise UnreadablePhotoError(
                    f"The file is too large. PhotoSim reads files of up to {limit} GB."
                )
            yield file
    except IsADirectoryError as error:
        raise UnreadablePhotoError(_NOT_A_FILE) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnreadablePhotoError("The file is unavailable.") from error
    except PermissionError as error:
        raise UnreachablePhotoError("You don't have permission to read the file.") from error
    except MemoryError as error:
        raise UnreachablePhotoError("Not enough memory to read the file.") from error
    except (OSError, ValueError) as error:
        raise UnreachablePhotoError(file_types.read_error_message(error)) from error


def _open_nonblocking(path: str, flags: int) -> int:
    """Open without blocking: a pipe in the place of a photo would wait for a writer for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def hash_file(file: io.FileIO) -> bytes:
    """Return the XXH3-128 of an open file. Raises UnreadablePhotoError for an empty one."""
    digest = xxh3_128()
    block = memoryview(bytearray(_BLOCK_BYTES))
    total = 0
    while count := file.readinto(block):
        digest.update(block[:count])
        total += count
    if total == 0:
        raise UnreadablePhotoError("The file is empty.")
    return digest.digest()


def content(stream: IO[bytes]) -> bytes | mmap.mmap | None:
    """Return the bytes of a file; None for one of unusual size, or if there is no memory in files."""
    if isinstance(stream, io.BytesIO):
        return stream.getvalue()
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    memory = file_memory(size) if size <= _MAX_CONTENT_BYTES else None
    if memory is not None:
        while block := stream.read(min(_BLOCK_BYTES, size - memory.tell())):
            memory.write(block)
            memory.madvise(mmap.MADV_DONTNEED)
    return memory
