"""Indexing as a child process of the window or the command: JSON lines in, JSON lines out.

Out: `{"event": "progress", ...}` with the fields of `Progress`, or `{"event": "error", "message", "details"}`,
with `"locked": true` while another PhotoSim writes, or `"damaged": true` when a file of the library is damaged.
In: `{"do": "pause"}`, `{"do": "resume"}`, `{"do": "cancel"}`, `{"do": "quiet", "choice": "auto"}` (or "on", "off").
A closed standard input means that the window is gone: the indexing ends at its next safe place, and where it
does not find one soon, at once.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, NoReturn

from photosim import logs, settings
from photosim.errors import DamagedLibraryError, LibraryLockedError, PhotoSimError
from photosim.library.library import Library
from photosim.runtime.control import JobControl
from photosim.runtime.limits import Limits
from photosim.runtime.throttle import QuietMode

_log = logging.getLogger(__name__)

_ORPHAN_S = 10.0
"""For a process whose window is gone to end by itself."""


def main(
    library: Path | None, folders: Sequence[Path], quiet: str | None = None, *, ask: bool = True
) -> NoReturn:
    """Be the child process: index, and end the process, at once when a photo or the missing parent demands it.

    `quiet` is a choice of `photosim.runtime.throttle.QuietMode`, None for the library's own.
    """
    # Ctrl-C in a terminal reaches every process there; the parent says what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = run(library, folders, ask=ask, quiet=quiet, limits=Limits.usual(), orphan_s=_ORPHAN_S)
    logging.shutdown()
    os._exit(status)  # the library is closed; taking PyTorch apart piece by piece takes 0.1 s


def run(
    library: Path | None,
    folders: Sequence[Path],
    requests: IO[str] | None = None,
    events: IO[str] | None = None,
    *,
    ask: bool = True,
    quiet: str | None = QuietMode.OFF,
    limits: Limits | None = None,
    orphan_s: float | None = None,
) -> int:
    """Index `folders` (none: all that were added) and report on `events`; returns the exit status.

    `ask` is `confirm_missing` of `Library.index`, `quiet` a choice of `QuietMode`, None for the library's own. `limits`, and `orphan_s` seconds after the end of `commands`, end the whole process.
    """
    requests = sys.stdin if requests is None else requests
    events = sys.stdout if events is None else events
    control = JobControl(limits)
    threading.Thread(target=_listen, args=(requests, control, orphan_s), daemon=True, name="commands").start()
    try:
        opened = Library.open(library)
        logs.log_to_folder(opened.folder)
        control.throttle.choose(QuietMode.of(settings.load(opened.folder).quiet if quiet is None else quiet))
        try:
            for progress in opened.index(folders, control, confirm_missing=ask):
                _say(events, {"event": "progress", **asdict(progress)})
        finally:
            opened.close()
    except BrokenPipeError:
        return 1  # the window is gone, and with it everybody who could be told
    except PhotoSimError as error:
        kinds = {"locked": LibraryLockedError, "damaged": DamagedLibraryError}
        known = {name: True for name, kind in kinds.items() if isinstance(error, kind)}
        _say(events, {"event": "error", "message": str(error), "details": traceback.format_exc(), **known})
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return _unexpected(events, error)
        message = (
            "The disk with the library is full. What was read so far is kept: free some space, then go on."
        )
        _say(events, {"event": "error", "message": message, "details": traceback.format_exc()})
        return 1
    except Exception as error:
        return _unexpected(events, error)
    return 0


def _unexpected(events: IO[str], error: Exception) -> int:
    """Tell of what nobody foresaw; returns the exit status."""
    _log.exception("The indexing failed")
    message = f"The indexing stopped unexpectedly: {error}"
    _say(events, {"event": "error", "message": message, "details": traceback.format_exc()})
    return 1


def _listen(commands: IO[str], control: JobControl, orphan_s: float | None) -> None:
    actions: dict[str, Callable[[dict[str, Any]], None]] = {
        "pause": lambda _: control.pause(),
        "resume": lambda _: control.resume(),
        "cancel": lambda _: control.cancel(),
        "quiet": lambda command: control.throttle.choose(QuietMode.of(command.get("choice"))),
    }
    for line in commands:
        try:
            command = json.loads(line)
        except ValueError:
            continue
        action = actions.get(command.get("do", "")) if isinstance(command, dict) else None
        if action is not None:
            action(command)
    control.cancel()
    if orphan_s is not None:
        time.sleep(orphan_s)
        os._exit(1)


def _say(events: IO[str], event: dict[str, Any]) -> None:
    events.write(json.dumps(event) + "\n")
    events.flush()
