"""How a heading among tiles looks: its title, quiet words behind it, and how many photos stand under it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from photosim.gui import words
from photosim.gui.grid_layout import Section

_SPACE = 10  # logical pixels between the parts


def paint_heading(painter: QPainter, rect: QRect, section: Section, count: int, widget: QWidget) -> None:
    """Paint a heading; where there is little room the quiet words go first, and the number is never cut."""
    bold = QFont(widget.font())
    bold.setWeight(QFont.Weight.DemiBold)
    metrics, quiet_metrics = QFontMetrics(bold), QFontMetrics(widget.font())
    middle = Qt.AlignmentFlag.AlignVCenter
    number = words.number(count)
    room = rect.width() - quiet_metrics.horizontalAdvance(number) - _SPACE
    title = metrics.elidedText(section.title, Qt.TextElideMode.ElideMiddle, room)
    painter.setFont(bold)
    painter.setPen(widget.palette().color(QPalette.ColorRole.Text))
    painter.drawText(rect, middle, title)
    rest = rect.adjusted(metrics.horizontalAdvance(title) + _SPACE, 0, 0, 0)
    painter.setFont(widget.font())
    painter.setPen(widget.palette().color(QPalette.ColorRole.PlaceholderText))
    painter.drawText(rest, middle, number)
    rest.setLeft(rest.left() + quiet_metrics.horizontalAdvance(number) + _SPACE)
    if section.detail and rest.width() > 6 * _SPACE:
        detail = quiet_metrics.elidedText(section.detail, Qt.TextElideMode.ElideMiddle, rest.width())
        painter.drawText(rest, middle | Qt.AlignmentFlag.AlignRight, detail)
