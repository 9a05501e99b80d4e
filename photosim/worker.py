"""Indexing as a child process of the window: JSON lines in, JSON lines out.

Out: `{"event": "progress", ...}` with the fields of `Progress`, or `{"event": "error", "message", "details"}`.
In: `{"do": "pause"}`, `{"do": "resume"}`, `{"do": "cancel"}`. A closed standard input means that the window is
gone: the indexing ends at its next safe place.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from photosim import logs
from photosim.control import Control
from photosim.errors import PhotoSimError
from photosim.library import Library

_log = logging.getLogger(__name__)


def run(
    library: Path | None,
    folders: Sequence[Path],
    commands: IO[str] | None = None,
    events: IO[str] | None = None,
) -> int:
    """Index `folders` (none: all that were added) and report on `events`; returns the exit status."""
    commands = sys.stdin if commands is None else commands
    events = sys.stdout if events is None else events
    control = Control()
    threading.Thread(target=_listen, args=(commands, control), daemon=True, name="commands").start()
    try:
        opened = Library.open(library)
        logs.write_to(opened.folder)
        try:
            for progress in opened.index(folders, control):
                _say(events, {"event": "progress", **asdict(progress)})
        finally:
            opened.close()
    except BrokenPipeError:
        return 1  # the window is gone, and with it everybody who could be told
    except PhotoSimError as error:
        _say(events, {"event": "error", "message": str(error), "details": traceback.format_exc()})
        return 1
    except Exception as error:
        _log.exception("The indexing failed")
        message = f"The indexing stopped unexpectedly: {error}"
        _say(events, {"event": "error", "message": message, "details": traceback.format_exc()})
        return 1
    return 0


def _listen(commands: IO[str], control: Control) -> None:
    actions = {"pause": control.pause, "resume": control.resume, "cancel": control.cancel}
    for line in commands:
        try:
            command = json.loads(line)
        except ValueError:
            continue
        action = actions.get(command.get("do", "")) if isinstance(command, dict) else None
        if action is not None:
            action()
    control.cancel()


def _say(events: IO[str], event: dict[str, Any]) -> None:
    events.write(json.dumps(event) + "\n")
    events.flush()
