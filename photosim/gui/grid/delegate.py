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

from photosim.gui.grid.badges import RADIUS, paint_away, paint_badge, paint_gone, paint_missing, paint_ring
from photosim.gui.grid.tile_model import RowProxy, TileContent, TileModel, face_of

_SMOOTH = QPainter.RenderHint.SmoothPixmapTransform

FRAME = 4
"""Logical pixels around a tile inside its cell: the ring of a selected tile is painted there."""

_NAMED_FROM = 110
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

    caption = 0
    """Height under the tile, in logical pixels."""

    smooth = True
    """Whether tiles that were made for a larger size are scaled with care, which takes half as long again."""

    _kept: tuple[tuple[int, int, float, int], QPixmap] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        state = option.state.value
        shown = self.paint_tile(painter, tile_area(option.rect, self.caption), index, option)
        if state & HOVERED:
            self._paint_name(painter, shown, option, index)
        if state & (SELECTED | FOCUSED):
            paint_ring(painter, shown, option.palette, selected=bool(state & SELECTED))

    def paint_plain(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        tiles: TileModel,
        cells: Sequence[tuple[int, QRect]],
    ) -> None:
        """Paint the cells of these rows, which are neither selected nor under the pointer, nor have the keyboard."""
        ratio, palette, caption = painter.device().devicePixelRatio(), option.palette, self.caption
        for (_, cell), face in zip(cells, tiles.tile_contents(row for row, _ in cells), strict=True):
            self._paint_face(painter, tile_area(cell, caption), face, palette, ratio)

    def paint_tile(self, painter: QPainter, area: QRect, index: Index, option: QStyleOptionViewItem) -> QRect:
        """Paint the tile, or its quiet ground while it is on its way; returns what the photo covers."""
        ratio = painter.device().devicePixelRatio()
        return self._paint_face(painter, area, face_of(index), option.palette, ratio)

    def _paint_face(
        self, painter: QPainter, area: QRect, face: TileContent, palette: QPalette, ratio: float
    ) -> QRect:
        pixmap = face.pixmap
        if pixmap is None:
            painter.drawPixmap(area.topLeft(), self._ground(area.size(), ratio, palette))
            if face.missing:
                paint_missing(painter, area, palette)
            return area
        size = pixmap.size()
        target = area if size == area.size() * ratio else fitted(size, area)
        wider = pixmap.width() - target.width() * ratio
        if wider < 0 or (wider > 0 and self.smooth):
            painter.setRenderHint(_SMOOTH, True)
            painter.drawPixmap(target, pixmap)
            painter.setRenderHint(_SMOOTH, False)
        else:
            painter.drawPixmap(target, pixmap)
        if face.badge:
            paint_badge(painter, target, face.badge, ratio)
        if face.gone:
            paint_gone(painter, target, palette, ratio)
        elif face.away:
            paint_away(painter, target, ratio)
        return target

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """The cell as the grid made it."""
        return option.rect.size()

    def _ground(self, size: QSize, ratio: float, palette: QPalette) -> QPixmap:
        """The ground of a tile on its way; kept, because a screen of them is painted at every step of the bar."""
        color = palette.color(QPalette.ColorRole.AlternateBase)
        key = size.width(), size.height(), ratio, color.rgba()
        if self._kept is None or self._kept[0] != key:
            pixmap = QPixmap(size * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            drawing = QPainter(pixmap)
            drawing.setRenderHint(QPainter.RenderHint.Antialiasing)
            drawing.setPen(Qt.PenStyle.NoPen)
            drawing.setBrush(color)
            drawing.drawRoundedRect(QRect(QPoint(), size), RADIUS, RADIUS)
            drawing.end()
            self._kept = key, pixmap
        return self._kept[1]

    def _paint_name(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        if area.width() < _NAMED_FROM or area.height() < _NAMED_FROM:
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


def tile_area(cell: QRect, caption: int) -> QRect:
    """Where the tile stands in its cell."""
    return cell.adjusted(FRAME, FRAME, -FRAME, -FRAME - caption)


def fitted(size: QSize, area: QRect) -> QRect:
    """The largest rectangle with the proportions of `size` in the middle of `area`."""
    if size.width() == size.height() and area.width() == area.height():
        return area
    scaled = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    rect = QRect(area.topLeft(), scaled)
    rect.moveCenter(area.center())
    return rect
