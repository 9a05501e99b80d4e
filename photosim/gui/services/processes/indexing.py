"""Index in a child process: start it, follow its progress, restart it when it dies, and never leave it behind."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.gui.base.translation import tr
from photosim.gui.services.processes import index_queue
from photosim.gui.services.processes.child import ChildProcess, ProcessResult
from photosim.gui.services.processes.index_queue import Folders, PendingIndexing, StoppedIndexing
from photosim.gui.services.processes.ready_process import ReadyProcess
from photosim.records import Phase, Progress
from photosim.runtime.throttle import QuietMode
from photosim.workers.protocol import (
    CANCEL_S,
    IndexAction,
    IndexFailure,
    IndexRequest,
    ProtocolError,
    index_command,
    parse_index_event,
    start_line,
    waiting_command,
)
from photosim.workers.supervisor import RESTART_S, RestartTally

_log = logging.getLogger(__name__)

_STOP_MS = 4000
"""How long the process may take to end by itself when the window closes."""

_READY_MS = 60_000
"""How long a process waits for an indexing before it ends."""

_LOCK_RETRIES, _LOCK_RETRY_MS = 8, 2000
"""The indexing process of a killed window takes up to 10 seconds to notice and to release the library."""


class IndexState(StrEnum):
    """What the indexing is doing."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"


class IndexProcess(QObject):
    """Runs one indexing at a time; folders that are added meanwhile are queued."""

    progressed = Signal(Progress)
    """Counted over restarts."""

    added = Signal(object)
    """Ids of files that have become readable photos of the library."""

    finished = Signal(Progress)
    """The last progress of an indexing that is complete or was cancelled."""

    failed = Signal(str, str)
    """A sentence, and details for a report."""

    state_changed = Signal(object)

    stopped_found = Signal()
    """An earlier session left a stopped indexing, which can be resumed."""

    def __init__(
        self, library: Path, parent: QObject | None = None, restart_ms: int = round(1000 * RESTART_S)
    ) -> None:
        super().__init__(parent)
        self._library, self._restart_ms = library, restart_ms
        self._state = IndexState.IDLE
        self._process: ChildProcess | None = None
        self._ready = ReadyProcess(lambda: waiting_command(library), _READY_MS, self)
        self._folders: Folders = ()
        self._queue: list[Folders] = []
        self._left: int | None = None
        self._failure: IndexFailure | None = None
        self._run = 0
        self._tally = RestartTally()
        self._is_closed = self._is_background = False
        self._is_enabled = True
        self._lock_retries = 0
        self._hang_timer = QTimer(self, interval=round(1000 * CANCEL_S), singleShot=True)
        self._hang_timer.timeout.connect(self._kill_hanging)
        self.found_damage = False
        """Whether the last indexing failed because the library is damaged."""
        self.stopped: StoppedIndexing | None = None
        """What the user cancelled, until it is resumed or indexed otherwise."""

    @property
    def state(self) -> IndexState:
        """What the indexing is doing."""
        return self._state

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being indexed."""
        return self._state is IndexState.IDLE

    @property
    def is_background(self) -> bool:
        """Whether the present or last indexing was started by a change on the disk, not by the user."""
        return self._is_background

    def set_enabled(self, enabled: bool) -> None:
        """Allow or refuse indexing; requests are ignored while it is refused."""
        self._is_enabled = enabled

    def prepare(self) -> None:
        """Start a process ahead of an indexing that is likely within the next minute."""
        if self._is_enabled and self.is_idle and not self._is_closed:
            self._ready.prepare()

    def start(self, folders: Sequence[str | Path] = (), *, background: bool = False) -> None:
        """Index these folders, or rescan all folders of the library; queued while another indexing runs.

        `background`: the user did not request it and does not wait for it.
        """
        if not self._is_enabled:
            return
        paths = tuple(str(folder) for folder in folders)
        if self.stopped is not None:
            self.stopped = self.stopped.without(paths)
        if self.is_idle:
            self._lock_retries = 0
            self._begin(paths, background=background)
        elif paths not in self._queue:
            self._queue.append(paths)
            self._save_pending()

    def resume_pending(self) -> None:
        """Continue what was not finished when the window was last open; what was paused or stopped stays so."""
        pending = index_queue.load_pending(self._library) if self._is_enabled and self.is_idle else None
        if pending is None:
            return
        self.stopped = pending.stopped
        if pending.queue:
            first, *self._queue = pending.queue
            self._lock_retries = _LOCK_RETRIES
            self._begin(first, background=pending.background, paused=pending.paused)
        else:
            self.stopped_found.emit()

    def pause(self) -> None:
        """Pause until `resume`."""
        if self._state is IndexState.RUNNING:
            self._send(IndexAction.PAUSE)
            self._set_state(IndexState.PAUSED)
            self._save_pending()

    def resume(self) -> None:
        """Continue after `pause`, or what was stopped by `cancel`; behind an indexing that runs meanwhile."""
        if self.stopped is not None and self._is_enabled and self._state is not IndexState.PAUSED:
            queue, self.stopped = self.stopped.queue, None
            for folders in queue:
                self.start(folders)
        elif self._state is IndexState.PAUSED:
            self._send(IndexAction.RESUME)
            self._set_state(IndexState.RUNNING)
            self._save_pending()
            self._launch(self._run)  # no process runs yet when it was paused in an earlier session

    def set_quiet_mode(self, mode: str) -> None:
        """Apply another `QuietMode` to the running indexing."""
        self._send(IndexAction.SET_QUIET_MODE, QuietMode.parse(mode))

    def cancel(self) -> None:
        """End at the next safe point; photos indexed so far are kept, and `resume` does the rest."""
        if self._state in (IndexState.RUNNING, IndexState.PAUSED):
            self._add_stopped((self._folders, *self._queue))
            self._queue.clear()
            self._set_state(IndexState.CANCELLING)
            self._save_pending()
            if self._process is None:
                self._end()
            else:
                self._send(IndexAction.CANCEL)
                self._hang_timer.start()

    def forget(self, folder: str) -> None:
        """Drop what was stopped in a folder that is no longer in the library."""
        if self.stopped is not None:
            self.stopped = self.stopped.without((folder,))
            self._save_pending()

    def close(self) -> None:
        """End the process now and emit nothing more; the next start of the window continues the indexing."""
        self._is_closed = True
        self._hang_timer.stop()
        self._queue.clear()
        process, self._process = self._process, None
        if process is not None:
            process.stop(_STOP_MS)
        self._ready.stop()

    def _begin(self, folders: tuple[str, ...], *, background: bool, paused: bool = False) -> None:
        self._folders, self._tally, self._is_background = folders, RestartTally(), background
        self._left = None
        self._run += 1
        self.found_damage = False
        self._set_state(IndexState.PAUSED if paused else IndexState.RUNNING)
        self._save_pending()
        self.progressed.emit(self._tally.last)
        if not paused:
            self._launch(self._run)

    def _save_pending(self) -> None:
        """Save what is left to do, so that the next start continues it however this one ends."""
        is_begun = self._state in (IndexState.RUNNING, IndexState.PAUSED)
        paused = self._state is IndexState.PAUSED
        queue = (self._folders, *self._queue) if is_begun else tuple(self._queue)
        background = is_begun and self._is_background and not paused
        pending = PendingIndexing(queue, paused, background, self.stopped)
        index_queue.save_pending(self._library, pending if queue or self.stopped is not None else None)

    def _add_stopped(self, queue: tuple[Folders, ...]) -> None:
        """Add what the user cancelled to what was stopped before."""
        earlier = self.stopped
        for folders in queue:
            earlier = None if earlier is None else earlier.without(folders)
        self.stopped = StoppedIndexing(queue + (() if earlier is None else earlier.queue), self._left)

    def _launch(self, run: int) -> None:
        if self._is_closed or self.is_idle or run != self._run or self._process is not None:
            return  # cancelled before this restart
        ready = self._ready.take()
        process = self._process = ready or ChildProcess(self)
        self._failure = None
        process.line_received.connect(self._handle_line)
        process.finished.connect(self._handle_exit)
        command = self._command(self._folders)
        if ready is None:
            process.start(command)
        else:
            ready.write(start_line(command))
        if self._state is IndexState.PAUSED:
            self._send(IndexAction.PAUSE)

    def _command(self, folders: Folders) -> list[str]:
        """The command line of the process for these folders."""
        return index_command(self._library, folders)

    def _death_text(self) -> str:
        """What to tell when the process ended several times."""
        return tr("Indexing stopped unexpectedly several times. Photos indexed so far are kept.")

    def _send(self, action: IndexAction, mode: QuietMode | None = None) -> None:
        if self._process is not None:
            self._process.write(IndexRequest(action, mode).encode())

    def _kill_hanging(self) -> None:
        """Kill a process that reports nothing after a cancel."""
        if self._process is not None and self._state is IndexState.CANCELLING:
            _log.warning("The indexing process hangs after a cancel, and is killed")
            self._process.kill()
            self._handle_exit(ProcessResult(False))

    def _handle_line(self, line: bytes) -> None:
        if self._hang_timer.isActive():
            self._hang_timer.start()
        try:
            event = parse_index_event(line)
        except ProtocolError as error:
            _log.warning("Unexpected output of the indexing process (%s): %r", error, line[:200])
            return
        if isinstance(event, IndexFailure):
            self._failure = event
            return
        progress = self._tally.accumulate(event)
        if progress.phase in (Phase.ANALYZING, Phase.DETECTING, Phase.GROUPING, Phase.COMPARING):
            is_last = progress.phase in (Phase.GROUPING, Phase.COMPARING)
            self._left = 0 if is_last else progress.total - progress.done
        if progress.added:
            self.added.emit(progress.added)
        self.progressed.emit(progress)

    def _handle_exit(self, result: ProcessResult) -> None:
        self._process = None
        self._hang_timer.stop()
        failure = self._failure
        if not result.started:
            self._fail(result.error, result.details)
        elif failure is not None and failure.locked and self._lock_retries:
            self._lock_retries -= 1
            QTimer.singleShot(_LOCK_RETRY_MS, self, partial(self._launch, self._run))
        elif failure is not None:
            self.found_damage = failure.damaged
            self._fail(failure.message, failure.details)
        elif result.succeeded or self._state is IndexState.CANCELLING:
            self._end()
        elif self._tally.record_death():
            QTimer.singleShot(self._restart_ms, self, partial(self._launch, self._run))
        else:
            self._fail(self._death_text(), result.details)

    def _end(self) -> None:
        was_done = self._tally.last.phase is Phase.DONE and not self._tally.last.cancelled
        cancelled = not was_done and (self._tally.last.cancelled or self._state is IndexState.CANCELLING)
        last = replace(self._tally.last, phase=Phase.DONE, cancelled=cancelled, added=())
        if self.stopped is not None and self._state is IndexState.CANCELLING:
            # Done before the request arrived, or further than when it was sent.
            self.stopped = (
                self.stopped.without(self._folders) if was_done else replace(self.stopped, left=self._left)
            )
        self._set_state(IndexState.IDLE)
        if not self._queue:
            self._save_pending()
        self.finished.emit(last)
        self._start_next()

    def _fail(self, message: str, details: str) -> None:
        self._queue.clear()
        self._set_state(IndexState.IDLE)
        self._save_pending()
        self.failed.emit(message, details)

    def _start_next(self) -> None:
        if self._queue and self.is_idle:
            self.start(self._queue.pop(0))

    def _set_state(self, state: IndexState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
