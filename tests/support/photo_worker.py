"""A photo worker in a thread of the tests, with the interface of a child process."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from photosim.gui.services.processes.child import ChildProcess, ProcessResult
from photosim.gui.services.processes.photo_workers import PhotoWorkerPool
from photosim.paths import JSON_ARGUMENTS, decode_arguments
from photosim.workers.photo_protocol import PhotoRequest, ViewRequest
from photosim.workers.photo_worker import _PhotoServer

new_process = PhotoWorkerPool._new_process
"""Creates a real process."""


class ThreadedWorker(QObject):
    """Answers requests in a thread, without limits."""

    line_received = Signal(bytes)
    finished = Signal(ProcessResult)
    _responded = Signal(bytes)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._is_done = False
        self._responded.connect(self._emit_line, Qt.ConnectionType.QueuedConnection)

    def start(self, command: Sequence[str]) -> None:
        start = command.index(JSON_ARGUMENTS) if JSON_ARGUMENTS in command else 0
        arguments = decode_arguments(command[start:])
        folder = Path(arguments[arguments.index("--library") + 1])
        threading.Thread(target=self._respond, args=(folder,), daemon=True).start()

    def write(self, line: str) -> None:
        self._lines.put(line)

    def kill(self) -> None:
        self._lines.put(None)
        self._is_done = True
        self.deleteLater()

    def stop(self, patience_ms: int = 0) -> None:  # noqa: ARG002
        self.kill()

    def _emit_line(self, line: bytes) -> None:
        if not self._is_done:
            self.line_received.emit(line)

    def _respond(self, folder: Path) -> None:
        server = _PhotoServer(folder, _Responses(self), None, os._exit)  # type: ignore[arg-type]
        while (line := self._lines.get()) is not None:
            with suppress(RuntimeError):  # the worker was destroyed meanwhile
                server.respond(line)


class _Responses:
    def __init__(self, worker: ThreadedWorker) -> None:
        self._worker = worker

    def write(self, line: str) -> None:
        self._worker._responded.emit(line.encode())

    def flush(self) -> None:
        pass


def new_worker(pool: PhotoWorkerPool, message: PhotoRequest) -> ChildProcess | ThreadedWorker:
    """Create a thread for views, and a process for embeddings."""
    return ThreadedWorker(pool) if isinstance(message, ViewRequest) else ChildProcess(pool)
