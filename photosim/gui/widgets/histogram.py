"""A histogram of photos over time in which bars can be selected with the mouse and the arrow keys."""

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

# Logical pixels
_HEIGHT = 74
_LABEL_HEIGHT = 18
_LABEL_SPACING = 8
_MIN_BAR_HEIGHT = 3
_MAX_BAR_WIDTH = 34
_BAR_SPACING = 2

MonthRange = tuple[int, int]
"""The first and the last month, counted from the year 0."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The number of photos from a range of months."""

    first: int
    last: int
    name: str
    count: int
    label: str
    """The text under the bar, shown where there is room."""

    @property
    def label_has_year(self) -> bool:
        """Whether the label contains the year."""
        return str(self.first // 12) in self.label


class Histogram(QWidget):
    """Shows bars and the selected range; keeps no state but that of a drag and the keyboard cursor."""

    range_selected = Signal(object)
    """The user selected a MonthRange, or None to clear the selection."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self._range: MonthRange | None = None
        self._drag_start: int | None = None
        self._hovered: int | None = None
        self._anchor = self._cursor = 0
        self._by_keyboard = False
        self.setFixedHeight(_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        theme.set_font(self, 0.85)

    def set_bars(self, bars: Sequence[Bar], selected: MonthRange | None) -> None:
        """Show bars and the selected range."""
        changed = [bar.first for bar in bars] != [bar.first for bar in self.bars]
        if changed:
            self._drag_start = self._hovered = None
        if changed or selected != self._range:
            inside = [index for index, bar in enumerate(bars) if selected and _overlaps(bar, selected)]
            ends = (inside[0], inside[-1]) if inside else (0, 0)
            if {self._anchor, self._cursor} != set(ends):
                self._anchor, self._cursor = ends
        self.bars, self._range = tuple(bars), selected
        self.setAccessibleDescription("; ".join(_description(bar) for bar in bars))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, _HEIGHT)

    def bar_rect(self, index: int) -> QRect:
        """The rectangle of a bar, with the space above it."""
        step = min(self.width() / max(len(self.bars), 1), _MAX_BAR_WIDTH)
        left, right = round(index * step), round((index + 1) * step)
        return QRect(left, 0, max(right - left, 1), self.height() - _LABEL_HEIGHT)

    def visible_labels(self, text_width: Callable[[str], int]) -> list[tuple[int, str]]:
        """The labels that fit, each with its left edge; labels with a year go before those of months."""
        visible: list[tuple[int, int, str]] = []
        for with_year in (True, False):
            for index, bar in enumerate(self.bars):
                left = self.bar_rect(index).left()
                right = left + text_width(bar.label)
                if not bar.label or bar.label_has_year is not with_year or right > self.width():
                    continue
                if all(
                    left >= end + _LABEL_SPACING or right + _LABEL_SPACING <= start
                    for start, end, _ in visible
                ):
                    visible.append((left, right, bar.label))
        return sorted((left, label) for left, _, label in visible)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._bar_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self._drag_start = self._hovered = index
            self._by_keyboard = False
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._bar_at(event.position().toPoint(), nearest=self._drag_start is not None)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag_start is None or event.button() != Qt.MouseButton.LeftButton:
            return
        end = self._bar_at(event.position().toPoint(), nearest=True)
        self._anchor, self._drag_start = self._drag_start, None
        self._cursor = self._anchor if end is None else end
        months = self._cursor_range()
        # A click on the only selected bar clears the selection.
        self._select(None if months == self._range and self._anchor == self._cursor else months)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_keyboard = event.reason() in reasons

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.bars) - 1
        targets = {
            Qt.Key.Key_Left: self._cursor - 1,
            Qt.Key.Key_Right: self._cursor + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Space: self._cursor,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None or last < 0:
            super().keyPressEvent(event)
            return
        self._by_keyboard = True
        # Without a selection the first arrow key selects the bar under the cursor.
        stays = self._range is None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        self._cursor = self._cursor if stays else min(max(target, 0), last)
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = self._cursor
        self._select(self._cursor_range())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._bar_at(event.pos())
            if index is not None:
                QToolTip.showText(event.globalPos(), _description(self.bars[index]), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, roles = self.palette(), QPalette.ColorRole
        max_count = max((bar.count for bar in self.bars), default=0)
        selected = self._selected_bars()
        for index, bar in enumerate(self.bars):
            rect = self.bar_rect(index)
            if index == self._hovered and self._drag_start is None:
                painter.fillRect(rect, palette.color(roles.Midlight))
            if bar.count:
                height = max(round((rect.height() - 4) * bar.count / max_count), _MIN_BAR_HEIGHT)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.color(roles.Highlight if index in selected else roles.Dark))
                spacing = _BAR_SPACING if rect.width() > 2 * _BAR_SPACING else 0
                shape = QRectF(rect.left(), rect.bottom() + 1 - height, rect.width() - spacing, height)
                painter.drawRoundedRect(shape, 1.5, 1.5)
        base = self.height() - _LABEL_HEIGHT
        painter.setPen(QPen(palette.color(roles.Mid), 1))
        painter.drawLine(0, base, self.width(), base)
        self._paint_labels(painter)
        if self.hasFocus() and self._by_keyboard and self.bars:
            painter.setPen(QPen(palette.color(roles.Highlight), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.bar_rect(self._cursor).adjusted(0, 0, -1, -1), 3, 3)

    def _paint_labels(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        metrics = painter.fontMetrics()
        for left, label in self.visible_labels(metrics.horizontalAdvance):
            painter.drawText(left, self.height() - metrics.descent() - 1, label)

    def _selected_bars(self) -> range:
        """The indexes of the selected bars; during a drag, of those it would select."""
        if self._drag_start is not None:
            end = self._drag_start if self._hovered is None else self._hovered
            return range(min(self._drag_start, end), max(self._drag_start, end) + 1)
        inside = [index for index, bar in enumerate(self.bars) if self._range and _overlaps(bar, self._range)]
        return range(inside[0], inside[-1] + 1) if inside else range(0)

    def _bar_at(self, point: QPoint, *, nearest: bool = False) -> int | None:
        """The index of the bar at a point, or of the nearest one."""
        if not self.bars:
            return None
        step = min(self.width() / len(self.bars), _MAX_BAR_WIDTH)
        index = int(point.x() // step)
        if nearest:
            return min(max(index, 0), len(self.bars) - 1)
        return index if 0 <= index < len(self.bars) else None

    def _cursor_range(self) -> MonthRange:
        """The months from the anchor to the cursor."""
        first, last = sorted((self._anchor, self._cursor))
        return self.bars[first].first, self.bars[last].last

    def _select(self, months: MonthRange | None) -> None:
        self.update()
        self.range_selected.emit(months)


def _description(bar: Bar) -> str:
    return f"{bar.name}: {formatting.count_photos(bar.count)}"


def _overlaps(bar: Bar, months: MonthRange) -> bool:
    return bar.first <= months[1] and bar.last >= months[0]
