"""Popup of the date filter: histograms of years and months, and a range of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.filters.choice_popup import Popup
from photosim.gui.state.text import filters as filter_text
from photosim.gui.widgets.histogram import Bar, Histogram
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.filters.facets import FacetCounts

_WIDTH = 400  # logical pixels
_MAX_MONTHS_ALONE = 36
"""Up to this many months, only months are shown."""

_MAX_YEARS_WITH_MONTHS = 3
"""Months of a selected range are shown if it is shorter than this many years."""


class DatePopup(Popup):
    """Edits the dates of a PhotoFilter."""

    filter_changed = Signal(object)
    """The PhotoFilter with the dates that the user selected."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._filter, self._facets = PhotoFilter(), FacetCounts()
        self.title = QLabel(self)
        theme.set_font(self.title, bold=True)
        self.any_button = QPushButton(tr("Any date"), self)
        self.any_button.setObjectName("link")
        self.any_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.any_button.clicked.connect(lambda: self._emit_months(None))
        self.years, self.months = Histogram(self), Histogram(self)
        self.years.setAccessibleName(tr("Photos by year"))
        self.months.setAccessibleName(tr("Photos by month"))
        self.hint = QLabel(tr("Click a bar or drag to select a range."), self)
        self.hint.setObjectName("small-text")
        theme.set_font(self.hint, 0.88)
        self.first_field = self._create_field(tr("First day"))
        self.last_field = self._create_field(tr("Last day"))
        self.undated_box = QCheckBox(tr("No date"), self)
        header = QHBoxLayout()
        header.addWidget(self.title)
        header.addStretch(1)
        header.addWidget(self.any_button)
        self.column.setContentsMargins(14, 10, 14, 12)
        self.column.addLayout(header)
        self.days = QWidget(self)
        fields = QHBoxLayout(self.days)
        fields.setContentsMargins(0, 4, 0, 4)
        for text, field in ((tr("From"), self.first_field), (tr("to"), self.last_field)):
            fields.addWidget(QLabel(text, self.days))
            fields.addWidget(_framed(field, self.days), 1)
        for widget in (self.years, self.months, self.hint, self.days, self.undated_box):
            self.column.addWidget(widget)
        for histogram in (self.years, self.months):
            histogram.setFixedWidth(_WIDTH)
            histogram.range_selected.connect(self._emit_months)
        self.undated_box.clicked.connect(
            lambda checked: self.filter_changed.emit(replace(self._filter, undated=bool(checked)))
        )

    def show_dates(self, facets: FacetCounts, photo_filter: PhotoFilter) -> None:
        """Show the dates of the photos and those of the filter."""
        self._facets, self._filter = facets, photo_filter
        dates = photo_filter.dates
        if photo_filter.days is not None:  # the histograms select whole months
            dates = month_of_day(photo_filter.days[0]), month_of_day(photo_filter.days[1])
        self.title.setText(filter_text.format_date_range(photo_filter) or tr("Any date"))
        self.any_button.setVisible(dates is not None)
        years, months = _bars(facets.months, dates)
        self.years.set_bars(years, dates)
        self.months.set_bars(months, dates)
        self.years.setVisible(bool(years))
        self.months.setVisible(bool(months))
        has_dates = bool(years or months)
        self.days.setVisible(has_dates)
        self._show_days()
        self.hint.setText(
            tr("Click a bar or drag to select a range.") if has_dates else tr("No dated photos here.")
        )
        self.undated_box.setText(tr("No date (%Ln)", "", facets.undated))
        self.undated_box.setChecked(photo_filter.undated)
        self.undated_box.setVisible(facets.undated > 0 or photo_filter.undated)

    def open_under(self, button: QWidget) -> None:
        """Open with the focus on a histogram."""
        super().open_under(button)
        (self.years if self.years.isVisible() else self.months).setFocus()

    def _emit_months(self, span: tuple[int, int] | None) -> None:
        self.filter_changed.emit(replace(self._filter, dates=span, days=None))

    def _create_field(self, name: str) -> QDateEdit:
        field = QDateEdit(self)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.setFrame(False)
        field.setCalendarPopup(True)
        field.setKeyboardTracking(False)  # emits dateChanged only when typing is finished
        field.setMinimumDate(QDate(1, 1, 1))
        field.setDisplayFormat(formatting.short_date_format())
        field.dateChanged.connect(lambda: self._emit_days(field))
        return field

    def _emit_days(self, changed: QDateEdit) -> None:
        """Emit the range of days; if its ends cross, the field that was not edited follows."""
        first, last = (_day_number(field.date()) for field in (self.first_field, self.last_field))
        if first > last:
            first = last = _day_number(changed.date())
        self.filter_changed.emit(replace(self._filter, dates=None, days=(first, last)))

    def _show_days(self) -> None:
        """Show the selected range, or else that of all photos, without emitting anything."""
        ends = self._filter.days or self._facets.day_range
        if self._filter.dates is not None:
            first, last = self._filter.dates
            ends = first // 12 * 10_000 + (first % 12 + 1) * 100 + 1, _last_day(last)
        for field, day in zip((self.first_field, self.last_field), ends or (), strict=False):
            field.blockSignals(True)
            field.setDate(filter_text.to_qdate(day))
            field.blockSignals(False)


def _bars(counts: Sequence[tuple[int, int]], selected: tuple[int, int] | None) -> tuple[list[Bar], list[Bar]]:
    """Return the bars of years and of months; either may be empty."""
    known = dict(counts)
    ends = [*known, *(selected or ())]
    if not known:
        return [], []
    first, last = min(ends), max(ends)
    if last - first < _MAX_MONTHS_ALONE:
        return [], [_month_bar(month, known, first) for month in range(first, last + 1)]
    years = [
        Bar(
            first=year * 12,
            last=year * 12 + 11,
            name=str(year),
            count=sum(known.get(month, 0) for month in range(year * 12, year * 12 + 12)),
            label=str(year),
        )
        for year in range(first // 12, last // 12 + 1)
    ]
    if selected is None or selected[1] // 12 - selected[0] // 12 >= _MAX_YEARS_WITH_MONTHS:
        return years, []
    start, end = selected[0] // 12 * 12, selected[1] // 12 * 12 + 11
    return years, [_month_bar(month, known, start) for month in range(start, end + 1)]


def _month_bar(month: int, known: dict[int, int], first: int) -> Bar:
    label = filter_text.month_name(month)
    if month % 12 == 0:
        label = str(month // 12)
    elif month == first:
        label = filter_text.format_month(month)
    return Bar(month, month, filter_text.format_month(month), known.get(month, 0), label)


def _framed(field: QDateEdit, parent: QWidget) -> QWidget:
    """Wrap a field in a frame: with a style sheet of its own it would lose its arrow."""
    frame = QFrame(parent)
    frame.setObjectName("day")
    layout = QHBoxLayout(frame)
    layout.setContentsMargins(4, 2, 2, 2)
    layout.addWidget(field)
    return frame


def month_of_day(day: int) -> int:
    """Convert a day (YYYYMMDD) to a month number, as `month_of` counts them."""
    return day // 10_000 * 12 + day // 100 % 100 - 1


def _last_day(month: int) -> int:
    return _day_number(QDate(month // 12, month % 12 + 1, 1).addMonths(1).addDays(-1))


def _day_number(date: QDate) -> int:
    return date.year() * 10_000 + date.month() * 100 + date.day()
