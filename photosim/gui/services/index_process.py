"""Indexing in a child process: starts it, listens to it, starts it again when it dies, and never leaves it behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from photosim.gui.base.translation import tr
from photosim.gui.services import index_queue
from photosim.gui.services.index_queue import PendingIndexing
from photosim.records import Phase, Progress
from photosim.workers.supervisor import (
    RESTART_S,
    STOPPED_AGAIN_AND_AGAIN,
    RestartTally,
    progress_of,
    worker_command,
)

_log = logging.getLogger(__name__)

_STOP_MS, _KILL_MS = 4000, 2000
"""How long a process may take to end by itself when the window closes, and to be gone when killed."""

_TRIES_FOR_LOCK, _LOCKED_MS = 8, 2000
"""After a window was killed: its indexing process takes up to 10 seconds to notice, and to let go of the library."""

_KEPT_ERRORS = 8000  # characters of what the process wrote to its standard error


class IndexState(StrEnum):
    """What the indexing does."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"


class IndexProcess(QObject):
    """Runs one indexing at a time; folders that are added meanwhile follow."""

    progressed = Signal(Progress)
    """Where it stands, counted over restarts."""

    added = Signal(object)
    """File ids that have become readable photos of the library."""

    finished = Signal(Progress)
    """It came to its end, or was cancelled; the last progress."""

    failed = Signal(str, str)
    """It could not go on: a sentence, and details for a report."""

    state_changed = Signal(object)

    def __init__(
        self, library: Path, parent: QObject | None = None, restart_ms: int = round(1000 * RESTART_S)
    ) -> None:
        super().__init__(parent)
        self._library, self._restart_ms = library, restart_ms
        self._state = IndexState.IDLE
        self._process: QProcess | None = None
        self._folders: tuple[str, ...] = ()
        self._queue: list[tuple[str, ...]] = []
        self._rest = b""
        self._errors = ""
        self._error: tuple[str, str] | None = None
        self._run = 0
        self._tally = RestartTally()
        self._closed = self._quiet = self._locked = False
        self.found_damage = False
        """Whether it failed last because the library is damaged."""

        self._patience = 0
        self._allowed = True

    @property
    def state(self) -> IndexState:
        """What the indexing does."""
        return self._state

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being indexed."""
        return self._state is IndexState.IDLE

    @property
    def process_id(self) -> int:
        """The process that indexes, or 0."""
        return 0 if self._process is None else int(self._process.processId())

    @property
    def is_background(self) -> bool:
        """Whether what runs, or ran last, was not asked for by the person but by a change on the disk."""
        return self._quiet

    def set_enabled(self, enabled: bool) -> None:
        """Whether anything may be indexed; what is asked for while it may not is left undone."""
        self._allowed = enabled

    def start(self, folders: Sequence[str | Path] = (), *, background: bool = False) -> None:
        """Index these folders, or look through all that were added; after what runs now, if anything does.

        A quiet indexing is not asked for by the person, and nobody waits for it; it is never put off.
        """
        if not self._allowed:
            return
        wanted = tuple(str(folder) for folder in folders)
        if not self.is_idle:
            if wanted not in self._queue:
                self._queue.append(wanted)
                self._remember()
            return
        self._patience = 0
        self._begin(wanted, quiet=background)

    def resume_pending(self) -> None:
        """Go on with what was not finished when the window was last open; what was paused stays so."""
        left = index_queue.load(self._library) if self._allowed and self.is_idle else None
        if left is not None:
            first, *self._queue = left.queue
            self._patience = _TRIES_FOR_LOCK
            self._begin(first, quiet=left.quiet, paused=left.paused)

    def pause(self) -> None:
        """Rest until `resume`."""
        if self._state is IndexState.RUNNING:
            self._tell("pause")
            self._set_state(IndexState.PAUSED)
            self._remember()

    def resume(self) -> None:
        """Go on."""
        if self._state is IndexState.PAUSED:
            self._tell("resume")
            self._set_state(IndexState.RUNNING)
            self._remember()
            self._launch(self._run)  # it may have been paused since the last start of the window

    def set_quiet_mode(self, mode: str) -> None:
        """Follow another choice for keeping the computer quiet ("auto", "on" or "off") from now on."""
        self._tell("quiet", choice=mode)

    def cancel(self) -> None:
        """End at the next safe place; what was read is kept, and what waits is dropped."""
        self._queue.clear()
        if self._state in (IndexState.RUNNING, IndexState.PAUSED):
            self._set_state(IndexState.CANCELLING)
            self._remember()
            if self._process is None:
                self._end()
            else:
                self._tell("cancel")

    def close(self) -> None:
        """End the process now: ask it, wait a little, then kill it. Nothing is told any more.

        What is not finished goes on at the next start.
        """
        self._closed = True
        self._queue.clear()
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.closeWriteChannel()
        if not process.waitForFinished(_STOP_MS):
            process.kill()
            process.waitForFinished(_KILL_MS)

    # --- the process -------------------------------------------------------------------------------------

    def _begin(self, folders: tuple[str, ...], *, quiet: bool, paused: bool = False) -> None:
        self._folders, self._tally, self._quiet = folders, RestartTally(), quiet
        self._run += 1
        self.found_damage = False
        self._set_state(IndexState.PAUSED if paused else IndexState.RUNNING)
        self._remember()
        self.progressed.emit(self._tally.last)
        if not paused:
            self._launch(self._run)

    def _remember(self) -> None:
        """Keep what is left to do for the next start, whatever ends this one."""
        running, paused = (
            self._state in (IndexState.RUNNING, IndexState.PAUSED),
            self._state is IndexState.PAUSED,
        )
        left = PendingIndexing((self._folders, *self._queue), paused, self._quiet and not paused)
        index_queue.save(self._library, left if running else None)

    def _launch(self, run: int) -> None:
        if self._closed or self.is_idle or run != self._run or self._process is not None:
            return  # cancelled while it waited for its next start
        program, *words = worker_command(self._library, self._folders)
        process = QProcess(self)
        self._process, self._rest, self._errors, self._error = process, b"", "", None
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_errors)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        process.start(program, words)
        if self._state is IndexState.PAUSED:
            self._tell("pause")

    def _tell(self, command: str, **more: str) -> None:
        if self._process is not None:
            self._process.write(json.dumps({"do": command, **more}).encode() + b"\n")

    def _read(self) -> None:
        if self._process is None:
            return
        data = self._rest + bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = data.split(b"\n")
        for line in lines:
            try:
                event = json.loads(line)
                self._hear(event)
            except (ValueError, KeyError, TypeError):
                _log.warning("The indexing process said something unknown: %r", line[:200])

    def _read_errors(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._errors = (self._errors + text)[-_KEPT_ERRORS:]

    def _hear(self, event: dict[str, Any]) -> None:
        kind = event.pop("event")
        if kind == "error":
            self._error = (str(event["message"]), str(event.get("details", "")))
            self._locked = bool(event.get("locked"))
            self.found_damage = bool(event.get("damaged"))
        elif kind == "progress":
            told = self._tally.accumulate(progress_of(event))
            if told.added:
                self.added.emit(told.added)
            self.progressed.emit(told)

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            details = self._process.errorString() if self._process is not None else ""
            self._process = None
            self._fail(tr("PhotoSim could not start its own indexing program."), details)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._process is None:
            return
        self._read()
        self._read_errors()
        process, self._process = self._process, None
        process.deleteLater()
        died = status == QProcess.ExitStatus.CrashExit or code != 0
        if self._error is not None and self._locked and self._patience:
            self._patience -= 1
            QTimer.singleShot(_LOCKED_MS, self, partial(self._launch, self._run))
        elif self._error is not None:
            self._fail(*self._error)
        elif not died or self._state is IndexState.CANCELLING:
            self._end()
        elif self._tally.died():
            _log.warning("The indexing process died (%s) and is started again", code)
            QTimer.singleShot(self._restart_ms, self, partial(self._launch, self._run))
        else:
            self._fail(tr(STOPPED_AGAIN_AND_AGAIN), f"exit status {code}\n{self._errors}")

    def _end(self) -> None:
        cancelled = self._tally.last.cancelled or self._state is IndexState.CANCELLING
        last = replace(self._tally.last, phase=Phase.DONE, cancelled=cancelled, added=())
        self._set_state(IndexState.IDLE)
        if not self._queue:
            self._remember()
        self.finished.emit(last)
        self._start_next()

    def _fail(self, message: str, details: str) -> None:
        self._queue.clear()
        self._set_state(IndexState.IDLE)
        self._remember()
        self.failed.emit(message, details)

    def _start_next(self) -> None:
        if self._queue and self.is_idle:
            self.start(self._queue.pop(0))

    def _set_state(self, state: IndexState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
