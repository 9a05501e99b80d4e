"""Selecting bars of the histogram."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.widgets.histogram import Bar, Histogram

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def histogram(qtbot: QtBot) -> Histogram:
    """Three months with one, two and three photos."""
    histogram = Histogram()
    qtbot.addWidget(histogram)
    histogram.resize(90, 70)
    histogram.set_bars(_bars(), None)
    histogram.range_selected.connect(lambda months: histogram.set_bars(_bars(), months))
    return histogram


@pytest.fixture
def selected(histogram: Histogram) -> list[object]:
    """The ranges that were selected."""
    ranges: list[object] = []
    histogram.range_selected.connect(ranges.append)
    return ranges


def _bars() -> list[Bar]:
    return [Bar(month, month, str(month), month + 1, "") for month in range(3)]


def test_a_second_click_clears_the_selection_and_a_right_click_does_nothing(
    qtbot: QtBot, histogram: Histogram, selected: list[object]
) -> None:
    center = histogram.bar_rect(1).center()
    qtbot.mouseClick(histogram, _LEFT, pos=center)
    qtbot.mouseClick(histogram, Qt.MouseButton.RightButton, pos=center)
    qtbot.mouseClick(histogram, _LEFT, pos=center)
    assert selected == [(1, 1), None]
    assert "1: 2 photos" in histogram.accessibleDescription()


def test_a_drag_selects_a_range_in_either_direction(
    qtbot: QtBot, histogram: Histogram, selected: list[object]
) -> None:
    first, last = histogram.bar_rect(0).center(), histogram.bar_rect(2).center()
    for start, end in ((first, last), (last, first)):
        qtbot.mousePress(histogram, _LEFT, pos=start)
        qtbot.mouseMove(histogram, end)
        qtbot.mouseRelease(histogram, _LEFT, pos=end)
    assert selected == [(0, 2), (0, 2)]


def test_arrow_keys_move_and_with_shift_extend_the_selection(
    qtbot: QtBot, histogram: Histogram, selected: list[object]
) -> None:
    for key, modifier in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier),
    ):
        qtbot.keyClick(histogram, key, modifier)
    assert selected == [(0, 0), (0, 1), (2, 2), (1, 1)]
