"""Rendering a single tile from its roles."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from photosim.gui.base import theme
from photosim.gui.grid.delegate import PhotoDelegate
from photosim.gui.grid.tile_model import Role

CELL_RECT = QRect(0, 0, 150, 150)
STATES = QStyle.StateFlag


class FakeIndex:
    """An index with given roles and no model: a delegate must need nothing else."""

    def __init__(self, **roles: object) -> None:
        self._values = {
            Role.NO_THUMBNAIL: False,
            Role.MISSING: False,
            Role.OFFLINE: False,
            Role.BADGE: "",
            Role.STACK: 0,
            Role.BOX: None,
            Role.THUMBNAIL: None,
            Role.COVER: (),
            Qt.ItemDataRole.DisplayRole: "name.jpg",
        }
        self._values.update({Role[name.upper()]: value for name, value in roles.items()})

    def data(self, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self._values[role]


def render(
    delegate: PhotoDelegate,
    index: FakeIndex,
    state: STATES = STATES.State_None,
    ratio: float = 1,
    *,
    dark: bool = False,
) -> QImage:
    """Paint a tile on a transparent image."""
    option = QStyleOptionViewItem()
    option.rect = CELL_RECT.adjusted(0, 0, 0, delegate.caption_height)
    option.state = state
    option.palette = theme.palette(dark=dark)
    image = QImage(option.rect.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    delegate.paint(painter, option, index)  # type: ignore[arg-type]
    painter.end()
    return image


def make_pixmap(color: str = "red", size: int = 142) -> QPixmap:
    """A square of one color."""
    pixmap = QPixmap(size, size)
    pixmap.fill(QColor(color))
    return pixmap
