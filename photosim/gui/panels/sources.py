"""Sidebar at the left: the views of the library, its folders and a button to add one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.panels.missing_prompt import MissingPrompt
from photosim.gui.panels.source_model import ICONS, RowContent, SourceModel, SourceRole
from photosim.gui.state.places import Place
from photosim.records import Source

_ROW_HEIGHT, _HEADING_HEIGHT = 32, 36  # heights in logical pixels
_ICON = 18
_PADDING = 8
_MAX_CACHED = 256  # elided titles
_CONTENT = int(SourceRole.CONTENT)
_SELECTED, _HOVERED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_MouseOver.value
_QUIET_ROLE, _SELECTED_ROLE, _HOVER_ROLE = (
    QPalette.ColorRole.PlaceholderText,
    QPalette.ColorRole.HighlightedText,
    QPalette.ColorRole.Midlight,
)
_LEFT, _RIGHT, _BOTTOM_LEFT = (
    (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft).value,
    (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight).value,
    (Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft).value,
)
"""Combined once: combining Qt flags is slow in Python."""

Index = QModelIndex | QPersistentModelIndex


class SourcesPanel(QWidget):
    """List of a SourceModel, with the prompt about missing photos under it."""

    place_selected = Signal(Place)
    """Show this place."""

    add_folder_requested = Signal()
    menu_requested = Signal(Source, QPoint)
    """Show the context menu of a folder at a global position."""

    def __init__(self, model: SourceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.model = model
        self.list = QListView(self)
        self.list.setModel(model)
        self.list.setItemDelegate(SourceDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setAccessibleName(tr("Sources"))
        self.list.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.list.viewport().setAttribute(Qt.WidgetAttribute.WA_StaticContents)  # rows are aligned to the top
        self.list.selectionModel().currentChanged.connect(self._emit_place)
        self.list.clicked.connect(self._emit_place)
        self.list.customContextMenuRequested.connect(self._request_menu)
        self.missing_prompt = MissingPrompt(self)
        self.add_button = QPushButton(tr("Add folder…"), self)
        self.add_button.setObjectName("quiet")
        self.add_button.setIconSize(QSize(_ICON, _ICON))
        self.add_button.clicked.connect(self.add_folder_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 10, 6, 8)
        layout.addWidget(self.list)
        layout.addWidget(self.missing_prompt)
        layout.addWidget(self.add_button)
        self._is_syncing = False
        model.modelReset.connect(self._restore_selection)
        self._place = Place()
        self.update_icons()

    def update_icons(self) -> None:
        self.add_button.setIcon(theme.icon("add-folder"))
        for role in (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.HighlightedText):
            for icon in ICONS:  # fills the icon cache, so that painting need not
                theme.icon_pixmap(icon, self.palette().color(role), _ICON, self.devicePixelRatioF())

    def show_place(self, place: Place) -> None:
        """Select the row of the place that the window shows, without emitting `place_selected`."""
        self._place = place
        row = self.model.row_of(place)
        self._is_syncing = True
        if row is None:
            self.list.selectionModel().clear()
        else:
            self.list.setCurrentIndex(self.model.index(row))
        self._is_syncing = False

    def _restore_selection(self) -> None:
        self.show_place(self._place)

    def _emit_place(self, index: QModelIndex) -> None:
        place = index.data(SourceRole.PLACE)
        if place is not None and not self._is_syncing:
            self.place_selected.emit(place)

    def _request_menu(self, point: QPoint) -> None:
        source = self.list.indexAt(point).data(SourceRole.SOURCE)
        if source is not None:
            self.menu_requested.emit(source, self.list.viewport().mapToGlobal(point))


class SourceDelegate(QStyledItemDelegate):
    """Paints a row: icon, title, and the count at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._measured_font = QFont()
        self._elided: dict[tuple[str, str, int], tuple[str, int]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(0, _HEADING_HEIGHT if index.data(_CONTENT).is_heading else _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        content: RowContent = index.data(_CONTENT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if content.is_heading:
            self._paint_heading(painter, option, content.title)
        else:
            self._paint_row(painter, option, content)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, title: str) -> None:
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(option.palette.color(_QUIET_ROLE))
        painter.drawText(option.rect.adjusted(_PADDING + 2, 0, -_PADDING, -5), _BOTTOM_LEFT, title)

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, content: RowContent) -> None:
        palette, state, rect = option.palette, option.state.value, option.rect
        selected = bool(state & _SELECTED)
        if selected or state & _HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(QPalette.ColorRole.Highlight if selected else _HOVER_ROLE))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        quiet = palette.color(_SELECTED_ROLE if selected else _QUIET_ROLE)
        ratio = painter.device().devicePixelRatioF()
        pixmap = theme.icon_pixmap(content.icon, quiet, _ICON, ratio)
        painter.drawPixmap(rect.left() + _PADDING, rect.center().y() - _ICON // 2 + 1, pixmap)
        area = rect.adjusted(_PADDING + _ICON + 8, 0, -_PADDING, 0)
        painter.setFont(option.font)
        painter.setPen(quiet)
        painter.drawText(area, _RIGHT, content.note)
        title, title_width = self._elide(content, area.width(), option.font)
        area.setRight(area.left() + title_width)
        if content.online and not selected:
            painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(area, _LEFT, title)

    def _elide(self, content: RowContent, width: int, font: QFont) -> tuple[str, int]:
        """Return the title elided to the width, and the width it may take. Cached: measuring text is slow."""
        if font != self._measured_font:
            self._elided.clear()
            self._measured_font = QFont(font)
        key = content.title, content.note, width
        if key not in self._elided:
            if len(self._elided) > _MAX_CACHED:
                self._elided.clear()
            metrics = QFontMetrics(font)
            title_width = width - metrics.horizontalAdvance(content.note) - 11
            title = metrics.elidedText(content.title, Qt.TextElideMode.ElideMiddle, title_width + 1)
            self._elided[key] = title, title_width
        return self._elided[key]
