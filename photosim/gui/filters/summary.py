"""Summary of the active filters: the number of matches, a chip for each condition and the place, and Clear all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.widgets.action_button import ActionLink
from photosim.gui.widgets.chip import FilterChip
from photosim.gui.widgets.flow_layout import FlowWidget
from photosim.search.filters.criteria import PhotoFilter


class FilterSummary(FlowWidget):
    """Shows the conditions of a PhotoFilter; its chips are reused."""

    condition_removed = Signal(object)
    """The PhotoFilter without the removed condition."""

    scope_removed = Signal()
    clear_requested = Signal()
    last_chip_removed = Signal()
    """The chip with the focus was removed, and there is no other."""

    def __init__(self, parent: QWidget, gap: int) -> None:
        super().__init__(parent, gap)
        self.count = QLabel(self)
        self.count.setObjectName("filter-count")
        theme.set_font(self.count, bold=True)
        self.add_widget(self.count)
        self.clear_button = QPushButton(tr("Clear all"), self)
        self.clear_button.setObjectName("link")
        self.clear_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clear_button.setToolTip(tr("Clear all filters (Esc)"))
        self.clear_button.clicked.connect(self.clear_requested)
        self.add_widget(self.clear_button)
        self._pool: list[FilterChip] = []
        self.chips: list[FilterChip] = []
        """The visible chips of conditions."""
        self.scope_chip = FilterChip(self)
        self.scope_chip.clicked.connect(self.scope_removed)
        self.add_widget(self.scope_chip, before=self.clear_button)
        self.scope_chip.hide()
        self._create_chip()

    def add_link(self, action: QAction, text: str) -> ActionLink:
        """Add a link that triggers an action, hidden at first."""
        link = ActionLink(action, text, self)
        self.add_widget(link)
        link.hide()
        return link

    def show_conditions(self, conditions: Sequence[tuple[str, PhotoFilter]]) -> None:
        """Show these conditions, each with the filter without it."""
        focused = next((index for index, chip in enumerate(self.chips) if chip.hasFocus()), None)
        while len(self._pool) < len(conditions):
            self._create_chip()
        self.chips = self._pool[: len(conditions)]
        for chip, (text, filter_without) in zip(self.chips, conditions, strict=True):
            chip.show_condition(text, filter_without)
        if focused is not None and focused >= len(conditions):
            if self.chips:
                self.chips[-1].setFocus()
            else:
                self.last_chip_removed.emit()
        for index, chip in enumerate(self._pool):
            chip.setVisible(index < len(conditions))

    def show_scope(self, text: str) -> None:
        """Show a chip of the place that is searched, or none for an empty text."""
        self.scope_chip.setVisible(bool(text))
        if text:
            self.scope_chip.show_condition(text, PhotoFilter())

    def update_icons(self) -> None:
        for chip in (*self._pool, self.scope_chip):
            chip.setIcon(theme.icon("close"))

    def _create_chip(self) -> None:
        chip = FilterChip(self)
        chip.clicked.connect(lambda: self.condition_removed.emit(chip.filter_without))
        self._pool.append(chip)
        self.add_widget(chip, before=self.scope_chip)
        chip.hide()
