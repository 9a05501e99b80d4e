"""Embed images in a child process, so that the window never loads PyTorch.

The process starts with the first request, keeps the model loaded, and ends when it has been idle for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from photosim.errors import PhotoSimError
from photosim.gui.base.translation import tr
from photosim.gui.services.child_process import ChildProcess, ProcessResult
from photosim.library.model_view import Vector
from photosim.search.query import Example
from photosim.workers.protocol import EmbedRequest, PhotoResponse, ProtocolError, photo_command

_IDLE_MS = 180_000
"""Without requests for that long the process ends: it takes some 400 MB."""

EmbedCallback = Callable[[Vector | None, Exception | None], None]
_Key = tuple[str, Example]
"""Model, and image or part of one."""


class EmbedClient(QObject):
    """Calls `callback(vector, error)` in the thread of the window; equal requests are sent once."""

    def __init__(self, library: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._process: ChildProcess | None = None
        self._keys: dict[int, _Key] = {}
        self._callbacks: dict[_Key, list[EmbedCallback]] = {}
        self._last_id = 0
        self._idle = QTimer(self, interval=_IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._release_idle_process)

    def embed(self, model: str, example: Example, callback: EmbedCallback) -> None:
        """Request the embedding of an image by a model."""
        key = (model, example)
        callbacks = self._callbacks.setdefault(key, [])
        callbacks.append(callback)
        if len(callbacks) > 1:
            return
        self._idle.stop()
        self._last_id += 1
        self._keys[self._last_id] = key
        if self._process is None:
            self._start()
        if self._process is not None:
            self._process.write(EmbedRequest(self._last_id, model, example).encode())

    def close(self) -> None:
        """End the process and call nobody back."""
        self._callbacks.clear()
        self._keys.clear()
        self._stop()

    def _start(self) -> None:
        process = self._process = ChildProcess(self)
        process.line_received.connect(self._handle_line)
        process.finished.connect(self._handle_exit)
        process.start(photo_command(self._library))

    def _release_idle_process(self) -> None:
        """Let the process end by itself, while a new request may start the next one."""
        process, self._process = self._process, None
        if process is not None:
            process.line_received.disconnect(self._handle_line)
            process.finished.disconnect(self._handle_exit)
            process.close_input()

    def _handle_line(self, line: bytes) -> None:
        try:
            response = PhotoResponse.parse(line)
            key = None if response.id is None else self._keys.pop(response.id, None)
        except ProtocolError:
            key = None
        if key is None:
            self._fail_all(tr("The search returned an invalid result."))
            return
        self._call_back(key, response.vector, response.error)
        if not self._callbacks:
            self._idle.start()

    def _handle_exit(self, result: ProcessResult) -> None:
        self._process = None
        self._fail_all(result.error or tr("The search stopped unexpectedly."))

    def _fail_all(self, message: str) -> None:
        """Fail every pending request; the next one starts a new process."""
        self._stop()
        self._keys.clear()
        for key in list(self._callbacks):
            self._call_back(key, None, message)

    def _call_back(self, key: _Key, vector: Vector | None, message: str) -> None:
        error = PhotoSimError(message) if vector is None else None
        for callback in self._callbacks.pop(key, []):
            callback(vector, error)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.stop()
