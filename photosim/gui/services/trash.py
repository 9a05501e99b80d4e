"""The system's trash."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths

from photosim.errors import PhotoSimError
from photosim.gui.base.translation import tr


def throw(path: str) -> str:
    """Put a file in the trash; returns its path there, or "" where the system does not tell. Safe in any thread.

    Raises PhotoSimError when the trash does not take it; then it lies where it lay.
    """
    if sys.platform == "linux":
        # Where nothing was ever kept, in a new account, Qt does not make the folder that the trash lies in.
        data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
        with suppress(OSError):  # Qt says it better
            Path(data).mkdir(mode=0o700, parents=True, exist_ok=True)
    file = QFile(path)
    if not file.moveToTrash() or os.path.lexists(path):
        reason = file.errorString()
        raise PhotoSimError(tr("The system's trash does not take it: {reason}.").format(reason=reason))
    now = file.fileName()
    return "" if now == path else now
