"""Run `photosim models` in a child process: downloading and checking a model need PyTorch, the window does not."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from photosim.gui.base.translation import tr
from photosim.gui.services.processes.child import ChildProcess, ProcessResult
from photosim.workers.protocol import DownloadProgress, ProtocolError, models_command

_log = logging.getLogger(__name__)


class ModelCommand(QObject):
    """Runs `photosim models ...` once."""

    progressed = Signal(object, object)
    """Bytes so far, and bytes in all or None; objects, because they may exceed a C++ int."""

    finished = Signal(object)
    """None when it succeeded, else a sentence that says why it did not."""

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = models_command(arguments)
        self._process = ChildProcess(self)
        self._process.line_received.connect(self._handle_line)
        self._process.finished.connect(self._handle_exit)

    def start(self) -> None:
        """Start the process."""
        self._process.start(self._command)

    def stop(self) -> None:
        """End it now and emit nothing more; a partial download is kept."""
        self._process.stop()

    def _handle_line(self, line: bytes) -> None:
        try:
            progress = DownloadProgress.parse(line)
        except ProtocolError:
            _log.debug("Output of a model command: %r", line[:200])
            return
        self.progressed.emit(progress.done, progress.total)

    def _handle_exit(self, result: ProcessResult) -> None:
        error = None if result.succeeded else result.error or tr("The process stopped unexpectedly.")
        self.finished.emit(error)
