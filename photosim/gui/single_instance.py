"""One window for each library: later starts of the program forward what they are to open to the first."""

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

_REPLY_TIMEOUT_MS = 3000
"""A window that does not answer within this time hangs, and a new one is opened."""

_COLLECT_MS = 100
"""macOS sends one event for each of the files that are opened together."""

_MAX_REQUEST_BYTES = 1 << 20
"""Room for some thousand paths."""

_ACCEPTED = b"accepted\n"
_ACTIVATION_VARIABLE = "XDG_ACTIVATION_TOKEN"
"""Wayland passes this token to a started program; it allows a window to come to the front."""


class Application(QApplication):
    """The application; macOS sends it an event for a file to open while it runs."""

    open_requested = Signal(object)
    """A list of paths."""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_requested.emit([event.file()])
            return True
        return super().event(event)


class OpenRequests(QObject):
    """Collects paths that are to be opened at about the same time."""

    ready = Signal(object)
    """DroppedItems, which are empty where only the window is to be shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._paths: list[str] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COLLECT_MS)
        self._timer.timeout.connect(self._emit)

    def add(self, paths: Sequence[str]) -> None:
        """Open paths."""
        self._paths += paths
        self._timer.start()

    def _emit(self) -> None:
        paths, self._paths = self._paths, []
        self.ready.emit(DroppedItems.from_paths(paths))


class InstanceServer(QObject):
    """Receives paths to open from later starts of the program on the same library."""

    open_requested = Signal(object)
    """A list of paths, which may be empty."""

    def __init__(self, library: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clients: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept_connections)
        name = _server_name(library)
        QLocalServer.removeServer(name)  # left by a program that was killed: nobody answered there
        self._server.listen(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _accept_connections(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._clients.append(socket)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(self._remove_disconnected)
        self._read()

    def _read(self) -> None:
        for socket in list(self._clients):
            if socket.canReadLine():
                self._handle_request(socket)
            elif socket.bytesAvailable() > _MAX_REQUEST_BYTES:
                socket.disconnectFromServer()

    def _handle_request(self, socket: QLocalSocket) -> None:
        request = _parse(bytes(socket.readLine().data()))
        if request is None:
            socket.disconnectFromServer()
            return
        socket.write(_ACCEPTED)
        socket.flush()
        if token := request.get("activation"):
            os.environ[_ACTIVATION_VARIABLE] = str(token)
        self.open_requested.emit([str(path) for path in request["paths"]])

    def _remove_disconnected(self) -> None:
        for socket in list(self._clients):
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                self._clients.remove(socket)
                socket.deleteLater()


def forward_to_running(library: Path, paths: Sequence[str]) -> bool:
    """Let a window that is open on the library open paths; return False where none answers."""
    name = _server_name(library)
    if not _is_own(name):
        return False
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_REPLY_TIMEOUT_MS):
        return False
    request = {"paths": list(paths), "activation": os.environ.get(_ACTIVATION_VARIABLE, "")}
    socket.write(json.dumps(request).encode() + b"\n")
    reply = b""
    while len(reply) < len(_ACCEPTED) and socket.waitForReadyRead(_REPLY_TIMEOUT_MS):
        reply += socket.readAll().data()
    return reply == _ACCEPTED


def _server_name(library: Path) -> str:
    """Return the name of the local server, which is different for each user, library and display."""
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or ""
    user = os.environ.get("USERNAME", "") if sys.platform == "win32" else str(os.getuid())
    identity = "\n".join((user, os.path.normcase(library.expanduser().resolve()), display))
    digest = hashlib.sha256(identity.encode(errors="surrogateescape")).hexdigest()[:16]
    name = f"{APP_ID}-{digest}"
    if sys.platform == "win32":
        return name
    return os.path.join(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir(), name)  # noqa: PTH118


def _is_own(name: str) -> bool:
    """Whether the server belongs to this user: no one else may learn what is opened."""
    if sys.platform == "win32":
        return True  # Qt restricts its named pipes to one user, and they vanish with their process
    try:
        return Path(name).stat().st_uid == os.getuid()
    except OSError:
        return False


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        request = json.loads(line)
    except ValueError:
        return None
    is_valid = isinstance(request, dict) and isinstance(request.get("paths"), list)
    return request if is_valid else None
