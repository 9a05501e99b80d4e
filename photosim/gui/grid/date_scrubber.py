"""The timeline beside the scroll bar of photos that are sorted by date."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QAbstractSlider, QLabel

from photosim.gui.base import formatting, theme
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.base.translation import tr
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.state.listing import MonthStart, find_months
from photosim.records import Photo

# Logical pixels
_LABEL_SPACING, _TICK_SPACING = 4, 4
_TICK_WIDTH, _INDICATOR_HEIGHT = 5, 3
_MARGIN = 6
_SNAP = 4
"""A click this near to where a month begins goes there exactly."""

_MIN_PAGES, _KEPT_PAGES = 2.0, 1.4
"""Heights of the viewport that the tiles take at least. Beside the timeline they are smaller and take fewer: without a
difference the timeline would hide for that, and come back."""

_UPDATE_MS = 250
"""While photos are inserted, the months are found again at most this often."""

_MONTHS_IN_STEP = 30
"""Months found at once; in a list of a million each takes 20 comparisons."""


class DateScrubber(QAbstractSlider):
    """Shows years and months where their photos are in the grid, and scrolls to them.

    Its value is the number of the month in the list. It hides where the photos are not sorted by date, and where there
    is little to scroll or only one month.
    """

    def __init__(self, grid: PhotoGrid, model: PhotoModel) -> None:
        super().__init__(grid)
        self._grid, self._model = grid, model
        self._months: tuple[MonthStart, ...] = ()
        self._known_ticks: list[tuple[int, MonthStart]] | None = None  # see `_ticks`
        self._is_fitting = False
        self._visited = (-1, 0)  # a scroll position, and the number of the month that the user went to there
        self.setAccessibleName(tr("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setOrientation(Qt.Orientation.Vertical)
        self.setInvertedAppearance(True)
        theme.set_font(self, 0.8)
        self.bubble = QLabel(grid)
        self.bubble.setObjectName("bubble")
        self.bubble.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.bubble.hide()
        self._update_timer = QTimer(self, interval=_UPDATE_MS, singleShot=True)
        self._update_timer.timeout.connect(self._find_months)
        self._steps = IdleSteps(self)
        self.hide()
        grid.set_side_widget(self)
        grid.laid_out.connect(self._place)
        grid.verticalScrollBar().valueChanged.connect(self._follow)
        for signal in (model.modelReset, model.sections_changed):
            signal.connect(self._take_months)
        model.batch_finished.connect(self._schedule_update)
        model.dataChanged.connect(self._schedule_update)
        self._take_months()

    @property
    def months(self) -> Sequence[MonthStart]:
        """The months that are shown, from the top."""
        return self._months

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("8888") + 2 * _MARGIN + _TICK_WIDTH, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), 0)

    def y_of(self, row: int) -> int:
        """The y coordinate that stands for the first tile of a row."""
        return round(
            self._grid.top_of_row(row, nearly=True) / max(self._grid.content_height, 1) * self.height()
        )

    def labels(self) -> Iterator[tuple[int, str]]:
        """The years that have room, each with the y coordinate of the middle of its label."""
        height, free, year = self.fontMetrics().height(), 0, None
        for y, start in self._ticks:
            previous, year = year, None if start.month is None else start.month // 12
            if year is None or year == previous:
                continue
            middle = max(y, height // 2 + _INDICATOR_HEIGHT)
            if middle - height // 2 >= free and middle + height // 2 <= self.height():
                yield middle, f"{year:04}"
                free = middle + height // 2 + _LABEL_SPACING

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            y = round(event.position().y())
            distances = [abs(tick_y - y) for tick_y, _ in self._ticks]
            if distances and min(distances) <= _SNAP:
                self._go_to(distances.index(min(distances)))
            else:
                self._scroll_to(y)
            self.setSliderDown(True)
            self._show_bubble(y)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        y = round(event.position().y())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scroll_to(y)
        self._show_bubble(y)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        if not self.rect().contains(event.position().toPoint()):
            self.bubble.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._show_bubble(round(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.isSliderDown():
            self.bubble.hide()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._follow()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.bubble.hide()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, current = len(self._months) - 1, self._current()
        targets = {
            Qt.Key.Key_Up: current - 1,
            Qt.Key.Key_Left: current - 1,
            Qt.Key.Key_Down: current + 1,
            Qt.Key.Key_Right: current + 1,
            Qt.Key.Key_PageUp: self._other_year(current, -1),
            Qt.Key.Key_PageDown: self._other_year(current, 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None or last < 0:
            event.ignore()
            return
        target = min(max(target, 0), last)
        self._go_to(target)
        self._show_bubble(self.y_of(self._months[target].row), target)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, roles = self.palette(), QPalette.ColorRole
        painter.fillRect(self.rect(), palette.color(roles.Base))
        right = self.width() - _MARGIN
        labels = list(self.labels())
        taken = [y for y, _ in labels]
        half = self.fontMetrics().height() // 2
        free = 0
        for y, _ in self._ticks:
            if y >= free and all(abs(y - label) > half for label in taken):
                painter.fillRect(right - _TICK_WIDTH, y, _TICK_WIDTH, 1, palette.color(roles.Dark))
                free = y + _TICK_SPACING
        painter.setPen(palette.color(roles.PlaceholderText))
        for y, text in labels:
            painter.drawText(0, y - half, right, 2 * half, Qt.AlignmentFlag.AlignRight, text)
        shown = self._grid.verticalOffset() / max(self._grid.content_height, 1) * self.height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(roles.Highlight))
        width = self.width() if self.hasFocus() else self.width() // 2
        indicator = QRectF(self.width() - width, shown, width, _INDICATOR_HEIGHT)
        painter.drawRoundedRect(indicator, _INDICATOR_HEIGHT / 2, _INDICATOR_HEIGHT / 2)

    def _take_months(self) -> None:
        self._update_timer.stop()
        self._steps.cancel()
        self._show_months(self._model.photo_list.months)

    def _schedule_update(self, *_: object) -> None:
        if not self._update_timer.isActive():
            self._update_timer.start()

    def _find_months(self) -> None:
        shown = self._model.photo_list
        self._steps.cancel()
        if shown.months is not None and shown.order_hash is None:  # it has changed since it was made
            self._steps.add(self._find_in_steps(shown.photos.copy()))
        else:
            self._show_months(shown.months)

    def _find_in_steps(self, photos: Sequence[Photo]) -> Iterator[None]:
        months: list[MonthStart] = []
        for start in find_months(photos):
            months.append(start)
            if len(months) % _MONTHS_IN_STEP == 0:
                yield
        self._show_months(tuple(months))

    def _show_months(self, months: tuple[MonthStart, ...] | None) -> None:
        self._months = months or ()
        self.setRange(0, max(len(self._months) - 1, 0))
        self._place()

    def _place(self) -> None:
        """Show or hide, and find out anew where the months are."""
        if self._is_fitting:  # the grid is laid out in its new width
            return
        grid = self._grid
        pages = _MIN_PAGES if self.isHidden() else _KEPT_PAGES
        is_useful = len(self._months) > 1 and grid.content_height > pages * grid.viewport().height() > 0
        if is_useful is self.isHidden():
            self._is_fitting = True
            self.setVisible(is_useful)
            grid.fit_side_widget()
            self._is_fitting = False
            self.bubble.hide()
        self._known_ticks = None
        self._follow()

    @property
    def _ticks(self) -> list[tuple[int, MonthStart]]:
        """The months with their y coordinates, found where they are asked for: tiles move several times in a frame."""
        if self._known_ticks is None:
            count = self._model.rowCount()
            self._known_ticks = [(self.y_of(start.row), start) for start in self._months if start.row < count]
        return self._known_ticks

    def _follow(self) -> None:
        """Show where the grid is scrolled to."""
        if not self.isHidden():
            if self.hasFocus() and not self.isSliderDown():
                self._set_current(self._current())
            self.update()

    def _current(self) -> int:
        """The number of the month that the user went to last, or else that the first visible photo is from."""
        value, number = self._visited
        if value == self._grid.verticalOffset() and number < len(self._months):
            return number
        return self._month_at(self._grid.row_at_height(self._grid.verticalOffset()))

    def _month_at(self, row: int) -> int:
        return max(bisect_right(self._months, row, key=attrgetter("row")) - 1, 0)

    def _set_current(self, number: int) -> None:
        self.setValue(number)
        text = self._text_of(number)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            event = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)

    def _other_year(self, number: int, step: int) -> int:
        """The number of the first month of the next year of the list, or of the one before."""
        years = [None if start.month is None else start.month // 12 for start in self._months]
        firsts = [index for index, year in enumerate(years) if index == 0 or year != years[index - 1]]
        position = bisect_right(firsts, number) - 1
        if step < 0 and firsts[position] < number:
            return firsts[position]
        position += step
        return firsts[max(position, 0)] if position < len(firsts) else len(self._months) - 1

    def _text_of(self, number: int) -> str:
        if not 0 <= number < len(self._months):
            return ""
        month = self._months[number].month
        return tr("No date") if month is None else formatting.format_month(month)

    def _height_at(self, y: int) -> int:
        """The scroll position that a y coordinate stands for."""
        return round(min(max(y, 0), self.height()) / max(self.height(), 1) * self._grid.content_height)

    def _scroll_to(self, y: int) -> None:
        self._grid.verticalScrollBar().setValue(self._height_at(y))
        self._set_current(self._current())

    def _go_to(self, number: int) -> None:
        """Scroll to where a month begins; it may begin in the middle of a line, or of the last page."""
        self._grid.verticalScrollBar().setValue(self._grid.top_of_row(self._months[number].row))
        self._visited = self._grid.verticalOffset(), number
        self._set_current(number)

    def _show_bubble(self, y: int, number: int | None = None) -> None:
        """Show the month that a y coordinate stands for beside it."""
        if number is None:
            number = self._month_at(self._grid.row_at_height(self._height_at(y)))
        self.bubble.setText(self._text_of(number))
        self.bubble.adjustSize()
        top = min(max(y - self.bubble.height() // 2, 0), self.height() - self.bubble.height())
        self.bubble.move(self.geometry().topLeft() + QPoint(-self.bubble.width() - _MARGIN, top))
        self.bubble.raise_()
        self.bubble.show()
