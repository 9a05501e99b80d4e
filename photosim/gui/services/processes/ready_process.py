"""A child process that is started ahead of work that is likely soon, and ended if none comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from photosim.gui.services.processes.child import ChildProcess, ProcessResult


class ReadyProcess(QObject):
    """At most one process, which waits for its work for `wait_ms`."""

    def __init__(self, command: Callable[[], Sequence[str]], wait_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self._command = command
        self.process: ChildProcess | None = None
        """The process while it waits."""
        self.timer = QTimer(self, interval=wait_ms, singleShot=True)
        self.timer.timeout.connect(self.stop)

    def prepare(self) -> None:
        """Start the process, or let the one that is there wait anew."""
        self.timer.start()
        if self.process is None:
            self.process = ChildProcess(self.parent())
            self.process.finished.connect(self._forget)
            self.process.start(self._command())

    def take(self) -> ChildProcess | None:
        """Return the process for its work, if there is one; its end is no longer handled here."""
        process, self.process = self.process, None
        self.timer.stop()
        if process is not None:
            process.finished.disconnect(self._forget)
        return process

    def stop(self) -> None:
        """End the process if it still waits."""
        process, self.process = self.process, None
        if process is not None:
            process.stop()

    def _forget(self, _: ProcessResult) -> None:
        self.process = None
