"""The list of groups: a view whose delegate paints rows of thumbnails and texts."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyleOptionViewItem,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.images import TileStyle
from photosim.gui.base.translation import tr
from photosim.gui.duplicates.group_model import MAX_THUMBNAILS, GroupModel, GroupRole, RowContent
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.tiles.tile_queue import Key
from photosim.gui.widgets.thumbnail_list import RowDelegate, ThumbnailRows

Index = QModelIndex | QPersistentModelIndex

# Logical pixels
_EDGE, _GAP, _MARGIN = 44, 3, 10
_ROW_HEIGHT = 64
_CHECK = 16
_WIDE = 270
"""Width of a row from which it has room for all thumbnails."""

_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class GroupDelegate(RowDelegate):
    """Paints up to three thumbnails, the kind, the number of photos, and what was decided or would be freed."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(MAX_THUMBNAILS * _EDGE, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        content: RowContent = index.data(GroupRole.CONTENT)
        rect = option.rect
        self.paint_background(painter, option)
        columns = MAX_THUMBNAILS if rect.width() >= _WIDE else MAX_THUMBNAILS - 1
        x, y = rect.x() + _MARGIN, rect.y() + (rect.height() - _EDGE) // 2
        painter.setOpacity(0.55 if content.is_reviewed else 1.0)
        for photo_id in content.photo_ids[:columns]:
            self.paint_tile(painter, option, QRect(x, y, _EDGE, _EDGE), photo_id)
            x += _EDGE + _GAP
        painter.setOpacity(1.0)
        left = rect.x() + _MARGIN + columns * (_EDGE + _GAP) + 6
        self._paint_text(
            painter, option, QRect(left, rect.y(), rect.right() - left - 6, rect.height()), content
        )

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, content: RowContent
    ) -> None:
        strong, faint = self.text_color(option), self.text_color(option, is_faint=True)
        title = (content.title, faint if content.is_reviewed else strong)
        note_width = (
            _CHECK if content.is_reviewed else option.fontMetrics.horizontalAdvance(content.certainty)
        )
        first = self.paint_lines(
            painter,
            option,
            rect,
            [title, *((line, faint) for line in content.lines)],
            leading=1,
            note_width=note_width + _GAP,
        )
        if content.is_reviewed:
            icon = theme.icon_pixmap("check", strong, _CHECK, painter.device().devicePixelRatio())
            painter.drawPixmap(
                QPoint(first.right() - _CHECK, first.y() + (first.height() - _CHECK) // 2), icon
            )
        elif content.certainty:
            painter.setPen(faint)
            painter.drawText(first, _RIGHT, content.certainty)


class GroupList(ThumbnailRows):
    """The groups; keys that the page handles are left to it."""

    current_changed = Signal(int)
    """The row of the group to show, -1 for none."""

    def __init__(self, model: GroupModel, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(thumbnails, _ROW_HEIGHT, parent)
        self._groups = model
        self.delegate = GroupDelegate(thumbnails, TileStyle.square(_EDGE, 4), self)
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName(tr("Groups of duplicates"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)

    def select_row(self, row: int) -> None:
        """Make a row the current one and scroll to it; -1 for none."""
        index = self._groups.index(row) if row >= 0 else QModelIndex()
        if index.row() == self.currentIndex().row() and index.isValid():
            self.current_changed.emit(row)
        else:
            self.setCurrentIndex(index)
        if index.isValid():
            self.scrollTo(index)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.current_changed.emit(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        navigation = (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if event.key() in navigation:
            super().keyPressEvent(event)
        else:
            event.ignore()  # the page has the other keys: letters would search here

    def scale_tiles(self, ratio: float) -> None:
        self.delegate.style = TileStyle.square(round(_EDGE * ratio), round(4 * ratio))

    def row_tiles(self, row: int) -> list[Key]:
        members = self._groups.groups[row].photos[:MAX_THUMBNAILS]
        return [(member.photo.photo_id, self.delegate.style) for member in members]
