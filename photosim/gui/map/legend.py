"""The legend of the map: what its colors tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPalette
from PySide6.QtWidgets import QWidget

Color = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

# Logical pixels
_MARGIN, _PAD, _SWATCH, _LEADING = 10, 8, 11, 3
_BAR = 180
_MAX_TEXT = 200


class LegendEntry(NamedTuple):
    """A color and what it stands for."""

    color: Color
    text: str


@dataclass(frozen=True, slots=True)
class Legend:
    """Colors with their texts; where `scale` has colors, these run from the text `first` to the text `last`."""

    entries: Sequence[LegendEntry] = ()
    scale: Sequence[Color] = ()
    first: str = ""
    last: str = ""

    @property
    def text(self) -> str:
        """What it says, for screen readers."""
        scale = f"{self.first} – {self.last}" if self.scale else ""
        return ", ".join(filter(None, (scale, *(entry.text for entry in self.entries))))

    def area(self, widget: QWidget) -> QRectF:
        """Return where it is painted: in the lower left corner of a widget."""
        metrics = widget.fontMetrics()
        texts = self._texts(metrics)
        width = max((metrics.horizontalAdvance(text) + _SWATCH + 8 for text in texts), default=0)
        if self.scale:
            both = metrics.horizontalAdvance(self.first) + metrics.horizontalAdvance(self.last)
            width = max(width, _BAR, both + 16)
        lines = (2 if self.scale else 0) + len(self.entries)
        box = QRectF(0, 0, width + 2 * _PAD, lines * (metrics.height() + _LEADING) + 2 * _PAD - 2)
        box.moveBottomLeft(QPointF(_MARGIN, widget.height() - _MARGIN))
        return box

    def paint(self, painter: QPainter, widget: QWidget) -> None:
        """Paint it on a widget."""
        metrics, palette = widget.fontMetrics(), widget.palette()
        line = metrics.height() + _LEADING
        texts, box = self._texts(metrics), self.area(widget)
        width = box.width() - 2 * _PAD
        back = palette.color(QPalette.ColorRole.Base)
        back.setAlpha(225)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(back)
        painter.drawRoundedRect(box, 5, 5)
        left, top = box.left() + _PAD, box.top() + _PAD - 1
        if self.scale:
            self._paint_scale(painter, palette, QRectF(left, top, width, 2 * line))
            top += 2 * line
        for entry, text in zip(self.entries, texts, strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*entry.color))
            painter.drawRoundedRect(QRectF(left, top + (line - _SWATCH) / 2, _SWATCH, _SWATCH), 2, 2)
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            painter.drawText(
                QRectF(left + _SWATCH + 6, top, width, line), Qt.AlignmentFlag.AlignVCenter, text
            )
            top += line

    def _texts(self, metrics: QFontMetrics) -> list[str]:
        """The texts of the entries; of a long path the end is told."""
        return [
            metrics.elidedText(entry.text, Qt.TextElideMode.ElideLeft, _MAX_TEXT) for entry in self.entries
        ]

    def _paint_scale(self, painter: QPainter, palette: QPalette, area: QRectF) -> None:
        gradient = QLinearGradient(area.topLeft(), area.topRight())
        for number, color in enumerate(self.scale):
            gradient.setColorAt(number / max(len(self.scale) - 1, 1), QColor(*color))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        half = area.height() / 2
        painter.drawRoundedRect(QRectF(area.left(), area.top() + 2, area.width(), half - 6), 3, 3)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        texts = QRectF(area.left(), area.top() + half, area.width(), half)
        painter.drawText(texts, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.first)
        painter.drawText(texts, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.last)
