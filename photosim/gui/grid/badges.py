"""Painting rings, badges and marks on tiles, and the headings between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.state.sections import Section

# Logical pixels
RADIUS = 6
"""Corner radius of a tile."""

_RING_WIDTH, _FOCUS_RING_WIDTH = 3, 1.5
_MIN_BADGE_WIDTH = 110
"""Width of a tile from which it has room for a badge."""

_STACK_HEIGHT, _STACK_INSET, _DIGIT_WIDTH = 20, 5, 8
_OFFLINE_SIZE = 18
_HEADING_SPACING = 10
_ARROW_SIZE = 16

_BACKGROUND = QColor(0, 0, 0, 165)
"""Behind the white text or icon of a badge."""


def paint_ring(painter: QPainter, rect: QRect, palette: QPalette, *, selected: bool) -> None:
    """Paint the ring of a selected tile, or the thinner one of a tile that only has the keyboard focus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = _RING_WIDTH if selected else _FOCUS_RING_WIDTH
    color = palette.color(QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.PlaceholderText)
    painter.setPen(QPen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    margin = 1 + width / 2
    ring = QRectF(rect).adjusted(-margin, -margin, margin, margin)
    painter.drawRoundedRect(ring, RADIUS + margin, RADIUS + margin)


def paint_badge(painter: QPainter, rect: QRect, text: str, ratio: float) -> None:
    """Paint a badge in the top right corner of a tile, if the tile is wide enough."""
    if rect.width() < _MIN_BADGE_WIDTH:
        return
    badge = _badge_image(text, painter.font().toString(), ratio)
    left = rect.right() + 1 - 5 - round(badge.width() / ratio)
    painter.drawImage(QPoint(left, rect.top() + 6), badge)


def paint_stack_badge(painter: QPainter, rect: QRect, size: int, ratio: float) -> QRect:
    """Paint the badge of a tile that stands for several photos; return the part of the tile that is left of it."""
    badge = stack_badge_rect(rect, size)
    if badge.isEmpty():
        return rect
    painter.drawImage(badge.topLeft(), _stack_image(badge.size(), size, painter.font().toString(), ratio))
    return rect.adjusted(0, 0, badge.left() - 1 - rect.right(), 0)


def stack_badge_rect(rect: QRect, size: int) -> QRect:
    """Return where the badge of a stack of a number of photos is on a tile; it is empty on a small one."""
    width = _STACK_HEIGHT + 6 + _DIGIT_WIDTH * len(formatting.format_number(size))
    if rect.width() < width + 2 * _STACK_INSET or rect.height() < _STACK_HEIGHT + 2 * _STACK_INSET:
        return QRect()
    left = rect.right() + 1 - _STACK_INSET - width
    return QRect(left, rect.top() + _STACK_INSET, width, _STACK_HEIGHT)


def paint_missing_file(painter: QPainter, rect: QRect, palette: QPalette, ratio: float) -> None:
    """Fade a tile whose file is missing, and mark its corner."""
    veil = palette.color(QPalette.ColorRole.Base)
    veil.setAlphaF(0.45)
    painter.fillRect(rect, veil)
    paint_offline_badge(painter, rect, ratio)


def paint_offline_badge(painter: QPainter, rect: QRect, ratio: float) -> None:
    """Mark the corner of a tile whose file cannot be reached."""
    size = max(12, min(_OFFLINE_SIZE, rect.width() // 4))
    painter.drawImage(QPoint(rect.x() + 5, rect.y() + 5), _offline_image(size, ratio))


def paint_no_thumbnail(painter: QPainter, rect: QRect, palette: QPalette) -> None:
    """Paint a small crossed-out frame into a tile that will not get a thumbnail."""
    side = min(28, rect.width() // 3)
    frame = QRectF(0, 0, side, side * 0.8)
    frame.moveCenter(QRectF(rect).center())
    painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, 3, 3)
    painter.drawLine(frame.bottomLeft(), frame.topRight())


def paint_heading(painter: QPainter, rect: QRect, section: Section, count: int, widget: QWidget) -> None:
    """Paint a title, the number of photos and the detail of a section, and an arrow where it can be folded.

    Where there is little room the detail is dropped first; the number is never cut.
    """
    font, palette, alignment = widget.font(), widget.palette(), Qt.AlignmentFlag.AlignVCenter
    font_key = font.toString()
    if section.folded is not None:
        icon, color = "forward" if section.folded else "down", palette.color(QPalette.ColorRole.Text)
        arrow = theme.icon_pixmap(icon, color, _ARROW_SIZE, painter.device().devicePixelRatio())
        painter.drawPixmap(rect.x() - 2, rect.center().y() - _ARROW_SIZE // 2 + 1, arrow)
        rect = rect.adjusted(_ARROW_SIZE + 2, 0, 0, 0)
    number_text = formatting.format_number(count) if section.counted else ""
    number, number_width = _elide(number_text, font_key, rect.width(), bold=False)
    title_room = rect.width() - number_width - _HEADING_SPACING
    title, title_width = _elide(section.title, font_key, title_room, bold=True)
    painter.setFont(_bold_font(font_key))
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    painter.drawText(rect, alignment, title)
    rest = rect.adjusted(title_width + _HEADING_SPACING, 0, 0, 0)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    painter.drawText(rest, alignment, number)
    rest.setLeft(rest.left() + number_width + _HEADING_SPACING)
    if section.detail and rest.width() > 6 * _HEADING_SPACING:
        detail, _ = _elide(section.detail, font_key, rest.width(), bold=False)
        painter.drawText(rest, alignment | Qt.AlignmentFlag.AlignRight, detail)


@lru_cache(maxsize=256)
def _badge_image(text: str, font_key: str, ratio: float) -> QImage:
    """A text on a dark background, in a smaller version of the font that `font_key` describes."""
    font = QFont()
    font.fromString(font_key)
    font.setPointSizeF(max(font.pointSizeF() * 0.72, 1))
    font.setBold(True)
    bounds = QFontMetrics(font).boundingRect(text)
    size = QSize(bounds.width() + 10, bounds.height() + 4)
    image = _transparent_image(size, ratio)
    with _antialiased(image) as painter:
        painter.setFont(font)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BACKGROUND)
        background = QRect(QPoint(), size)
        painter.drawRoundedRect(background, 4, 4)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(background, Qt.AlignmentFlag.AlignCenter, text)
    return image


@lru_cache(maxsize=64)
def _stack_image(size: QSize, count: int, font_key: str, ratio: float) -> QImage:
    """The icon of a stack and its number of photos on a dark background."""
    font = QFont()
    font.fromString(font_key)
    font.setPixelSize(_STACK_HEIGHT * 3 // 5)
    font.setBold(True)
    image = _transparent_image(size, ratio)
    with _antialiased(image) as painter:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BACKGROUND)
        painter.drawRoundedRect(QRect(QPoint(), size), 4, 4)
        icon = _STACK_HEIGHT - 6
        painter.drawPixmap(4, 3, theme.icon_pixmap("stack", QColor(255, 255, 255), icon, ratio))
        painter.setFont(font)
        painter.setPen(QColor(255, 255, 255))
        text_rect = QRect(icon + 5, 0, size.width() - icon - 8, size.height())
        painter.drawText(text_rect, Qt.AlignmentFlag.AlignCenter, formatting.format_number(count))
    return image


@lru_cache(maxsize=16)
def _offline_image(size: int, ratio: float) -> QImage:
    """The icon of an unreachable file on a dark background; cached, as a whole folder of photos may show it."""
    side = size + 8
    image = _transparent_image(QSize(side, side), ratio)
    with _antialiased(image) as painter:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BACKGROUND)
        painter.drawRoundedRect(QRect(0, 0, side, side), RADIUS, RADIUS)
        painter.drawPixmap(4, 4, theme.icon_pixmap("folder-offline", QColor(255, 255, 255), size, ratio))
    return image


def _transparent_image(size: QSize, ratio: float) -> QImage:
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    return image


@contextmanager
def _antialiased(image: QImage) -> Iterator[QPainter]:
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    yield painter
    painter.end()


@lru_cache(maxsize=4)
def _bold_font(font_key: str) -> QFont:
    font = QFont()
    font.fromString(font_key)
    font.setWeight(QFont.Weight.DemiBold)
    return font


@lru_cache(maxsize=512)  # texts; a few screens of headings
def _elide(text: str, font_key: str, width: int, *, bold: bool) -> tuple[str, int]:
    """The elided text and its width; cached, as measuring takes longer than painting."""
    font = QFont()
    font.fromString(font_key)
    metrics = QFontMetrics(_bold_font(font_key) if bold else font)
    elided = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)
    return elided, metrics.horizontalAdvance(elided)
