"""A short list that the user puts in order."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class OrderedList(QListWidget):
    """Texts that are moved by dragging, or with Alt+Up and Alt+Down; each stands for a value, and may have a check box."""

    changed = Signal()
    """The user has moved, checked, added or removed something."""

    def __init__(self, parent: QWidget | None = None, *, checkable: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("ordered")
        self._checkable = checkable
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setUniformItemSizes(True)
        self.model().rowsMoved.connect(self.changed)
        self.itemChanged.connect(lambda _: self.changed.emit())

    @property
    def checked_values(self) -> list[str]:
        """The values in their order; with check boxes those that are checked."""
        items = [self.item(row) for row in range(self.count())]
        return [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if not self._checkable or item.checkState() is Qt.CheckState.Checked
        ]

    def set_values(self, values: Iterable[tuple[str, str, bool]]) -> None:
        """Replace all: each a value, its text and whether it is checked."""
        self.blockSignals(True)
        self.clear()
        for value, text, checked in values:
            self.addItem(self._make_item(value, text, checked=checked))
        self.blockSignals(False)
        self.setCurrentRow(0)
        self.changed.emit()

    def add_value(self, value: str, text: str) -> None:
        """Append a value, unless it is there; select it."""
        values = [self.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.count())]
        if value not in values:
            self.addItem(self._make_item(value, text, checked=True))
            values.append(value)
        self.setCurrentRow(values.index(value))
        self.changed.emit()

    def remove_current(self) -> None:
        """Remove the current item."""
        if self.currentRow() >= 0:
            self.takeItem(self.currentRow())
            self.changed.emit()

    def move_current(self, step: int) -> None:
        """Move the current item up (-1) or down (1)."""
        row = self.currentRow()
        if row < 0 or not 0 <= row + step < self.count():
            return
        item = self.takeItem(row)
        self.insertItem(row + step, item)
        self.setCurrentRow(row + step)
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.move_current(step)
        else:
            super().keyPressEvent(event)

    def _make_item(self, value: str, text: str, *, checked: bool) -> QListWidgetItem:
        item = QListWidgetItem(text)
        item.setFlags(_FLAGS)  # not a place to drop on, which would replace the item
        item.setData(Qt.ItemDataRole.UserRole, value)
        if self._checkable:
            item.setFlags(_FLAGS | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
        return item
