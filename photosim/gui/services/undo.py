"""The undo history of the window: one stack behind Undo and Redo of the Edit menu.

Push an entry when an operation is done:

    history.push(tr("Merge"), undo=lambda: restore(before), redo=lambda: restore(after))
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QUndoCommand, QUndoStack

from photosim.gui.base.translation import tr

MAX_ENTRIES = 100


class UndoHistory(QObject):
    """A stack of what can be undone and redone, which names and enables the two actions."""

    changed = Signal()
    """Undo or Redo is about another entry now."""

    def __init__(self, undo: QAction, redo: QAction, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo, self._redo = undo, redo
        self._ids = count(1)
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(MAX_ENTRIES)
        undo.triggered.connect(self.undo)
        redo.triggered.connect(self._stack.redo)
        self._stack.indexChanged.connect(self._update_actions)
        self._update_actions()

    @property
    def next_undo(self) -> int | None:
        """The id of the entry that Undo is about, None where there is none."""
        index = self._stack.index()
        return self._stack.command(index - 1).id() if index > 0 else None

    def push(self, name: str, undo: Callable[[], object], redo: Callable[[], object] | None = None) -> int:
        """Add an entry for what was just done; returns its id.

        `name` completes the text "Undo ...". Both functions are called in the window's thread, start a job for what takes
        time, and show their errors themselves. Without `redo` the entry is removed once it is undone.
        """
        command = _CallbackCommand(next(self._ids), name, undo, redo)
        self._stack.push(command)
        self._update_actions()  # a full stack keeps its index
        return command.id()

    def undo(self) -> None:
        """Undo the last entry."""
        self._stack.undo()

    def _update_actions(self) -> None:
        undo, redo = self._stack.undoText(), self._stack.redoText()
        self._undo.setText(tr("&Undo {operation}").format(operation=undo) if undo else tr("&Undo"))
        self._redo.setText(tr("&Redo {operation}").format(operation=redo) if redo else tr("&Redo"))
        self._undo.setEnabled(self._stack.canUndo())
        self._redo.setEnabled(self._stack.canRedo())
        self.changed.emit()


class _CallbackCommand(QUndoCommand):
    def __init__(
        self, entry_id: int, name: str, undo: Callable[[], object], redo: Callable[[], object] | None
    ) -> None:
        super().__init__(name)
        self._id, self._undo, self._redo = entry_id, undo, redo
        self._is_new = True

    def id(self) -> int:
        """Unique, so that Qt merges no two commands."""
        return self._id

    def undo(self) -> None:
        self.setObsolete(self._redo is None)
        self._undo()

    def redo(self) -> None:
        """Do it again. Qt also calls this in push(), when it is done already."""
        if self._is_new:
            self._is_new = False
        elif self._redo is not None:
            self._redo()
