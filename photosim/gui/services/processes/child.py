"""A child process of the window: started without waiting, read line by line, and never left behind."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, Signal

from photosim.gui.base.translation import tr
from photosim.workers.protocol import MAX_LINE_BYTES

_log = logging.getLogger(__name__)

_KILL_MS = 2000  # a killed process is gone within milliseconds
_MAX_ERRORS = 8000  # characters of standard error that are kept


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a child process ended."""

    succeeded: bool
    started: bool = True
    error: str = ""
    """A sentence for the user, if there is one: the last line of standard error, or that it could not be started."""
    details: str = ""
    """For a report."""


class ChildProcess(QObject):
    """Runs a command once; frees itself after `finished`, `stop` or `kill`."""

    line_received = Signal(bytes)
    """A line of standard output. One longer than `MAX_LINE_BYTES` is split, so that no parser accepts it."""

    finished = Signal(ProcessResult)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._errors = ""
        self._is_done = False
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read_lines)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.errorOccurred.connect(self._handle_error)
        self._process.finished.connect(self._finish)

    def start(self, command: Sequence[str]) -> None:
        """Start the command; when that fails, `finished` says so."""
        program, *arguments = command
        self._process.start(program, arguments)

    def write(self, line: str) -> None:
        """Send a line to its standard input."""
        self._process.write(line.encode())

    def stop(self, patience_ms: int = 0) -> None:
        """Ask it to end, kill it after `patience_ms`, and emit nothing more."""
        if self._is_done:
            return
        self._is_done = True
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.closeWriteChannel()
            if not patience_ms or not self._process.waitForFinished(patience_ms):
                self._process.kill()
                self._process.waitForFinished(_KILL_MS)
        self.deleteLater()

    def kill(self) -> None:
        """Kill it without waiting for its end, and emit nothing more."""
        if self._is_done:
            return
        self._is_done = True
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self.deleteLater()
            return
        self._process.finished.connect(self.deleteLater)
        self._process.errorOccurred.connect(self.deleteLater)  # it could not be started
        self._process.kill()

    def _read_lines(self) -> None:
        process = self._process
        while not self._is_done and (process.canReadLine() or process.bytesAvailable() > MAX_LINE_BYTES):
            self.line_received.emit(bytes(process.readLine(MAX_LINE_BYTES).data()))

    def _read_errors(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        self._errors = (self._errors + text)[-_MAX_ERRORS:]

    def _handle_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            sentence = tr("Couldn't start the background process.")
            details = self._process.errorString()
            self._emit_finished(ProcessResult(False, started=False, error=sentence, details=details))

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._is_done:
            return
        self._read_lines()
        self._read_errors()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self._emit_finished(ProcessResult(True, details=self._errors))
            return
        errors = self._errors.strip()
        _log.warning("A background process ended with exit status %s: %s", code, errors)
        sentence = errors.splitlines()[-1] if errors else ""
        self._emit_finished(ProcessResult(False, error=sentence, details=f"exit status {code}\n{errors}"))

    def _emit_finished(self, result: ProcessResult) -> None:
        if not self._is_done:
            self._is_done = True
            self.finished.emit(result)
            self.deleteLater()
