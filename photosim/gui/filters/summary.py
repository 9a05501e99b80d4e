"""The second line of the filter bar: how much fits, a chip for each thing that is chosen, and Clear all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.widgets.chip import FilterChip
from photosim.gui.widgets.flow_layout import FlowWidget
from photosim.search.photo_filter import PhotoFilter


class FilterSummary(FlowWidget):
    """Shows pieces of a PhotoFilter. Its chips are made once and show what they are given."""

    piece_removed = Signal(object)
    """The person took a piece off: the PhotoFilter that is left."""

    clear_requested = Signal()
    """The person wants nothing of it any more."""

    last_chip_removed = Signal()
    """The chip with the keyboard is gone, and no other is there to take it."""

    def __init__(self, parent: QWidget, gap: int) -> None:
        super().__init__(parent, gap)
        self.count = QLabel(self)
        self.count.setObjectName("filter-count")
        theme.set_font(self.count, bold=True)
        self.add_widget(self.count)
        self.clear_button = QPushButton(tr("Clear all"), self)
        self.clear_button.setObjectName("link")
        self.clear_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clear_button.setToolTip(tr("Take everything off the filter (Esc)"))
        self.clear_button.clicked.connect(self.clear_requested)
        self.add_widget(self.clear_button)
        self._pool: list[FilterChip] = []
        self.chips: list[FilterChip] = []
        """Those that are shown."""
        self._create_chip()

    def show_pieces(self, pieces: Sequence[tuple[str, PhotoFilter]]) -> None:
        """Show these words, each with the filter that is left without it."""
        focused = next((place for place, chip in enumerate(self.chips) if chip.hasFocus()), None)
        while len(self._pool) < len(pieces):
            self._create_chip()
        self.chips = self._pool[: len(pieces)]
        for chip, (text, left) in zip(self.chips, pieces, strict=True):
            chip.show_condition(text, left)
        if focused is not None and focused >= len(pieces):
            if self.chips:
                self.chips[-1].setFocus()
            else:
                self.last_chip_removed.emit()
        for number, chip in enumerate(self._pool):
            chip.setVisible(number < len(pieces))

    def update_icons(self) -> None:
        """Take the icons of the present palette."""
        for chip in self._pool:
            chip.setIcon(theme.icon("close"))

    def _create_chip(self) -> None:
        chip = FilterChip(self)
        chip.clicked.connect(lambda: self.piece_removed.emit(chip.filter_without))
        self._pool.append(chip)
        self.add_widget(chip, before=self.clear_button)
        chip.hide()
