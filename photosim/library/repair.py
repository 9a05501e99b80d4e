"""Repair a damaged library: recover what can be read and keep the damaged file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from photosim.errors import DamagedLibraryError, LibraryError, LibraryLockedError, ReadOnlyLibraryError
from photosim.library.locks import WindowLock, WriteLock
from photosim.search.index_files import delete_all_indexes
from photosim.store import migrations
from photosim.store.catalog import FILE_NAME
from photosim.store.connection import is_up_to_date
from photosim.store.database import LibraryDatabase
from photosim.store.recovery.salvage import SalvageResult, is_intact, salvage


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
                return None if _is_intact(path) else _salvage(folder, path)
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


def _is_intact(path: Path) -> bool:
    """Check a library file. Raises LibraryError for one of another program or of a newer PhotoSim."""
    try:
        if not is_up_to_date(path, migrations.library):
            LibraryDatabase(path, migrations.library).close()
    except DamagedLibraryError:
        return False
    return is_intact(path)


def _salvage(folder: Path, path: Path) -> SalvageResult:
    result = salvage(path, datetime.now())
    # Lost ids may be given to other photos, so saved indexes, which know photos by id, are built again.
    delete_all_indexes(folder)
    return result
