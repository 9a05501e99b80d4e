"""Remember which photos are being read, so that one that crashes the program is found and left out."""

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
DEATHS_WITHOUT_A_CRASH = 2  # a photo read alone that often when the process was killed is blamed all the same


class CrashJournal:
    """A small file in the library that names the photos being read right now.

    It is empty after a clean end. After a crash it names the suspects: they are read again one at a time. A
    suspect that was alone when the program crashed is guilty. So that a plain kill (by the person, by the
    system for want of memory) does not blame an innocent photo, a death without a crash report counts only
    when it happens again.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _JOURNAL
        self._log_path = folder / _CRASH_LOG
        self._lock = threading.Lock()
        left = _read(self._path)
        crashed = self._log_path.is_file() and self._log_path.stat().st_size > 0
        self._deaths: dict[str, int] = dict(left.get("deaths", {}))
        self._reading: list[str] = []
        self._alone = False
        reading = [path for path in left.get("reading", []) if isinstance(path, str)]
        if left.get("alone"):
            for path in reading:
                self._deaths[path] = self._deaths.get(path, 0) + (DEATHS_WITHOUT_A_CRASH if crashed else 1)
        self.suspects: tuple[str, ...] = tuple(dict.fromkeys([*reading, *self._deaths]))
        self._log: IO[bytes] | None = None
        self._file = self._path.open("w", encoding="utf-8")
        self._write()

    def watch_for_crashes(self) -> None:
        """Let the interpreter write a report when a decoder crashes this process."""
        if self._log is None:
            self._log = self._log_path.open("wb")
            faulthandler.enable(self._log)

    def is_guilty(self, path: str) -> bool:
        """Whether reading this photo has crashed the program."""
        return self._deaths.get(path, 0) >= DEATHS_WITHOUT_A_CRASH

    def acquit(self, path: str) -> None:
        """Forget a suspicion: the photo was read, or is listed as unreadable."""
        with self._lock:
            self._deaths.pop(path, None)
            self._write()

    @contextmanager
    def reading(self, path: str, *, alone: bool = False) -> Iterator[None]:
        """Name a photo while it is being read."""
        with self._lock:
            self._reading.append(path)
            self._alone = alone
            self._write()
        try:
            yield
        finally:
            with self._lock:
                self._reading.remove(path)
                self._write()

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
        """Rewrite the journal; no fsync, since it must survive this process and not the computer."""
        state = {"reading": self._reading, "alone": self._alone, "deaths": self._deaths}
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(state))
        self._file.flush()


def _read(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
