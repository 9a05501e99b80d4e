"""Whether the window may change its library: not while another window has it, nor where it cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from photosim.errors import LibraryLockedError, ReadOnlyLibraryError
from photosim.gui.base.translation import tr
from photosim.library.locks import WindowLock

if TYPE_CHECKING:
    from photosim.library.library import Library

_AGAIN_MS = 2000
"""How soon a window comes to life when the other one is closed."""


class WriteGuard(QObject):
    """Holds the library for this window, and says so to everything that would change it.

    An action or widget that changes the library and is otherwise always on: `guard.enable_with(it)`. One with a
    condition of its own: `setEnabled(condition and guard.may_write)`, again at `changed`. Whatever slips through
    is refused by the library itself, with a sentence.
    """

    changed = Signal(bool)
    """Whether the library may be changed is another."""

    reason_changed = Signal(str)
    """The reason is another; empty when the library may be changed."""

    def __init__(self, library: Library, window: QWidget, retry_ms: int = _AGAIN_MS) -> None:
        super().__init__(window)
        self._library = library
        self._lock = WindowLock(library.folder)
        self.reason = ""
        """Why the library may only be looked at; empty when it may be changed."""

        self._again = QTimer(self, interval=retry_ms)
        self._again.timeout.connect(self._look)
        self._try()

    @property
    def can_write(self) -> bool:
        """Whether this window may change the library."""
        return not self.reason

    def enable_with(self, *parts: QAction | QWidget) -> None:
        """Let these be enabled only while the library may be changed."""
        for part in parts:
            part.setEnabled(self.can_write)
            self.changed.connect(part.setEnabled)

    def close(self) -> None:
        """Let another window have the library."""
        self._again.stop()
        self._lock.release()

    # --- helpers -----------------------------------------------------------------------------------------

    def _try(self) -> None:
        try:
            if self._library.is_read_only:
                raise ReadOnlyLibraryError
            self._lock.acquire()
            self.reason = ""
        except ReadOnlyLibraryError:
            self.reason = tr("This library is read-only.")
        except LibraryLockedError:
            self.reason = tr("This library is open in another PhotoSim. You can view it but not change it.")
            self._again.start()
        self._library.set_read_only(self.reason)

    def _look(self) -> None:
        self._again.stop()
        self._try()
        self.reason_changed.emit(self.reason)
        if self.can_write:
            self.changed.emit(True)
