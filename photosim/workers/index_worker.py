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
from importlib import import_module
from pathlib import Path
from typing import IO, NoReturn

from photosim import logs, settings
from photosim.errors import DamagedLibraryError, LibraryLockedError, PhotoSimError
from photosim.library import Library
from photosim.records import Phase, Progress
from photosim.runtime import trace
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
    parse_start,
)

_log = logging.getLogger(__name__)

_ORPHAN_S = 10.0
"""How long the process may take to end by itself once its parent is gone."""


_SWITCH_S = 0.001
"""How long a thread keeps Python's lock while others wait for it. With Python's 5 ms, decoding threads wait more than they
decode while another one imports PyTorch."""


class _ParentGoneError(Exception):
    """Nobody reads the events."""


def wait_for_start(library: Path | None, requests: IO[str] | None = None) -> list[str] | None:
    """Load what an indexing needs while waiting for one; return its arguments, None if the parent is gone instead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_load_model, args=(library,), daemon=True, name="preload").start()
    line = (sys.stdin if requests is None else requests).readline()
    if not line:
        return None
    try:
        return parse_start(line)
    except ProtocolError as error:
        _log.warning("A start was not understood: %s", error)
        return None


def _load_model(library: Path | None) -> None:
    """Load OpenCV, and the model for the next indexing to use."""
    with suppress(PhotoSimError, OSError):  # the indexing will say so
        opened = Library.open(library)
        try:
            opened.models.active.embedder.preload()
        finally:
            opened.close()
        with trace.span("import"):
            import_module("photosim.indexing.pair_search")


def main(
    library: Path | None,
    folders: Sequence[Path],
    quiet_mode: str | None = None,
    *,
    confirm_missing: bool = True,
    compare: bool = False,
    look_closer: bool = False,
) -> NoReturn:
    """Index, or with `compare` compare a folder, as a child process, and end the process; see `run`."""
    # Ctrl-C in a terminal reaches every process there; the parent decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(_SWITCH_S)
    status = run(
        library,
        folders,
        confirm_missing=confirm_missing,
        compare=compare,
        look_closer=look_closer,
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
    compare: bool = False,
    look_closer: bool = False,
    quiet_mode: str | None = QuietMode.OFF,
    limits: Limits | None = None,
    orphan_s: float | None = None,
) -> int:
    """Index `folders`, or all folders of the library, and report on `events`; returns the exit status.

    With `compare` the first of `folders` is compared with the library, or with the second one; with `look_closer` the
    photos of the library are searched for small objects. `confirm_missing` is as in `Library.index`, `quiet_mode` a
    `QuietMode`, None for the setting of the library. The whole process ends when a photo exceeds `limits`, and
    `orphan_s` seconds after the end of `requests`.
    """
    requests = sys.stdin if requests is None else requests
    events = sys.stdout if events is None else events
    control = JobControl(limits)
    reporter = _Reporter(events)
    listen = partial(_listen, requests, control, reporter, orphan_s)
    threading.Thread(target=listen, daemon=True, name="requests").start()
    try:
        with trace.span("open library"):
            opened = Library.open(library)
        try:
            logs.log_to_folder(opened.folder)
            mode = settings.load(opened.folder).quiet if quiet_mode is None else quiet_mode
            control.throttle.set_mode(QuietMode.parse(mode))
            if compare:
                reports = opened.comparisons.run(folders[0], control, *folders[1:])
            elif look_closer:
                reports = opened.look_closer(control)
            else:
                reports = opened.index(folders, control, confirm_missing=confirm_missing)
            for progress in reports:
                reporter.send(progress)
        finally:
            with trace.span("close library"):
                opened.close()
    except _ParentGoneError:
        return 1
    except Exception as error:
        failure = _failure(error, "The comparison" if compare else "Indexing")
        with suppress(_ParentGoneError):
            reporter.send(failure)
        return 1
    return 0


def _failure(error: Exception, job: str) -> IndexFailure:
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
    return IndexFailure(f"{job} stopped unexpectedly. {logs.describe_unexpected(error)}", details)


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
