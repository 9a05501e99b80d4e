"""What the person asks the program to open: with the start, with “Open with”, or by starting it once more."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from photosim import APP_ID
from photosim.gui.state.places import DroppedItems

_ANSWER_MS = 3000
"""A window that does not answer in this time hangs; a new one is then more use."""

_TOGETHER_MS = 100
"""Photos chosen together come one by one, within this time."""

_LONGEST = 1 << 20
"""Bytes of one request: some thousand paths."""

_TAKEN = b"taken\n"
_ACTIVATION = "XDG_ACTIVATION_TOKEN"
"""Wayland: what allows a window to come to the front, given to the program that the person started."""


class Application(QApplication):
    """The application, which macOS asks to open files while it runs, by an event."""

    asked = Signal(object)
    """A list of paths."""

    def event(self, event: QEvent) -> bool:
        """Take what the Finder wants opened."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.asked.emit([event.file()])
            return True
        return super().event(event)


class OpenRequests(QObject):
    """Gathers what is to be opened, and tells of it together."""

    wanted = Signal(object)
    """A Dropped: the folders and files. It may be empty: then only the window is wanted."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._paths: list[str] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TOGETHER_MS)
        self._timer.timeout.connect(self._tell)

    def want(self, paths: Sequence[str]) -> None:
        """Open these."""
        self._paths += paths
        self._timer.start()

    def _tell(self) -> None:
        paths, self._paths = self._paths, []
        self.wanted.emit(DroppedItems.from_paths(paths))


class InstanceServer(QObject):
    """Takes what later starts of the program on the same library are to open."""

    asked = Signal(object)
    """A list of paths, perhaps empty."""

    def __init__(self, library: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._callers: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._meet)
        name = _name(library)
        QLocalServer.removeServer(name)  # nobody answered there: what is left is of a program that was killed
        self._server.listen(name)

    def close(self) -> None:
        """Take nothing any more."""
        self._server.close()

    def _meet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._callers.append(socket)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(self._forget)
        self._read()

    def _read(self) -> None:
        for socket in list(self._callers):
            if socket.canReadLine():
                self._answer(socket)
            elif socket.bytesAvailable() > _LONGEST:
                socket.disconnectFromServer()

    def _answer(self, socket: QLocalSocket) -> None:
        request = _request(bytes(socket.readLine().data()))
        if request is None:
            socket.disconnectFromServer()
            return
        socket.write(_TAKEN)
        socket.flush()
        if token := request.get("activation"):
            os.environ[_ACTIVATION] = str(token)
        self.asked.emit([str(path) for path in request["paths"]])

    def _forget(self) -> None:
        for socket in list(self._callers):
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                self._callers.remove(socket)
                socket.deleteLater()


def forward_to_running(library: Path, paths: Sequence[str]) -> bool:
    """Let the window that is already open on this library open these; False when there is none that answers."""
    name = _name(library)
    if not _is_ours(name):
        return False
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_ANSWER_MS):
        return False
    request = {"paths": list(paths), "activation": os.environ.get(_ACTIVATION, "")}
    socket.write(json.dumps(request).encode() + b"\n")
    answer = b""
    while len(answer) < len(_TAKEN) and socket.waitForReadyRead(_ANSWER_MS):
        answer += socket.readAll().data()
    return answer == _TAKEN


def _name(library: Path) -> str:
    """Where the window on this library is asked: one for each person, library and screen."""
    screen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or ""
    person = os.environ.get("USERNAME", "") if sys.platform == "win32" else str(os.getuid())
    words = "\n".join((person, os.path.normcase(library.expanduser().resolve()), screen))
    mark = hashlib.sha256(words.encode(errors="surrogateescape")).hexdigest()[:16]
    name = f"{APP_ID}-{mark}"
    if sys.platform == "win32":
        return name
    return os.path.join(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir(), name)  # noqa: PTH118


def _is_ours(name: str) -> bool:
    """Whether this person made it: nobody else is to learn what is opened."""
    if sys.platform == "win32":
        return True  # a pipe's name is gone with its program, and Qt's pipes are for one person
    try:
        return Path(name).stat().st_uid == os.getuid()
    except OSError:
        return False


def _request(line: bytes) -> dict[str, Any] | None:
    try:
        request = json.loads(line)
    except ValueError:
        return None
    fits = isinstance(request, dict) and isinstance(request.get("paths"), list)
    return request if fits else None
