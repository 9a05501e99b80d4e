"""Indexing in a child process of the window."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from photosim.gui.services.processes.indexing import IndexProcess, IndexState
from photosim.records import Phase, Progress
from photosim.workers.supervisor import MAX_RESTARTS
from tests.support.scripted_indexing import ScriptedIndexing
from tests.support.timeouts import TIMEOUT_MS


def test_progress_and_new_photos_are_reported(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script(
        """
        progress("scanning", done=2)
        progress("analyzing", done=1, total=2, indexed=1, seconds_left=3.5, added=[11])
        progress("analyzing", done=2, total=2, indexed=2, added=[12])
        progress("done", indexed=2)
        """
    )
    with qtbot.waitSignal(scripted.indexing.finished) as signal:
        scripted.indexing.start(["/photos", "/more photos"])
    assert signal.args == [Progress(Phase.DONE, indexed=2)]
    assert scripted.added == [(11,), (12,)]
    assert Progress(Phase.ANALYZING, 1, 2, 1, seconds_left=3.5, added=(11,)) in scripted.progress
    assert scripted.states == [IndexState.RUNNING, IndexState.IDLE]
    assert scripted.starts == [["worker", "--library", str(scripted.folder), "/photos", "/more photos"]]


def test_pause_resume_and_cancel_reach_the_process(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script(
        """
        progress("analyzing", total=9)
        wait_for("pause"); progress("analyzing", total=9, done=1)
        wait_for("resume"); progress("analyzing", total=9, done=2)
        wait_for("cancel"); progress("done", cancelled=True, indexed=2)
        """
    )
    indexing = scripted.indexing
    indexing.start()
    for done, request in ((0, indexing.pause), (1, indexing.resume), (2, indexing.cancel)):
        qtbot.waitUntil(
            lambda done=done: any(
                (progress.phase, progress.done) == (Phase.ANALYZING, done) for progress in scripted.progress
            )
        )
        request()
    with qtbot.waitSignal(indexing.finished) as signal:
        pass
    assert signal.args[0].cancelled
    assert signal.args[0].indexed == 2
    assert scripted.states == [
        IndexState.RUNNING,
        IndexState.PAUSED,
        IndexState.RUNNING,
        IndexState.CANCELLING,
        IndexState.IDLE,
    ]


def test_a_process_that_dies_is_restarted_and_counts_continue(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    scripted.set_script(
        """
        if start == 1:
            progress("analyzing", done=3, total=5, indexed=3, added=[1, 2, 3])
            sys.stdout.flush()
            os.kill(os.getpid(), 9) if os.name == "posix" else os._exit(3)
        progress("analyzing", done=2, total=2, indexed=1, unchanged=3, unreadable=1, added=[4])
        progress("done", indexed=1, unchanged=3, unreadable=1)
        """
    )
    with qtbot.waitSignal(scripted.indexing.finished) as signal:
        scripted.indexing.start(["/photos"])
    assert signal.args == [Progress(Phase.DONE, indexed=4, unchanged=0, unreadable=1)]
    assert len(scripted.starts) == 2
    assert scripted.starts[0] == scripted.starts[1]


def test_a_process_that_dies_repeatedly_is_not_restarted_any_more(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    scripted.set_script("print('out of luck', file=sys.stderr); sys.exit(7)")
    with qtbot.waitSignal(scripted.indexing.failed) as signal:
        scripted.indexing.start()
    assert "stopped unexpectedly" in signal.args[0]
    assert "out of luck" in signal.args[1]
    assert len(scripted.starts) == MAX_RESTARTS + 1
    assert scripted.indexing.is_idle


def test_a_cancel_between_two_starts_ends_the_indexing(
    qtbot: QtBot, scripted: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch
) -> None:
    postponed: list[Callable[[], None]] = []
    monkeypatch.setattr(QTimer, "singleShot", lambda _ms, _owner, start: postponed.append(start))
    scripted.set_script("progress('analyzing', total=1); sys.exit(7)")
    scripted.indexing.start()
    qtbot.waitUntil(lambda: bool(postponed))
    with qtbot.waitSignal(scripted.indexing.finished) as signal:
        scripted.indexing.cancel()
    assert signal.args[0].cancelled
    [start] = postponed
    start()
    assert scripted.indexing._process is None
    assert len(scripted.starts) == 1
    assert scripted.indexing.is_idle


def test_a_reported_failure_is_shown_and_not_retried(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script("send(event='error', message='The folder is gone.', details='trace'); sys.exit(1)")
    with qtbot.waitSignal(scripted.indexing.failed) as signal:
        scripted.indexing.start(["/gone"])
    assert signal.args == ["The folder is gone.", "trace"]
    qtbot.waitUntil(lambda: scripted.indexing._process is None)
    assert len(scripted.starts) == 1


def test_a_program_that_does_not_exist_is_an_error(
    qtbot: QtBot, scripted: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "photosim.workers.protocol.program_command", lambda: [str(scripted.folder / "nothing")]
    )
    with qtbot.waitSignal(scripted.indexing.failed) as signal:
        scripted.indexing.start()
    assert "Couldn't start" in signal.args[0]
    assert scripted.indexing.is_idle


def test_folders_added_meanwhile_are_queued(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script("progress('analyzing', total=1); progress('done', indexed=1)")
    scripted.indexing.start(["/one"])
    scripted.indexing.start(["/two"])
    scripted.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(scripted.starts) == 2 and scripted.indexing.is_idle)
    assert [arguments[-1] for arguments in scripted.starts] == ["/one", "/two"]


def test_a_process_that_hangs_after_a_cancel_is_killed(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script("progress('analyzing', total=1, done=1); time.sleep(600)")
    scripted.indexing._hang_timer.setInterval(50)
    scripted.indexing.start()
    qtbot.waitUntil(lambda: any(progress.done for progress in scripted.progress))
    with qtbot.waitSignal(scripted.indexing.finished) as signal:
        scripted.indexing.cancel()
    assert signal.args[0].cancelled
    assert scripted.indexing.is_idle


def test_cancel_clears_the_queue(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script(
        "progress('analyzing', total=1); wait_for('cancel'); progress('done', cancelled=True)"
    )
    scripted.indexing.start(["/one"])
    scripted.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(scripted.progress) > 1)
    with qtbot.waitSignal(scripted.indexing.finished):
        scripted.indexing.cancel()
    assert scripted.indexing.is_idle
    assert len(scripted.starts) == 1


def test_unexpected_output_is_ignored(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script(
        """
        print("a library says hello"); print("[1, 2]"); print('{"event": "progress", "phase": "dreaming"}')
        print('{"event": "news"}'); progress("done", indexed=1, mood="fine")
        """
    )
    with qtbot.waitSignal(scripted.indexing.finished) as signal:
        scripted.indexing.start()
    assert signal.args[0].indexed == 1


@pytest.mark.parametrize("script", ["wait_for('closed')", "time.sleep(600)"])
def test_closing_leaves_no_process_behind(
    qtbot: QtBot, scripted: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr("photosim.gui.services.processes.indexing._STOP_MS", 500)
    scripted.set_script(f"progress('analyzing', done=os.getpid()); {script}; progress('done')")
    scripted.indexing.start()
    qtbot.waitUntil(lambda: len(scripted.progress) > 1)
    pid = scripted.progress[-1].done
    with qtbot.assertNotEmitted(scripted.indexing.finished, wait=50):
        scripted.indexing.close()
    assert not psutil.pid_exists(pid)
    assert scripted.indexing._process is None


def test_a_process_that_has_ended_does_not_keep_its_owner_alive(
    qtbot: QtBot, scripted: ScriptedIndexing, tmp_path: Path
) -> None:
    """Qt would delete the process twice, and crash, if it held the last reference to its owner."""
    scripted.set_script("progress('done')")
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
