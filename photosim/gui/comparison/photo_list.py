"""The list of compared photos: each beside the one that it is compared with, with why it is better or worse."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from photosim.duplicates.comparison import ComparedPhoto
from photosim.gui.base.images import TileStyle
from photosim.gui.base.translation import tr
from photosim.gui.comparison.model import ComparedRow, ComparisonModel, ComparisonRole, RowContent, tile_ids
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.tiles.tile_queue import Key
from photosim.gui.widgets.thumbnail_list import RowDelegate, ThumbnailRows

Index = QModelIndex | QPersistentModelIndex

# Logical pixels
TILE_WIDTH, TILE_GAP, MARGIN = 124, 4, 10
_TILE_HEIGHT = 93
_ROW_HEIGHT = _TILE_HEIGHT + 2 * MARGIN
_TEXT_GAP = 14


class ComparisonDelegate(RowDelegate):
    """Paints the tiles of a photo and of its match side by side, and what is known of both."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(2 * TILE_WIDTH, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        content: RowContent = index.data(ComparisonRole.CONTENT)
        rect = option.rect
        self.paint_background(painter, option)
        x = rect.x() + MARGIN
        if content.photo_id is not None:
            for tile_id in (content.photo_id, content.match_id):
                if tile_id is not None:
                    tile = QRect(x, rect.y() + MARGIN, TILE_WIDTH, _TILE_HEIGHT)
                    self.paint_tile(painter, option, tile, tile_id)
                x += TILE_WIDTH + TILE_GAP
        left = x + _TEXT_GAP - TILE_GAP
        strong, faint = self.text_color(option), self.text_color(option, is_faint=True)
        texts = (
            (content.title, strong),
            (content.facts, faint),
            (content.match, faint),
            (content.why, strong),
        )
        self.paint_lines(
            painter,
            option,
            QRect(left, rect.y(), rect.right() - left - MARGIN, rect.height()),
            [(text, color) for text, color in texts if text],
            leading=3,
        )
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(strong)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -2, -2))


class ComparisonList(ThumbnailRows):
    """The photos in one state; several can be selected."""

    opened = Signal(object)
    """Enter or a double click on a ComparedPhoto."""

    menu_requested = Signal(QPoint)
    """At a point of the screen, for the selected rows."""

    def __init__(self, tiles: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(tiles, _ROW_HEIGHT, parent)
        self.delegate = ComparisonDelegate(tiles, TileStyle(TILE_WIDTH, _TILE_HEIGHT, 4), self)
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
