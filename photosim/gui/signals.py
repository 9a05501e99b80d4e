"""Ends the program tidily when the system or the terminal asks it to."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class UnixSignals(QObject):
    """Calls `end` on Ctrl-C and SIGTERM, on the window's own thread, until it is closed.

    Python runs its signal handlers only between its own instructions, of which an idle window has none: so the
    signal is written to a socket that Qt listens to (see signal.set_wakeup_fd).
    """

    def __init__(self, end: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(lambda: (self._reader.recv(1), end()))
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno())
        self._before = {number: signal.signal(number, _noted) for number in (signal.SIGINT, signal.SIGTERM)}

    def close(self) -> None:
        """Leave the signals as they were."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()


def _noted(*_: object) -> None:
    """The socket tells of it."""
