"""Limits of time and memory for single photos that a command reads itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from photosim.cli.common import EXIT_FAILED
from photosim.cli.output import flush_output
from photosim.paths import absolute_path
from photosim.runtime.limits import Limits, enforce_limits


@contextmanager
def limited(file: Path, report: Callable[[str], None]) -> Iterator[None]:
    """End the process when reading a photo exceeds the limits of the indexing, after a report of the reason."""

    def end(cause: str) -> None:
        report(cause)
        flush_output()

    journal = _FileInProgress(absolute_path(file), end)
    with enforce_limits(journal, Limits.default(), lambda: False, lambda _: os._exit(EXIT_FAILED)):
        yield


class _FileInProgress:
    """The file that is being read, as a `ReadingJournal`."""

    crash_log: IO[bytes] | None = None

    def __init__(self, file: Path, end: Callable[[str], None]) -> None:
        self._file, self._end = file, end
        try:
            self._size = file.stat().st_size
        except (OSError, ValueError):
            self._size = 0

    def in_progress(self) -> dict[str, int]:
        """Return the file, with its size in bytes."""
        return {str(self._file): self._size}

    def record_cause(self, cause: str, *_paths: str) -> None:
        """Report the cause."""
        self._end(cause)
