"""The bar under the top bar that narrows every view: words, a button for each facet, and chips of what is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.filters.choice_popup import ChoicePopup, Popup, name_buttons
from photosim.gui.filters.date_popup import DatePopup
from photosim.gui.filters.summary import FilterSummary
from photosim.gui.state import filter_text
from photosim.gui.widgets.flow_layout import FlowWidget
from photosim.search.facets import Facets
from photosim.search.photo_filter import Facet, PhotoFilter, Shape, Size

_TYPING_MS = 180
"""The views follow when no key was pressed for this long."""

_GAP, _LINE = 6, 28
_BESIDE = 12  # logical pixels at each side
_ICON = 14
_TEXT_WIDTH = 230  # logical pixels
_LISTED = tuple(facet for facet in Facet if facet not in (Facet.TEXT, Facet.DATES))
_FIXED_ORDER: Mapping[Facet, tuple[str, ...]] = {Facet.SHAPES: tuple(Shape), Facet.SIZES: tuple(Size)}


class FilterBar(QFrame):
    """Shows one PhotoFilter and tells of the one that the person wants instead."""

    changed = Signal(object)
    """The person wants this PhotoFilter."""

    left = Signal()
    """The person is done with the bar: the keyboard goes back to the photos."""

    unreadable_wanted = Signal()
    """The person wants to see the files that could not be read."""

    opened = Signal()
    """Choices are about to be looked at: their counts are wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filter-bar")
        self.setAccessibleName(tr("Filter"))
        self._wanted, self._facets = PhotoFilter(), Facets()
        self.text = QLineEdit(self)
        self.dates = DatePopup(self)
        self.popups: dict[Facet, ChoicePopup] = {facet: self._popup(facet) for facet in _LISTED}
        self.buttons: dict[Facet, QToolButton] = {}
        self.controls, self.summary = FlowWidget(self, _GAP), FilterSummary(self, _GAP)
        self._stale: set[Facet] = set()
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._take_text)
        self._build()
        self.dates.chosen.connect(self._want)
        self.summary.taken_off.connect(self._take_off)
        self.summary.cleared.connect(self.clear)
        self.summary.emptied.connect(self.text.setFocus)
        self.popups[Facet.FLAGS].link.clicked.connect(self.unreadable_wanted)
        self.update_icons()
        self.show_filter(PhotoFilter())

    @property
    def chips(self) -> Sequence[QToolButton]:
        """What is chosen, piece by piece."""
        return self.summary.chips

    @property
    def wanted(self) -> PhotoFilter:
        """The filter that is shown."""
        return self._wanted

    def show_filter(self, wanted: PhotoFilter) -> None:
        """Show another filter."""
        self._wanted = wanted
        if not self._typing.isActive() and self.text.text() != wanted.text:
            self.text.blockSignals(True)
            self.text.setText(wanted.text)
            self.text.blockSignals(False)
        active = wanted.active
        for facet, button in self.buttons.items():
            if button.property("chosen") != (facet in active):
                button.setProperty("chosen", facet in active)
                button.style().unpolish(button)
                button.style().polish(button)
        self.summary.show_pieces(list(filter_text.filter_chips(wanted)))
        self._show_choices()
        self._show_parts()

    def show_facets(self, facets: Facets) -> None:
        """Show what can be chosen now, with counts."""
        self._facets = facets
        self._show_choices()

    def show_unreadable(self, count: int) -> None:
        """Offer the files that could not be read, which are a place of their own."""
        text = (
            tr("Unreadable files ({count})…").format(count=formatting.format_number(count)) if count else ""
        )
        self.popups[Facet.FLAGS].show_link(text)

    def show_count(self, text: str) -> None:
        """Say how much fits."""
        self.summary.count.setText(text)

    def set_open(self, is_open: bool) -> None:
        """Show the controls, or only what is chosen."""
        self.controls.setVisible(is_open)
        self._show_parts()

    @property
    def is_open(self) -> bool:
        """Whether the controls are shown."""
        return not self.controls.isHidden()

    def focus_text(self) -> None:
        """Let the person type."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def clear(self) -> None:
        """Take everything off the filter."""
        self._typing.stop()
        self._want(PhotoFilter())

    def update_icons(self) -> None:
        """Take the icons of the present palette."""
        for button in self.buttons.values():
            button.setIcon(theme.icon("down"))
        self.summary.update_icons()
        for action in self.text.actions()[:1]:
            action.setIcon(theme.icon("search-image"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the filter, and leaves the bar when there is nothing to clear; Down goes to the photos."""
        if event.key() == Qt.Key.Key_Escape:
            if self._wanted.active or self.text.text():
                self.text.clear()
                self.clear()
            else:
                self.left.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.text.hasFocus():
            self._take_text()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    # --- building ----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.text.setPlaceholderText(tr("Name or folder"))
        self.text.setAccessibleName(tr("Words in names and folders"))
        self.text.setClearButtonEnabled(True)
        name_buttons(self.text, tr("Clear the words"))
        self.text.addAction(theme.icon("search-image"), QLineEdit.ActionPosition.LeadingPosition)
        name_buttons(self.text, tr("Find"))
        self.text.setMinimumWidth(_TEXT_WIDTH)
        self.text.textChanged.connect(lambda _: self._typing.start())
        self.controls.add_widget(self.text)
        for facet in Facet:
            if facet is not Facet.TEXT:
                self.controls.add_widget(self._button(facet))
        column = QVBoxLayout(self)
        column.setContentsMargins(_BESIDE, 7, _BESIDE, 7)
        column.setSpacing(7)
        column.addWidget(self.controls)
        column.addWidget(self.summary)
        for lines in (self.controls, self.summary):
            lines.setFixedHeight(_LINE)  # until their width is known
        self.controls.hide()

    def _button(self, facet: Facet) -> QToolButton:
        button = QToolButton(self.controls)
        button.setObjectName("facet")
        button.setText(filter_text.facet_name(facet))
        button.setIconSize(QSize(_ICON, _ICON))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the word
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(tr("Filter by: {facet}").format(facet=filter_text.facet_name(facet)))
        button.clicked.connect(partial(self._open, facet))
        self.buttons[facet] = button
        return button

    def _popup(self, facet: Facet) -> ChoicePopup:
        popup = ChoicePopup(filter_text.facet_name(facet), partial(filter_text.choice_name, facet), self)
        popup.toggled.connect(lambda value, wanted: self._want(self._wanted.choosing(facet, value, wanted)))
        return popup

    # --- helpers -----------------------------------------------------------------------------------------

    def _open(self, facet: Facet) -> None:
        self.opened.emit()
        self._fill(facet)
        self._popup_of(facet).open_under(self.buttons[facet])

    def _take_text(self) -> None:
        self._typing.stop()
        if self.text.text() != self._wanted.text:
            self._want(replace(self._wanted, text=self.text.text()))

    def _want(self, wanted: PhotoFilter) -> None:
        self.show_filter(wanted)
        self.changed.emit(wanted)

    def _popup_of(self, facet: Facet) -> Popup:
        return self.dates if facet is Facet.DATES else self.popups[facet]

    def _show_choices(self) -> None:
        """Fill the popup that is open; the others when they open."""
        self._stale.update((Facet.DATES, *self.popups))
        for facet in list(self._stale):
            if self._popup_of(facet).isVisible():
                self._fill(facet)

    def _fill(self, facet: Facet) -> None:
        if facet not in self._stale:
            return
        self._stale.discard(facet)
        if facet is Facet.DATES:
            self.dates.show_dates(self._facets, self._wanted)
            return
        choices = list(self._facets.choices.get(facet, ()))
        order = _FIXED_ORDER.get(facet)
        if order is not None:
            choices.sort(key=lambda one: order.index(one.value))
        self.popups[facet].show_choices(choices, self._wanted.chosen(facet))

    def _take_off(self, left: PhotoFilter) -> None:
        self._typing.stop()
        self._want(left)

    def _show_parts(self) -> None:
        active, above = bool(self._wanted.active), self.parentWidget()
        for lines, shown in ((self.controls, self.is_open), (self.summary, active)):
            if shown and not lines.isVisible() and above is not None:
                lines.fit_to_width(above.width() - 2 * _BESIDE)
        self.summary.setVisible(active)
        self.setVisible(self.is_open or active)
