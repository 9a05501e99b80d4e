"""Repair a damaged library: recover what can be read and keep the damaged file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from photosim.errors import LibraryError, LibraryLockedError, ReadOnlyLibraryError
from photosim.library.locks import WindowLock, WriteLock
from photosim.store.catalog import FILE_NAME
from photosim.store.salvage import SalvageResult, is_intact, salvage


def repair(folder: Path) -> SalvageResult | None:
    """Repair the library in `folder`; returns None if it is intact.

    Photos whose rows are lost are read again by the next indexing. Raises LibraryError if there is no library, if it
    is open elsewhere, or if the new file cannot be written.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise LibraryError(f"There is no library in {folder}.")
    window_lock = WindowLock(folder)
    try:
        window_lock.acquire()
        try:
            with WriteLock(folder):
                return None if is_intact(path) else salvage(path, datetime.now())
        finally:
            window_lock.release()
    except ReadOnlyLibraryError:
        raise
    except LibraryLockedError as error:
        raise LibraryLockedError(
            f"The library {folder} is open in another PhotoSim. Close it, then try again."
        ) from error
    except OSError as error:
        raise LibraryError(f"The library {folder} cannot be repaired: {error.strerror}.") from error
