"""The two locks of a library folder: held while writing to it, and held by the window that may change it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from photosim.errors import LibraryLockedError, ReadOnlyLibraryError
from photosim.store.database import LibraryDatabase

_WRITE_LOCK = "lock"
_WINDOW_LOCK = "open.lock"


class WriteLock:
    """Context manager that a thread holds while it indexes or otherwise writes to a library.

    Entering raises LibraryLockedError while somebody else holds the lock, and ReadOnlyLibraryError where the library
    cannot or must not be changed.
    """

    def __init__(self, folder: Path, database: LibraryDatabase | None = None) -> None:
        self._folder, self._database = folder, database
        self._lock = FileLock(folder / _WRITE_LOCK, mode=0o600)

    def __enter__(self) -> None:
        if self._database is not None:
            self._database.check_writable()
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise LibraryLockedError(
                f"Another PhotoSim is writing to the library {self._folder}. Wait until it has finished, or choose "
                "another library with --library."
            ) from error
        except OSError as error:
            raise ReadOnlyLibraryError(
                f"The library {self._folder} is read-only: you can view it but not change it. "
                f"({_WRITE_LOCK}: {error.strerror}.)"
            ) from error

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


class WindowLock:
    """Lock that one window holds while it is open, so that other windows on the library are read-only.

    Commands do not acquire it: they may write beside a window. The system releases it when the program dies.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / _WINDOW_LOCK, mode=0o600)

    def acquire(self) -> None:
        """Acquire the lock unless this object holds it already.

        Raises LibraryLockedError while another window holds it, and ReadOnlyLibraryError where no file can be created.
        """
        if self._lock.is_locked:
            return
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise LibraryLockedError("This library is open in another PhotoSim.") from error
        except OSError as error:
            raise ReadOnlyLibraryError("This library is read-only.") from error

    def release(self) -> None:
        """Release the lock."""
        self._lock.release(force=True)
