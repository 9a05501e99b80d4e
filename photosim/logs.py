"""The rotating log file in the folder of the library, and reports about unexpected errors."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from photosim import __version__, paths

FILE_NAME = "photosim.log"
_MAX_BYTES = 1_000_000
_MAX_REPORTS = 20


def log_to_folder(folder: Path) -> None:
    """Write the program's log to a file in this folder; do nothing where it cannot be written."""
    logger = logging.getLogger("photosim")
    file = folder / FILE_NAME
    if os.path.lexists(file) and not paths.is_file(file):
        return  # opening a pipe would wait for its reader
    try:
        handler = _file_handler(file)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.info("PhotoSim %s", __version__)


def _file_handler(file: Path) -> logging.Handler:
    """Open a log file. Raises OSError."""
    from logging.handlers import RotatingFileHandler  # imports sockets, which most processes do not need

    class LogFileHandler(RotatingFileHandler):
        """Creates its files for the owner alone, and loses records on a full disk instead of printing tracebacks."""

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
            pass

        def _open(self) -> TextIOWrapper:
            paths.make_private(Path(self.baseFilename))
            file = open(  # noqa: SIM115 - the handler closes it
                self.baseFilename,
                self.mode,
                encoding=self.encoding,
                errors=self.errors,
                opener=paths.private_opener,
            )
            assert isinstance(file, TextIOWrapper)
            return file

    return LogFileHandler(
        file, maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
    )


def keep_off_stderr() -> None:
    """Discard log records while there is no log file; Python prints warnings on standard error otherwise."""
    logging.getLogger("photosim").addHandler(logging.NullHandler())


def write_report(error: BaseException, details: str = "") -> Path | None:
    """Save a report about an unexpected error; returns its path, None where it cannot be written."""
    import platform
    import tempfile
    from datetime import datetime

    text = (
        f"PhotoSim {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"{datetime.now().astimezone().isoformat(timespec='seconds')}\n"
        f"{sys.argv}\n\n"
        f"{''.join(traceback.format_exception(error))}{details}"
    )
    folder = paths.reports_folder()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _delete_old_reports(folder)
    for place in (str(folder), None):  # None: the folder of temporary files
        with suppress(OSError):
            number, path = tempfile.mkstemp(".txt", f"report-{datetime.now():%Y%m%d-%H%M%S}-", place)
            with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return Path(path)
    return None


def describe_unexpected(error: BaseException) -> str:
    """Save a report about an unexpected error; returns a sentence that says what happened and where the report is."""
    logging.getLogger("photosim").error("Unexpected error", exc_info=error)
    path = write_report(error)
    reason = paths.valid_text(" ".join(f"{type(error).__name__}: {error}".rstrip(": ").split()))[:300].rstrip(
        "."
    )
    saved = "No report could be saved." if path is None else f"A report was saved: {path}"
    return f"An unexpected error occurred ({reason}). {saved}"


def _delete_old_reports(folder: Path) -> None:
    reports = sorted(folder.glob("report-*.txt"))
    for report in reports[: max(0, len(reports) - _MAX_REPORTS + 1)]:
        report.unlink()
