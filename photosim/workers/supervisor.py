"""Index in a child process and restart it when it dies."""

from __future__ import annotations

import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO

from photosim import logs
from photosim.errors import PhotoSimError
from photosim.records import Phase, Progress
from photosim.runtime import trace
from photosim.runtime.control import JobControl
from photosim.workers.protocol import (
    CANCEL_S,
    MAX_LINE_BYTES,
    IndexAction,
    IndexFailure,
    IndexRequest,
    ProtocolError,
    compare_command,
    index_command,
    look_closer_command,
    parse_index_event,
)

_log = logging.getLogger(__name__)

MAX_RESTARTS = 5
"""Deaths in a row without another photo read. A photo that ends the process twice is skipped from then on, so more
deaths than this have another cause than one bad photo."""

RESTART_S = 0.5
"""Between a death and the next start: time for the system to free what the process held."""

_POLL_S = 0.1  # between two checks for a cancellation
_STOP_S = 4.0  # for a process to end by itself
_MAX_LINES = 8  # read ahead; behind them the process waits until its reports are used
_DEATH = "Indexing stopped unexpectedly several times. Photos indexed so far are kept."
_MAX_ERRORS = 8000  # characters of standard error that are kept


@dataclass
class RestartTally:
    """Counts one indexing over all the processes that it takes."""

    last: Progress = field(default=Progress(Phase.SCANNING))
    _before: Progress = field(default=Progress(Phase.SCANNING))
    _deaths: int = 0
    _read: int = 0

    def accumulate(self, progress: Progress) -> Progress:
        """Add what earlier processes did to the report of the present one."""
        before = self._before
        self.last = replace(
            progress,
            indexed=progress.indexed + before.indexed,
            unchanged=max(progress.unchanged - before.indexed - before.unreadable, 0),
            unreadable=progress.unreadable + before.unreadable,
            removed=progress.removed + before.removed,
            moved=progress.moved + before.moved,
            excluded=progress.excluded + before.excluded,
        )
        return self.last

    def record_death(self) -> bool:
        """Count a death of the process; returns whether to start another."""
        read = self.last.indexed + self.last.unreadable
        self._deaths = 1 if read > self._read else self._deaths + 1
        self._read = read
        self._before = self.last
        return self._deaths <= MAX_RESTARTS


def index(
    library: Path,
    folders: Sequence[Path],
    control: JobControl,
    quiet_mode: str | None = None,
    *,
    confirm_missing: bool = True,
) -> Iterator[Progress]:
    """Index `folders` in a child process, and report progress; a photo that kills the process costs only itself.

    `quiet_mode` is a `photosim.runtime.throttle.QuietMode`, None for the setting of the library; `confirm_missing` is as in
    `Library.index`. Raises PhotoSimError when the indexing cannot continue.
    """
    command = index_command(library, folders, quiet_mode, confirm_missing=confirm_missing)
    return _run(command, control)


def look_closer(library: Path, control: JobControl, quiet_mode: str | None = None) -> Iterator[Progress]:
    """Search the photos of a library for small objects in a child process; see `index` and `Library.look_closer`."""
    return _run(look_closer_command(library, quiet_mode), control)


def compare(
    library: Path,
    folder: Path,
    control: JobControl,
    other: Path | None = None,
    quiet_mode: str | None = None,
) -> Iterator[Progress]:
    """Compare a folder with the library, or with another folder, in a child process, and report progress.

    The library has the result then. Raises PhotoSimError when the comparison cannot continue.
    """
    command = compare_command(library, folder, other, quiet_mode)
    return _run(
        command, control, "The comparison stopped unexpectedly several times. What was read so far is kept."
    )


def _run(command: Sequence[str], control: JobControl, death: str = _DEATH) -> Iterator[Progress]:
    """Run a child process and report its progress; `death` is what to tell if it ended again and again."""
    tally = RestartTally()
    while True:
        child = _IndexProcess(command)
        try:
            for event in child.events(control):
                if isinstance(event, IndexFailure):
                    _log.info("%s", event.details)
                    raise PhotoSimError(event.message)
                yield tally.accumulate(event)
            status = child.wait()
        finally:
            child.close()
        if status == 0:
            return
        if control.cancelled:
            yield replace(tally.last, phase=Phase.DONE, cancelled=True, added=())
            return
        _log.info("The indexing process ended with exit status %s: %s", status, child.errors)
        if not tally.record_death():
            raise _stopped(death, child.errors)
        time.sleep(RESTART_S)


def _stopped(message: str, errors: str) -> PhotoSimError:
    error = PhotoSimError(message)
    report = logs.write_report(error, errors)
    return error if report is None else PhotoSimError(f"{error} A report was saved: {report}")


class _IndexProcess:
    """One child process; threads read its output, so that a cancellation is noticed meanwhile."""

    def __init__(self, command: Sequence[str]) -> None:
        windows = sys.platform == "win32"
        with trace.span("start process"):
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if windows else 0,
            )
        self.errors = ""
        self._lines: queue.Queue[bytes | None] = queue.Queue(_MAX_LINES)
        self._is_closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._read_lines, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_errors, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def events(self, control: JobControl) -> Iterator[Progress | IndexFailure]:
        """Yield what the process reports until it ends, and pass a cancellation on to it."""
        is_cancelled = False
        hangs_at = 0.0
        while True:
            if control.cancelled and not is_cancelled:
                is_cancelled = True
                self._send(IndexRequest(IndexAction.CANCEL))
                hangs_at = time.monotonic() + CANCEL_S
            try:
                line = self._lines.get(timeout=_POLL_S)
            except queue.Empty:
                if is_cancelled and time.monotonic() > hangs_at:
                    _log.warning("The indexing process hangs after a cancel, and is killed")
                    self._process.kill()
                    return
                continue
            hangs_at = time.monotonic() + CANCEL_S
            if line is None:
                return
            try:
                event = parse_index_event(line)
            except ProtocolError as error:
                _log.warning("Unexpected output of the indexing process (%s): %r", error, line[:200])
            else:
                yield event

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        status = self._process.wait()
        self._threads[1].join(_STOP_S)
        return status

    def close(self) -> None:
        """Leave no process behind: close its input, wait, then kill it."""
        assert self._process.stdin is not None
        self._is_closed.set()
        with suppress(OSError):  # it has ended already
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(_STOP_S)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _send(self, request: IndexRequest) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it has just ended
            self._process.stdin.write(request.encode().encode())
            self._process.stdin.flush()

    def _read_lines(self, output: IO[bytes]) -> None:
        for line in iter(partial(output.readline, MAX_LINE_BYTES), b""):
            self._put(line)
        self._put(None)

    def _put(self, line: bytes | None) -> None:
        """Queue a line as soon as there is room; drop it once nobody reads any more."""
        while not self._is_closed.is_set():
            with suppress(queue.Full):
                self._lines.put(line, timeout=_POLL_S)
                return

    def _read_errors(self, errors: IO[bytes]) -> None:
        for line in iter(partial(errors.readline, _MAX_ERRORS), b""):
            self.errors = (self.errors + line.decode("utf-8", "replace"))[-_MAX_ERRORS:]
