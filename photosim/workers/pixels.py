"""Pass the pixels of decoded photos from a photo worker to the window, through files in shared memory.

The window makes a private folder of such files and removes each one as soon as it is read, or when the worker has died.
When the window itself is killed, its worker removes the folder, and at the latest the next window does. On Linux the
folder is in /dev/shm, which is memory; elsewhere it is in the folder for temporary files, whose pages the system keeps
in memory unless that is scarce.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from photosim.imaging.color import Picture

_PREFIX = "photosim-pixels-"
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is private
_MIN_FREE_BYTES = 1 << 30
_BAND_ROWS = 1024


class PixelFolder:
    """A private folder for the pixels of one window."""

    def __init__(self, parent: Path | None = None) -> None:
        parent = parent or _parent_folder()
        _remove_abandoned(parent)
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
        self._numbers = count(1)

    def new_file(self) -> Path:
        """Return the path of a file that does not exist yet."""
        return self.path / str(next(self._numbers))

    def close(self) -> None:
        """Remove the folder and all files in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def stride(width: int) -> int:
    """Return the bytes of a row of RGB pixels, which is padded to a multiple of 4 as in a QImage."""
    return (3 * width + 3) & ~3


def write_pixels(target: Path, picture: Picture) -> None:
    """Write an RGB picture (H, W, 3) to a new file, in rows of `stride` bytes. Raises OSError."""
    height, width = picture.shape[:2]
    padding = stride(width) - 3 * width
    with target.open("xb", buffering=0) as file:
        for top in range(0, height, _BAND_ROWS):
            band = np.ascontiguousarray(picture[top : top + _BAND_ROWS]).reshape(-1, 3 * width)
            if padding:
                band = np.pad(band, ((0, 0), (0, padding)))
            remaining = memoryview(band.data).cast("B")
            while remaining:
                remaining = remaining[file.write(remaining) :]


def read_pixels(source: Path, buffer: memoryview) -> bool:
    """Read a file into a buffer of its size and remove it; returns whether it was as long as the buffer."""
    try:
        with source.open("rb", buffering=0) as file:
            remaining = buffer
            while remaining and (read := file.readinto(remaining)):
                remaining = remaining[read:]
            return not remaining and not file.read(1)
    finally:
        remove(source)


def remove(file: Path) -> None:
    """Remove a file of pixels if it exists."""
    with suppress(OSError):
        file.unlink()


def remove_with_folder(files: list[Path]) -> None:
    """Remove the files that a worker has written, and their folder: the window is gone."""
    for file in files:
        remove(file)
    for folder in {file.parent for file in files}:
        if folder.name.startswith(_PREFIX):
            with suppress(OSError):
                folder.rmdir()


def _parent_folder() -> Path:
    if sys.platform == "linux":
        with suppress(OSError):
            is_writable = os.access(_SHARED_MEMORY, os.W_OK | os.X_OK)
            if is_writable and shutil.disk_usage(_SHARED_MEMORY).free >= _MIN_FREE_BYTES:
                return _SHARED_MEMORY
    return Path(tempfile.gettempdir())


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of windows that were killed together with their worker."""
    import psutil

    with suppress(OSError):
        for folder in parent.glob(f"{_PREFIX}*-*"):
            process = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if process.isdecimal() and not psutil.pid_exists(int(process)):
                shutil.rmtree(folder, ignore_errors=True)  # that of another user cannot be removed
