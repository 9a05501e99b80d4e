"""How a tile looks: painted from the model's roles and the option's palette alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QLinearGradient,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from photosim.gui.grid.badges import (
    RADIUS,
    paint_badge,
    paint_missing_file,
    paint_no_thumbnail,
    paint_offline_badge,
    paint_ring,
)
from photosim.gui.grid.tile_model import RowProxy, TileContent, TileModel, content_of

_SMOOTH = QPainter.RenderHint.SmoothPixmapTransform

FRAME = 4
"""Logical pixels around a tile inside its cell: the ring of a selected tile is painted there."""

_MIN_NAME_WIDTH = 110
"""Tiles at least this wide show the file's name under the pointer; narrower ones have no room for it."""

_SCRIM = 34  # logical pixels of shade under the name

Index = QModelIndex | QPersistentModelIndex | RowProxy
"""What is asked for roles."""

SELECTED, FOCUSED, HOVERED = (
    flag.value
    for flag in (
        QStyle.StateFlag.State_Selected,
        QStyle.StateFlag.State_HasFocus,
        QStyle.StateFlag.State_MouseOver,
    )
)
"""As plain numbers: Python's flags take their time, and a frame asks some hundred times."""


class PhotoDelegate(QStyledItemDelegate):
    """A photo: the tile, a ring when it is selected, and its name while the pointer is on it."""

    caption_height = 0
    """Height under the tile, in logical pixels."""

    smooth_scaling = True
    """Whether tiles that were made for a larger size are scaled with care, which takes half as long again."""

    _placeholder_cache: tuple[tuple[int, int, float, int], QPixmap] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        state = option.state.value
        shown = self.paint_tile(painter, tile_rect(option.rect, self.caption_height), index, option)
        if state & HOVERED:
            self._paint_name(painter, shown, option, index)
        if state & (SELECTED | FOCUSED):
            paint_ring(painter, shown, option.palette, selected=bool(state & SELECTED))

    def paint_tiles(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        tiles: TileModel,
        cells: Sequence[tuple[int, QRect]],
    ) -> None:
        """Paint the cells of these rows, which are neither selected nor under the pointer, nor have the keyboard."""
        ratio, palette, caption = painter.device().devicePixelRatio(), option.palette, self.caption_height
        for (_, cell), face in zip(cells, tiles.tile_contents(row for row, _ in cells), strict=True):
            self._paint_content(painter, tile_rect(cell, caption), face, palette, ratio)

    def paint_tile(self, painter: QPainter, area: QRect, index: Index, option: QStyleOptionViewItem) -> QRect:
        """Paint the tile, or its quiet ground while it is on its way; returns what the photo covers."""
        ratio = painter.device().devicePixelRatio()
        return self._paint_content(painter, area, content_of(index), option.palette, ratio)

    def _paint_content(
        self, painter: QPainter, area: QRect, face: TileContent, palette: QPalette, ratio: float
    ) -> QRect:
        pixmap = face.pixmap
        if pixmap is None:
            painter.drawPixmap(area.topLeft(), self._placeholder(area.size(), ratio, palette))
            if face.no_thumbnail:
                paint_no_thumbnail(painter, area, palette)
            return area
        size = pixmap.size()
        target = area if size == area.size() * ratio else fit_rect(size, area)
        wider = pixmap.width() - target.width() * ratio
        if wider < 0 or (wider > 0 and self.smooth_scaling):
            painter.setRenderHint(_SMOOTH, True)
            painter.drawPixmap(target, pixmap)
            painter.setRenderHint(_SMOOTH, False)
        else:
            painter.drawPixmap(target, pixmap)
        if face.badge:
            paint_badge(painter, target, face.badge, ratio)
        if face.missing:
            paint_missing_file(painter, target, palette, ratio)
        elif face.offline:
            paint_offline_badge(painter, target, ratio)
        return target

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """The cell as the grid made it."""
        return option.rect.size()

    def _placeholder(self, size: QSize, ratio: float, palette: QPalette) -> QPixmap:
        """The ground of a tile on its way; kept, because a screen of them is painted at every step of the bar."""
        color = palette.color(QPalette.ColorRole.AlternateBase)
        key = size.width(), size.height(), ratio, color.rgba()
        if self._placeholder_cache is None or self._placeholder_cache[0] != key:
            pixmap = QPixmap(size * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            drawing = QPainter(pixmap)
            drawing.setRenderHint(QPainter.RenderHint.Antialiasing)
            drawing.setPen(Qt.PenStyle.NoPen)
            drawing.setBrush(color)
            drawing.drawRoundedRect(QRect(QPoint(), size), RADIUS, RADIUS)
            drawing.end()
            self._placeholder_cache = key, pixmap
        return self._placeholder_cache[1]

    def _paint_name(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        if area.width() < _MIN_NAME_WIDTH or area.height() < _MIN_NAME_WIDTH:
            return
        strip = QRect(area.left(), area.bottom() + 1 - _SCRIM, area.width(), _SCRIM)
        shade = QLinearGradient(QPointF(strip.topLeft()), QPointF(strip.bottomLeft()))
        shade.setColorAt(0, QColor(0, 0, 0, 0))
        shade.setColorAt(1, QColor(0, 0, 0, 190))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(strip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(area, RADIUS, RADIUS)
        painter.setPen(QColor(255, 255, 255))
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        room = strip.adjusted(8, 8, -8, -5)
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        text = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


def tile_rect(cell: QRect, caption: int) -> QRect:
    """Where the tile stands in its cell."""
    return cell.adjusted(FRAME, FRAME, -FRAME, -FRAME - caption)


def fit_rect(size: QSize, area: QRect) -> QRect:
    """The largest rectangle with the proportions of `size` in the middle of `area`."""
    if size.width() == size.height() and area.width() == area.height():
        return area
    scaled = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    rect = QRect(area.topLeft(), scaled)
    rect.moveCenter(area.center())
    return rect
