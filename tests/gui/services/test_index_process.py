"""Indexing in a child process of the window."""

from __future__ import annotations

import json
import sys
import textwrap
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from photosim.gui.services import index_queue
from photosim.gui.services.index_process import IndexProcess, IndexState
from photosim.records import Phase, Progress
from photosim.workers.supervisor import MAX_RESTARTS
from tests.support.timeouts import TIMEOUT_MS

PREAMBLE = """
    import json, os, sys, threading, time
    from pathlib import Path

    received = []

    def send(**event):
        print(json.dumps(event), flush=True)

    def progress(phase, **more):
        send(event="progress", phase=phase, **more)

    def listen():
        for line in sys.stdin:
            received.append(json.loads(line)["do"])
        received.append("closed")

    threading.Thread(target=listen, daemon=True).start()

    def wait_for(request):
        while request not in received:
            time.sleep(0.005)

    folder = Path(sys.argv[sys.argv.index("--library") + 1])
    starts = folder / "starts"
    starts.write_text((starts.read_text() if starts.exists() else "") + json.dumps(sys.argv[1:]) + "\\n")
    start = len(starts.read_text().splitlines())
"""
"""The beginning of a script that reports and takes requests as an indexing process does."""


class ScriptedIndexing:
    """An indexing whose process is a script, and all that it emits."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self.indexing = IndexProcess(folder, restart_ms=1)
        self.states: list[IndexState] = []
        self.added: list[tuple[int, ...]] = []
        self.progress: list[Progress] = []
        self.indexing.state_changed.connect(self.states.append)
        self.indexing.added.connect(self.added.append)
        self.indexing.progressed.connect(self.progress.append)

    def set_script(self, script: str) -> None:
        """Run this from the next start on."""
        path = self.folder / "script.py"
        path.write_text(textwrap.dedent(PREAMBLE) + textwrap.dedent(script))
        self._monkeypatch.setattr(
            "photosim.workers.protocol.program_command", lambda: [sys.executable, str(path)]
        )

    @property
    def starts(self) -> list[list[str]]:
        """The arguments of each start."""
        file = self.folder / "starts"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedIndexing]:
    stage = ScriptedIndexing(tmp_path, monkeypatch)
    yield stage
    stage.indexing.close()


def test_progress_and_new_photos_are_reported(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script(
        """
        progress("scanning", done=2)
        progress("analyzing", done=1, total=2, indexed=1, seconds_left=3.5, added=[11])
        progress("analyzing", done=2, total=2, indexed=2, added=[12])
        progress("done", indexed=2)
        """
    )
    with qtbot.waitSignal(stage.indexing.finished) as signal:
        stage.indexing.start(["/photos", "/more photos"])
    assert signal.args == [Progress(Phase.DONE, indexed=2)]
    assert stage.added == [(11,), (12,)]
    assert Progress(Phase.ANALYZING, 1, 2, 1, seconds_left=3.5, added=(11,)) in stage.progress
    assert stage.states == [IndexState.RUNNING, IndexState.IDLE]
    assert stage.starts == [["worker", "--library", str(stage.folder), "/photos", "/more photos"]]


def test_pause_resume_and_cancel_reach_the_process(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script(
        """
        progress("analyzing", total=9)
        wait_for("pause"); progress("analyzing", total=9, done=1)
        wait_for("resume"); progress("analyzing", total=9, done=2)
        wait_for("cancel"); progress("done", cancelled=True, indexed=2)
        """
    )
    indexing = stage.indexing
    indexing.start()
    for done, request in ((0, indexing.pause), (1, indexing.resume), (2, indexing.cancel)):
        qtbot.waitUntil(
            lambda done=done: any(
                (progress.phase, progress.done) == (Phase.ANALYZING, done) for progress in stage.progress
            )
        )
        request()
    with qtbot.waitSignal(indexing.finished) as signal:
        pass
    assert signal.args[0].cancelled
    assert signal.args[0].indexed == 2
    assert stage.states == [
        IndexState.RUNNING,
        IndexState.PAUSED,
        IndexState.RUNNING,
        IndexState.CANCELLING,
        IndexState.IDLE,
    ]


def test_a_process_that_dies_is_restarted_and_counts_continue(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script(
        """
        if start == 1:
            progress("analyzing", done=3, total=5, indexed=3, added=[1, 2, 3])
            sys.stdout.flush()
            os.kill(os.getpid(), 9) if os.name == "posix" else os._exit(3)
        progress("analyzing", done=2, total=2, indexed=1, unchanged=3, unreadable=1, added=[4])
        progress("done", indexed=1, unchanged=3, unreadable=1)
        """
    )
    with qtbot.waitSignal(stage.indexing.finished) as signal:
        stage.indexing.start(["/photos"])
    assert signal.args == [Progress(Phase.DONE, indexed=4, unchanged=0, unreadable=1)]
    assert len(stage.starts) == 2
    assert stage.starts[0] == stage.starts[1]


def test_a_process_that_dies_repeatedly_is_not_restarted_any_more(
    qtbot: QtBot, stage: ScriptedIndexing
) -> None:
    stage.set_script("print('out of luck', file=sys.stderr); sys.exit(7)")
    with qtbot.waitSignal(stage.indexing.failed) as signal:
        stage.indexing.start()
    assert "stopped unexpectedly" in signal.args[0]
    assert "out of luck" in signal.args[1]
    assert len(stage.starts) == MAX_RESTARTS + 1
    assert stage.indexing.is_idle


def test_a_cancel_between_two_starts_ends_the_indexing(
    qtbot: QtBot, stage: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch
) -> None:
    postponed: list[Callable[[], None]] = []
    monkeypatch.setattr(QTimer, "singleShot", lambda _ms, _owner, start: postponed.append(start))
    stage.set_script("progress('analyzing', total=1); sys.exit(7)")
    stage.indexing.start()
    qtbot.waitUntil(lambda: bool(postponed))
    with qtbot.waitSignal(stage.indexing.finished) as signal:
        stage.indexing.cancel()
    assert signal.args[0].cancelled
    [start] = postponed
    start()
    assert stage.indexing._process is None
    assert len(stage.starts) == 1
    assert stage.indexing.is_idle


def test_a_reported_failure_is_shown_and_not_retried(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script("send(event='error', message='The folder is gone.', details='trace'); sys.exit(1)")
    with qtbot.waitSignal(stage.indexing.failed) as signal:
        stage.indexing.start(["/gone"])
    assert signal.args == ["The folder is gone.", "trace"]
    qtbot.waitUntil(lambda: stage.indexing._process is None)
    assert len(stage.starts) == 1


def test_a_program_that_does_not_exist_is_an_error(
    qtbot: QtBot, stage: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [str(stage.folder / "nothing")])
    with qtbot.waitSignal(stage.indexing.failed) as signal:
        stage.indexing.start()
    assert "Couldn't start" in signal.args[0]
    assert stage.indexing.is_idle


def test_folders_added_meanwhile_are_queued(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script("progress('analyzing', total=1); progress('done', indexed=1)")
    stage.indexing.start(["/one"])
    stage.indexing.start(["/two"])
    stage.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(stage.starts) == 2 and stage.indexing.is_idle)
    assert [arguments[-1] for arguments in stage.starts] == ["/one", "/two"]


def test_cancel_clears_the_queue(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script("progress('analyzing', total=1); wait_for('cancel'); progress('done', cancelled=True)")
    stage.indexing.start(["/one"])
    stage.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    with qtbot.waitSignal(stage.indexing.finished):
        stage.indexing.cancel()
    assert stage.indexing.is_idle
    assert len(stage.starts) == 1


def test_unexpected_output_is_ignored(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script(
        """
        print("a library says hello"); print("[1, 2]"); print('{"event": "progress", "phase": "dreaming"}')
        print('{"event": "news"}'); progress("done", indexed=1, mood="fine")
        """
    )
    with qtbot.waitSignal(stage.indexing.finished) as signal:
        stage.indexing.start()
    assert signal.args[0].indexed == 1


@pytest.mark.parametrize("script", ["wait_for('closed')", "time.sleep(600)"])
def test_closing_leaves_no_process_behind(
    qtbot: QtBot, stage: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr("photosim.gui.services.index_process._STOP_MS", 500)
    stage.set_script(f"progress('analyzing', done=os.getpid()); {script}; progress('done')")
    stage.indexing.start()
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    pid = stage.progress[-1].done
    with qtbot.assertNotEmitted(stage.indexing.finished, wait=50):
        stage.indexing.close()
    assert not psutil.pid_exists(pid)
    assert stage.indexing._process is None


def reopen(stage: ScriptedIndexing) -> IndexProcess:
    """The window is closed and opened again."""
    stage.indexing.close()
    stage.indexing = IndexProcess(stage.folder, restart_ms=1)
    stage.indexing.state_changed.connect(stage.states.append)
    return stage.indexing


def test_an_interrupted_indexing_resumes_at_the_next_start_with_its_queue(
    qtbot: QtBot, stage: ScriptedIndexing
) -> None:
    stage.set_script(
        """
        progress("analyzing", total=9)
        if start == 1:
            wait_for("closed")
        progress("done", indexed=9)
        """
    )
    stage.indexing.start(["/one"])
    stage.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    indexing = reopen(stage)
    indexing.resume_pending()
    assert indexing.state is IndexState.RUNNING
    qtbot.waitUntil(lambda: len(stage.starts) == 3 and indexing.is_idle)
    assert [arguments[-1] for arguments in stage.starts] == ["/one", "/one", "/two"]
    assert index_queue.load(stage.folder) is None
    reopen(stage).resume_pending()
    assert stage.indexing.is_idle


def test_a_process_that_has_ended_does_not_keep_its_owner_alive(
    qtbot: QtBot, stage: ScriptedIndexing, tmp_path: Path
) -> None:
    """Qt would delete the process twice, and crash, if it held the last reference to its owner."""
    stage.set_script("progress('done')")
    indexing = IndexProcess(tmp_path, restart_ms=1)
    indexing.start(["/one"])
    process = indexing._process
    assert process is not None
    assert process._process.waitForFinished(TIMEOUT_MS)
    assert indexing.is_idle
    del process
    reference = weakref.ref(indexing)
    del indexing
    assert reference() is None


def test_a_paused_indexing_stays_paused_at_the_next_start_until_it_is_resumed(
    qtbot: QtBot, stage: ScriptedIndexing
) -> None:
    stage.set_script(
        """
        progress("analyzing", total=9)
        if start == 1:
            wait_for("closed")
        progress("done", indexed=9)
        """
    )
    stage.indexing.start(["/one"], background=True)
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    stage.indexing.pause()
    indexing = reopen(stage)
    indexing.resume_pending()
    assert indexing.state is IndexState.PAUSED
    assert not indexing.is_background, "the user must see how to resume it"
    assert indexing._process is None
    indexing = reopen(stage)
    indexing.resume_pending()
    with qtbot.waitSignal(indexing.finished):
        indexing.resume()
    assert len(stage.starts) == 2
    assert index_queue.load(stage.folder) is None


def test_a_cancelled_or_failed_indexing_is_not_resumed(qtbot: QtBot, stage: ScriptedIndexing) -> None:
    stage.set_script("progress('analyzing', total=1); wait_for('cancel'); progress('done', cancelled=True)")
    stage.indexing.start(["/one"])
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    assert index_queue.load(stage.folder) is not None
    stage.indexing.cancel()
    assert index_queue.load(stage.folder) is None
    with qtbot.waitSignal(stage.indexing.finished):
        pass
    stage.set_script("send(event='error', message='The folder is gone.'); sys.exit(1)")
    with qtbot.waitSignal(stage.indexing.failed):
        stage.indexing.start(["/gone"])
    assert index_queue.load(stage.folder) is None


def test_resuming_waits_until_the_process_of_a_killed_window_has_released_the_library(
    qtbot: QtBot, stage: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.index_process._LOCK_RETRY_MS", 1)
    stage.set_script(
        """
        if start < 4:
            send(event="error", message="Another PhotoSim is indexing.", locked=True); sys.exit(1)
        progress("done", indexed=1)
        """
    )
    index_queue.save(stage.folder, index_queue.PendingIndexing((("/one",),)))
    with qtbot.waitSignal(stage.indexing.finished):
        stage.indexing.resume_pending()
    assert len(stage.starts) == 4
    with qtbot.waitSignal(stage.indexing.failed):
        (stage.folder / "starts").unlink()
        stage.indexing.start(["/one"])
    assert len(stage.starts) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"queue": 7, "paused": 0, "background": 0}', "\x00", "[" * 9999]
)
def test_a_damaged_file_of_pending_indexing_is_ignored(stage: ScriptedIndexing, text: str) -> None:
    (stage.folder / index_queue.FILE_NAME).write_text(text)
    stage.indexing.resume_pending()
    assert stage.indexing.is_idle
