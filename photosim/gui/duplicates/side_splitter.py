"""A splitter with a list beside what it is of, or above it where there is little width."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

MIN_WIDTH = 232
"""Smallest width of the list in logical pixels."""

_MAX_WIDTH = 300  # logical pixels, until the user makes it wider
_SHARE = 0.26  # of the width
_NARROW = 560  # logical pixels up to which the list is above in a high window


class SideSplitter(QSplitter):
    """Gives the list a share of the width until the user moves the handle."""

    def __init__(self, side: QWidget, main: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._is_moved = False
        side.setMinimumWidth(MIN_WIDTH)
        self.addWidget(side)
        self.addWidget(main)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._note_move)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width, height = event.size().width(), event.size().height()
        is_narrow = width < _NARROW and width <= height
        self.setOrientation(Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal)
        if not self._is_moved and not is_narrow:
            side = min(max(round(width * _SHARE), MIN_WIDTH), _MAX_WIDTH)
            self.setSizes([side, width - side])

    def _note_move(self) -> None:
        self._is_moved = True
