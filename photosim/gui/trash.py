"""The system's trash."""

from __future__ import annotations

import os

from PySide6.QtCore import QFile

from photosim.errors import PhotoSimError
from photosim.gui import words


def throw(path: str) -> str:
    """Put a file in the trash; returns its path there, or "" where the system does not tell. Safe in any thread.

    Raises PhotoSimError when the trash does not take it; then it lies where it lay.
    """
    file = QFile(path)
    if not file.moveToTrash() or os.path.lexists(path):
        reason = file.errorString()
        raise PhotoSimError(words.tr("The system's trash does not take it: {reason}.").format(reason=reason))
    now = file.fileName()
    return "" if now == path else now
