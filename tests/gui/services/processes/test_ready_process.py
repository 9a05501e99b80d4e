"""A process that is started ahead of an indexing."""

from __future__ import annotations

from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from photosim.gui.services.processes.indexing import IndexProcess
from tests.support.scripted_indexing import ScriptedIndexing

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
