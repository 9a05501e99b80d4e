"""Index in a child process of the window or the command line, reporting and taking requests on its standard streams.

See `IndexRequest`, `IndexFailure` and `parse_index_event` in `photosim.workers.protocol`. When standard input is
closed the parent is gone: the indexing ends at its next safe point, and where it finds none soon, at once.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, NoReturn

from photosim import logs, settings
from photosim.errors import DamagedLibraryError, LibraryLockedError, PhotoSimError
from photosim.library import Library
from photosim.records import Phase, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.limits import Limits
from photosim.runtime.throttle import QuietMode
from photosim.workers.protocol import (
    HEARTBEAT_S,
    IndexAction,
    IndexFailure,
    IndexRequest,
    ProtocolError,
    encode_index_event,
)

_log = logging.getLogger(__name__)

_ORPHAN_S = 10.0
"""How long the process may take to end by itself once its parent is gone."""


class _ParentGoneError(Exception):
    """Nobody reads the events."""


def main(
    library: Path | None,
    folders: Sequence[Path],
    quiet_mode: str | None = None,
    *,
    confirm_missing: bool = True,
) -> NoReturn:
    """Index as a child process, and end the process.

    `quiet_mode` is a `photosim.runtime.throttle.QuietMode`, None for the setting of the library.
    """
    # Ctrl-C in a terminal reaches every process there; the parent decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = run(
        library,
        folders,
        confirm_missing=confirm_missing,
        quiet_mode=quiet_mode,
        limits=Limits.default(),
        orphan_s=_ORPHAN_S,
    )
    logging.shutdown()
    os._exit(status)  # the library is closed; an orderly shutdown of PyTorch would take 0.1 s


def run(
    library: Path | None,
    folders: Sequence[Path],
    requests: IO[str] | None = None,
    events: IO[str] | None = None,
    *,
    confirm_missing: bool = True,
    quiet_mode: str | None = QuietMode.OFF,
    limits: Limits | None = None,
    orphan_s: float | None = None,
) -> int:
    """Index `folders`, or all folders of the library, and report on `events`; returns the exit status.

    `confirm_missing` is as in `Library.index`, `quiet_mode` a `QuietMode`, None for the setting of the library. The whole process ends
    when a photo exceeds `limits`, and `orphan_s` seconds after the end of `requests`.
    """
    requests = sys.stdin if requests is None else requests
    events = sys.stdout if events is None else events
    control = JobControl(limits)
    reporter = _Reporter(events)
    listen = partial(_listen, requests, control, reporter, orphan_s)
    threading.Thread(target=listen, daemon=True, name="requests").start()
    try:
        opened = Library.open(library)
        try:
            logs.log_to_folder(opened.folder)
            mode = settings.load(opened.folder).quiet if quiet_mode is None else quiet_mode
            control.throttle.set_mode(QuietMode.parse(mode))
            for progress in opened.index(folders, control, confirm_missing=confirm_missing):
                reporter.send(progress)
        finally:
            opened.close()
    except _ParentGoneError:
        return 1
    except Exception as error:
        failure = _failure(error)
        with suppress(_ParentGoneError):
            reporter.send(failure)
        return 1
    return 0


def _failure(error: Exception) -> IndexFailure:
    details = traceback.format_exc()
    if isinstance(error, PhotoSimError):
        return IndexFailure(
            str(error),
            details,
            locked=isinstance(error, LibraryLockedError),
            damaged=isinstance(error, DamagedLibraryError),
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return IndexFailure(
            "The disk that holds the library is full. Free some space, then index again; "
            "photos indexed so far are kept.",
            details,
        )
    return IndexFailure(f"Indexing stopped unexpectedly. {logs.describe_unexpected(error)}", details)


class _Reporter:
    """Sends events from several threads."""

    def __init__(self, events: IO[str]) -> None:
        self._events = events
        self._lock = threading.Lock()
        self._last: Progress | None = Progress(Phase.SCANNING)  # None after a failure

    def send(self, event: Progress | IndexFailure) -> None:
        """Send an event. Raises _ParentGoneError."""
        with self._lock:
            self._last = replace(event, added=()) if isinstance(event, Progress) else None
            self._write(event)

    def repeat(self) -> None:
        """Repeat the last progress until the end, so that the parent knows that this process does not hang."""
        with suppress(_ParentGoneError):
            while self._repeat_once():
                time.sleep(HEARTBEAT_S)

    def _repeat_once(self) -> bool:
        with self._lock:
            if self._last is None or self._last.phase is Phase.DONE:
                return False
            self._write(self._last)
            return True

    def _write(self, event: Progress | IndexFailure) -> None:
        try:
            self._events.write(encode_index_event(event))
            self._events.flush()
        except (
            OSError,
            ValueError,
        ) as error:  # a broken pipe, a full disk behind a redirection, a closed stream
            raise _ParentGoneError from error


def _listen(requests: IO[str], control: JobControl, reporter: _Reporter, orphan_s: float | None) -> None:
    for line in requests:
        try:
            request = IndexRequest.parse(line)
        except ProtocolError as error:
            _log.warning("A request was not understood: %s", error)
            continue
        match request.action:
            case IndexAction.PAUSE:
                control.pause()
            case IndexAction.RESUME:
                control.resume()
            case IndexAction.CANCEL:
                control.cancel()
                threading.Thread(target=reporter.repeat, daemon=True, name="heartbeat").start()
            case IndexAction.SET_QUIET_MODE:
                control.throttle.set_mode(request.quiet_mode or QuietMode.AUTO)
    control.cancel()
    if orphan_s is not None:
        time.sleep(orphan_s)
        os._exit(1)
