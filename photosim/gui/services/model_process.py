"""One errand about models in a process of our own: downloading and opening a model need PyTorch, the window does not."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal

from photosim.gui.base.translation import tr
from photosim.paths import program_command

_log = logging.getLogger(__name__)

_STOP_MS = 2000


class ModelCommand(QObject):
    """Runs `photosim models …` once."""

    progressed = Signal(object, object)
    """Bytes so far, and bytes in all or None: more than Qt's own integers hold."""

    finished = Signal(object)
    """None when it is done, else the sentence that says why not."""

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rest = b""
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._broken)
        program, *first = program_command()
        self._process.start(program, [*first, "models", *arguments])

    def stop(self) -> None:
        """End it now, and tell nobody; what was downloaded is kept."""
        self._process.finished.disconnect()
        self._process.errorOccurred.disconnect()
        self._process.kill()
        self._process.waitForFinished(_STOP_MS)

    # --- helpers -----------------------------------------------------------------------------------------

    def _read(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        for line in lines:
            try:
                report = json.loads(line)
                self.progressed.emit(report["bytes"], report["of"])
            except (ValueError, KeyError, TypeError):
                _log.debug("An errand about models said %r", line[:200])

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.finished.emit(tr("PhotoSim could not start its own program."))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.finished.emit(None)
            return
        said = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        _log.warning("An errand about models failed: %s", said)
        self.finished.emit(said.splitlines()[-1] if said else tr("It ended without an answer."))
