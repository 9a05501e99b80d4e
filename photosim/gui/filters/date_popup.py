"""What opens under the button "Date": the years and months of the photos as bars, and any range of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.filters.choice_popup import Popup
from photosim.gui.state import filter_text
from photosim.gui.widgets.histogram import Bar, Histogram
from photosim.search.facets import FacetCounts
from photosim.search.photo_filter import PhotoFilter

_WIDTH = 400  # logical pixels
_MAX_MONTHS_ALONE = 36
"""Months up to which years are not shown by themselves."""

_MAX_YEARS_WITH_MONTHS = 3
"""Years up to which the months of a chosen span are shown beneath it."""


class DatePopup(Popup):
    """The span that is chosen, its bars, and the photos without a date."""

    filter_changed = Signal(object)
    """The person chose: a PhotoFilter with other dates."""

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
        self.hint = QLabel(tr("Click a bar, or drag over several."), self)
        self.hint.setObjectName("small-text")
        theme.set_font(self.hint, 0.88)
        self.first_field, self.last_field = (
            self._create_field(tr("First day")),
            self._create_field(tr("Last day")),
        )
        self.undated_box = QCheckBox(tr("No date"), self)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.any_button)
        self.column.setContentsMargins(14, 10, 14, 12)
        self.column.addLayout(head)
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
            lambda ticked: self.filter_changed.emit(replace(self._filter, undated=bool(ticked)))
        )

    def show_dates(self, facets: FacetCounts, photo_filter: PhotoFilter) -> None:
        """Show the dates that photos have, and what is chosen."""
        self._facets, self._filter = facets, photo_filter
        dates = photo_filter.dates
        if photo_filter.days is not None:  # the bars show the months that the days lie in
            dates = month_of_day(photo_filter.days[0]), month_of_day(photo_filter.days[1])
        self.title.setText(filter_text.format_date_range(photo_filter) or tr("Any date"))
        self.any_button.setVisible(dates is not None)
        years, months = _bars(facets.months, dates)
        self.years.set_bars(years, dates)
        self.months.set_bars(months, dates)
        self.years.setVisible(bool(years))
        self.months.setVisible(bool(months))
        dated = bool(years or months)
        self.days.setVisible(dated)
        self._show_days()
        self.hint.setText(
            tr("Click a bar, or drag over several.") if dated else tr("No photo here has a date.")
        )
        self.undated_box.setText(
            tr("No date ({count})").format(count=formatting.format_number(facets.undated))
        )
        self.undated_box.setChecked(photo_filter.undated)
        self.undated_box.setVisible(facets.undated > 0 or photo_filter.undated)

    def open_under(self, button: QWidget) -> None:
        """Open with the keyboard on the bars."""
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
        field.setKeyboardTracking(False)  # tells when the typing is done
        field.setMinimumDate(QDate(1, 1, 1))
        field.setDisplayFormat(formatting.short_date_format())
        field.dateChanged.connect(lambda: self._emit_days(field))
        return field

    def _emit_days(self, changed: QDateEdit) -> None:
        """The person set one end; where it passes the other, that one goes along."""
        first, last = (_day_number(field.date()) for field in (self.first_field, self.last_field))
        if first > last:
            first = last = _day_number(changed.date())
        self.filter_changed.emit(replace(self._filter, dates=None, days=(first, last)))

    def _show_days(self) -> None:
        """The days that are chosen, or those that there are; nobody is told."""
        ends = self._filter.days or self._facets.day_range
        if self._filter.dates is not None:
            first, last = self._filter.dates
            ends = first // 12 * 10_000 + (first % 12 + 1) * 100 + 1, _last_day(last)
        for field, day in zip((self.first_field, self.last_field), ends or (), strict=False):
            field.blockSignals(True)
            field.setDate(filter_text.to_qdate(day))
            field.blockSignals(False)


def _bars(counts: Sequence[tuple[int, int]], selected: tuple[int, int] | None) -> tuple[list[Bar], list[Bar]]:
    """The bars of the years, and those of the months; few months stand alone."""
    known = dict(counts)
    ends = [*known, *(selected or ())]
    if not known:
        return [], []
    first, last = min(ends), max(ends)
    if last - first < _MAX_MONTHS_ALONE:
        return [], [_month_bar(month, known, first) for month in range(first, last + 1)]
    years = [
        Bar(
            *(year * 12, year * 12 + 11, str(year)),
            *(sum(known.get(month, 0) for month in range(year * 12, year * 12 + 12)), str(year)),
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
    """The field in a frame like that of the other fields; its own would lose the arrow."""
    frame = QFrame(parent)
    frame.setObjectName("day")
    inside = QHBoxLayout(frame)
    inside.setContentsMargins(4, 2, 2, 2)
    inside.addWidget(field)
    return frame


def month_of_day(day: int) -> int:
    """The month of a day, as `month_of` counts months."""
    return day // 10_000 * 12 + day // 100 % 100 - 1


def _last_day(month: int) -> int:
    return _day_number(QDate(month // 12, month % 12 + 1, 1).addMonths(1).addDays(-1))


def _day_number(date: QDate) -> int:
    return date.year() * 10_000 + date.month() * 100 + date.day()
