"""A list that is put in order by keys and by dragging."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from photosim.gui.widgets.ordered_list import OrderedList

ALT = Qt.KeyboardModifier.AltModifier


def make_list(qtbot: QtBot, values: Sequence[str] = "abc", *, checkable: bool = False) -> OrderedList:
    ordered = OrderedList(checkable=checkable)
    qtbot.addWidget(ordered)
    ordered.set_values([(value, value.upper(), True) for value in values])
    return ordered


def test_alt_and_an_arrow_move_the_current_item_which_stays_current(qtbot: QtBot) -> None:
    ordered = make_list(qtbot)
    with qtbot.waitSignal(ordered.changed):
        qtbot.keyClick(ordered, Qt.Key.Key_Down, ALT)
    assert ordered.checked_values == ["b", "a", "c"]
    assert ordered.currentItem().text() == "A"
    qtbot.keyClick(ordered, Qt.Key.Key_Down)
    assert ordered.currentItem().text() == "C", "an arrow alone moves in the list"
    qtbot.keyClick(ordered, Qt.Key.Key_Up, ALT)
    assert ordered.checked_values == ["b", "c", "a"]


def test_at_the_ends_nothing_moves(qtbot: QtBot) -> None:
    ordered = make_list(qtbot)
    with qtbot.assertNotEmitted(ordered.changed):
        qtbot.keyClick(ordered, Qt.Key.Key_Up, ALT)
        ordered.setCurrentRow(2)
        qtbot.keyClick(ordered, Qt.Key.Key_Down, ALT)
    assert ordered.checked_values == ["a", "b", "c"]


def test_a_dragged_item_moves_and_replaces_none(qtbot: QtBot) -> None:
    ordered = make_list(qtbot)
    with qtbot.waitSignal(ordered.changed):
        assert ordered.model().moveRow(QModelIndex(), 2, QModelIndex(), 0)
    assert ordered.checked_values == ["c", "a", "b"]
    for row in range(3):
        assert not ordered.item(row).flags() & Qt.ItemFlag.ItemIsDropEnabled


def test_only_what_is_checked_counts_and_moving_keeps_the_checks(qtbot: QtBot) -> None:
    ordered = make_list(qtbot, checkable=True)
    with qtbot.waitSignal(ordered.changed):
        ordered.item(1).setCheckState(Qt.CheckState.Unchecked)
    ordered.setCurrentRow(1)
    ordered.move_current(-1)
    assert ordered.checked_values == ["a", "c"]
    assert ordered.item(0).text() == "B"


def test_a_value_is_added_once_and_can_be_removed(qtbot: QtBot) -> None:
    ordered = make_list(qtbot)
    ordered.add_value("d", "D")
    ordered.add_value("a", "A")
    assert ordered.checked_values == ["a", "b", "c", "d"]
    assert ordered.currentRow() == 0
    ordered.remove_current()
    assert ordered.checked_values == ["b", "c", "d"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([-1, 1])), max_size=20))
@pytest.mark.usefixtures("qapp")
def test_whatever_is_moved_nothing_is_lost(qtbot: QtBot, moves: list[tuple[int, int]]) -> None:
    ordered = make_list(qtbot, "abcde")
    for row, step in moves:
        ordered.setCurrentRow(row)
        ordered.move_current(step)
    assert sorted(ordered.checked_values) == list("abcde")
