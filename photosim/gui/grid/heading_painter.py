"""How a heading among tiles looks: its title, quiet words behind it, and how many photos stand under it."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from photosim.gui.base import formatting
from photosim.gui.state.sections import Section

_SPACE = 10  # logical pixels between the parts
_REMEMBERED = 512  # texts; some screens of headings


def paint_heading(painter: QPainter, rect: QRect, section: Section, count: int, widget: QWidget) -> None:
    """Paint a heading; where there is little room the quiet words go first, and the number is never cut."""
    font, palette, middle = widget.font(), widget.palette(), Qt.AlignmentFlag.AlignVCenter
    number = formatting.format_number(count)
    described = font.toString()
    bold = _bold(described)
    width = _fitted(number, described, rect.width(), bold=False)[1]
    title, length = _fitted(section.title, described, rect.width() - width - _SPACE, bold=True)
    painter.setFont(bold)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    painter.drawText(rect, middle, title)
    rest = rect.adjusted(length + _SPACE, 0, 0, 0)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    painter.drawText(rest, middle, number)
    rest.setLeft(rest.left() + width + _SPACE)
    if section.detail and rest.width() > 6 * _SPACE:
        detail, _ = _fitted(section.detail, described, rest.width(), bold=False)
        painter.drawText(rest, middle | Qt.AlignmentFlag.AlignRight, detail)


@lru_cache(maxsize=4)
def _bold(described: str) -> QFont:
    font = QFont()
    font.fromString(described)
    font.setWeight(QFont.Weight.DemiBold)
    return font


@lru_cache(maxsize=_REMEMBERED)
def _fitted(text: str, described: str, room: int, *, bold: bool) -> tuple[str, int]:
    """As much of a text as there is room for, and how long that is; measuring takes longer than painting."""
    font = QFont()
    font.fromString(described)
    metrics = QFontMetrics(_bold(described) if bold else font)
    fitted = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
    return fitted, metrics.horizontalAdvance(fitted)
