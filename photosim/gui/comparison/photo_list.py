"""The list of compared photos: each beside the one that it is compared with, with why it is better or worse."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from photosim.duplicates.comparison import ComparedPhoto
from photosim.gui.base.images import TileStyle
from photosim.gui.base.translation import tr
from photosim.gui.comparison.model import ComparedRow, ComparisonModel, ComparisonRole, RowContent, tile_ids
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.tiles.tile_queue import Key
from photosim.gui.widgets.thumbnail_list import ThumbnailRows

Index = QModelIndex | QPersistentModelIndex

# Logical pixels
TILE_WIDTH, TILE_GAP, MARGIN = 124, 4, 10
_TILE_HEIGHT = 93
_ROW_HEIGHT = _TILE_HEIGHT + 2 * MARGIN
_TEXT_GAP = 14

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class ComparisonDelegate(QStyledItemDelegate):
    """Paints the tiles of a photo and of its match side by side, and what is known of both."""

    def __init__(self, tiles: ThumbnailLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._tiles = tiles
        self.style = TileStyle(TILE_WIDTH, _TILE_HEIGHT, 4)
        """Of the tiles, in device pixels."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(2 * TILE_WIDTH, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        content: RowContent = index.data(ComparisonRole.CONTENT)
        palette, rect = option.palette, option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Midlight))
        x = rect.x() + MARGIN
        for tile_id in (content.photo_id, content.match_id):
            if content.photo_id is not None:
                self._paint_tile(
                    painter, palette, QRect(x, rect.y() + MARGIN, TILE_WIDTH, _TILE_HEIGHT), tile_id
                )
                x += TILE_WIDTH + TILE_GAP
        left = x + _TEXT_GAP - TILE_GAP
        self._paint_text(
            painter, option, QRect(left, rect.y(), rect.right() - left - MARGIN, rect.height()), content
        )
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(
                palette.color(QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -2, -2))

    def _paint_tile(self, painter: QPainter, palette: QPalette, rect: QRect, tile_id: int | None) -> None:
        pixmap = None if tile_id is None else self._tiles.pixmap(tile_id, self.style)
        if pixmap is not None:
            painter.drawPixmap(rect, pixmap)
        elif tile_id is not None:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Mid))

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, content: RowContent
    ) -> None:
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        palette, metrics = option.palette, option.fontMetrics
        strong = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        faint = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.PlaceholderText
        lines = [
            (text, role)
            for text, role in (
                (content.title, strong),
                (content.facts, faint),
                (content.match, faint),
                (content.why, strong),
            )
            if text
        ]
        height = metrics.height() + 3
        y = rect.y() + (rect.height() - height * len(lines)) // 2
        painter.setFont(option.font)
        for text, role in lines:
            painter.setPen(palette.color(role))
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(QRect(rect.x(), y, rect.width(), height), _LEFT, elided)
            y += height


class ComparisonList(ThumbnailRows):
    """The photos in one state; several can be selected."""

    opened = Signal(object)
    """Enter or a double click on a ComparedPhoto."""

    menu_requested = Signal(QPoint)
    """At a point of the screen, for the selected rows."""

    def __init__(self, tiles: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(tiles, _ROW_HEIGHT, parent)
        self.delegate = ComparisonDelegate(tiles, self)
        self.comparison_model = ComparisonModel(self)
        self.setModel(self.comparison_model)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName(tr("Compared photos"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_requested.emit(self.viewport().mapToGlobal(point))
        )
        self.doubleClicked.connect(self._open)

    @property
    def selected_count(self) -> int:
        """The number of selected rows, without listing them."""
        ranges = self.selectionModel().selection()
        return sum(ranges.at(number).height() for number in range(ranges.count()))

    @property
    def selected_rows(self) -> list[ComparedRow]:
        """The selected rows, in their order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.comparison_model.rows[row] for row in rows]

    def show_rows(self, rows: list[ComparedRow], other: str = "") -> None:
        """Replace the list, of a comparison with `other`; the first row becomes the current one."""
        self.comparison_model.show(rows, other)
        if rows:
            self.selectionModel().setCurrentIndex(
                self.comparison_model.index(0), self.selectionModel().SelectionFlag.NoUpdate
            )
        self.scrollToTop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        row = index.data(ComparisonRole.ROW)
        if isinstance(row, ComparedPhoto):
            self.opened.emit(row)

    def scale_tiles(self, ratio: float) -> None:
        self.delegate.style = TileStyle(
            round(TILE_WIDTH * ratio), round(_TILE_HEIGHT * ratio), round(4 * ratio)
        )

    def row_tiles(self, row: int) -> list[Key]:
        return [(tile_id, self.delegate.style) for tile_id in tile_ids(self.comparison_model.rows[row])]
