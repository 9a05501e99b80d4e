"""Toolbar: navigation, title of the current place, search, sort order and thumbnail size."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.panels.sort_menu import SortMenu
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import DEFAULT_TILE_EDGE, MAX_TILE_EDGE, MIN_TILE_EDGE, SortOrder
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.gui.widgets.field_buttons import update_overflow_button

_ICON = 20
_TITLE_WIDTH = 96  # logical pixels; in a narrow window the last actions move into the overflow menu instead
_SIZE_WIDTH, _MIN_SIZE_WIDTH = 110, 56  # logical pixels of the size slider


class TopBar(QToolBar):
    """Toolbar of the window."""

    order_changed = Signal(object)
    direction_changed = Signal(bool)
    group_by_changed = Signal(object)
    tile_size_changed = Signal(int)
    breadcrumb_clicked = Signal()

    def __init__(
        self,
        back: QAction,
        forward: QAction,
        search: QWidget,
        filter_bar: QAction,
        square: QAction,
        panel: QAction,
    ) -> None:
        super().__init__()
        self.setObjectName("top")
        self.setMovable(False)
        self.setWindowTitle(tr("Toolbar"))
        self.setIconSize(QSize(_ICON, _ICON))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.breadcrumb = QToolButton(self)
        self.breadcrumb.setObjectName("breadcrumb")
        self.breadcrumb.setToolTip(tr("Back to the clusters"))
        self.breadcrumb.clicked.connect(self.breadcrumb_clicked)
        self.title = ElidedLabel(self)
        theme.set_font(self.title, 1.2, bold=True)
        self.count = QLabel(self)
        self.count.setMinimumWidth(1)
        self._count_text, self._selected_count = "", 0
        self.count.setObjectName("small-text")
        theme.set_font(self.count, 0.88)
        self.sort_button = QToolButton(self)
        self.size_slider = QSlider(Qt.Orientation.Horizontal, self)
        self._smaller, self._larger = QLabel(self), QLabel(self)
        self.addAction(back)
        self.addAction(forward)
        self._breadcrumb_action = self.addWidget(self.breadcrumb)
        self.addWidget(self._title_block())
        self.addWidget(search)
        self.addAction(filter_bar)
        self.addSeparator()
        self.addWidget(self.sort_button)
        self.addWidget(self._size_block())
        self.addAction(square)
        self.addSeparator()
        self.addAction(panel)
        self.sort_menu = self._build_sort_menu()
        self.order_actions, self.group_by_actions = (
            self.sort_menu.order_actions,
            self.sort_menu.group_by_actions,
        )
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the photos
        self.update_icons()

    def show_place(self, title: str, breadcrumb: str = "") -> None:
        """Show the title of the place, and the title of the list that it belongs to."""
        self.title.set_text(title)
        self.breadcrumb.setText(f"{breadcrumb}  ›")
        self._breadcrumb_action.setVisible(bool(breadcrumb))

    def show_count(self, text: str) -> None:
        """Show how many items the view has."""
        self._count_text = text
        self._update_count()

    def show_selected(self, count: int) -> None:
        """Show how many items are selected, if more than one."""
        self._selected_count = count
        self._update_count()

    def show_order(self, order: SortOrder, *, descending: bool | None = None) -> None:
        """Check the sort order in use and its direction, by default the usual one."""
        self.sort_menu.show_order(order, descending=descending, enabled=self.sort_button.isEnabled())
        name = self.order_actions[order].text().replace("&", "")
        self.sort_button.setText(name)
        direction = self.sort_menu.direction_name.replace("&", "")
        self.sort_button.setToolTip(
            tr("Sort by: {order} · {direction}").format(order=name, direction=direction)
        )

    def show_group_by(self, group_by: GroupBy) -> None:
        """Check the grouping in use."""
        self.group_by_actions[group_by].setChecked(True)

    def show_tile_size(self, size: int) -> None:
        """Move the size slider."""
        self.size_slider.blockSignals(True)
        self.size_slider.setValue(size)
        self.size_slider.blockSignals(False)

    def set_available(self, *, sorting: bool, size: bool) -> None:
        """Enable the controls that apply to the current view."""
        self.sort_button.setEnabled(sorting)
        for widget in (self._smaller, self.size_slider, self._larger):
            widget.setEnabled(size)

    def update_icons(self) -> None:
        self.sort_button.setIcon(theme.icon("sort"))
        update_overflow_button(self)
        # Not the palette of the bar: it follows the application's only later.
        color = QGuiApplication.palette().color(QPalette.ColorRole.WindowText)
        ratio = self.devicePixelRatioF()
        self._smaller.setPixmap(theme.icon_pixmap("small-tiles", color, 16, ratio))
        self._larger.setPixmap(theme.icon_pixmap("large-tiles", color, 16, ratio))

    def _update_count(self) -> None:
        text = self._count_text
        if text and self._selected_count > 1:
            text += "  ·  " + tr("%Ln selected", "", self._selected_count)
        self.count.setText(text)
        self.count.setToolTip(text)  # in a narrow window its end is cut
        self.count.setVisible(bool(text))

    def _title_block(self) -> QWidget:
        block = QWidget(self)
        block.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        block.setMinimumWidth(_TITLE_WIDTH)
        column = QVBoxLayout(block)
        column.setContentsMargins(8, 0, 8, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.count)
        return block

    def _size_block(self) -> QWidget:
        self.size_slider.setObjectName("size")
        self.size_slider.setRange(MIN_TILE_EDGE, MAX_TILE_EDGE)
        self.size_slider.setSingleStep(8)
        self.size_slider.setPageStep(32)
        self.size_slider.setValue(DEFAULT_TILE_EDGE)
        self.size_slider.setMinimumWidth(_MIN_SIZE_WIDTH)
        self.size_slider.setMaximumWidth(_SIZE_WIDTH)
        self.size_slider.setAccessibleName(tr("Thumbnail size"))
        self.size_slider.setToolTip(tr("Thumbnail size (Ctrl+wheel)"))
        self.size_slider.valueChanged.connect(self.tile_size_changed)
        block = QWidget(self)
        block.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(block)
        layout.setContentsMargins(10, 0, 10, 0)
        layout.setSpacing(7)
        for widget in (self._smaller, self.size_slider, self._larger):
            layout.addWidget(widget)
        return block

    def _build_sort_menu(self) -> SortMenu:
        menu = SortMenu(self.sort_button)
        menu.order_changed.connect(self.order_changed)
        menu.direction_changed.connect(self.direction_changed)
        menu.group_by_changed.connect(self.group_by_changed)
        self.sort_button.setMenu(menu)
        self.sort_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sort_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.sort_button.setAccessibleName(tr("Sort by"))
        return menu
