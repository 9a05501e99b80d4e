"""Index in a child process and start it again when it dies: what window and command line share, and the command's own."""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from photosim.errors import PhotoSimError
from photosim.paths import program_command
from photosim.records import Phase, Progress
from photosim.runtime.control import JobControl

_log = logging.getLogger(__name__)

RESTARTS = 5
"""Deaths in a row without a photo more: a photo that ends the process twice is set aside by it, so that more of
them are no longer one bad photo."""

RESTART_S = 0.5
"""Between a death and the next start: time for the system to free what the process held."""

_LISTEN_S = 0.1  # between two looks at what the person wants
_STOP_S = 4.0  # for a process to end by itself when nobody listens any more
_KEPT_ERRORS = 8000  # characters of what the process wrote to its standard error

STOPPED_AGAIN_AND_AGAIN = "The indexing stopped unexpectedly, again and again. What was read is kept."


def worker_command(
    library: Path, folders: Sequence[str | Path], quiet: str | None = None, *, ask: bool = True
) -> list[str]:
    """The command that indexes `folders` (none: all that were added) as a child process."""
    choices = [] if quiet is None else ["--quiet-computer", quiet]
    choices += [] if ask else ["--forget-missing"]
    return [*program_command(), "worker", "--library", str(library), *choices, *map(str, folders)]


def progress_of(event: dict[str, Any]) -> Progress:
    """The report in an event of the child process; fields of a newer program are passed over.

    Raises KeyError, TypeError or ValueError when it is none.
    """
    fields = {name: value for name, value in event.items() if name in Progress.__slots__}
    fields["phase"] = Phase(fields["phase"])
    fields["added"] = tuple(int(file_id) for file_id in fields.get("added", ()))
    return Progress(**fields)


@dataclass
class RestartTally:
    """One indexing counted over all the processes that it took."""

    last: Progress = field(default=Progress(Phase.FINDING))
    starts: int = 0
    _before: Progress = field(default=Progress(Phase.FINDING))
    _deaths: int = 0
    _read: int = 0

    def accumulate(self, progress: Progress) -> Progress:
        """Take a process's report; returns it with what the processes before had done."""
        before = self._before
        self.last = replace(
            progress,
            indexed=progress.indexed + before.indexed,
            unchanged=max(progress.unchanged - before.indexed - before.unreadable, 0),
            unreadable=progress.unreadable + before.unreadable,
            removed=progress.removed + before.removed,
            moved=progress.moved + before.moved,
        )
        return self.last

    def died(self) -> bool:
        """Note that the process died; returns whether another may be started."""
        read = self.last.indexed + self.last.unreadable
        self._deaths = 1 if read > self._read else self._deaths + 1
        self._read = read
        self._before = self.last
        return self._deaths <= RESTARTS


def index(
    library: Path,
    folders: Sequence[Path],
    control: JobControl,
    quiet: str | None = None,
    *,
    ask: bool = True,
) -> Iterator[Progress]:
    """Index `folders` in a child process, and report as it goes; what a photo does to it costs that photo alone.

    `quiet` is a choice of `photosim.runtime.throttle.QuietMode`, None for the library's own; `ask` is `confirm_missing` of `Library.index`.

    Raises PhotoSimError with the sentence of what keeps the indexing from going on.
    """
    tally = RestartTally()
    while True:
        child = _Child(worker_command(library, folders, quiet, ask=ask))
        try:
            for event in child.events(control):
                if event.get("event") == "error":
                    _log.info("%s", event.get("details", ""))
                    raise PhotoSimError(str(event["message"]))
                if event.get("event") == "progress":
                    yield tally.accumulate(progress_of(event))
            status = child.wait()
        finally:
            child.close()
        if status == 0:
            return
        if control.cancelled:
            yield replace(tally.last, phase=Phase.DONE, cancelled=True, added=())
            return
        _log.info("The indexing process ended with %s: %s", status, child.errors)
        if not tally.died():
            raise PhotoSimError(f"{STOPPED_AGAIN_AND_AGAIN}\n{child.errors}".rstrip())
        time.sleep(RESTART_S)


class _Child:
    """One child process, its output read by threads so that the person's wishes are heard meanwhile."""

    def __init__(self, command: Sequence[str]) -> None:
        windows = sys.platform == "win32"
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if windows else 0,
        )
        self.errors = ""
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._hear, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._note, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def events(self, control: JobControl) -> Iterator[dict[str, Any]]:
        """What the process says, until its end; a cancel is passed on to it."""
        told = False
        while True:
            if control.cancelled and not told:
                told = True
                self._tell({"do": "cancel"})
            try:
                line = self._lines.get(timeout=_LISTEN_S)
            except queue.Empty:
                continue
            if line is None:
                return
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            if isinstance(event, dict):
                yield event
            else:
                _log.warning("The indexing process said something unknown: %r", line[:200])

    def wait(self) -> int:
        """The exit status, once the process has ended."""
        status = self._process.wait()
        self._threads[1].join(_STOP_S)
        return status

    def close(self) -> None:
        """Leave no process behind: the end of its input asks it to end, and then it is killed."""
        assert self._process.stdin is not None
        with suppress(OSError):  # it is gone already
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

    def _tell(self, command: dict[str, str]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it has just ended; its exit status says how
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def _hear(self, output: IO[bytes]) -> None:
        for line in output:
            self._lines.put(line)
        self._lines.put(None)

    def _note(self, errors: IO[bytes]) -> None:
        for line in errors:
            self.errors = (self.errors + line.decode("utf-8", "replace"))[-_KEPT_ERRORS:]
