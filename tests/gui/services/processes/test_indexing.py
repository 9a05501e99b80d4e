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
from PySide6.QtCore import QProcess, QTimer
from pytestqt.qtbot import QtBot

from photosim.gui.services.processes import index_queue
from photosim.gui.services.processes.index_queue import StoppedIndexing
from photosim.gui.services.processes.indexing import IndexProcess, IndexState
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
def scripted(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedIndexing]:
    scripted = ScriptedIndexing(tmp_path, monkeypatch)
    yield scripted
    scripted.indexing.close()


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


WAITING = """
    if "--wait" in sys.argv:
        wait_for("start")
    progress("done", indexed=3)
"""

prepare = IndexProcess.prepare
"""The method as it is, which other tests do without."""


def test_a_prepared_process_does_the_next_indexing(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script(WAITING)
    prepare(scripted.indexing)
    prepare(scripted.indexing)
    qtbot.waitUntil(lambda: len(scripted.starts) == 1)
    assert scripted.indexing.is_idle
    with qtbot.waitSignal(scripted.indexing.finished) as finished:
        scripted.indexing.start([b"/caf\xe9".decode("utf-8", "surrogateescape")])
    assert finished.args is not None
    assert finished.args[0].indexed == 3
    assert ["--wait" in start for start in scripted.starts] == [True]
    with qtbot.waitSignal(scripted.indexing.finished):
        scripted.indexing.start(["/b"])
    assert ["--wait" in start for start in scripted.starts] == [True, False]


def test_a_prepared_process_that_died_or_was_waiting_too_long_is_not_missed(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    scripted.set_script("""
        if "--wait" in sys.argv:
            sys.exit(3)
        progress("done", indexed=1)
        """)
    prepare(scripted.indexing)
    ready = scripted.indexing._ready.process
    assert ready is not None
    with qtbot.waitSignal(ready.finished):
        pass
    with qtbot.waitSignal(scripted.indexing.finished):
        scripted.indexing.start(["/a"])
    scripted.set_script(WAITING)
    prepare(scripted.indexing)
    scripted.indexing._ready.timer.setInterval(0)
    qtbot.waitUntil(lambda: scripted.indexing._ready.process is None)
    with qtbot.waitSignal(scripted.indexing.finished) as finished:
        scripted.indexing.start(["/a"])
    assert finished.args is not None
    assert finished.args[0].indexed == 3


def test_closing_ends_a_prepared_process(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script(WAITING)
    prepare(scripted.indexing)
    ready = scripted.indexing._ready.process
    assert ready is not None
    process = ready._process
    qtbot.waitUntil(lambda: len(scripted.starts) == 1)
    scripted.indexing.close()
    assert process.state() == QProcess.ProcessState.NotRunning
    prepare(scripted.indexing)
    assert scripted.indexing._ready.process is None


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


def reopen(scripted: ScriptedIndexing) -> IndexProcess:
    """The window is closed and opened again."""
    scripted.indexing.close()
    scripted.indexing = IndexProcess(scripted.folder, restart_ms=1)
    scripted.indexing.state_changed.connect(scripted.states.append)
    return scripted.indexing


def test_an_interrupted_indexing_resumes_at_the_next_start_with_its_queue(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    scripted.set_script(
        """
        progress("analyzing", total=9)
        if start == 1:
            wait_for("closed")
        progress("done", indexed=9)
        """
    )
    scripted.indexing.start(["/one"])
    scripted.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(scripted.progress) > 1)
    indexing = reopen(scripted)
    indexing.resume_pending()
    assert indexing.state is IndexState.RUNNING
    qtbot.waitUntil(lambda: len(scripted.starts) == 3 and indexing.is_idle)
    assert [arguments[-1] for arguments in scripted.starts] == ["/one", "/one", "/two"]
    assert index_queue.load_pending(scripted.folder) is None
    reopen(scripted).resume_pending()
    assert scripted.indexing.is_idle


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


def test_a_paused_indexing_stays_paused_at_the_next_start_until_it_is_resumed(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    scripted.set_script(
        """
        progress("analyzing", total=9)
        if start == 1:
            wait_for("closed")
        progress("done", indexed=9)
        """
    )
    scripted.indexing.start(["/one"], background=True)
    qtbot.waitUntil(lambda: len(scripted.progress) > 1)
    scripted.indexing.pause()
    indexing = reopen(scripted)
    indexing.resume_pending()
    assert indexing.state is IndexState.PAUSED
    assert not indexing.is_background, "the user must see how to resume it"
    assert indexing._process is None
    indexing = reopen(scripted)
    indexing.resume_pending()
    with qtbot.waitSignal(indexing.finished):
        indexing.resume()
    assert len(scripted.starts) == 2
    assert index_queue.load_pending(scripted.folder) is None


def test_a_failed_indexing_is_not_resumed(qtbot: QtBot, scripted: ScriptedIndexing) -> None:
    scripted.set_script("send(event='error', message='The folder is gone.'); sys.exit(1)")
    with qtbot.waitSignal(scripted.indexing.failed):
        scripted.indexing.start(["/gone"])
    assert index_queue.load_pending(scripted.folder) is None


STOPPABLE = """
    progress("analyzing", done=2, total=9)
    if start == 1:
        wait_for("cancel")
        progress("done", done=3, total=9, cancelled=True)
    else:
        progress("done", indexed=6, unchanged=3)
"""


def stop(qtbot: QtBot, scripted: ScriptedIndexing, phase: Phase = Phase.ANALYZING) -> None:
    """Start an indexing of "/one", let "/two" wait behind it, and cancel both in a phase."""
    scripted.set_script(STOPPABLE.replace("analyzing", phase))
    scripted.indexing.start(["/one"])
    scripted.indexing.start(["/two"])
    qtbot.waitUntil(lambda: len(scripted.progress) > 1)
    with qtbot.waitSignal(scripted.indexing.finished) as finished:
        scripted.indexing.cancel()
    assert finished.args[0].cancelled


@pytest.mark.parametrize("phase", [Phase.ANALYZING, Phase.DETECTING])
def test_a_stopped_indexing_is_resumed_where_it_was(
    qtbot: QtBot, scripted: ScriptedIndexing, phase: Phase
) -> None:
    stop(qtbot, scripted, phase)
    assert scripted.indexing.is_idle
    assert scripted.indexing.stopped == StoppedIndexing((("/one",), ("/two",)), left=7)
    scripted.indexing.resume()
    qtbot.waitUntil(lambda: len(scripted.starts) == 3 and scripted.indexing.is_idle)
    assert [arguments[-1] for arguments in scripted.starts] == ["/one", "/one", "/two"]
    assert scripted.indexing.stopped is None
    assert index_queue.load_pending(scripted.folder) is None


def test_a_stopped_indexing_stays_stopped_at_the_next_start_until_it_is_resumed(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    stop(qtbot, scripted)
    indexing = reopen(scripted)
    with qtbot.waitSignal(indexing.stopped_found):
        indexing.resume_pending()
    assert indexing.is_idle
    assert indexing.stopped is not None
    assert indexing.stopped.left == 7
    assert len(scripted.starts) == 1
    indexing.resume()
    qtbot.waitUntil(lambda: len(scripted.starts) == 3 and indexing.is_idle)
    reopen(scripted).resume_pending()
    assert scripted.indexing.stopped is None


def test_what_is_resumed_waits_for_an_indexing_in_the_background(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    stop(qtbot, scripted)
    scripted.indexing.start(["/other"], background=True)
    scripted.indexing.resume()
    assert scripted.indexing.stopped is None
    pending = index_queue.load_pending(scripted.folder)
    assert pending is not None
    assert pending.queue == (("/other",), ("/one",), ("/two",))
    qtbot.waitUntil(lambda: len(scripted.starts) == 4 and scripted.indexing.is_idle)
    assert not scripted.indexing.is_background


def test_a_window_that_is_closed_while_it_stops_remembers_what_is_left(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    scripted.set_script("progress('analyzing', done=1, total=9); wait_for('closed')")
    scripted.indexing.start(["/one"])
    qtbot.waitUntil(lambda: len(scripted.progress) > 1)
    scripted.indexing.cancel()
    indexing = reopen(scripted)
    indexing.resume_pending()
    assert indexing.stopped == StoppedIndexing((("/one",),), left=8)


def test_what_is_indexed_otherwise_or_removed_is_no_longer_stopped(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    stop(qtbot, scripted)
    indexing = scripted.indexing
    with qtbot.waitSignal(indexing.finished):
        indexing.start(["/one"])
    assert indexing.stopped == StoppedIndexing((("/two",),), left=7)
    pending = index_queue.load_pending(scripted.folder)
    assert pending is not None
    assert pending.stopped == indexing.stopped
    indexing.forget("/two")
    assert indexing.stopped is None
    assert index_queue.load_pending(scripted.folder) is None


def test_an_indexing_that_was_done_before_it_could_be_stopped_is_not_stopped(
    qtbot: QtBot, scripted: ScriptedIndexing
) -> None:
    scripted.set_script(
        "progress('analyzing', done=1, total=1); wait_for('cancel'); progress('done', indexed=1)"
    )
    scripted.indexing.start(["/one"])
    qtbot.waitUntil(lambda: len(scripted.progress) > 1)
    with qtbot.waitSignal(scripted.indexing.finished) as finished:
        scripted.indexing.cancel()
    assert not finished.args[0].cancelled
    assert scripted.indexing.stopped is None


@pytest.mark.parametrize(
    ("stopped", "started", "left"),
    [
        ((("/a",), ("/b",)), (), None),
        ((("/a",), ("/b",)), ("/a",), (("/b",),)),
        ((("/a", "/b"),), ("/a",), (("/a", "/b"),)),
        ((("/a/c", "/a/d"),), ("/a",), None),
        (((),), ("/a",), ((),)),
    ],
)
def test_indexing_a_folder_does_what_was_stopped_inside_it(
    stopped: tuple[tuple[str, ...], ...],
    started: tuple[str, ...],
    left: tuple[tuple[str, ...], ...] | None,
) -> None:
    rest = StoppedIndexing(stopped, 5).without(started)
    assert (None if rest is None else rest.queue) == left


def test_what_concerns_a_stopped_indexing_waits() -> None:
    stopped = StoppedIndexing((("/a/b",),))
    assert [stopped.concerns(folder) for folder in ("/a", "/a/b", "/a/b/c", "/a/d")] == [
        True,
        True,
        True,
        False,
    ]
    assert StoppedIndexing(((),)).concerns("/anything")


def test_resuming_waits_until_the_process_of_a_killed_window_has_released_the_library(
    qtbot: QtBot, scripted: ScriptedIndexing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.processes.indexing._LOCK_RETRY_MS", 1)
    scripted.set_script(
        """
        if start < 4:
            send(event="error", message="Another PhotoSim is indexing.", locked=True); sys.exit(1)
        progress("done", indexed=1)
        """
    )
    index_queue.save_pending(scripted.folder, index_queue.PendingIndexing((("/one",),)))
    with qtbot.waitSignal(scripted.indexing.finished):
        scripted.indexing.resume_pending()
    assert len(scripted.starts) == 4
    with qtbot.waitSignal(scripted.indexing.failed):
        (scripted.folder / "starts").unlink()
        scripted.indexing.start(["/one"])
    assert len(scripted.starts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"queue": 7, "paused": 0, "background": 0}',
        '{"queue": [], "paused": 0, "background": 0, "stopped": 7}',
        '{"queue": [], "paused": 0, "background": 0, "stopped": {"queue": [7], "left": 1}}',
        "\x00",
        "[" * 9999,
    ],
)
def test_a_damaged_file_of_pending_indexing_is_ignored(scripted: ScriptedIndexing, text: str) -> None:
    (scripted.folder / index_queue.FILE_NAME).write_text(text)
    scripted.indexing.resume_pending()
    assert scripted.indexing.is_idle
