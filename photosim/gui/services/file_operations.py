"""What a file operation needs of the window: the system's trash, and progress reports."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QFile

from photosim.errors import NoTrashError, PhotoSimError
from photosim.files import volumes
from photosim.files.operations import trash
from photosim.files.operations.copying import TransferProgress
from photosim.gui.base import qt_paths
from photosim.gui.base.jobs import CancelToken
from photosim.gui.base.translation import tr

_REPORT_INTERVAL_S = 0.05
"""Seconds between two reports of progress: more would not be seen."""


class OperationProgress(TransferProgress):
    """Reports the progress of one operation from the thread that runs it."""

    def __init__(
        self, cancel: CancelToken, stop: threading.Event, report: Callable[[int, int, int], object]
    ) -> None:
        """`stop` is set when the user cancels; `report` gets photos done, bytes done and bytes in all."""
        self._cancel, self._stop, self._report = cancel, stop, report
        self._photos = self._size = self._total = 0
        self._reported_at = 0.0

    def set_total(self, size: int) -> None:
        self._total = size

    def advance(self, photos: int, size: int) -> None:
        self._photos += photos
        self._size += size
        now = time.monotonic()
        if now - self._reported_at >= _REPORT_INTERVAL_S:
            self._reported_at = now
            self._report(self._photos, self._size, self._total)

    def is_cancelled(self) -> bool:
        return self._cancel.is_cancelled or self._stop.is_set()


def move_to_trash(path: str) -> str:
    """Move a file to the system's trash; returns its path there, or "" where the system does not tell. Thread-safe.

    Raises NoTrashError where there is no trash, and PhotoSimError when the trash does not accept the file, which then
    stays where it is.
    """
    if sys.platform not in ("win32", "darwin"):
        return _move_to_trash(path)
    if not qt_paths.is_faithful(path):
        raise PhotoSimError(tr("Couldn't move it to the trash: its name is not valid Unicode."))
    file = QFile(path)
    if not file.moveToTrash() or os.path.lexists(path):
        if volumes.is_remote(path, volumes.mounted_volumes()):
            raise NoTrashError(tr("Couldn't move it to the trash: its drive has no trash."))
        raise PhotoSimError(
            tr("Couldn't move it to the trash: {reason}.").format(reason=file.errorString().rstrip("."))
        )
    new_path = file.fileName()
    return "" if new_path == path else new_path


def _move_to_trash(path: str) -> str:
    try:
        return trash.move_to_trash(path)
    except OSError as error:
        raise PhotoSimError(
            tr("Couldn't move it to the trash: {reason}.").format(reason=error.strerror or error)
        ) from error
