"""Buttons on the tile under the pointer: select, find similar and view; and the badge of a stack, which opens it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette

from photosim.gui.base import theme
from photosim.gui.base.translation import tr

# Logical pixels
_BUTTON, _SMALL_BUTTON = 26, 22
_ICON_SHARE = 0.7
_INSET, _GAP = 6, 4
_MIN_TILE, _MIN_WIDE_TILE = 72, 130
"""Side of a tile from which it has room for buttons, and for large ones."""

_BACKGROUND, _ICON_COLOR = QColor(0, 0, 0, 165), QColor(255, 255, 255)


class TileAction(StrEnum):
    """What the buttons do; the values are the names of their icons."""

    SELECT = "check"
    FIND_SIMILAR = "similar"
    VIEW = "fit"
    SHOW_STACK = "stack"


def action_text(action: TileAction, *, selected: bool) -> str:
    """The tool tip of a button, with the key that does the same."""
    if action is TileAction.SHOW_STACK:
        return tr("Show stack (S)")
    if action is TileAction.SELECT:
        return tr("Deselect (Ctrl+Space)") if selected else tr("Select (Ctrl+Space)")
    return tr("Find similar (Ctrl+L)") if action is TileAction.FIND_SIMILAR else tr("View (Space)")


def action_at(tile: QRect, point: QPoint) -> TileAction | None:
    """The action whose button is at a point of a tile."""
    return next((action for action, rect in _button_rects(tile) if rect.contains(point)), None)


def bottom_width(tile: QRect) -> int:
    """The width that the buttons take along the bottom of a tile, from the right."""
    lefts = [rect.left() for action, rect in _button_rects(tile) if action is not TileAction.SELECT]
    return tile.right() + 1 - min(lefts) if lefts else 0


def paint_actions(
    painter: QPainter, tile: QRect, palette: QPalette, hovered: TileAction | None, *, selected: bool
) -> None:
    """Paint the buttons; that under the pointer, and the one to select of a selected tile, are filled."""
    ratio = painter.device().devicePixelRatio()
    accent = palette.color(QPalette.ColorRole.Highlight)
    for action, rect in _button_rects(tile):
        is_filled = action is hovered or (action is TileAction.SELECT and selected)
        color = accent if is_filled else _BACKGROUND
        painter.drawImage(rect.topLeft(), _button_image(action.value, rect.width(), ratio, color.rgba()))


def _button_rects(tile: QRect) -> Iterator[tuple[TileAction, QRect]]:
    shorter = min(tile.width(), tile.height())
    if shorter < _MIN_TILE:
        return
    edge = _BUTTON if shorter >= _MIN_WIDE_TILE else _SMALL_BUTTON
    size = QSize(edge, edge)
    yield TileAction.SELECT, QRect(tile.topLeft() + QPoint(_INSET, _INSET), size)
    corner = QPoint(tile.right() + 1 - _INSET - edge, tile.bottom() + 1 - _INSET - edge)
    yield TileAction.VIEW, QRect(corner, size)
    yield TileAction.FIND_SIMILAR, QRect(corner - QPoint(edge + _GAP, 0), size)


@lru_cache(maxsize=32)
def _button_image(icon: str, edge: int, ratio: float, rgba: int) -> QImage:
    """An icon on a disc; cached, as it is painted again whenever the pointer moves."""
    image = QImage(QSize(edge, edge) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromRgba(rgba))
    painter.drawEllipse(0, 0, edge, edge)
    icon_edge = round(edge * _ICON_SHARE)
    offset = (edge - icon_edge) // 2
    painter.drawPixmap(offset, offset, theme.icon_pixmap(icon, _ICON_COLOR, icon_edge, ratio))
    painter.end()
    return image
