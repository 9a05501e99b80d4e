"""What the program opens: at its start, and while its window is open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.errors import FolderError
from photosim.gui import app, single_instance
from photosim.gui.main_window import MainWindow
from photosim.gui.single_instance import InstanceServer, OpenRequests, StartLock, forward_to_running
from photosim.gui.state.places import DroppedItems, View
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.timeouts import TIMEOUT_MS, TIMEOUT_S


@pytest.fixture
def server(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InstanceServer]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108 - a socket's path must be short
    server = InstanceServer(tmp_path / "library")
    yield server
    server.close()


def forward_from_another_process(library: Path, paths: list[str]) -> Callable[[], bool]:
    """Forward paths from another process; the returned function waits for its result."""
    code = (
        "import json, sys\nfrom pathlib import Path\nfrom photosim.gui import single_instance\n"
        f"single_instance._REPLY_TIMEOUT_MS = {TIMEOUT_MS}\n"
        "library, paths = json.loads(sys.argv[1])\nsys.exit(not single_instance.forward_to_running(Path(library), paths))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, json.dumps([str(library), paths])])
    return lambda: process.wait(TIMEOUT_S) == 0


def test_a_later_start_hands_what_it_opens_to_the_first_window(
    server: InstanceServer, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = [str(tmp_path / "ümläut 写真 \udce4.jpg"), "/b"]
    with qtbot.waitSignal(server.open_requested) as requested:
        was_accepted = forward_from_another_process(tmp_path / "library", paths)
    assert requested.args == [paths]
    assert was_accepted() is True


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no such names")
def test_a_window_is_reached_whatever_bytes_the_paths_hold(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")  # noqa: S108 - a socket's path must be short
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run\udce9"))
    (tmp_path / "run\udce9").mkdir()
    server = InstanceServer(tmp_path / "caf\udce9")
    assert forward_to_running(tmp_path / "caf\udce8", ["/a"]) is False
    with qtbot.waitSignal(server.open_requested) as requested:
        was_accepted = forward_from_another_process(tmp_path / "caf\udce9", ["/a\udcff"])
    assert requested.args == [["/a\udcff"]]
    assert was_accepted() is True
    server.close()


def test_without_a_window_on_that_library_there_is_no_hand_over(
    server: InstanceServer, tmp_path: Path
) -> None:
    assert forward_to_running(tmp_path / "another library", ["/a"]) is False


def test_a_window_that_is_closed_takes_nothing(server: InstanceServer, tmp_path: Path) -> None:
    server.close()
    assert forward_to_running(tmp_path / "library", ["/a"]) is False


@pytest.mark.skipif(sys.platform == "win32", reason="Windows leaves no socket behind")
def test_what_a_killed_program_left_behind_is_no_window(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108 - a socket's path must be short
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom PySide6.QtCore import QCoreApplication\n"
        "from photosim.gui.single_instance import InstanceServer\n"
        "app = QCoreApplication([])\nfirst = InstanceServer(Path(sys.argv[1]))\nos._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "library"], check=False)
    assert forward_to_running(tmp_path / "library", ["/a"]) is False
    again = InstanceServer(tmp_path / "library")
    with qtbot.waitSignal(again.open_requested):
        was_accepted = forward_from_another_process(tmp_path / "library", ["/a"])
    assert was_accepted() is True
    again.close()


@pytest.mark.parametrize(
    "request_line",
    [
        b"nonsense\n",
        b"\n",
        b"null\n",
        b"[1]\n",
        b"[" * 200_000 + b"\n",
        b'{"paths": 1}\n',
        b'{"paths": [1]}\n',
        b'{"paths": [["/a"]]}\n',
        b'{"paths": ["relative"]}\n',
        b'{"paths": ["../.."]}\n',
        b'{"paths": [""]}\n',
        b'{"paths": ["/a", NaN]}\n',
        b'{"paths": ["/a", ' + b"9" * 5000 + b"]}\n",
        b'{"paths": ["/nul\\u0000"]}\n',
        b'{"paths": ["/lone surrogate \\ud800"]}\n',
        b"x" * (single_instance._MAX_REQUEST_BYTES + 10),
        b'{"paths": ["/' + b"x" * single_instance._MAX_REQUEST_BYTES + b'"]}\n',
    ],
)
def test_what_is_no_request_is_hung_up_on(
    server: InstanceServer, qtbot: QtBot, tmp_path: Path, request_line: bytes
) -> None:
    received: list[object] = []
    server.open_requested.connect(received.append)
    socket = connect_to(tmp_path / "library", request_line)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert received == []
    assert_answers(server, qtbot, tmp_path / "library")


def connect_to(library: Path, sent: bytes = b"") -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(single_instance._server_name(library))
    socket.write(sent)
    socket.flush()
    return socket


def assert_answers(server: InstanceServer, qtbot: QtBot, library: Path) -> None:
    with qtbot.waitSignal(server.open_requested) as requested:
        socket = connect_to(library, b'{"paths": ["/a"]}\n')
    assert requested.args == [["/a"]]
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert socket.readAll().data() == single_instance._ACCEPTED


@pytest.mark.parametrize("token", ['"a\\u0000b"', '"\\ud800"', '{"a": 1}', "5", '"' + "a" * 1000 + '"'])
def test_an_invalid_activation_token_is_ignored(
    server: InstanceServer, qtbot: QtBot, tmp_path: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    with qtbot.waitSignal(server.open_requested):
        socket = connect_to(tmp_path / "library", f'{{"paths": [], "activation": {token}}}\n'.encode())
    assert "XDG_ACTIVATION_TOKEN" not in os.environ
    socket.abort()


def test_a_connection_is_for_one_request(server: InstanceServer, qtbot: QtBot, tmp_path: Path) -> None:
    received: list[object] = []
    server.open_requested.connect(received.append)
    socket = connect_to(tmp_path / "library", b'{"paths": []}\n' * 1000)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert received == [[]]


def test_connections_that_send_nothing_are_bounded_and_end(
    server: InstanceServer, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_REQUEST_TIMEOUT_MS", 200)
    sockets = [connect_to(tmp_path / "library", b"x") for _ in range(2 * single_instance._MAX_CLIENTS)]
    counts: list[int] = []

    def all_closed() -> bool:
        counts.append(len(server._clients))
        return all(socket.state() == QLocalSocket.LocalSocketState.UnconnectedState for socket in sockets)

    qtbot.waitUntil(all_closed)
    assert 0 < max(counts) <= single_instance._MAX_CLIENTS
    qtbot.waitUntil(lambda: server._clients == [])
    assert_answers(server, qtbot, tmp_path / "library")


def test_paths_that_the_system_cannot_have_are_no_items() -> None:
    assert DroppedItems.from_paths(["/" + "a" * 100_000, "/nul\0", "", "/dev/null"]) == DroppedItems()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs to give a file away")
def test_a_socket_of_somebody_else_is_told_nothing(server: InstanceServer, tmp_path: Path) -> None:
    os.chown(single_instance._server_name(tmp_path / "library"), 65534, 65534)
    assert forward_to_running(tmp_path / "library", ["/a"]) is False


def test_photos_chosen_together_are_opened_together(qtbot: QtBot, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.jpg", "b.jpg")]
    for file in files:
        file.touch()
    requests = OpenRequests(QApplication.instance())
    with qtbot.waitSignal(requests.ready) as ready:
        requests.add([str(files[0])])
        requests.add([str(files[1]), str(tmp_path)])
    assert ready.args == [DroppedItems((str(tmp_path),), tuple(map(str, files)))]


def test_the_finder_of_macos_asks_by_an_event() -> None:
    code = """
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from photosim.gui.single_instance import Application
app = Application([])
app.open_requested.connect(print)
app.sendEvent(app, QFileOpenEvent(QUrl.fromLocalFile("/photos/a b.jpg")))
app.sendEvent(app, QFileOpenEvent(QUrl("https://example.org/a.jpg")))
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout == "['/photos/a b.jpg']\n"


def run_with_window(paths: list[Path], library: Library, check: Callable[[MainWindow], None]) -> None:
    """Run the program on a library with these paths, check its window, and close it."""

    def check_and_close() -> None:
        window = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow))
        try:
            check(window)
        finally:
            window.close()

    QTimer.singleShot(0, check_and_close)  # in the first turn of the program's own event loop
    assert app.run(library.folder, paths) == 0


def test_a_photo_named_at_the_start_is_searched_by(
    qtbot: QtBot, library: Library, photo_folder: Path
) -> None:
    photo = photo_folder / "meadow" / "scene 0 take 0.jpg"

    def check(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.services.navigator.current.view is View.SIMILAR)
        assert window.services.navigator.current.search is not None
        assert window.services.navigator.current.search.path == str(photo)
        assert window.services.index_process.is_idle

    run_with_window([photo], library, check)


def test_an_open_window_searches_by_a_photo_that_a_later_start_names(
    qtbot: QtBot, library: Library, photo_folder: Path
) -> None:
    photo = photo_folder / "meadow" / "scene 2 take 0.jpg"

    def check(window: MainWindow) -> None:
        was_accepted = forward_from_another_process(library.folder, [str(photo)])
        qtbot.waitUntil(lambda: window.services.navigator.current.view is View.SIMILAR)
        assert window.services.navigator.current.search is not None
        assert window.services.navigator.current.search.path == str(photo)
        assert was_accepted() is True

    run_with_window([], library, check)


def test_a_folder_and_a_photo_are_both_taken(
    qtbot: QtBot, library: Library, photo_folder: Path, tmp_path: Path
) -> None:
    make_photo(tmp_path / "more" / "new.jpg", 77)

    def check(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: str(tmp_path / "more") in {source.path for source in library.sources()})
        qtbot.waitUntil(lambda: window.services.navigator.current.view is View.SIMILAR)

    run_with_window([tmp_path / "more", photo_folder / "meadow" / "scene 0 take 0.jpg"], library, check)


def test_what_is_not_there_is_said_before_any_window(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="nowhere does not exist"):
        app.run(tmp_path / "library", [tmp_path / "nowhere"])


def test_starts_at_once_take_turns(tmp_path: Path) -> None:
    first, second, elsewhere = (StartLock(tmp_path / name) for name in ("library", "library", "another"))
    assert first.acquire()
    assert (second.acquire(0), elsewhere.acquire(0)) == (False, True)
    first.release()
    assert second.acquire(0)
    second.release()
    elsewhere.release()


def test_a_start_that_hands_over_holds_no_other_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def forward(library: Path, _paths: object) -> bool:
        held.append(not StartLock(library).acquire(0))
        return True

    monkeypatch.setattr(app, "forward_to_running", forward)
    assert app.run(tmp_path / "library") == app.SUCCEEDED
    assert held == [True]
    assert StartLock(tmp_path / "library").acquire(0)


def test_an_open_window_holds_no_other_start_up(qtbot: QtBot, library: Library) -> None:
    def check(_window: MainWindow) -> None:
        qtbot.waitUntil(lambda: StartLock(library.folder).acquire(0))

    run_with_window([], library, check)
