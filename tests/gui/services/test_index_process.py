"""The indexing process and its supervisor."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from photosim.gui.services import index_queue
from photosim.gui.services.index_process import IndexProcess, IndexState
from photosim.records import Phase, Progress
from photosim.workers.supervisor import RESTARTS
from tests.support.timeouts import PATIENCE_MS

SPEAKER = """
    import json, os, sys, threading, time
    from pathlib import Path

    heard = []

    def say(**event):
        print(json.dumps(event), flush=True)

    def progress(phase, **more):
        say(event="progress", phase=phase, **more)

    def listen():
        for line in sys.stdin:
            heard.append(json.loads(line)["do"])
        heard.append("closed")

    threading.Thread(target=listen, daemon=True).start()

    def wait_for(word):
        while word not in heard:
            time.sleep(0.005)

    folder = Path(sys.argv[sys.argv.index("--library") + 1])
    starts = folder / "starts"
    starts.write_text((starts.read_text() if starts.exists() else "") + json.dumps(sys.argv[1:]) + "\\n")
    start = len(starts.read_text().splitlines())
"""
"""The beginning of a program that speaks as our indexing process does."""


class Stage:
    """An indexing whose process is a script of the test."""

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

    def plays(self, script: str) -> None:
        """From now on the process runs this."""
        path = self.folder / "speaker.py"
        path.write_text(textwrap.dedent(SPEAKER) + textwrap.dedent(script))
        self._monkeypatch.setattr(
            "photosim.workers.supervisor.program_command", lambda: [sys.executable, str(path)]
        )

    @property
    def starts(self) -> list[list[str]]:
        """The arguments of each start."""
        file = self.folder / "starts"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = Stage(tmp_path, monkeypatch)
    yield made
    made.indexing.close()


def test_progress_and_new_photos_are_told(qtbot: QtBot, stage: Stage) -> None:
    stage.plays(
        """
        progress("finding", done=2)
        progress("reading", done=1, total=2, indexed=1, seconds_left=3.5, added=[11])
        progress("reading", done=2, total=2, indexed=2, added=[12])
        progress("done", indexed=2)
        """
    )
    with qtbot.waitSignal(stage.indexing.finished) as told:
        stage.indexing.start(["/photos", "/more photos"])
    assert told.args == [Progress(Phase.DONE, indexed=2)]
    assert stage.added == [(11,), (12,)]
    assert Progress(Phase.READING, 1, 2, 1, seconds_left=3.5, added=(11,)) in stage.progress
    assert stage.states == [IndexState.RUNNING, IndexState.IDLE]
    assert stage.starts == [["worker", "--library", str(stage.folder), "/photos", "/more photos"]]


def test_pause_resume_and_cancel_reach_the_process(qtbot: QtBot, stage: Stage) -> None:
    stage.plays(
        """
        progress("reading", total=9)
        wait_for("pause"); progress("reading", total=9, done=1)
        wait_for("resume"); progress("reading", total=9, done=2)
        wait_for("cancel"); progress("done", cancelled=True, indexed=2)
        """
    )
    indexing = stage.indexing
    indexing.start()
    for done, act in ((0, indexing.pause), (1, indexing.resume), (2, indexing.cancel)):
        qtbot.waitUntil(
            lambda done=done: any(one.phase is Phase.READING and one.done == done for one in stage.progress)
        )
        act()
    with qtbot.waitSignal(indexing.finished) as told:
        pass
    assert told.args[0].cancelled
    assert told.args[0].indexed == 2
    assert stage.states == [
        IndexState.RUNNING,
        IndexState.PAUSED,
        IndexState.RUNNING,
        IndexState.CANCELLING,
        IndexState.IDLE,
    ]


def test_a_process_that_dies_is_started_again_and_counts_go_on(qtbot: QtBot, stage: Stage) -> None:
    stage.plays(
        """
        if start == 1:
            progress("reading", done=3, total=5, indexed=3, added=[1, 2, 3])
            sys.stdout.flush()
            os.kill(os.getpid(), 9) if os.name == "posix" else os._exit(3)
        progress("reading", done=2, total=2, indexed=1, unchanged=3, unreadable=1, added=[4])
        progress("done", indexed=1, unchanged=3, unreadable=1)
        """
    )
    with qtbot.waitSignal(stage.indexing.finished) as told:
        stage.indexing.start(["/photos"])
    assert told.args == [Progress(Phase.DONE, indexed=4, unchanged=0, unreadable=1)]
    assert len(stage.starts) == 2
    assert stage.starts[0] == stage.starts[1]


def test_a_process_that_dies_again_and_again_is_given_up(qtbot: QtBot, stage: Stage) -> None:
    stage.plays("print('out of luck', file=sys.stderr); sys.exit(7)")
    with qtbot.waitSignal(stage.indexing.failed) as told:
        stage.indexing.start()
    assert "stopped unexpectedly" in told.args[0]
    assert "out of luck" in told.args[1]
    assert len(stage.starts) == RESTARTS + 1
    assert stage.indexing.is_idle


def test_a_cancel_between_two_starts_ends_it(
    qtbot: QtBot, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off: list[Callable[[], None]] = []
    monkeypatch.setattr(QTimer, "singleShot", lambda _ms, _owner, start: put_off.append(start))
    stage.plays("progress('reading', total=1); sys.exit(7)")
    stage.indexing.start()
    qtbot.waitUntil(lambda: bool(put_off))
    with qtbot.waitSignal(stage.indexing.finished) as told:
        stage.indexing.cancel()
    assert told.args[0].cancelled
    [start] = put_off
    start()
    assert stage.indexing.process_id == 0
    assert len(stage.starts) == 1
    assert stage.indexing.is_idle


def test_an_error_that_the_process_explains_is_passed_on_and_not_tried_again(
    qtbot: QtBot, stage: Stage
) -> None:
    stage.plays("say(event='error', message='The folder is gone.', details='trace'); sys.exit(1)")
    with qtbot.waitSignal(stage.indexing.failed) as told:
        stage.indexing.start(["/gone"])
    assert told.args == ["The folder is gone.", "trace"]
    qtbot.waitUntil(lambda: stage.indexing.process_id == 0)
    assert len(stage.starts) == 1


def test_a_program_that_is_not_there_is_an_error(
    qtbot: QtBot, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "photosim.workers.supervisor.program_command", lambda: [str(stage.folder / "nothing")]
    )
    with qtbot.waitSignal(stage.indexing.failed) as told:
        stage.indexing.start()
    assert "could not start" in told.args[0]
    assert stage.indexing.is_idle


def test_folders_added_meanwhile_follow(qtbot: QtBot, stage: Stage) -> None:
    stage.plays("progress('reading', total=1); progress('done', indexed=1)")
    stage.indexing.start(["/one"])
    stage.indexing.start(["/two"])
    stage.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(stage.starts) == 2 and stage.indexing.is_idle)
    assert [words[-1] for words in stage.starts] == ["/one", "/two"]


def test_cancel_drops_what_waits(qtbot: QtBot, stage: Stage) -> None:
    stage.plays("progress('reading', total=1); wait_for('cancel'); progress('done', cancelled=True)")
    stage.indexing.start(["/one"])
    stage.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    with qtbot.waitSignal(stage.indexing.finished):
        stage.indexing.cancel()
    assert stage.indexing.is_idle
    assert len(stage.starts) == 1


def test_noise_on_the_output_is_passed_over(qtbot: QtBot, stage: Stage) -> None:
    stage.plays(
        """
        print("a library says hello"); print("[1, 2]"); print('{"event": "progress", "phase": "dreaming"}')
        print('{"event": "news"}'); progress("done", indexed=1, mood="fine")
        """
    )
    with qtbot.waitSignal(stage.indexing.finished) as told:
        stage.indexing.start()
    assert told.args[0].indexed == 1


@pytest.mark.parametrize("manners", ["wait_for('closed')", "time.sleep(600)"])
def test_closing_leaves_no_process_behind(
    qtbot: QtBot, stage: Stage, monkeypatch: pytest.MonkeyPatch, manners: str
) -> None:
    monkeypatch.setattr("photosim.gui.services.index_process._STOP_MS", 500)
    stage.plays(f"progress('reading', total=1); {manners}; progress('done')")
    stage.indexing.start()
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    process = stage.indexing.process_id
    with qtbot.assertNotEmitted(stage.indexing.finished, wait=50):
        stage.indexing.close()
    if os.name == "posix":
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert stage.indexing.process_id == 0


def reopened(stage: Stage) -> IndexProcess:
    """The window is closed and opened again."""
    stage.indexing.close()
    stage.indexing = IndexProcess(stage.folder, restart_ms=1)
    stage.indexing.state_changed.connect(stage.states.append)
    return stage.indexing


def test_what_was_interrupted_goes_on_at_the_next_start_with_all_that_waited(
    qtbot: QtBot, stage: Stage
) -> None:
    stage.plays(
        """
        progress("reading", total=9)
        if start == 1:
            wait_for("closed")
        progress("done", indexed=9)
        """
    )
    stage.indexing.start(["/one"])
    stage.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    indexing = reopened(stage)
    indexing.resume_pending()
    assert indexing.state is IndexState.RUNNING
    qtbot.waitUntil(lambda: len(stage.starts) == 3 and indexing.is_idle)
    assert [words[-1] for words in stage.starts] == ["/one", "/one", "/two"]
    assert index_queue.load(stage.folder) is None
    reopened(stage).resume_pending()
    assert stage.indexing.is_idle


def test_a_process_that_has_ended_does_not_keep_what_watched_it(
    qtbot: QtBot, stage: Stage, tmp_path: Path
) -> None:
    """Qt would delete the process twice, and crash, if it held the last reference to its owner."""
    stage.plays("progress('done')")
    indexing = IndexProcess(tmp_path, restart_ms=1)
    indexing.start(["/one"])
    process = indexing._process
    assert process is not None
    assert process.waitForFinished(PATIENCE_MS)
    assert indexing.is_idle
    del process
    left = weakref.ref(indexing)
    del indexing
    assert left() is None


def test_what_was_paused_stays_paused_until_it_is_resumed(qtbot: QtBot, stage: Stage) -> None:
    stage.plays(
        """
        progress("reading", total=9)
        if start == 1:
            wait_for("closed")
        progress("done", indexed=9)
        """
    )
    stage.indexing.start(["/one"], background=True)
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    stage.indexing.pause()
    indexing = reopened(stage)
    indexing.resume_pending()
    assert indexing.state is IndexState.PAUSED
    assert not indexing.is_background, "the person must see how to resume it"
    assert indexing.process_id == 0
    indexing = reopened(stage)
    indexing.resume_pending()
    with qtbot.waitSignal(indexing.finished):
        indexing.resume()
    assert len(stage.starts) == 2
    assert index_queue.load(stage.folder) is None


def test_what_was_cancelled_or_failed_does_not_come_back(qtbot: QtBot, stage: Stage) -> None:
    stage.plays("progress('reading', total=1); wait_for('cancel'); progress('done', cancelled=True)")
    stage.indexing.start(["/one"])
    qtbot.waitUntil(lambda: len(stage.progress) > 1)
    assert index_queue.load(stage.folder) is not None
    stage.indexing.cancel()
    assert index_queue.load(stage.folder) is None
    with qtbot.waitSignal(stage.indexing.finished):
        pass
    stage.plays("say(event='error', message='The folder is gone.'); sys.exit(1)")
    with qtbot.waitSignal(stage.indexing.failed):
        stage.indexing.start(["/gone"])
    assert index_queue.load(stage.folder) is None


def test_going_on_waits_until_the_process_of_a_killed_window_has_let_go(
    qtbot: QtBot, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.index_process._LOCKED_MS", 1)
    stage.plays(
        """
        if start < 4:
            say(event="error", message="Another PhotoSim is indexing.", locked=True); sys.exit(1)
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
    "text", ["", "[]", "{}", '{"queue": 7, "paused": 0, "quiet": 0}', "\x00", "[" * 9999]
)
def test_a_damaged_note_of_what_is_left_is_passed_over(stage: Stage, text: str) -> None:
    (stage.folder / index_queue.FILE_NAME).write_text(text)
    stage.indexing.resume_pending()
    assert stage.indexing.is_idle
