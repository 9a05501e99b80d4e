"""Child processes of the window: lines, ends, errors, and nothing left behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from photosim.gui.services.processes import child
from photosim.gui.services.processes.child import ChildProcess, ProcessResult


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QObject]:
    owner = QObject()
    yield owner
    owner.deleteLater()


class Recorder:
    """A process that runs a script, and all that it emits."""

    def __init__(self, owner: QObject, script: str) -> None:
        self.process = ChildProcess(owner)
        self.lines: list[bytes] = []
        self.results: list[ProcessResult] = []
        self.process.line_received.connect(self.lines.append)
        self.process.finished.connect(self.results.append)
        self.process.start([sys.executable, "-c", f"import os, sys, time\n{script}"])


def test_lines_come_whole_and_before_the_end(qtbot: QtBot, owner: QObject) -> None:
    recorder = Recorder(owner, "print('one'); print('two', flush=True); print('cut', end='')")
    qtbot.waitUntil(lambda: bool(recorder.results))
    assert [line.rstrip() for line in recorder.lines] == [b"one", b"two"]
    assert recorder.results == [ProcessResult(True)]


def test_what_is_written_reaches_the_process(qtbot: QtBot, owner: QObject) -> None:
    recorder = Recorder(owner, "print(sys.stdin.readline().strip().upper())")
    recorder.process.write("hello\n")
    qtbot.waitUntil(lambda: bool(recorder.results))
    assert recorder.lines[0].rstrip() == b"HELLO"


def test_a_failure_is_the_last_line_of_standard_error(qtbot: QtBot, owner: QObject) -> None:
    recorder = Recorder(owner, "print('Traceback', file=sys.stderr); sys.exit('The disk is full.')")
    qtbot.waitUntil(lambda: bool(recorder.results))
    [result] = recorder.results
    assert not result.succeeded
    assert result.error == "The disk is full."
    assert result.details == "exit status 1\nTraceback\nThe disk is full."


def test_a_program_that_does_not_exist_is_a_failure(qtbot: QtBot, owner: QObject, tmp_path: Path) -> None:
    process, results = ChildProcess(owner), list[ProcessResult]()
    process.finished.connect(results.append)
    process.start([str(tmp_path / "nothing")])
    qtbot.waitUntil(lambda: bool(results))
    assert not results[0].succeeded
    assert not results[0].started
    assert results[0].error == "Couldn't start the background process."


def test_an_endless_line_comes_in_pieces(
    qtbot: QtBot, owner: QObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "MAX_LINE_BYTES", 1000)
    recorder = Recorder(owner, "sys.stdout.write('x' * 4500 + '\\n'); sys.stdout.flush(); print('next')")
    qtbot.waitUntil(lambda: bool(recorder.results))
    assert max(map(len, recorder.lines)) <= 1000
    assert recorder.lines[-1].rstrip() == b"next"


@pytest.mark.parametrize("script", ["sys.stdin.read()", "time.sleep(600)"])
def test_stop_leaves_no_process_behind_and_emits_nothing(qtbot: QtBot, owner: QObject, script: str) -> None:
    recorder = Recorder(owner, f"print(os.getpid(), flush=True)\n{script}")
    qtbot.waitUntil(lambda: bool(recorder.lines))
    recorder.process.stop(patience_ms=200)
    assert not psutil.pid_exists(int(recorder.lines[0]))
    qtbot.wait(20)
    assert recorder.results == []


def test_a_process_is_freed_once_it_is_done(qtbot: QtBot, owner: QObject) -> None:
    finished, stopped = Recorder(owner, ""), Recorder(owner, "time.sleep(600)")
    stopped.process.stop()
    qtbot.waitUntil(lambda: not isValid(finished.process) and not isValid(stopped.process))
    assert owner.children() == []
