"""Decides whether the window may change its library: not while another window has it, nor where it is read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from photosim.errors import LibraryLockedError, ReadOnlyLibraryError
from photosim.gui.base.translation import tr
from photosim.library.locks import WindowLock

if TYPE_CHECKING:
    from photosim.library import Library

_RETRY_MS = 2000
"""How often a window tries to lock a library that another one has open."""


class WriteGuard(QObject):
    """Locks the library for this window, and tells all that would change it whether it is locked.

    An action or widget that changes the library and is otherwise always enabled: `guard.enable_with(action)`. One with
    a condition of its own: `setEnabled(condition and guard.can_write)`, again at `changed`. The library itself refuses
    any other change.
    """

    changed = Signal(bool)
    """Whether the library may be changed has changed."""

    reason_changed = Signal(str)
    """The new reason; empty when the library may be changed."""

    def __init__(self, library: Library, window: QWidget, retry_ms: int = _RETRY_MS) -> None:
        super().__init__(window)
        self._library = library
        self._lock = WindowLock(library.folder)
        self._retry_timer = QTimer(self, interval=retry_ms)
        self._retry_timer.timeout.connect(self._retry)
        self.reason = self._lock_library()
        """Why the library may not be changed, as a sentence; empty when it may."""

    @property
    def can_write(self) -> bool:
        """Whether this window may change the library."""
        return not self.reason

    def enable_with(self, *items: QAction | QWidget) -> None:
        """Enable these only while the library may be changed."""
        for item in items:
            item.setEnabled(self.can_write)
            self.changed.connect(item.setEnabled)

    def close(self) -> None:
        """Unlock the library for other windows."""
        self._retry_timer.stop()
        self._lock.release()

    def _lock_library(self) -> str:
        """Try to lock the library; returns why that is not possible."""
        reason = tr("This library is read-only.") if self._library.is_read_only else self._acquire()
        self._library.set_read_only(reason)
        return reason

    def _acquire(self) -> str:
        try:
            self._lock.acquire()
        except ReadOnlyLibraryError:
            return tr("This library is read-only.")
        except LibraryLockedError:
            self._retry_timer.start()
            return tr("This library is open in another PhotoSim. You can view it but not change it.")
        return ""

    def _retry(self) -> None:
        self._retry_timer.stop()
        self.reason = self._lock_library()
        self.reason_changed.emit(self.reason)
        if self.can_write:
            self.changed.emit(True)
