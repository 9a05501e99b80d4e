"""Work with files, one errand after the other, off the window's thread, with its progress in a strip."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.services.file_operations import OperationProgress


@dataclass(frozen=True, slots=True)
class QueuedOperation:
    """`work` runs in a thread; `done` gets its answer, or the error, in the window's. `text` says what is being done."""

    text: str
    photo_count: int
    work: Callable[[OperationProgress], Any]
    done: Callable[[Any, Exception | None], None]


class OperationQueue(QObject):
    """Runs one errand at a time; the others wait their turn."""

    _went = Signal(int, int, int)

    def __init__(self, jobs: Jobs, strip: FileStrip) -> None:
        super().__init__(strip)
        self._jobs, self._strip = jobs, strip
        self._waiting: deque[QueuedOperation] = deque()
        self._now: QueuedOperation | None = None
        self._stop = threading.Event()
        self._went.connect(self._show)
        strip.cancel_requested.connect(self.cancel)

    @property
    def busy(self) -> bool:
        """Whether an errand is under way."""
        return self._now is not None

    def add(self, errand: QueuedOperation) -> None:
        """Run an errand as soon as those before it are done."""
        self._waiting.append(errand)
        if self._now is None:
            self._next()

    def cancel(self) -> None:
        """Stop the present errand at the next safe place, and forget those that wait."""
        self._waiting.clear()
        self._stop.set()
        self._strip.show_cancelling()

    # --- helpers -----------------------------------------------------------------------------------------

    def _next(self) -> None:
        if not self._waiting:
            return
        self._now = errand = self._waiting.popleft()
        self._stop = threading.Event()
        self._strip.start(errand.text)
        self._jobs.start(partial(_run, errand, self._stop, self._went.emit), self._finish, Priority.HIGH)

    def _show(self, photos: int, size: int, total: int) -> None:
        if self._now is None or self._stop.is_set():
            return
        text = tr("{doing}  ·  {done} of {total}").format(
            doing=self._now.text,
            done=formatting.format_number(photos),
            total=formatting.format_number(self._now.photo_count),
        )
        self._strip.show_progress(text, size / total if total else photos / max(self._now.photo_count, 1))

    def _finish(self, answer: object, error: Exception | None) -> None:
        errand, self._now = self._now, None
        if errand is not None:
            errand.done(answer, error)
        self._next()


def _run(
    errand: QueuedOperation,
    stop: threading.Event,
    tell: Callable[[int, int, int], object],
    cancel: CancelToken,
) -> object:
    return errand.work(OperationProgress(cancel, stop, tell))
