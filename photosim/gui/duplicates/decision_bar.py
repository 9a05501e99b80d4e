"""The buttons that decide about a group, with their keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QPushButton, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.widgets.flow_layout import FlowWidget

_SPACING = 6  # logical pixels


class DecisionBar(FlowWidget):
    """Buttons below the photos; a click leaves the focus where it is."""

    keep_requested = Signal()
    keep_all_requested = Signal()
    different_requested = Signal()
    undo_requested = Signal()
    previous_requested = Signal()
    next_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _SPACING)
        self._can_write = self._can_differ = True
        self.keep = self._button(tr("Keep"), "K", self.keep_requested)
        self.keep.setObjectName("keep-primary")
        self.keep_all = self._button(tr("Keep all"), "A", self.keep_all_requested)
        self.different = self._button(tr("Not the same"), "N", self.different_requested)
        self.undo = self._button(tr("Undo"), "U", self.undo_requested)
        self.previous = self._button(tr("Previous group"), tr("Up"), self.previous_requested, "↑")
        self.next = self._button(tr("Next group"), tr("Down"), self.next_requested, "↓")

    def show_counts(self, kept: int, superfluous: int, *, is_chosen: bool) -> None:
        """Say what the first button does: how many photos stay, and how many go to the trash.

        `is_chosen`: the chosen photo is the one that stays.
        """
        if superfluous:
            trash = tr("trash %Ln other(s)", "", superfluous)
            keep = tr("Keep this") if is_chosen else tr("Keep %Ln", "", kept)
            text = tr("{keep}, {trash}").format(keep=keep, trash=trash)
        else:
            text = tr("Keep all marked")
        self.keep.setText(text)
        self._describe(self.keep, text, "K")

    def set_writable(self, can_write: bool) -> None:
        """Enable the decisions while the library may be changed."""
        self._can_write = can_write
        self._update()

    def set_can_differ(self, can_differ: bool) -> None:
        """Enable Not the same where that is possible: files with the same bytes are the same."""
        self._can_differ = can_differ
        self._update()

    def _update(self) -> None:
        for button in (self.keep, self.keep_all):
            button.setEnabled(self._can_write)
        self.different.setEnabled(self._can_write and self._can_differ)

    def _button(self, text: str, key: str, clicked: SignalInstance, symbol: str = "") -> QPushButton:
        button = QPushButton(symbol or text, self)
        button.setObjectName("decision")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(clicked)
        self._describe(button, text, key)
        self.add_widget(button)
        return button

    @staticmethod
    def _describe(button: QPushButton, text: str, key: str) -> None:
        button.setToolTip(formatting.plain_tooltip(f"{text} ({key})"))
        button.setAccessibleName(text)
