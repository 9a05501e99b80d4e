"""What an indexing leaves to do: queued, paused or stopped, and resumed at the next start of the window."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.services.processes import index_queue
from photosim.gui.services.processes.index_queue import StoppedIndexing
from photosim.gui.services.processes.indexing import IndexProcess, IndexState
from photosim.records import Phase
from tests.support.scripted_indexing import ScriptedIndexing


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
