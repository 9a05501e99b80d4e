"""Indexing in a supervised child process: counts over restarts, errors in sentences, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from photosim.errors import PhotoSimError
from photosim.library import Library
from photosim.records import Phase, Progress
from photosim.runtime.control import JobControl
from photosim.workers import protocol, supervisor
from photosim.workers.supervisor import MAX_RESTARTS, RestartTally
from tests.support.photo_folders import make_photos
from tests.support.program_script import GATE, WAIT_BEFORE_DECODING, WAIT_BEFORE_KEEPING, write_program
from tests.support.timeouts import TIMEOUT_S


@pytest.fixture(autouse=True)
def restart_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "RESTART_S", 0.0)


def set_script(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Run this script as the child process; `start` counts its starts."""
    path = folder / "child.py"
    path.write_text(
        f"""
import json, os, sys, time
from pathlib import Path
starts = Path({str(folder / "starts")!r})
start = len(starts.read_text()) + 1 if starts.exists() else 1
starts.write_text("x" * start)
def progress(phase, **more):
    print(json.dumps({{"event": "progress", "phase": phase, **more}}), flush=True)
"""
        + textwrap.dedent(script)
    )
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(path)])


def run(folder: Path, control: JobControl | None = None) -> list[Progress]:
    return list(supervisor.index(folder / "library", [folder], control or JobControl()))


def test_deaths_are_counted_from_the_last_photo_that_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_script(
        tmp_path,
        monkeypatch,
        """
        if start < 12:
            progress("analyzing", indexed=1, unchanged=start - 1)
            os._exit(9)
        progress("done", unchanged=11)
        """,
    )
    last = run(tmp_path)[-1]
    assert (last.indexed, last.unchanged) == (11, 0)


def test_a_process_that_dies_repeatedly_is_an_error_with_its_output_in_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_script(tmp_path, monkeypatch, "print('out of luck', file=sys.stderr); os._exit(7)")
    with pytest.raises(PhotoSimError, match="several times") as raised:
        run(tmp_path)
    report = Path(str(raised.value).split("A report was saved: ")[1])
    assert "out of luck" in report.read_text()
    assert len((tmp_path / "starts").read_text()) == MAX_RESTARTS + 1


def test_a_reported_failure_is_raised_and_not_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_script(
        tmp_path, monkeypatch, 'print(json.dumps({"event": "error", "message": "No room."})); sys.exit(1)'
    )
    with pytest.raises(PhotoSimError, match="No room"):
        run(tmp_path)
    assert len((tmp_path / "starts").read_text()) == 1


def test_unexpected_output_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_script(
        tmp_path,
        monkeypatch,
        "print('hello'); print('[1]'); print('{\"event\": \"news\"}'); progress('done', indexed=2, mood='fine')",
    )
    assert run(tmp_path) == [Progress(Phase.DONE, indexed=2)]


def test_a_cancel_reaches_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_script(
        tmp_path,
        monkeypatch,
        """
        progress("analyzing", indexed=1)
        progress("done", indexed=1, cancelled=json.loads(sys.stdin.readline())["do"] == "cancel")
        """,
    )
    control = JobControl()
    reports = []
    for report in supervisor.index(tmp_path, [], control):
        reports.append(report)
        control.cancel()
    assert reports[-1].cancelled


def test_a_process_that_dies_after_a_cancel_is_not_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_script(
        tmp_path, monkeypatch, "progress('analyzing', indexed=1); print(sys.stdin.readline()); os._exit(3)"
    )
    control = JobControl()
    reports = []
    for report in supervisor.index(tmp_path, [], control):
        reports.append(report)
        control.cancel()
    assert reports[-1] == Progress(Phase.DONE, indexed=1, cancelled=True)
    assert len((tmp_path / "starts").read_text()) == 1


def test_a_process_that_hangs_after_a_cancel_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "CANCEL_S", 0.1)
    set_script(tmp_path, monkeypatch, "progress('analyzing', indexed=1); time.sleep(600)")
    control = JobControl()
    reports = []
    for report in supervisor.index(tmp_path, [], control):
        reports.append(report)
        control.cancel()
    assert reports[-1] == Progress(Phase.DONE, indexed=1, cancelled=True)


def test_closing_the_iterator_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_STOP_S", 0.2)
    set_script(tmp_path, monkeypatch, "progress('analyzing', done=os.getpid()); time.sleep(600)")
    reports = supervisor.index(tmp_path, [], JobControl())
    pid = next(reports).done
    reports.close()  # type: ignore[attr-defined]
    assert not psutil.pid_exists(pid)


def test_a_process_that_reports_faster_than_anybody_reads_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_script(tmp_path, monkeypatch, "for i in range(5000): progress('analyzing', next_model='x' * 1000)")
    child = supervisor._IndexProcess(protocol.index_command(tmp_path, []))
    until = time.monotonic() + TIMEOUT_S
    while not child._lines.full():
        assert time.monotonic() < until
        time.sleep(0.01)
    assert child._process.poll() is None
    assert len(list(child.events(JobControl()))) == 5000
    child.close()


def test_photos_read_before_a_death_are_not_counted_as_unchanged() -> None:
    tally = RestartTally()
    tally.accumulate(Progress(Phase.ANALYZING, indexed=3, unchanged=10, unreadable=1))
    assert tally.record_death()
    assert tally.accumulate(Progress(Phase.DONE, indexed=2, unchanged=14)) == Progress(
        Phase.DONE, indexed=5, unchanged=10, unreadable=1
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_command_that_is_killed_leaves_no_process_and_continues_next_time(
    tmp_path: Path, number: signal.Signals
) -> None:
    make_photos(tmp_path / "photos", 20)
    arguments = ["index", str(tmp_path / "photos"), "--library", str(tmp_path / "library")]
    command = [sys.executable, str(write_program(tmp_path / "program.py", WAIT_BEFORE_DECODING)), *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    journal = tmp_path / "library" / "reading.json"
    until = time.monotonic() + TIMEOUT_S
    while not (journal.exists() and '.jpg"' in journal.read_text()):
        assert time.monotonic() < until
        time.sleep(0.01)
    [child] = psutil.Process(process.pid).children()
    os.kill(process.pid, number)
    process.communicate(timeout=TIMEOUT_S)
    child.wait(TIMEOUT_S)
    (tmp_path / GATE).touch()
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT_S)
    assert "unreadable" not in done.stderr
    with closing(Library.open(tmp_path / "library")) as library:
        assert library.status().embedded == 20


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_comparison_that_is_killed_continues_next_time(tmp_path: Path) -> None:
    make_photos(tmp_path / "card", 40)
    program = write_program(tmp_path / "program.py", WAIT_BEFORE_KEEPING)
    arguments = ["compare", str(tmp_path / "card"), "--library", str(tmp_path / "library")]
    process = subprocess.Popen([sys.executable, str(program), *arguments], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + TIMEOUT_S
    with closing(Library.open(tmp_path / "library")) as library:
        while not (read := len(library.comparisons.store.files(str(tmp_path / "card")))):
            assert time.monotonic() < until
            time.sleep(0.01)
        [child] = psutil.Process(process.pid).children()
        child.kill()
        process.kill()
        process.communicate(timeout=TIMEOUT_S)
        assert library.comparisons.result(tmp_path / "card") is None
    program.with_name(GATE).touch()
    done = subprocess.run(
        [sys.executable, str(program), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    assert f"{40 - read} photos analyzed, {read} known from before." in done.stderr
    assert "New: 40 photos" in done.stdout


def test_the_process_that_waits_for_an_indexing_loads_no_vectors() -> None:
    code = "import sys, photosim.cli.main, photosim.workers.supervisor; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
