"""Undo and Redo."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from photosim.gui.services.undo import MAX_ENTRIES, UndoHistory


@pytest.fixture
def actions(qtbot: QtBot) -> tuple[QAction, QAction]:
    return QAction(), QAction()


@pytest.fixture
def undo(actions: tuple[QAction, QAction]) -> UndoHistory:
    return UndoHistory(*actions)


def test_what_is_pushed_is_done_already(undo: UndoHistory) -> None:
    done: list[str] = []
    undo.push("counting", lambda: done.append("undo"), lambda: done.append("redo"))
    assert done == []


def test_undo_and_redo_go_back_and_forth(undo: UndoHistory, actions: tuple[QAction, QAction]) -> None:
    done: list[str] = []
    for name in ("first", "second"):
        undo.push(name, lambda name=name: done.append(f"-{name}"), lambda name=name: done.append(f"+{name}"))
    back, again = actions
    back.trigger()
    back.trigger()
    again.trigger()
    assert done == ["-second", "-first", "+first"]


def test_the_actions_say_what_they_would_do(undo: UndoHistory, actions: tuple[QAction, QAction]) -> None:
    back, again = actions
    assert (back.text(), back.isEnabled(), again.isEnabled()) == ("&Undo", False, False)
    undo.push("Merge", lambda: None, lambda: None)
    assert (back.text(), back.isEnabled()) == ("&Undo Merge", True)
    back.trigger()
    assert (again.text(), again.isEnabled(), back.isEnabled()) == ("&Redo Merge", True, False)


def test_what_cannot_be_redone_leaves_the_stack(undo: UndoHistory, actions: tuple[QAction, QAction]) -> None:
    back, again = actions
    undo.push("Move", lambda: None)
    back.trigger()
    assert not back.isEnabled()
    assert not again.isEnabled()


def test_a_new_entry_drops_what_was_undone(undo: UndoHistory, actions: tuple[QAction, QAction]) -> None:
    back, again = actions
    undo.push("one", lambda: None, lambda: None)
    back.trigger()
    undo.push("two", lambda: None, lambda: None)
    assert not again.isEnabled()
    assert back.text() == "&Undo two"


def test_the_history_says_which_entry_is_undone_next(
    undo: UndoHistory, actions: tuple[QAction, QAction]
) -> None:
    assert undo.next_undo is None
    first, second = undo.push("one", lambda: None, lambda: None), undo.push("one", lambda: None, lambda: None)
    assert undo.next_undo == second != first
    undo.undo()
    assert undo.next_undo == first
    actions[1].trigger()
    assert undo.next_undo == second


def test_the_number_of_entries_is_limited(undo: UndoHistory, actions: tuple[QAction, QAction]) -> None:
    undone: list[int] = []
    for number in range(MAX_ENTRIES + 5):
        undo.push(str(number), lambda number=number: undone.append(number))
    for _ in range(MAX_ENTRIES + 5):
        actions[0].trigger()
    assert undone == list(range(MAX_ENTRIES + 4, 4, -1))
