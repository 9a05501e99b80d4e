"""One window at a time changes a library: a lock beside the one that whoever writes holds for a while."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from photosim.errors import LibraryLockedError, ReadOnlyLibraryError

_FILE = "open.lock"


class WindowLock:
    """Held by a window as long as it is open; the system lets go of it when the program dies.

    The commands do not take it: they may write beside a window, one at a time, as ever.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / _FILE)

    def acquire(self) -> None:
        """Take it, or keep it.

        Raises LibraryLockedError while another window has it, and ReadOnlyLibraryError where nothing can be written.
        """
        if self._lock.is_locked:
            return
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise LibraryLockedError(
                "Another PhotoSim has this library open: you can look at it, but change nothing."
            ) from error
        except OSError as error:
            raise ReadOnlyLibraryError(
                "This library cannot be written: you can look at it, but change nothing."
            ) from error

    def release(self) -> None:
        """Let go of it."""
        self._lock.release(force=True)
