"""The rotating log file in the folder of the library."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from photosim import __version__

FILE_NAME = "photosim.log"
_MAX_BYTES = 1_000_000


def log_to_folder(folder: Path) -> None:
    """Write the program's log to a file in this folder; do nothing where it cannot be written."""
    logger = logging.getLogger("photosim")
    try:
        handler = RotatingFileHandler(
            folder / FILE_NAME,
            maxBytes=_MAX_BYTES,
            backupCount=1,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.info("PhotoSim %s", __version__)
