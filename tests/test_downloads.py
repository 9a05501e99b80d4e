"""Downloading from a server on this computer that misbehaves in every way asked for."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from photosim.control import Control
from photosim.downloads import Download, DownloadError

CONTENT = bytes(range(256)) * 2048  # half a megabyte
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENT; `cut_after` bytes it hangs up, `cuts` times."""

    cut_after = 0
    cuts = 0
    ranges = True
    content = CONTENT
    requests: list[str | None]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.end_headers()
            return
        if self.path != "/file":
            self.send_error(404)
            return
        wanted = self.headers.get("Range") if self.server.ranges else None
        self.server.requests.append(self.headers.get("Range"))
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = self.server.content[start:]
        if wanted and not body:
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[: self.server.cut_after]
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.requests = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def download(server: Server, destination: Path, name: str = "file", **options: Any) -> Download:
    options = {"bytes": len(CONTENT), "sha256": SHA256, "pause_s": 0.0, **options}
    return Download(f"http://127.0.0.1:{server.server_port}/{name}", destination, **options)


def starts(server: Server) -> list[int]:
    """Where each request asked to begin."""
    return [int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0 for wanted in server.requests]


def test_a_file_arrives_whole_and_reports_its_progress(server: Server, tmp_path: Path) -> None:
    steps = list(download(server, tmp_path / "new" / "model.pt").run(Control()))
    assert (tmp_path / "new" / "model.pt").read_bytes() == CONTENT
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert steps == sorted(steps)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model.pt"]


def test_a_redirect_is_followed(server: Server, tmp_path: Path) -> None:
    list(download(server, tmp_path / "model.pt", "moved").run(Control()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_cut_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.cuts, server.cut_after = 2, 100_000
    list(download(server, tmp_path / "model.pt").run(Control()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert starts(server) == sorted(set(starts(server)))
    assert len(server.requests) == 3
    assert 150_000 < starts(server)[-1] <= 200_000


def test_after_too_many_cuts_the_next_attempt_goes_on(server: Server, tmp_path: Path) -> None:
    server.cuts, server.cut_after = 4, 50_000
    with pytest.raises(DownloadError, match="connection was cut"):
        list(download(server, tmp_path / "model.pt").run(Control()))
    assert not (tmp_path / "model.pt").exists()
    list(download(server, tmp_path / "model.pt").run(Control()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert 100_000 < starts(server)[-1] <= 200_000


def test_a_server_that_cannot_resume_starts_over(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:1000])
    list(download(server, tmp_path / "model.pt").run(Control()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"x", CONTENT + b"more", CONTENT[:-1]])
def test_a_wrong_file_is_thrown_away_and_the_old_one_stays(
    server: Server, tmp_path: Path, content: bytes
) -> None:
    server.content = content
    (tmp_path / "model.pt").write_bytes(b"old")
    with pytest.raises(DownloadError):
        list(download(server, tmp_path / "model.pt").run(Control()))
    assert (tmp_path / "model.pt").read_bytes() == b"old"


def test_a_stale_part_of_another_file_is_found_out(server: Server, tmp_path: Path) -> None:
    (tmp_path / "model.pt.part").write_bytes(b"x" * 1000)
    with pytest.raises(DownloadError, match="another file"):
        list(download(server, tmp_path / "model.pt").run(Control()))
    list(download(server, tmp_path / "model.pt").run(Control()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_missing_file_says_what_the_server_answered(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="404"):
        list(download(server, tmp_path / "model.pt", "nothing").run(Control()))


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    offline = Download("http://127.0.0.1:9/file", tmp_path / "model.pt", pause_s=0.0)
    with pytest.raises(DownloadError, match="no connection"):
        list(offline.run(Control()))


def test_a_full_disk_says_so_and_gives_the_room_back(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    class Full:
        def __init__(self, file: Any) -> None:
            self._file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, _: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    def full(path: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        file = real(path, mode, *rest, **options)
        return Full(file) if path.suffix == ".part" and mode in {"wb", "ab"} else file

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DownloadError, match="no room"):
        list(download(server, tmp_path / "model.pt").run(Control()))
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_download_keeps_what_it_has_and_goes_on_later(server: Server, tmp_path: Path) -> None:
    control = Control()
    for _ in download(server, tmp_path / "model.pt").run(control):
        control.cancel()
    assert not (tmp_path / "model.pt").exists()
    have = (tmp_path / "model.pt.part").stat().st_size
    assert 0 < have < len(CONTENT)
    list(download(server, tmp_path / "model.pt").run(Control()))
    assert server.requests[-1] == f"bytes={have}-"
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
