"""One window for each library: later starts of the program forward what they are to open to the first."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from photosim import APP_ID
from photosim.gui.base import qt_paths
from photosim.gui.state.places import DroppedItems
from photosim.paths import absolute_path, real_path

_REPLY_TIMEOUT_MS = 3000
_START_TIMEOUT_S = 15.0
"""A window that does not answer within this time hangs, and a new one is opened."""

_COLLECT_MS = 100
"""macOS sends one event for each of the files that are opened together."""

_MAX_REQUEST_BYTES = 8 << 20
"""Room for the longest command line of Linux with each character escaped."""

_MAX_CLIENTS = 16
"""Connections at once; a start of the program needs one for a moment."""

_REQUEST_TIMEOUT_MS = 10_000
"""A connection that has sent no request within this time is closed."""

_MAX_TOKEN_LENGTH = 256

_ACCEPTED = b"accepted\n"
_ACTIVATION_VARIABLE = "XDG_ACTIVATION_TOKEN"
"""Wayland passes this token to a started program; it allows a window to come to the front."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _OpenRequest:
    paths: tuple[str, ...]
    activation_token: str


class Application(QApplication):
    """The application; macOS sends it an event for a file to open while it runs."""

    open_requested = Signal(object)
    """A list of paths."""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and (path := qt_paths.url_path(event.url())):
            self.open_requested.emit([path])
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
            if len(self._clients) >= _MAX_CLIENTS:
                socket.abort()
                socket.deleteLater()
                continue
            self._clients.append(socket)
            socket.setReadBufferSize(_MAX_REQUEST_BYTES)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(self._remove_disconnected)
            QTimer.singleShot(_REQUEST_TIMEOUT_MS, socket, socket.abort)
        self._read()

    def _read(self) -> None:
        for socket in list(self._clients):
            if socket.state() != QLocalSocket.LocalSocketState.ConnectedState:
                continue  # answered already
            if socket.canReadLine():
                self._handle_request(socket)
            elif socket.bytesAvailable() >= _MAX_REQUEST_BYTES:
                socket.abort()

    def _handle_request(self, socket: QLocalSocket) -> None:
        """Answer the one request of a connection, and close it."""
        request = _parse(bytes(socket.readLine().data()))
        if request is None:
            _log.warning("Closed a connection with an invalid request")
            socket.abort()
            return
        socket.write(_ACCEPTED)
        socket.flush()
        socket.disconnectFromServer()
        if request.activation_token:
            os.environ[_ACTIVATION_VARIABLE] = request.activation_token
        self.open_requested.emit(list(request.paths))

    def _remove_disconnected(self) -> None:
        for socket in list(self._clients):
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                self._clients.remove(socket)
                socket.deleteLater()


class StartLock:
    """Lets starts on one library take turns: a start holds it from looking for a window until its own answers.

    Otherwise several at once would find no window, and each would open one.
    """

    def __init__(self, library: Path) -> None:
        self._lock = FileLock(Path(tempfile.gettempdir(), f"{Path(_server_name(library)).name}.lock"))

    def acquire(self, timeout_s: float = _START_TIMEOUT_S) -> bool:
        """Wait for earlier starts, but not for one that hangs; returns whether this one is the only one."""
        try:
            self._lock.acquire(timeout=timeout_s)
        except (Timeout, OSError):
            return False
        return True

    def release(self) -> None:
        """Let the next start look for a window."""
        self._lock.release(force=True)


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
    identity = "\n".join((user, os.path.normcase(real_path(absolute_path(library))), display))
    digest = hashlib.sha256(identity.encode(errors="surrogateescape")).hexdigest()[:16]
    name = f"{APP_ID}-{digest}"
    if sys.platform == "win32":
        return name
    folders = (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir())
    folder = next((folder for folder in folders if folder and qt_paths.is_faithful(folder)), "/tmp")  # noqa: S108
    return os.path.join(folder, name)  # noqa: PTH118


def _is_own(name: str) -> bool:
    """Whether the server belongs to this user: no one else may learn what is opened."""
    if sys.platform == "win32":
        return True  # Qt restricts its named pipes to one user, and they vanish with their process
    try:
        return Path(name).stat().st_uid == os.getuid()
    except OSError:
        return False


def _parse(line: bytes) -> _OpenRequest | None:
    """Read a request; None for anything that `forward_to_running` does not send."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict):
        return None
    paths, token = request.get("paths"), request.get("activation", "")
    if not isinstance(paths, list) or not all(map(_is_path, paths)):
        return None
    is_token = isinstance(token, str) and len(token) <= _MAX_TOKEN_LENGTH and token.isascii()
    return _OpenRequest(tuple(paths), token if is_token and token.isprintable() else "")


def _is_path(value: object) -> bool:
    """Whether it is an absolute path that the system can have."""
    if not isinstance(value, str) or "\0" in value or not os.path.isabs(value):  # noqa: PTH117
        return False
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True
