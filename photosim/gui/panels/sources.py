"""Sidebar at the left: the views of the library, the tree of its folders and a button to add one."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.panels.missing_prompt import MissingPrompt
from photosim.gui.panels.source_model import ICONS, SourceModel, SourceRole
from photosim.gui.panels.source_rows import RowContent
from photosim.gui.state.places import Place
from photosim.records import Source

_ROW_HEIGHT = 32  # logical pixels, as all below
_ICON, _ARROW = 18, 12
_PADDING = 8
_GUTTER = 12  # for the arrow of a folder
_INDENT, _MAX_INDENT = 12, 60  # deeper folders are told by their tool tips
_MAX_CACHED = 512  # elided titles
_CONTENT = int(SourceRole.CONTENT)
_SELECTED, _HOVERED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_MouseOver.value
_OPEN = QStyle.StateFlag.State_Open.value
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


class SourceTree(QTreeView):
    """The rows of a SourceModel; a click on the arrow of a folder only shows or hides its subfolders."""

    def __init__(self, model: SourceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(SourceDelegate(self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)  # the delegate paints indentation and arrows
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(tr("Sources"))
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._toggle_at(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._toggle_at(event):
            super().mouseDoubleClickEvent(event)

    def _toggle_at(self, event: QMouseEvent) -> bool:
        """Expand or collapse the folder whose arrow is under the pointer; returns whether there is one."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            return False
        content: RowContent = index.data(_CONTENT)
        if not content.has_children or not arrow_rect(self.visualRect(index), content.depth).contains(point):
            return False
        self.setExpanded(index, not self.isExpanded(index))
        return True


class SourcesPanel(QWidget):
    """Tree of a SourceModel, with the prompt about missing photos under it."""

    place_selected = Signal(Place)
    """Show this place."""

    add_folder_requested = Signal()
    menu_requested = Signal(Source, QPoint)
    """Show the context menu of an added folder at a global position."""

    folder_menu_requested = Signal(object, QPoint)
    """Show the context menu of the subfolder with this path (str) at a global position."""

    def __init__(self, model: SourceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.model = model
        self.tree = SourceTree(model, self)
        self.tree.selectionModel().currentChanged.connect(self._emit_place)
        self.tree.clicked.connect(self._emit_place)
        self.tree.customContextMenuRequested.connect(self._request_menu)
        self.tree.expanded.connect(lambda index: self._expanded.add(index.data(SourceRole.PLACE).folder))
        self.tree.collapsed.connect(self._forget_expanded)
        self._expanded: set[str] = set()
        self.missing_prompt = MissingPrompt(self)
        self.add_button = QPushButton(tr("Add folder…"), self)
        self.add_button.setObjectName("quiet")
        self.add_button.setIconSize(QSize(_ICON, _ICON))
        self.add_button.clicked.connect(self.add_folder_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 10, 6, 8)
        layout.addWidget(self.tree)
        layout.addWidget(self.missing_prompt)
        layout.addWidget(self.add_button)
        self._is_syncing = False
        model.tree_changed.connect(self._restore)
        model.rows_fetched.connect(self._expand_rows)
        self._place = Place()
        self.update_icons()

    @property
    def expanded(self) -> frozenset[str]:
        """The paths of the folders whose subfolders are shown, or would be if the folders above them were expanded."""
        return frozenset(self._expanded)

    def expand(self, folders: Collection[str]) -> None:
        """Show the subfolders of these folders, now or as soon as they are in the model."""
        self._expanded.update(folders)
        self._restore()

    def update_icons(self) -> None:
        self.add_button.setIcon(theme.icon("add-folder"))
        for role in (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.HighlightedText):
            for icon in ICONS:  # fills the icon cache, so that painting need not
                theme.icon_pixmap(icon, self.palette().color(role), _ICON, self.devicePixelRatioF())

    def show_place(self, place: Place) -> None:
        """Select the row of the place that the window shows, without emitting `place_selected`."""
        self._place = place
        index = self.model.index_of(place)
        self._is_syncing = True
        if index is None:
            self.tree.selectionModel().clear()
        elif index != self.tree.currentIndex():
            self.tree.setCurrentIndex(index)
        self._is_syncing = False

    def _restore(self) -> None:
        """Expand what was expanded, and select the row of the place, which may be new."""
        self._expand_rows(QModelIndex(), 0, self.model.rowCount() - 1)
        self.show_place(self._place)

    def _expand_rows(self, parent: QModelIndex, first: int, last: int) -> None:
        if not self._expanded:
            return
        for row in range(first, last + 1):
            index = self.model.index(row, 0, parent)
            place = index.data(SourceRole.PLACE)
            if place is not None and place.folder in self._expanded:
                self.tree.expand(index)

    def _forget_expanded(self, index: QModelIndex) -> None:
        self._expanded.discard(index.data(SourceRole.PLACE).folder)

    def _emit_place(self, index: QModelIndex) -> None:
        place = index.data(SourceRole.PLACE)
        if place is not None and not self._is_syncing:
            self.place_selected.emit(place)

    def _request_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        source, place = index.data(SourceRole.SOURCE), index.data(SourceRole.PLACE)
        position = self.tree.viewport().mapToGlobal(point)
        if source is not None:
            self.menu_requested.emit(source, position)
        elif place is not None and place.folder is not None:
            self.folder_menu_requested.emit(place.folder, position)


def arrow_rect(row: QRect, depth: int) -> QRect:
    """Return where the arrow of a folder's row is, with the room around it that can be clicked."""
    return QRect(row.left() + min(_INDENT * depth, _MAX_INDENT), row.top(), _GUTTER + 4, row.height())


class SourceDelegate(QStyledItemDelegate):
    """Paints a row: icon, title, and the count at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._measured_font = QFont()
        self._elided: dict[tuple[str, str, int], tuple[str, int]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(0, _ROW_HEIGHT)

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
        painter.drawText(option.rect.adjusted(_GUTTER + 4, 0, -_PADDING, -5), _BOTTOM_LEFT, title)

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, content: RowContent) -> None:
        palette, state, rect = option.palette, option.state.value, option.rect
        selected = bool(state & _SELECTED)
        if selected or state & _HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(QPalette.ColorRole.Highlight if selected else _HOVER_ROLE))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        quiet = palette.color(_SELECTED_ROLE if selected else _QUIET_ROLE)
        ratio = painter.device().devicePixelRatioF()
        left = rect.left() + min(_INDENT * content.depth, _MAX_INDENT)
        if content.has_children:
            arrow = "down" if state & _OPEN else "forward"
            pixmap = theme.icon_pixmap(arrow, quiet, _ARROW, ratio)
            painter.drawPixmap(left + 2, rect.center().y() - _ARROW // 2 + 1, pixmap)
        left += _GUTTER + 4
        pixmap = theme.icon_pixmap(content.icon, quiet, _ICON, ratio)
        painter.drawPixmap(left, rect.center().y() - _ICON // 2 + 1, pixmap)
        area = QRect(left + _ICON + 8, rect.top(), rect.right() - _PADDING - left - _ICON - 7, rect.height())
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
            title = metrics.elidedText(content.title, Qt.TextElideMode.ElideRight, title_width + 1)
            self._elided[key] = title, title_width
        return self._elided[key]
