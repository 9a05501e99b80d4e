"""Downloads from a local server that misbehaves on request."""

from __future__ import annotations

import errno
import gzip
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from photosim.ml.models.download import Download, DownloadError
from photosim.runtime.control import JobControl
from tests.support.model_server import ModelServer, run_server

CONTENT = bytes(range(256)) * 2048  # half a megabyte
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with run_server() as server:
        server.files["file"] = CONTENT
        yield server


def download(server: ModelServer, destination: Path, name: str = "file", **options: Any) -> Download:
    options = {"bytes": len(CONTENT), "sha256": SHA256, "retry_delay_s": 0.0, **options}
    return Download(server.address + name, destination, **options)


def test_a_file_arrives_whole_and_reports_its_progress(server: ModelServer, tmp_path: Path) -> None:
    steps = list(download(server, tmp_path / "new" / "model.pt").run(JobControl()))
    assert (tmp_path / "new" / "model.pt").read_bytes() == CONTENT
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert steps == sorted(steps)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model.pt"]


def test_a_redirect_is_followed(server: ModelServer, tmp_path: Path) -> None:
    list(download(server, tmp_path / "model.pt", "moved/file").run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_redirected_download_is_resumed_after_an_interruption(server: ModelServer, tmp_path: Path) -> None:
    server.cuts, server.cut_after = 1, 100_000
    list(download(server, tmp_path / "model.pt", "moved/file").run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert 0 < server.starts[-1] <= 100_000


def test_a_redirect_to_another_file_is_detected(server: ModelServer, tmp_path: Path) -> None:
    server.files["other"] = CONTENT[::-1]
    with pytest.raises(DownloadError, match="isn't the expected file"):
        list(download(server, tmp_path / "model.pt", "moved/other").run(JobControl()))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_send_the_size_is_accepted(server: ModelServer, tmp_path: Path) -> None:
    server.sends_size = False
    steps = list(download(server, tmp_path / "model.pt", bytes=None).run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert {total for _, total in steps} == {0}


def test_an_incomplete_file_longer_than_the_servers_is_restarted(server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "model.pt.part").write_bytes(CONTENT + b"more")
    list(download(server, tmp_path / "model.pt", bytes=None).run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_an_interrupted_connection_is_resumed(server: ModelServer, tmp_path: Path) -> None:
    server.cuts, server.cut_after = 2, 100_000
    list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert server.starts == sorted(set(server.starts))
    assert len(server.starts) == 3
    assert 150_000 < server.starts[-1] <= 200_000


def test_after_too_many_interruptions_the_next_attempt_resumes(server: ModelServer, tmp_path: Path) -> None:
    server.cuts, server.cut_after = 4, 50_000
    with pytest.raises(DownloadError, match="connection was interrupted"):
        list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert not (tmp_path / "model.pt").exists()
    list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert 100_000 < server.starts[-1] <= 200_000


def test_a_server_that_cannot_resume_starts_over(server: ModelServer, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:1000])
    list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"x", CONTENT + b"more", CONTENT[:-1]])
def test_a_wrong_file_is_deleted_and_the_old_one_stays(
    server: ModelServer, tmp_path: Path, content: bytes
) -> None:
    server.files["file"] = content
    (tmp_path / "model.pt").write_bytes(b"old")
    with pytest.raises(DownloadError):
        list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == b"old"


def test_an_incomplete_file_of_another_version_is_detected(server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "model.pt.part").write_bytes(b"x" * 1000)
    with pytest.raises(DownloadError, match="isn't the expected file"):
        list(download(server, tmp_path / "model.pt").run(JobControl()))
    list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_missing_file_says_what_the_server_answered(server: ModelServer, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="404"):
        list(download(server, tmp_path / "model.pt", "nothing").run(JobControl()))


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    offline = Download("http://127.0.0.1:9/file", tmp_path / "model.pt", retry_delay_s=0.0)
    with pytest.raises(DownloadError, match="can't connect"):
        list(offline.run(JobControl()))


def test_a_full_disk_is_reported_and_the_space_is_freed(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    with pytest.raises(DownloadError, match="too full"):
        list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_download_keeps_its_part_and_resumes_later(server: ModelServer, tmp_path: Path) -> None:
    control = JobControl()
    for _ in download(server, tmp_path / "model.pt").run(control):
        control.cancel()
    assert not (tmp_path / "model.pt").exists()
    have = (tmp_path / "model.pt.part").stat().st_size
    assert 0 < have < len(CONTENT)
    list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert server.starts[-1] == have
    assert (tmp_path / "model.pt").read_bytes() == CONTENT


@pytest.mark.parametrize("first_byte", [0, 999, 1001])
def test_another_part_than_requested_is_refused(server: ModelServer, tmp_path: Path, first_byte: int) -> None:
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:1000])
    server.range_start = first_byte
    with pytest.raises(DownloadError, match="another part"):
        list(download(server, tmp_path / "model.pt").run(JobControl()))
    assert list(tmp_path.iterdir()) == []


def test_without_a_checksum_an_old_part_is_never_continued(server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "model.pt.part").write_bytes(b"x" * 1000)
    list(download(server, tmp_path / "model.pt", bytes=None, sha256=None).run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert server.starts == [0]


@pytest.mark.parametrize(("etag", "resumes"), [(None, False), ('W/"1"', False), ('"1"', True)])
def test_without_a_checksum_only_the_same_version_is_continued(
    server: ModelServer, tmp_path: Path, etag: str | None, resumes: bool
) -> None:
    server.cuts, server.cut_after = 1, 100_000
    if etag is not None:
        server.headers["ETag"] = etag
    list(download(server, tmp_path / "model.pt", bytes=None, sha256=None).run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert (server.starts[-1] > 0) is resumes
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


@pytest.mark.parametrize("saved", [None, "", "nonsense", '"1"\r\nX: y', '"' + "1" * 1000 + '"', '"1"'])
def test_without_a_checksum_a_later_download_continues_the_same_version(
    server: ModelServer, tmp_path: Path, saved: str | None
) -> None:
    server.headers["ETag"] = '"1"'
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:1000])
    if saved is not None:
        (tmp_path / "model.pt.part.etag").write_text(saved, newline="")
    list(download(server, tmp_path / "model.pt", bytes=None, sha256=None).run(JobControl()))
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert server.starts == [1000 if saved == '"1"' else 0]


@pytest.mark.parametrize("sha256", [None, SHA256])
def test_a_file_without_end_is_refused(
    server: ModelServer, tmp_path: Path, sha256: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.ml.models.download._MAX_BYTES", 200_000)
    server.sends_size = False
    with pytest.raises(DownloadError, match="too large"):
        list(download(server, tmp_path / "model.pt", bytes=None, sha256=sha256).run(JobControl()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", ["-5", "many", "1e9", "\u0661", "9" * 5000, str(1 << 40)])
def test_a_size_that_is_none_is_refused(
    server: ModelServer, tmp_path: Path, length: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.sends_size = False
    server.headers["Content-Length"] = length.encode().decode("latin-1")
    with pytest.raises(DownloadError, match="can't be downloaded"):
        list(download(server, tmp_path / "model.pt", bytes=None).run(JobControl()))
    assert list(tmp_path.iterdir()) == []


def test_a_compressed_answer_is_refused(server: ModelServer, tmp_path: Path) -> None:
    server.files["file"] = gzip.compress(bytes(1_000_000))
    server.headers["Content-Encoding"] = "gzip"
    with pytest.raises(DownloadError, match="compressed"):
        list(download(server, tmp_path / "model.pt", bytes=None, sha256=None).run(JobControl()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[::1", "http://a..b/", "data:,x"]
)
def test_a_redirect_to_what_is_no_web_address_is_refused(
    server: ModelServer, tmp_path: Path, target: str
) -> None:
    with pytest.raises(DownloadError, match="can't be downloaded"):
        list(download(server, tmp_path / "model.pt", f"moved/{target}").run(JobControl()))
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_to_an_address_without_encryption_is_refused(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = requests.get
    monkeypatch.setattr(requests, "get", lambda _, **options: real(server.address + "file", **options))
    offered = replace(download(server, tmp_path / "model.pt"), url="https://models.example/file")
    with pytest.raises(DownloadError, match="without encryption"):
        list(offered.run(JobControl()))


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = itertools.count(0, 1000)
    monkeypatch.setattr("photosim.ml.models.download.time.monotonic", lambda: next(times))
    with pytest.raises(DownloadError, match="in time"):
        list(download(server, tmp_path / "model.pt").run(JobControl()))
