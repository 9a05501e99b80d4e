"""Bars of photos over time: a click chooses one, dragging several, the arrow keys go from bar to bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from photosim.gui.base import formatting, theme

_HEIGHT = 74  # logical pixels with the line of words
_WORDS = 18
_LEAST = 3  # logical pixels of a bar that stands for any photo at all
_GAP = 2
_WIDEST = 34
_WORD_GAP = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of months, its name, and how many photos are of it."""

    first: int
    last: int
    name: str
    count: int
    label: str
    """What stands under it, where there is room."""

    @property
    def label_has_year(self) -> bool:
        """Whether its label tells the year."""
        return str(self.first // 12) in self.label


class Histogram(QWidget):
    """Shows bars; holds no state but the drag that is under way."""

    range_selected = Signal(object)
    """The person chose a span: (first month, last month), or None for any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self._range: tuple[int, int] | None = None
        self._start: int | None = None
        self._over: int | None = None
        self._anchor = self._cursor = 0
        self._by_keys = False
        self.setFixedHeight(_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        theme.set_font(self, 0.85)

    def set_bars(self, bars: Sequence[Bar], chosen: tuple[int, int] | None) -> None:
        """Show these, with the chosen span."""
        others = [bar.first for bar in bars] != [bar.first for bar in self.bars]
        if others:
            self._start = self._over = None
        if others or chosen != self._range:
            inside = [place for place, bar in enumerate(bars) if chosen and _meet(bar, chosen)]
            ends = (inside[0], inside[-1]) if inside else (0, 0)
            if {self._anchor, self._cursor} != set(ends):
                self._anchor, self._cursor = ends
        self.bars, self._range = tuple(bars), chosen
        self.setAccessibleDescription(
            "; ".join(f"{bar.name}: {formatting.count_photos(bar.count)}" for bar in bars)
        )
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(300, _HEIGHT)

    def bar_rect(self, place: int) -> QRect:
        """Where a bar stands, with the room over it."""
        step = min(self.width() / max(len(self.bars), 1), _WIDEST)
        left, right = round(place * step), round((place + 1) * step)
        return QRect(left, 0, max(right - left, 1), self.height() - _WORDS)

    def visible_labels(self, wide: Callable[[str], int]) -> list[tuple[int, str]]:
        """What stands under the bars and where: first the years, then of the months those with room between them."""
        taken: list[tuple[int, int, str]] = []
        for years in (True, False):
            for place, bar in enumerate(self.bars):
                left, right = self.bar_rect(place).left(), self.bar_rect(place).left() + wide(bar.label)
                if bar.label and bar.label_has_year is years and right <= self.width():
                    apart = (left >= end + _WORD_GAP or right + _WORD_GAP <= start for start, end, _ in taken)
                    if all(apart):
                        taken.append((left, right, bar.label))
        return sorted((left, label) for left, _, label in taken)

    # --- events ------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose."""
        place = self._place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._start = self._over = place
            self._by_keys = False
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what would be chosen."""
        self._over = self._place_at(event.position().toPoint(), beside=self._start is not None)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose; the bar that is chosen alone is let go."""
        if self._start is None or event.button() != Qt.MouseButton.LeftButton:
            return
        end = self._place_at(event.position().toPoint(), beside=True)
        self._anchor, self._start = self._start, None
        self._cursor = self._anchor if end is None else end
        span = self._span()
        self._emit(None if span == self._range and self._anchor == self._cursor else span)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        super().leaveEvent(event)
        self._over = None
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is when it came here by itself."""
        super().focusInEvent(event)
        self._by_keys = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right choose a bar, with Shift they choose more; Home and End are the outer ones."""
        last = len(self.bars) - 1
        goals = {
            Qt.Key.Key_Left: self._cursor - 1,
            Qt.Key.Key_Right: self._cursor + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Space: self._cursor,
        }
        goal = goals.get(Qt.Key(event.key()))
        if goal is None or last < 0:
            super().keyPressEvent(event)
            return
        self._by_keys = True
        first_step = self._range is None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        self._cursor = self._cursor if first_step else min(max(goal, 0), last)
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = self._cursor
        self._emit(self._span())

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place_at(event.pos())
            if place is not None:
                bar = self.bars[place]
                QToolTip.showText(
                    event.globalPos(), f"{bar.name}: {formatting.count_photos(bar.count)}", self
                )
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Paint bars and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, roles = self.palette(), QPalette.ColorRole
        most = max((bar.count for bar in self.bars), default=0)
        marked = self._marked()
        for place, bar in enumerate(self.bars):
            area = self.bar_rect(place)
            if place == self._over and self._start is None:
                painter.fillRect(area, palette.color(roles.Midlight))
            if bar.count:
                height = max(round((area.height() - 4) * bar.count / most), _LEAST)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.color(roles.Highlight if place in marked else roles.Dark))
                gap = _GAP if area.width() > 2 * _GAP else 0
                shape = QRectF(area.left(), area.bottom() + 1 - height, area.width() - gap, height)
                painter.drawRoundedRect(shape, 1.5, 1.5)
        base = self.height() - _WORDS
        painter.setPen(QPen(palette.color(roles.Mid), 1))
        painter.drawLine(0, base, self.width(), base)
        self._paint_words(painter)
        if self.hasFocus() and self._by_keys and self.bars:
            painter.setPen(QPen(palette.color(roles.Highlight), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.bar_rect(self._cursor).adjusted(0, 0, -1, -1), 3, 3)

    # --- helpers -----------------------------------------------------------------------------------------

    def _paint_words(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        metrics = painter.fontMetrics()
        for left, label in self.visible_labels(metrics.horizontalAdvance):
            painter.drawText(left, self.height() - metrics.descent() - 1, label)

    def _marked(self) -> range:
        """The bars that are chosen, or would be."""
        if self._start is not None:
            over = self._start if self._over is None else self._over
            return range(min(self._start, over), max(self._start, over) + 1)
        inside = [place for place, bar in enumerate(self.bars) if self._range and _meet(bar, self._range)]
        return range(inside[0], inside[-1] + 1) if inside else range(0)

    def _place_at(self, point: QPoint, *, beside: bool = False) -> int | None:
        """The bar at a point; `beside` takes the nearest one."""
        if not self.bars:
            return None
        step = min(self.width() / len(self.bars), _WIDEST)
        place = int(point.x() // step)
        if beside:
            return min(max(place, 0), len(self.bars) - 1)
        return place if 0 <= place < len(self.bars) else None

    def _span(self) -> tuple[int, int]:
        first, last = sorted((self._anchor, self._cursor))
        return self.bars[first].first, self.bars[last].last

    def _emit(self, span: tuple[int, int] | None) -> None:
        self.update()
        self.range_selected.emit(span)


def _meet(bar: Bar, span: tuple[int, int]) -> bool:
    return bar.first <= span[1] and bar.last >= span[0]
