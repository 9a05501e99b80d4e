"""Command lines and messages of child processes: round trips, and what is refused on reading."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from photosim import __version__
from photosim.paths import program_command
from photosim.records import Phase, Progress
from photosim.runtime.throttle import QuietMode
from photosim.workers import protocol
from photosim.workers.protocol import (
    DownloadProgress,
    IndexAction,
    IndexFailure,
    IndexRequest,
    ProtocolError,
    encode_index_event,
    parse_index_event,
)
from tests.support.timeouts import TIMEOUT_S

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "event",
    [
        Progress(Phase.DONE),
        Progress(Phase.ANALYZING, 3, 9, indexed=2, seconds_left=1.5, added=(4, 5), next_model="YOLO11s"),
        Progress(Phase.DONE, cancelled=True, model_switched=True),
        IndexFailure("The disk is full."),
        IndexFailure("Another PhotoSim is indexing.", "Traceback", locked=True),
        IndexFailure("The library is damaged.", damaged=True),
    ],
)
def test_index_events_survive_a_round_trip(event: Progress | IndexFailure) -> None:
    line = encode_index_event(event)
    assert line.count("\n") == 1
    assert parse_index_event(line.encode()) == event


@pytest.mark.parametrize(
    "index_request", [IndexRequest(IndexAction.PAUSE), IndexRequest(IndexAction.SET_QUIET_MODE, QuietMode.ON)]
)
def test_index_requests_survive_a_round_trip(index_request: IndexRequest) -> None:
    assert IndexRequest.parse(index_request.encode()) == index_request


@pytest.mark.parametrize("total", [None, 2**40])
def test_download_progress_survives_a_round_trip(total: int | None) -> None:
    progress = DownloadProgress(2**35, total)
    assert DownloadProgress.parse(progress.encode()) == progress


def test_unknown_fields_are_ignored() -> None:
    assert parse_index_event('{"event": "progress", "phase": "done", "mood": "fine"}') == Progress(Phase.DONE)


@pytest.mark.parametrize("line", ["", "hello", "[]", "7", "null", "[" * 100_000, b"\xff\xfe", "9" * 10_000])
def test_lines_that_are_no_messages_are_refused(line: str | bytes) -> None:
    for parse in (
        parse_index_event,
        IndexRequest.parse,
        DownloadProgress.parse,
    ):
        with pytest.raises(ProtocolError):
            parse(line)


def test_lines_that_are_too_long_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_LINE_BYTES", 20)
    with pytest.raises(ProtocolError):
        parse_index_event('{"event": "progress", "phase": "done"}')


@pytest.mark.parametrize(
    "fields",
    [
        {"event": "news"},
        {"phase": "dreaming"},
        {"done": -1},
        {"done": "3"},
        {"done": True},
        {"total": 2**64},
        {"seconds_left": float("nan")},
        {"seconds_left": -1},
        {"added": 7},
        {"added": [1, "2"]},
        {"next_model": 7},
        {"event": "error"},
        {"event": "error", "message": ["x"]},
    ],
)
def test_index_events_with_wrong_fields_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        parse_index_event(json.dumps({"event": "progress", "phase": "done", **fields}))


@pytest.fixture
def other_package(tmp_path: Path) -> Path:
    """A folder that holds another package `photosim`."""
    (tmp_path / "photosim").mkdir()
    (tmp_path / "photosim" / "__init__.py").write_text("raise SystemExit('the wrong package')")
    return tmp_path


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


def test_child_processes_do_not_import_from_the_current_folder(other_package: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep}  # an empty entry is the current folder, too
    command = [*program_command(), "--version"]
    done = run(command, other_package, environment)
    assert (done.returncode, done.stdout) == (0, f"PhotoSim {__version__}\n"), done.stderr


def test_a_source_tree_that_is_not_installed_runs_its_child_processes_from_any_folder(
    other_package: Path,
) -> None:
    (other_package / "photos").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(ROOT / "main.py"), "index", "photos", "--library", "library"]
    done = run(command, other_package, environment)
    *_, last = done.stderr.splitlines()  # after its progress, where the computer is slow
    assert (done.returncode, last) == (0, "0 photos indexed, 0 unchanged.")
