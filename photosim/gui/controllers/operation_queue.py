"""Runs file operations one after the other in a job and shows their progress."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.services.file_operations import OperationProgress
from photosim.library.files.operations import OperationResult

Work = Callable[[OperationProgress], OperationResult]


@dataclass(frozen=True, slots=True)
class QueuedOperation:
    """An operation that waits for its turn.

    `prepare` is called in the window's thread when the turn comes, since it depends on the results of the operations
    before; a job then runs what it returns, and `done` gets the result or the error in the window's thread. `dropped` is
    called instead when the user cancels before. `text` says what is being done.
    """

    text: str
    photo_count: int
    prepare: Callable[[], Work]
    done: Callable[[OperationResult | None, Exception | None], None]
    dropped: Callable[[], object] = lambda: None


class OperationQueue(QObject):
    """Runs one operation at a time, the first one first."""

    _progressed = Signal(int, int, int)

    def __init__(self, jobs: Jobs, strip: FileStrip) -> None:
        super().__init__(strip)
        self._jobs, self._strip = jobs, strip
        self._waiting: deque[QueuedOperation] = deque()
        self._running: QueuedOperation | None = None
        self._stop = threading.Event()
        self._progressed.connect(self._show_progress)
        strip.cancel_requested.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether an operation is running."""
        return self._running is not None

    def add(self, operation: QueuedOperation) -> None:
        """Run an operation when those before it are done."""
        self._waiting.append(operation)
        if self._running is None:
            self._start_next()

    def cancel(self) -> None:
        """Stop the running operation after the current file, and drop those that wait."""
        dropped = list(self._waiting)
        self._waiting.clear()
        self._stop.set()
        self._strip.show_cancelling()
        for operation in dropped:
            operation.dropped()

    def _start_next(self) -> None:
        if not self._waiting:
            return
        self._running = operation = self._waiting.popleft()
        self._stop = threading.Event()
        self._strip.start(operation.text)
        work = partial(_run, operation.prepare(), self._stop, self._progressed.emit)
        self._jobs.start(work, self._finish, Priority.HIGH)

    def _show_progress(self, photos: int, size: int, total: int) -> None:
        if self._running is None or self._stop.is_set():
            return
        count = self._running.photo_count
        text = tr("{operation}  ·  {done} of {total}").format(
            operation=self._running.text,
            done=formatting.format_number(photos),
            total=formatting.format_number(count),
        )
        self._strip.show_progress(text, size / total if total else photos / max(count, 1))

    def _finish(self, result: OperationResult | None, error: Exception | None) -> None:
        operation, self._running = self._running, None
        if operation is not None:
            operation.done(result, error)
        self._start_next()


def _run(
    work: Work, stop: threading.Event, report: Callable[[int, int, int], object], cancel: CancelToken
) -> OperationResult:
    return work(OperationProgress(cancel, stop, report))
