"""Filter bar: a button for each facet, and the chips of the search and the active filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.filters.choice_popup import ChoicePopup, Popup
from photosim.gui.filters.date_popup import DatePopup
from photosim.gui.filters.summary import FilterSummary
from photosim.gui.state.text import filters as filter_text
from photosim.gui.widgets.flow_layout import FlowWidget
from photosim.search.filters.criteria import Facet, Orientation, PhotoFilter, Size
from photosim.search.filters.facets import FacetCounts

_GAP, _LINE_HEIGHT = 6, 28  # logical pixels
_SIDE_MARGIN = 12  # logical pixels at each side
_ICON = 14  # logical pixels
_BUTTON_FACETS = tuple(facet for facet in Facet if facet not in (Facet.TEXT, Facet.CLUSTERS, Facet.FOLDERS))
_CHOICE_FACETS = tuple(facet for facet in _BUTTON_FACETS if facet is not Facet.DATES)
_FIXED_ORDER: Mapping[Facet, tuple[str, ...]] = {
    Facet.ORIENTATIONS: tuple(Orientation),
    Facet.SIZES: tuple(Size),
}


class FilterBar(QFrame):
    """Shows and edits one PhotoFilter."""

    filter_changed = Signal(object)
    """The user changed the filter: the new PhotoFilter."""

    exited = Signal()
    """The user left the bar: the focus should return to the photos."""

    scope_removed = Signal()
    """The user removed the chip of the place: all photos should be searched."""

    unreadable_requested = Signal()
    """Show the unreadable files."""

    facets_requested = Signal()
    """A popup is about to open: its counts should be updated."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filter-bar")
        self.setAccessibleName(tr("Filter"))
        self._filter, self._facets = PhotoFilter(), FacetCounts()
        self.dates = DatePopup(self)
        self.popups: dict[Facet, ChoicePopup] = {facet: self._create_popup(facet) for facet in _CHOICE_FACETS}
        self.buttons: dict[Facet, QToolButton] = {}
        self.controls, self.summary = FlowWidget(self, _GAP), FilterSummary(self, _GAP)
        self._stale: set[Facet] = set()
        self._is_applicable = True
        self._build()
        self.dates.filter_changed.connect(self.apply)
        self.summary.condition_removed.connect(self.apply)
        self.summary.scope_removed.connect(self.scope_removed)
        self.summary.clear_requested.connect(self.clear)
        self.summary.last_chip_removed.connect(self.exited)
        self.popups[Facet.FLAGS].link.clicked.connect(self.unreadable_requested)
        self.update_icons()
        self.show_filter(PhotoFilter())

    @property
    def chips(self) -> Sequence[QToolButton]:
        """The chips of the active filters."""
        return self.summary.chips

    @property
    def photo_filter(self) -> PhotoFilter:
        """The filter that is shown."""
        return self._filter

    def show_filter(self, photo_filter: PhotoFilter) -> None:
        """Show a filter without emitting `filter_changed`."""
        self._filter = photo_filter
        active = photo_filter.active_facets
        for facet, button in self.buttons.items():
            if button.property("active") != (facet in active):
                button.setProperty("active", facet in active)
                button.style().unpolish(button)
                button.style().polish(button)
        self.summary.show_conditions(list(filter_text.filter_chips(photo_filter)))
        self._update_choices()
        self._update_visibility()

    def show_facets(self, facets: FacetCounts) -> None:
        """Show the values of each facet with their counts."""
        self._facets = facets
        self._update_choices()

    def show_unreadable(self, count: int) -> None:
        """Show a link to the unreadable files, or hide it if there are none."""
        text = tr("Unreadable files (%Ln)…", "", count) if count else ""
        self.popups[Facet.FLAGS].show_link(text)

    def show_scope(self, text: str) -> None:
        """Show a chip of the place that the filter applies to; none for an empty text."""
        self.summary.show_scope(text)

    def show_count(self, text: str) -> None:
        """Show how many items match."""
        self.summary.count.setText(text)

    def set_applicable(self, applies: bool) -> None:
        """Show the bar only where the filter applies; elsewhere it is kept."""
        self._is_applicable = applies
        self._update_visibility()

    def set_open(self, is_open: bool) -> None:
        """Show or hide the controls; the summary of active filters stays."""
        self.controls.setVisible(is_open)
        self._update_visibility()

    @property
    def is_open(self) -> bool:
        """Whether the controls are shown."""
        return not self.controls.isHidden()

    def clear(self) -> None:
        """Remove all filters."""
        self.apply(PhotoFilter())

    def apply(self, photo_filter: PhotoFilter) -> None:
        """Show a filter and emit `filter_changed`."""
        self.show_filter(photo_filter)
        self.filter_changed.emit(photo_filter)

    def update_icons(self) -> None:
        for button in self.buttons.values():
            button.setIcon(theme.icon("down"))
        self.summary.update_icons()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._filter.active_facets:
                self.clear()
            else:
                self.exited.emit()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        for facet in _BUTTON_FACETS:
            self.controls.add_widget(self._create_button(facet))
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE_MARGIN, 7, _SIDE_MARGIN, 7)
        column.setSpacing(7)
        column.addWidget(self.controls)
        column.addWidget(self.summary)
        for row in (self.controls, self.summary):
            row.setFixedHeight(_LINE_HEIGHT)  # until their width is known
        self.controls.hide()

    def _create_button(self, facet: Facet) -> QToolButton:
        button = QToolButton(self.controls)
        button.setObjectName("facet")
        button.setText(filter_text.facet_name(facet))
        button.setIconSize(QSize(_ICON, _ICON))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # puts the arrow after the text
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(tr("Filter by: {facet}").format(facet=filter_text.facet_name(facet)))
        button.clicked.connect(partial(self._open_popup, facet))
        self.buttons[facet] = button
        return button

    def _create_popup(self, facet: Facet) -> ChoicePopup:
        popup = ChoicePopup(filter_text.facet_name(facet), partial(filter_text.choice_name, facet), self)
        popup.toggled.connect(
            lambda value, checked: self.apply(self._filter.with_value(facet, value, checked))
        )
        return popup

    def _open_popup(self, facet: Facet) -> None:
        self.facets_requested.emit()
        self._fill_popup(facet)
        self._popup_of(facet).open_under(self.buttons[facet])

    def _popup_of(self, facet: Facet) -> Popup:
        return self.dates if facet is Facet.DATES else self.popups[facet]

    def _update_choices(self) -> None:
        """Update the open popup; the others are updated when they open."""
        self._stale.update((Facet.DATES, *self.popups))
        for facet in list(self._stale):
            if self._popup_of(facet).isVisible():
                self._fill_popup(facet)

    def _fill_popup(self, facet: Facet) -> None:
        if facet not in self._stale:
            return
        self._stale.discard(facet)
        if facet is Facet.DATES:
            self.dates.show_dates(self._facets, self._filter)
            return
        choices = list(self._facets.values.get(facet, ()))
        order = _FIXED_ORDER.get(facet)
        if order is not None:
            choices.sort(key=lambda choice: order.index(choice.value))
        self.popups[facet].show_choices(choices, self._filter.values(facet))

    def _update_visibility(self) -> None:
        is_active, parent = bool(self._filter.active_facets), self.parentWidget()
        for row, visible in ((self.controls, self.is_open), (self.summary, is_active)):
            if visible and not row.isVisible() and parent is not None:
                row.fit_to_width(parent.width() - 2 * _SIDE_MARGIN)
        self.summary.setVisible(is_active)
        self.setVisible(self._is_applicable and (self.is_open or is_active))
