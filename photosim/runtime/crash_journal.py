"""A journal of the photos that are being read, to find and skip a photo that crashes the program."""

from __future__ import annotations

import faulthandler
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from photosim import paths

_JOURNAL = "reading.json"
_CRASH_LOG = "crash.log"
_TIMEOUT = "Timeout ("  # the beginning of a faulthandler report that a time limit caused
_CRASHES = ("Fatal Python error", "Windows fatal exception")  # and of those that a crash caused
_LOCK_TIMEOUT_S = 2.0  # a write to a hanging disk may hold the lock

ROUNDS_UNTIL_FIRST = 3
"""Times in a row that the process may end while it reads other photos before the suspects are read first."""

KILLS_UNTIL_BLAMED = 2
"""Times that the process may end without a crash report while it reads this photo alone."""

CRASHED = "The photo crashed its decoder. The file is probably damaged."
TOO_LONG = "Reading the photo took too long."


class CrashJournal:
    """A small file in the library that names the photos being read.

    It is empty after a clean exit. After a crash it names the suspects, which are then read one at a time: after all
    others, unless the process ends again and again before it comes to them (`suspects_first`). A suspect
    is blamed when the process crashed, or was ended by `record_cause`, while it was the only photo being read. When
    the process ended without a crash report (killed by the user, or by the system out of memory), a suspect is
    blamed only after KILLS_UNTIL_BLAMED times.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _JOURNAL
        self._log_path = folder / _CRASH_LOG
        self._lock = threading.Lock()
        previous = _read_state(self._path)
        report = _read_report(self._log_path)
        self._deaths: dict[str, int] = dict(previous.get("deaths", {}))
        self._reasons: dict[str, str] = dict(previous.get("reasons", {}))
        self._reading: dict[str, int] = {}  # size in bytes by path
        self._alone = False
        self._cause: str | None = None
        self._culprits: tuple[str, ...] = ()
        culprits = previous.get("culprits") or previous.get("reading", [])
        reading = [path for path in culprits if isinstance(path, str)]
        cause = previous.get("cause")
        if not cause and report:
            cause = TOO_LONG if _TIMEOUT.encode() in report else CRASHED
        if previous.get("alone"):
            for path in reading:
                self._deaths[path] = self._deaths.get(path, 0) + (KILLS_UNTIL_BLAMED if cause else 1)
                self._reasons[path] = cause or CRASHED
        rounds = previous.get("rounds", 0)
        self._rounds = rounds if isinstance(rounds, int) else 0
        self._rounds += bool(reading) and not previous.get("alone")
        self.suspects_first = self._rounds >= ROUNDS_UNTIL_FIRST
        pending = [path for path in previous.get("suspects", []) if isinstance(path, str)]
        self.suspects: tuple[str, ...] = tuple(dict.fromkeys([*reading, *pending, *self._deaths]))
        self._pending = dict.fromkeys(self.suspects)
        self._log: IO[bytes] | None = None
        paths.create_private(self._path)
        self._file = open(self._path, "r+b", buffering=0, opener=paths.private_opener)  # noqa: SIM115
        self._length = self._path.stat().st_size
        self._write()

    def enable_crash_log(self) -> None:
        """Have the interpreter write a report when a decoder crashes this process."""
        if self._log is None:
            self._log = open(self._log_path, "wb", opener=paths.private_opener)  # noqa: SIM115
            faulthandler.enable(self._log)

    @property
    def crash_log(self) -> IO[bytes] | None:
        """The open file of crash reports, None while they are not enabled."""
        return self._log

    def is_blamed(self, path: str) -> bool:
        """Whether this photo counts as the cause of crashes."""
        return self._deaths.get(path, 0) >= KILLS_UNTIL_BLAMED

    def reason(self, path: str) -> str:
        """Return why a blamed photo is unreadable, as a sentence."""
        return self._reasons.get(path, CRASHED)

    def clear(self, path: str) -> None:
        """Remove a suspect: the photo was read, or is listed as unreadable."""
        with self._lock:
            self._pending.pop(path, None)
            self._deaths.pop(path, None)
            self._reasons.pop(path, None)
            self._rounds = 0
            self._write()

    @contextmanager
    def reading(self, path: str, *, size: int = 0, alone: bool = False) -> Iterator[None]:
        """Name a photo of `size` bytes in the journal while it is being read."""
        with self._lock:
            self._reading[path] = size
            self._alone = alone
            self._write()
        try:
            yield
        finally:
            with self._lock:
                del self._reading[path]
                self._write()

    def in_progress(self) -> dict[str, int]:
        """Return the photos that are being read, with their size in bytes."""
        with self._lock:
            return dict(self._reading)

    def record_cause(self, cause: str, *paths: str) -> None:
        """Record why the process is about to end because of these photos, which are being read."""
        if self._lock.acquire(timeout=_LOCK_TIMEOUT_S):
            try:
                self._cause, self._culprits = cause, paths
                self._write()
            finally:
                self._lock.release()

    def close(self) -> None:
        """Exit cleanly: nothing is being read."""
        with self._lock:
            if self._log is not None:
                faulthandler.disable()
                self._log.close()
                self._log_path.unlink(missing_ok=True)
            self._file.close()
            if not self._deaths:
                self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        """Rewrite the journal; without fsync, since it must survive this process and not the computer.

        One write of the full length: a process that dies meanwhile in another thread leaves the old or the new
        content. Truncating first would now and then leave an empty file.
        """
        state = {"reading": list(self._reading), "alone": self._alone, "deaths": self._deaths}
        state |= {"suspects": list(self._pending)} if self._pending else {}
        state |= {"reasons": self._reasons} if self._reasons else {}
        state |= {"cause": self._cause, "culprits": self._culprits} if self._cause else {}
        state |= {"rounds": self._rounds} if self._rounds else {}
        content = json.dumps(state).encode().ljust(self._length)
        self._length = len(content)
        self._file.seek(0)
        self._file.write(content)


def reason_in_report(text: str) -> str | None:
    """Return why a process ended, as a sentence, if there is a report of faulthandler in what it has printed."""
    if _TIMEOUT in text:
        return TOO_LONG
    return CRASHED if any(beginning in text for beginning in _CRASHES) else None


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = paths.read_json(path)
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _read_report(path: Path) -> bytes:
    try:
        return paths.read_regular(path)
    except OSError:
        return b""
