"""A progress bar that shows what it is told, and leaves the painting to the window's next frame."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from pytestqt.qtbot import QtBot

from photosim.gui.widgets.calm_bar import DeferredProgressBar


class _Watched(DeferredProgressBar):
    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.painted.append(self.value())
        super().paintEvent(event)


def _shown(qtbot: QtBot) -> _Watched:
    bar = _Watched()
    qtbot.addWidget(bar)
    bar.setRange(0, 100)
    bar.setValue(1)
    bar.show()
    qtbot.waitUntil(lambda: bool(bar.painted))
    bar.painted.clear()
    return bar


def test_moving_the_bar_paints_nothing_within_the_call(qtbot: QtBot) -> None:
    bar = _shown(qtbot)
    bar.setValue(60)
    assert (bar.value(), bar.painted) == (60, [])


def test_what_was_told_last_is_painted(qtbot: QtBot) -> None:
    bar = _shown(qtbot)
    for value in (10, 50, 90):
        bar.setValue(value)
    qtbot.waitUntil(lambda: bool(bar.painted))
    assert bar.painted[-1] == 90


def test_another_range_is_taken_and_painted_later(qtbot: QtBot) -> None:
    bar = _shown(qtbot)
    bar.setRange(0, 500)
    assert (bar.minimum(), bar.maximum(), bar.painted) == (0, 500, [])
    qtbot.waitUntil(lambda: bool(bar.painted))


def test_the_same_range_again_does_not_begin_anew(qtbot: QtBot) -> None:
    bar = _shown(qtbot)
    bar.setRange(0, 100)
    assert bar.value() == 1


def test_a_bar_that_is_told_something_can_still_be_painted(qtbot: QtBot) -> None:
    bar = _shown(qtbot)
    bar.setValue(20)
    bar.setRange(0, 0)
    assert bar.updatesEnabled()
