"""What lies on and around a tile: the ring, badges, and the marks of what is missing or away."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen

from photosim.gui.base import theme

RADIUS = 6
"""Corner radius of a tile in logical pixels."""

_RING_WIDTH = 3
_MIN_BADGE_WIDTH = 110
"""Tiles at least this wide have room for a badge."""

_OFFLINE_SIZE = 18  # logical pixels of the mark of a missing file


def paint_ring(painter: QPainter, area: QRect, palette: QPalette, *, selected: bool) -> None:
    """The ring around a selected tile, thinner around one that only has the keyboard's focus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = _RING_WIDTH if selected else 1.5
    # The accent, or quiet text where the ring only marks the keyboard's place.
    color = palette.color(QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.PlaceholderText)
    painter.setPen(QPen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    grown = 1 + width / 2
    painter.drawRoundedRect(
        QRectF(area).adjusted(-grown, -grown, grown, grown), RADIUS + grown, RADIUS + grown
    )


def paint_badge(painter: QPainter, area: QRect, text: str, ratio: float) -> None:
    """A word on a dark plate in the upper right corner, where there is room for it."""
    if area.width() < _MIN_BADGE_WIDTH:
        return
    plate = _badge_image(text, painter.font().toString(), ratio)
    left = area.right() + 1 - 5 - round(plate.width() / ratio)
    painter.drawImage(QPoint(left, area.top() + 6), plate)


def paint_missing_file(painter: QPainter, area: QRect, palette: QPalette, ratio: float) -> None:
    """A veil over the picture and a mark in its corner: the thumbnail is here, the file is not."""
    veil = palette.color(QPalette.ColorRole.Base)
    veil.setAlphaF(0.45)
    painter.fillRect(area, veil)
    paint_offline_badge(painter, area, ratio)


def paint_offline_badge(painter: QPainter, area: QRect, ratio: float) -> None:
    """A mark in the corner of the picture: the file cannot be reached."""
    edge = max(12, min(_OFFLINE_SIZE, area.width() // 4))
    painter.drawImage(QPoint(area.x() + 5, area.y() + 5), _offline_image(edge, ratio))


def paint_no_thumbnail(painter: QPainter, area: QRect, palette: QPalette) -> None:
    """A small crossed frame: there is no picture to wait for."""
    side = min(28, area.width() // 3)
    mark = QRectF(0, 0, side, side * 0.8)
    mark.moveCenter(QRectF(area).center())
    painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(mark, 3, 3)
    painter.drawLine(mark.bottomLeft(), mark.topRight())


# --- helpers -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _badge_image(text: str, described: str, ratio: float) -> QImage:
    """The plate with its word, in a smaller kind of the font that is described."""
    font = QFont()
    font.fromString(described)
    font.setPointSizeF(max(font.pointSizeF() * 0.72, 1))
    font.setBold(True)
    room = QFontMetrics(font).boundingRect(text)
    size = QSize(room.width() + 10, room.height() + 4)
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    plate = QRect(QPoint(), size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return image


@lru_cache(maxsize=16)
def _offline_image(edge: int, ratio: float) -> QImage:
    """The mark on its dark plate; kept, because all photos of an offline folder bear it."""
    side = edge + 8
    image = QImage(QSize(side, side) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(QRect(0, 0, side, side), RADIUS, RADIUS)
    painter.drawPixmap(4, 4, theme.icon_pixmap("folder-away", QColor(255, 255, 255), edge, ratio))
    painter.end()
    return image
