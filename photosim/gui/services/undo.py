"""What the person did and can take back: one stack for the whole window, behind Undo and Redo of the Edit menu.

Whoever does something that can be taken back says so when it is done:

    window.undo.push(tr("merging clusters"), undo=lambda: restore(before), redo=lambda: restore(after))

The text completes "Undo …". Both callables are called in the window's thread and start a job for what takes time;
one that fails tells the person itself. Without `redo` the deed leaves the stack once it is undone.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QUndoCommand, QUndoStack

from photosim.gui.base.translation import tr

DEPTH = 100
"""Deeds remembered: more than anyone takes back one by one."""


class UndoHistory(QObject):
    """Keeps two actions in step with what can be undone and done again."""

    def __init__(self, undo: QAction, redo: QAction, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo, self._redo = undo, redo
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(DEPTH)
        undo.triggered.connect(self._stack.undo)
        redo.triggered.connect(self._stack.redo)
        self._stack.canUndoChanged.connect(undo.setEnabled)
        self._stack.canRedoChanged.connect(redo.setEnabled)
        self._stack.undoTextChanged.connect(self._name)
        self._stack.redoTextChanged.connect(self._name)
        undo.setEnabled(False)
        redo.setEnabled(False)
        self._name()

    def push(self, text: str, undo: Callable[[], object], redo: Callable[[], object] | None = None) -> None:
        """Remember what was just done; `text` completes the sentence "Undo …"."""
        self._stack.push(_CallbackCommand(text, undo, redo))

    def clear(self) -> None:
        """Forget everything: it can no longer be taken back."""
        self._stack.clear()

    def _name(self) -> None:
        undo, redo = self._stack.undoText(), self._stack.redoText()
        self._undo.setText(tr("&Undo {what}").format(what=undo) if undo else tr("&Undo"))
        self._redo.setText(tr("&Redo {what}").format(what=redo) if redo else tr("&Redo"))


class _CallbackCommand(QUndoCommand):
    """One thing that was done."""

    def __init__(self, text: str, undo: Callable[[], object], redo: Callable[[], object] | None) -> None:
        super().__init__(text)
        self._undo, self._redo = undo, redo
        self._is_new = True

    def undo(self) -> None:
        """Take it back."""
        self.setObsolete(self._redo is None)
        self._undo()

    def redo(self) -> None:
        """Do it again; Qt calls this when the deed is pushed, too, and then it is done already."""
        if self._is_new:
            self._is_new = False
        elif self._redo is not None:
            self._redo()
