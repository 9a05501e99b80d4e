"""The controls above the list of groups: kind, state, year and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from photosim.duplicates.groups import DuplicateKind
from photosim.gui.base.translation import tr
from photosim.gui.state.duplicates.listing import GroupFilter, ReviewState
from photosim.gui.state.text.duplicates import kind_name
from photosim.gui.widgets.field_buttons import set_button_names

_SEARCH_DELAY_MS = 120


class FilterBox(QWidget):
    """Shows and edits which groups are listed."""

    filter_changed = Signal(object)
    """The user changed the filter: the new GroupFilter."""

    exited = Signal()
    """The user left the controls: the focus should return to the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = GroupFilter()
        self.kinds, self.states, self.years = (QComboBox(self) for _ in range(3))
        self.kinds.addItem(tr("All kinds"), None)
        for kind in DuplicateKind:
            self.kinds.addItem(kind_name(kind), kind)
        for state, text in (
            (ReviewState.ALL, tr("All groups")),
            (ReviewState.OPEN, tr("To review")),
            (ReviewState.REVIEWED, tr("Reviewed")),
        ):
            self.states.addItem(text, state)
        self.years.addItem(tr("Any year"), "")
        for box, name in ((self.kinds, tr("Kind")), (self.states, tr("Status")), (self.years, tr("Year"))):
            box.setAccessibleName(name)
            box.setToolTip(name)
            box.setMinimumContentsLength(6)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(lambda _: self._apply())
        self.search = QLineEdit(self)
        self.search.setObjectName("search")
        self.search.setPlaceholderText(tr("Search names and folders"))
        self.search.setAccessibleName(tr("Search names and folders"))
        self.search.setClearButtonEnabled(True)
        set_button_names(self.search, tr("Clear search"))
        self._search_timer = QTimer(self, interval=_SEARCH_DELAY_MS, singleShot=True)
        self._search_timer.timeout.connect(self._apply)
        self.search.textChanged.connect(lambda _: self._search_timer.start())
        self.count = QLabel(self)
        self.count.setObjectName("small-text")
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 8, 10, 6)
        grid.setSpacing(6)
        grid.addWidget(self.search, 0, 0, 1, 2)
        grid.addWidget(self.kinds, 1, 0)
        grid.addWidget(self.states, 1, 1)
        grid.addWidget(self.years, 2, 0)
        grid.addWidget(self.count, 2, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    @property
    def criteria(self) -> GroupFilter:
        """The filter that is shown."""
        return self._filter

    def set_min_confidence(self, confidence: float) -> None:
        """List only groups that are at least this certain."""
        self._set(replace(self._filter, min_confidence=confidence))

    def set_useful_first(self, useful_first: bool) -> None:
        """List the groups first of which a verdict tells most."""
        self._set(replace(self._filter, useful_first=useful_first))

    def show_years(self, years: Sequence[str]) -> None:
        """Offer these years."""
        if [self.years.itemData(row) for row in range(1, self.years.count())] == list(years):
            return
        with QSignalBlocker(self.years):
            while self.years.count() > 1:
                self.years.removeItem(1)
            for year in years:
                self.years.addItem(year, year)
            self.years.setCurrentIndex(max(self.years.findData(self._filter.year), 0))

    def show_count(self, count: int) -> None:
        """Say how many groups are listed."""
        self.count.setText(tr("%Ln group(s)", "", count))

    def clear(self) -> None:
        """Remove all conditions."""
        for box in (self.kinds, self.states, self.years):
            box.setCurrentIndex(0)
        with QSignalBlocker(self.search):
            self.search.clear()
        self._set(GroupFilter())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.exited.emit()
        else:
            event.accept()  # a key of the review has no effect here

    def _apply(self) -> None:
        self._search_timer.stop()
        kind = self.kinds.currentData()  # PySide returns plain strings
        self._set(
            replace(
                self._filter,
                kind=DuplicateKind(kind) if kind else None,
                state=ReviewState(self.states.currentData()),
                year=self.years.currentData(),
                text=self.search.text().strip().casefold(),
            )
        )

    def _set(self, criteria: GroupFilter) -> None:
        if criteria != self._filter:
            self._filter = criteria
            self.filter_changed.emit(criteria)
