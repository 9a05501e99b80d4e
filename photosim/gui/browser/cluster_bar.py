"""The bar above the clusters: size, search, order, and links to the ungrouped photos and the hidden clusters."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.services.cluster_cache import ClusterLevel
from photosim.gui.state.cluster_listing import ClusterListing, ClusterOrder
from photosim.gui.state.places import Place, View
from photosim.gui.widgets.field_buttons import set_button_names
from photosim.gui.widgets.flow_layout import FlowLayout
from photosim.records import FINEST_LEVEL

# Logical pixels
_SLIDER_WIDTH, _MIN_SLIDER_WIDTH = 130, 56
_SEARCH_WIDTH, _MIN_SEARCH_WIDTH = 150, 90

_SEARCH_DELAY_MS = 120


class ClusterBar(QWidget):
    """Shows and changes which clusters are listed."""

    level_changed = Signal(int)
    """The user moved the slider."""

    listing_changed = Signal()
    """The user sorted or searched the clusters."""

    place_requested = Signal(Place)
    """The user clicked a link."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cluster-bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.slider = _LevelSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, FINEST_LEVEL)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName(tr("Group size"))
        self.slider.setToolTip(tr("Group size"))
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.search = _SearchField(self)
        self.search.setPlaceholderText(tr("Search clusters"))
        self.search.setAccessibleName(tr("Search clusters"))
        self.search.setClearButtonEnabled(True)
        set_button_names(self.search, tr("Clear search"))
        self._search_timer = QTimer(self, interval=_SEARCH_DELAY_MS, singleShot=True)
        self._search_timer.timeout.connect(self.listing_changed)
        self.search.textChanged.connect(lambda _: self._search_timer.start())
        self.order_actions: dict[ClusterOrder, QAction] = {}
        self.direction_actions: dict[bool, QAction] = {}
        self.sort_button = self._make_sort_button()
        self.ungrouped_link = self._make_link(tr("Ungrouped photos"), View.UNGROUPED)
        self.hidden_link = self._make_link(tr("Hidden clusters"), View.HIDDEN)
        self._lay_out()
        self.set_listing(ClusterListing())

    @property
    def listing(self) -> ClusterListing:
        """What the controls are set to."""
        order = next(order for order, action in self.order_actions.items() if action.isChecked())
        return ClusterListing(order, self.direction_actions[True].isChecked(), self.search.text())

    def set_listing(self, listing: ClusterListing) -> None:
        """Set the controls, without `listing_changed`."""
        self.order_actions[listing.order].setChecked(True)
        self.direction_actions[listing.reverse].setChecked(True)
        with QSignalBlocker(self.search):
            self.search.setText(listing.words)
        self._describe_order()

    def show_level(self, level: int) -> None:
        """Move the slider, without `level_changed`."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(level)
        self._describe_level()

    def update_links(self, level: ClusterLevel) -> None:
        """Show the numbers of ungrouped photos and hidden clusters."""
        ungrouped, hidden = len(level.ungrouped), len(level.hidden)
        self.ungrouped_link.setText(tr("%Ln ungrouped photo(s)", "", ungrouped))
        self.ungrouped_link.setVisible(ungrouped > 0)
        self.hidden_link.setText(tr("%Ln hidden cluster(s)", "", hidden))
        self.hidden_link.setVisible(hidden > 0)

    def _lay_out(self) -> None:
        flow_widget = QWidget(self)
        slider_row = QWidget(flow_widget)
        min_label, max_label = (
            QLabel(tr("Fewer, larger"), slider_row),
            QLabel(tr("More, smaller"), slider_row),
        )
        slider_layout = QHBoxLayout(slider_row)
        slider_layout.setContentsMargins(0, 0, 8, 0)
        slider_layout.setSpacing(8)
        for widget in (min_label, self.slider, max_label):
            slider_layout.addWidget(widget)
        for label in (min_label, max_label):
            label.setObjectName("small-text")
            theme.set_font(label, 0.88)
        search_row = QWidget(flow_widget)
        search_layout = QHBoxLayout(search_row)
        search_layout.setContentsMargins(0, 0, 8, 0)
        search_layout.setSpacing(8)
        search_layout.addWidget(self.search)
        search_layout.addWidget(self.sort_button)
        for row in (slider_row, search_row, self.ungrouped_link, self.hidden_link):
            row.setMinimumHeight(search_row.sizeHint().height())
        # The others wrap below the slider where there is no room for all.
        flow = FlowLayout(flow_widget, 4)
        for item in (slider_row, search_row, self.ungrouped_link, self.hidden_link):
            flow.addWidget(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 7, 14, 7)
        layout.addWidget(flow_widget)

    def _make_sort_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setAccessibleName(tr("Sort clusters by"))
        menu = QMenu(button)
        orders, directions = QActionGroup(menu), QActionGroup(menu)
        for order, text in (
            (ClusterOrder.SIZE, tr("Si&ze")),
            (ClusterOrder.DATE, tr("&Date taken")),
            (ClusterOrder.NAME, tr("&Name")),
        ):
            self.order_actions[order] = _add(menu, orders, text)
        menu.addSeparator()
        for reverse in (False, True):
            self.direction_actions[reverse] = _add(menu, directions, "")
        for group in (orders, directions):
            group.triggered.connect(self._on_sorted)
        button.setMenu(menu)
        return button

    def _make_link(self, text: str, view: View) -> QPushButton:
        link = QPushButton(text, self)
        link.setObjectName("link")
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.clicked.connect(lambda: self.place_requested.emit(Place(view)))
        return link

    def _on_sorted(self, action: QAction) -> None:
        if action in self.order_actions.values():
            self.direction_actions[False].setChecked(True)
        self._describe_order()
        self.listing_changed.emit()

    def _describe_order(self) -> None:
        order = self.listing.order
        texts = {
            ClusterOrder.SIZE: (tr("Size"), tr("&Largest first"), tr("Smallest first")),
            ClusterOrder.DATE: (tr("Date taken"), tr("N&ewest first"), tr("&Oldest first")),
            ClusterOrder.NAME: (tr("Name"), tr("A &to Z"), tr("Z t&o A")),
        }
        name, usual, reverse = texts[order]
        self.direction_actions[False].setText(usual)
        self.direction_actions[True].setText(reverse)
        direction = self.direction_actions[self.listing.reverse].text().replace("&", "")
        self.sort_button.setText(tr("Sort: {order}").format(order=name))
        self.sort_button.setToolTip(f"{name}, {direction}")
        self.sort_button.setAccessibleDescription(f"{name}, {direction}")

    def _on_slider_moved(self, level: int) -> None:
        self._describe_level()
        self.level_changed.emit(level)

    def _describe_level(self) -> None:
        names = (
            tr("Very large clusters"),
            tr("Large clusters"),
            tr("Medium clusters"),
            tr("Small clusters"),
            tr("Very small clusters"),
        )
        self.slider.setAccessibleDescription(names[self.slider.value()])


class _SearchField(QLineEdit):
    """A small search field that Escape clears."""

    def sizeHint(self) -> QSize:
        return QSize(_SEARCH_WIDTH, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_MIN_SEARCH_WIDTH, super().minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class _LevelSlider(QSlider):
    """A slider that is just wide enough to tell its steps apart, and narrower where there is no room."""

    def sizeHint(self) -> QSize:
        return QSize(_SLIDER_WIDTH, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_MIN_SLIDER_WIDTH, super().sizeHint().height())


def _add(menu: QMenu, group: QActionGroup, text: str) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    group.addAction(action)
    return action
