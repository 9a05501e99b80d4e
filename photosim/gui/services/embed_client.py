"""The model's eye: a process of our own that turns images into embeddings, so that the window never loads torch.

It is started when the first image needs it, stays loaded for the next one, and ends when none came for a while.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QProcess, QTimer

from photosim.errors import PhotoSimError
from photosim.gui.base.translation import tr
from photosim.library.model_view import Vector
from photosim.paths import program_command
from photosim.search.query import Example

_IDLE_MS = 180_000
"""After that long without a question the process ends: it holds some 400 MB."""

_STOP_MS = 2000

EmbedCallback = Callable[[Vector | None, Exception | None], None]
_Question = tuple[str, Example]


class EmbedClient(QObject):
    """Answers through `seen(vector, error)` in the thread of the window; equal questions are asked once."""

    def __init__(self, library: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._process: QProcess | None = None
        self._numbers: dict[int, _Question] = {}
        self._waiting: dict[_Question, list[EmbedCallback]] = {}
        self._asked = 0
        self._idle = QTimer(self, interval=_IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._rest)

    @property
    def is_looking(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._waiting)

    def embed(self, model: str, example: Example, callback: EmbedCallback) -> None:
        """Ask what a model sees in an image."""
        question = (model, example)
        waiting = self._waiting.setdefault(question, [])
        waiting.append(callback)
        if len(waiting) > 1:
            return
        self._idle.stop()
        self._asked += 1
        self._numbers[self._asked] = question
        region = example.region
        sides = None if region is None else [region.x, region.y, region.width, region.height]
        words = {"id": self._asked, "model": model, "path": example.path, "region": sides}
        self._running().write(json.dumps(words).encode() + b"\n")

    def close(self) -> None:
        """End the process; nobody is told any more."""
        self._waiting.clear()
        self._numbers.clear()
        self._end()

    # --- helpers -----------------------------------------------------------------------------------------

    def _running(self) -> QProcess:
        if self._process is None:
            self._process = process = QProcess(self)
            process.readyReadStandardOutput.connect(self._read)
            process.finished.connect(self._finished)
            process.errorOccurred.connect(self._broken)
            program, *words = program_command()
            process.start(program, [*words, "embed", "--library", str(self._library)])
        return self._process

    def _rest(self) -> None:
        if self._process is not None:
            self._process.closeWriteChannel()

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            line = bytes(process.readLine().data())
            try:
                answer = json.loads(line)
                question = self._numbers.pop(answer["id"])
                vector = np.array(answer["vector"], np.float32) if "vector" in answer else None
                words = str(answer.get("error", ""))
            except (ValueError, KeyError, TypeError):
                self._fail(tr("The search gave an answer that PhotoSim does not understand."))
                return
            self._tell(question, vector, words)
        if not self._waiting:
            self._idle.start()

    def _tell(self, question: _Question, vector: Vector | None, words: str) -> None:
        error = PhotoSimError(words) if vector is None else None
        for seen in self._waiting.pop(question, []):
            seen(vector, error)

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._fail(tr("PhotoSim could not start its own search program."))

    def _finished(self) -> None:
        self._read()
        if self._process is None:
            return
        said = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self._fail(said.splitlines()[-1] if said else tr("The search ended without an answer."))

    def _fail(self, words: str) -> None:
        """Tell all who wait, and start afresh with the next question."""
        self._end()
        questions = list(self._waiting)
        self._numbers.clear()
        for question in questions:
            self._tell(question, None, words)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.readyReadStandardOutput.disconnect(self._read)
        process.finished.disconnect(self._finished)
        process.errorOccurred.disconnect(self._broken)
        if process.state() != QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(_STOP_MS)  # a killed process is gone within milliseconds
        process.deleteLater()
