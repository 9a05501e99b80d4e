"""Remember which photos are being read, so that one that ends the program is found and left out."""

from __future__ import annotations

import faulthandler
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_JOURNAL = "reading.json"
_CRASH_LOG = "crash.log"
_TIMEOUT = b"Timeout ("  # how a report of faulthandler begins that was asked for with a time limit
_PATIENCE_S = 2.0  # for the lock of a journal that a stuck disk may hold

KILLS_UNTIL_BLAMED = 2  # a photo read alone that often when the process was killed is blamed all the same

CRASHED = "Reading it crashed the decoder; the file is probably damaged in an unusual way."
TOO_LONG = "Reading it took too long."


class CrashJournal:
    """A small file in the library that names the photos being read right now.

    It is empty after a clean end. After a death it names the suspects: they are read again one at a time. A
    suspect that was alone when the program crashed, or was ended for it by `record_cause`, is guilty. So that a plain
    kill (by the person, by the system for want of memory) does not blame an innocent photo, a death without a
    report counts only when it happens again.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _JOURNAL
        self._log_path = folder / _CRASH_LOG
        self._lock = threading.Lock()
        left = _read(self._path)
        report = _report(self._log_path)
        self._deaths: dict[str, int] = dict(left.get("deaths", {}))
        self._reasons: dict[str, str] = dict(left.get("reasons", {}))
        self._reading: dict[str, int] = {}
        self._alone = False
        self._why: str | None = None
        reading = [path for path in left.get("reading", []) if isinstance(path, str)]
        why = left.get("why") or (None if not report else TOO_LONG if _TIMEOUT in report else CRASHED)
        if left.get("alone"):
            for path in reading:
                self._deaths[path] = self._deaths.get(path, 0) + (KILLS_UNTIL_BLAMED if why else 1)
                self._reasons[path] = why or CRASHED
        waiting = [path for path in left.get("suspects", []) if isinstance(path, str)]
        self.suspects: tuple[str, ...] = tuple(dict.fromkeys([*reading, *waiting, *self._deaths]))
        self._waiting = dict.fromkeys(self.suspects)
        self._log: IO[bytes] | None = None
        self._path.touch()
        self._file = self._path.open("r+b", buffering=0)
        self._length = self._path.stat().st_size
        self._write()

    def enable_crash_log(self) -> None:
        """Let the interpreter write a report when a decoder crashes this process."""
        if self._log is None:
            self._log = self._log_path.open("wb")
            faulthandler.enable(self._log)

    @property
    def crash_log(self) -> IO[bytes] | None:
        """The open file of crash reports, None while nobody watches for crashes."""
        return self._log

    def is_blamed(self, path: str) -> bool:
        """Whether reading this photo has ended the program."""
        return self._deaths.get(path, 0) >= KILLS_UNTIL_BLAMED

    def reason(self, path: str) -> str:
        """Why a guilty photo is unreadable, in plain words."""
        return self._reasons.get(path, CRASHED)

    def clear(self, path: str) -> None:
        """Forget a suspicion: the photo was read, or is listed as unreadable."""
        with self._lock:
            self._waiting.pop(path, None)
            self._deaths.pop(path, None)
            self._reasons.pop(path, None)
            self._write()

    @contextmanager
    def reading(self, path: str, *, size: int = 0, alone: bool = False) -> Iterator[None]:
        """Name a photo of `size` bytes while it is being read."""
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
        """The photos that are being read right now, with their size in bytes."""
        with self._lock:
            return dict(self._reading)

    def record_cause(self, why: str) -> None:
        """Note why the process is about to end for the photos that are being read."""
        if self._lock.acquire(timeout=_PATIENCE_S):
            try:
                self._why = why
                self._write()
            finally:
                self._lock.release()

    def close(self) -> None:
        """The clean end: nothing is being read."""
        with self._lock:
            if self._log is not None:
                faulthandler.disable()
                self._log.close()
                self._log_path.unlink(missing_ok=True)
            self._file.close()
            if not self._deaths:
                self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        """Rewrite the journal; no fsync, since it must survive this process and not the computer.

        One write over what was there, blanks over the rest of it: a process that dies in another thread meanwhile
        leaves the one or the other. A journal cut off first would now and then be found empty.
        """
        state = {"reading": list(self._reading), "alone": self._alone, "deaths": self._deaths}
        state |= {"suspects": list(self._waiting)} if self._waiting else {}
        state |= {"reasons": self._reasons} if self._reasons else {}
        state |= {"why": self._why} if self._why else {}
        content = json.dumps(state).encode().ljust(self._length)
        self._length = len(content)
        self._file.seek(0)
        self._file.write(content)


def _read(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _report(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
