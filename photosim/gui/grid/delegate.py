"""The delegate that paints photo tiles from the roles of the model and the palette alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QLinearGradient,
    QPainter,
    QPalette,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from photosim.gui.base.boxes import Box, box_rect, paint_frame
from photosim.gui.base.images import crop_rect
from photosim.gui.grid.badges import (
    RADIUS,
    paint_badge,
    paint_missing_file,
    paint_no_thumbnail,
    paint_offline_badge,
    paint_ring,
    paint_stack_badge,
)
from photosim.gui.grid.hover import TileAction, bottom_width, paint_actions
from photosim.gui.grid.tile_model import RowProxy, TileContent, TileModel, content_of

# Logical pixels
FRAME = 4
"""Around a tile inside its cell, for the ring of a selected tile."""

_MIN_NAME_WIDTH = 110
"""Width of a tile from which it shows the name of the file under the pointer."""

_NAME_HEIGHT = 34

_SMOOTH = QPainter.RenderHint.SmoothPixmapTransform

Index = QModelIndex | QPersistentModelIndex | RowProxy
"""Anything whose `data(role)` returns the roles of a tile."""

SELECTED, FOCUSED, HOVERED = (
    flag.value
    for flag in (
        QStyle.StateFlag.State_Selected,
        QStyle.StateFlag.State_HasFocus,
        QStyle.StateFlag.State_MouseOver,
    )
)
"""Plain integers: testing Python's flags is slow, and a frame does so some hundred times."""


class PhotoDelegate(QStyledItemDelegate):
    """Paints a thumbnail, a ring when it is selected, and its name while the pointer is over it."""

    caption_height = 0
    """Height below the tile, in logical pixels."""

    smooth_scaling = True
    """Whether thumbnails larger than their tile are scaled smoothly, which takes half as long again."""

    has_actions = False
    """Whether the tile under the pointer shows buttons, see `hover`."""

    hovered_action: TileAction | None = None
    """The action whose button is under the pointer."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, tile = option.state.value, tile_rect(option.rect, self.caption_height)
        rect = self.paint_tile(painter, tile, index, option)
        if state & HOVERED:
            self._paint_name(painter, rect, option, index)
            if self.has_actions:
                is_selected = bool(state & SELECTED)
                paint_actions(painter, tile, option.palette, self.hovered_action, selected=is_selected)
        if state & (SELECTED | FOCUSED):
            paint_ring(painter, rect, option.palette, selected=bool(state & SELECTED))

    def paint_tiles(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        model: TileModel,
        cells: Sequence[tuple[int, QRect]],
    ) -> None:
        """Paint the cells of these rows, none of which is selected, hovered or focused."""
        ratio, palette, caption_height = (
            painter.device().devicePixelRatio(),
            option.palette,
            self.caption_height,
        )
        contents = model.tile_contents(row for row, _ in cells)
        for (_, cell), content in zip(cells, contents, strict=True):
            self._paint_content(painter, tile_rect(cell, caption_height), content, palette, ratio)

    def paint_tile(self, painter: QPainter, rect: QRect, index: Index, option: QStyleOptionViewItem) -> QRect:
        """Paint the thumbnail, or a placeholder while it is loading; return the rectangle that was covered."""
        ratio = painter.device().devicePixelRatio()
        return self._paint_content(painter, rect, content_of(index), option.palette, ratio)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return option.rect.size()

    def _paint_content(
        self, painter: QPainter, rect: QRect, content: TileContent, palette: QPalette, ratio: float
    ) -> QRect:
        pixmap = content.pixmap
        if pixmap is None:
            _paint_placeholder(painter, rect, palette)
            if content.no_thumbnail:
                paint_no_thumbnail(painter, rect, palette)
            return rect
        size = pixmap.size()
        if size == rect.size() * ratio:
            painter.drawPixmap(rect, pixmap)
        else:  # one of another size stands in until the right one is loaded
            middle = crop_rect(size, rect.size())
            is_smooth = self.smooth_scaling or middle.width() < rect.width() * ratio
            painter.setRenderHint(_SMOOTH, is_smooth)
            painter.drawPixmap(rect, pixmap, middle)
            painter.setRenderHint(_SMOOTH, False)
        if content.box is not None:
            _paint_box(painter, rect, content.box)
        room = rect
        if content.stack:
            room = paint_stack_badge(painter, rect, content.stack, ratio)
        if content.badge:
            paint_badge(painter, room, content.badge, ratio)
        if content.missing:
            paint_missing_file(painter, rect, palette, ratio)
        elif content.offline:
            paint_offline_badge(painter, rect, ratio)
        return rect

    def _paint_name(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the name of the file on a gradient along the bottom of the tile."""
        if rect.width() < _MIN_NAME_WIDTH or rect.height() < _MIN_NAME_WIDTH:
            return
        strip = QRect(rect.left(), rect.bottom() + 1 - _NAME_HEIGHT, rect.width(), _NAME_HEIGHT)
        gradient = QLinearGradient(QPointF(strip.topLeft()), QPointF(strip.bottomLeft()))
        gradient.setColorAt(0, QColor(0, 0, 0, 0))
        gradient.setColorAt(1, QColor(0, 0, 0, 190))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(strip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        painter.setPen(QColor(255, 255, 255))
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        text_rect = strip.adjusted(8, 8, -8 - (bottom_width(rect) if self.has_actions else 0), -5)
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        elided = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideMiddle, text_rect.width())
        painter.drawText(text_rect, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, elided)
        painter.restore()


def _paint_box(painter: QPainter, rect: QRect, box: Box) -> None:
    """Outline the object that was found, inside the tile."""
    frame = box_rect(box, QRectF(rect)).toRect()
    paint_frame(painter, frame.intersected(rect.adjusted(1, 1, -1, -1)))


def tile_rect(cell: QRect, caption_height: int) -> QRect:
    """The rectangle of the tile in its cell."""
    return cell.adjusted(FRAME, FRAME, -FRAME, -FRAME - caption_height)


def _paint_placeholder(painter: QPainter, rect: QRect, palette: QPalette) -> None:
    """Paint the background of a loading tile."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.AlternateBase))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
