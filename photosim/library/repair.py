"""Repair a damaged library: save what can be read, keep the damaged file aside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from photosim.errors import LibraryError, LibraryLockedError, ReadOnlyLibraryError
from photosim.library.locks import WindowLock
from photosim.store.catalog import FILE_NAME
from photosim.store.salvage import SalvageResult, is_intact, salvage

_LOCK = "lock"  # the one that whoever writes into the library holds


def repair(folder: Path) -> SalvageResult | None:
    """Repair the library in `folder`; None when nothing is wrong with it.

    Photos whose rows were lost are read again by the next indexing. Close the window on the library before.
    Raises LibraryError when there is no library, it is being written or the new file cannot be.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise LibraryError(f"There is no library in {folder}.")
    try:
        window = WindowLock(folder)
        window.acquire()
        try:
            with FileLock(folder / _LOCK, timeout=0):
                return None if is_intact(path) else salvage(path, datetime.now())
        finally:
            window.release()
    except ReadOnlyLibraryError:
        raise
    except (Timeout, LibraryLockedError) as error:
        raise LibraryLockedError(
            f"Another PhotoSim has the library {folder} open. Close it, then repair the library."
        ) from error
    except OSError as error:
        raise LibraryError(f"The library {folder} cannot be repaired: {error.strerror}.") from error
