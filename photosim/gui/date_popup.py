"""What opens under the button "Date": the years and months of the photos as bars to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QWidget

from photosim.core.filtering import Facets
from photosim.core.photo_filter import PhotoFilter
from photosim.gui import filter_words, theme, words
from photosim.gui.choice_popup import Popup
from photosim.gui.histogram import Bar, Histogram

_WIDTH = 400  # logical pixels
_MONTHS_ALONE = 36
"""Months up to which years are not shown by themselves."""

_YEARS_APART = 3
"""Years up to which the months of a chosen span are shown beneath it."""


class DatePopup(Popup):
    """The span that is chosen, its bars, and the photos without a date."""

    chosen = Signal(object)
    """The person chose: a PhotoFilter with other dates."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._wanted, self._facets = PhotoFilter(), Facets()
        self.text = QLabel(self)
        theme.letter(self.text, bold=True)
        self.any = QPushButton(self.tr("Any date"), self)
        self.any.setObjectName("link")
        self.any.setCursor(Qt.CursorShape.PointingHandCursor)
        self.any.clicked.connect(lambda: self._tell(None))
        self.years, self.months = Histogram(self), Histogram(self)
        self.years.setAccessibleName(self.tr("Photos by year"))
        self.months.setAccessibleName(self.tr("Photos by month"))
        self.hint = QLabel(self.tr("Click a bar, or drag over several."), self)
        self.hint.setObjectName("small-text")
        theme.letter(self.hint, 0.88)
        self.undated = QCheckBox(self)
        head = QHBoxLayout()
        head.addWidget(self.text)
        head.addStretch(1)
        head.addWidget(self.any)
        self.column.setContentsMargins(14, 10, 14, 12)
        self.column.addLayout(head)
        for widget in (self.years, self.months, self.hint, self.undated):
            self.column.addWidget(widget)
        for histogram in (self.years, self.months):
            histogram.setFixedWidth(_WIDTH)
            histogram.chosen.connect(self._tell)
        self.undated.clicked.connect(
            lambda ticked: self.chosen.emit(replace(self._wanted, undated=bool(ticked)))
        )

    def show_dates(self, facets: Facets, wanted: PhotoFilter) -> None:
        """Show the dates that photos have, and what is chosen."""
        self._facets, self._wanted = facets, wanted
        dates = wanted.dates
        self.text.setText(self.tr("Any date") if dates is None else filter_words.months(*dates))
        self.any.setVisible(dates is not None)
        years, months = _bars(facets.months, dates)
        self.years.show_bars(years, dates)
        self.months.show_bars(months, dates)
        self.years.setVisible(bool(years))
        self.months.setVisible(bool(months))
        dated = bool(years or months)
        self.hint.setText(
            self.tr("Click a bar, or drag over several.") if dated else self.tr("No photo here has a date.")
        )
        self.undated.setText(self.tr("Without a date ({count})").format(count=words.number(facets.undated)))
        self.undated.setChecked(wanted.undated)
        self.undated.setVisible(facets.undated > 0 or wanted.undated)

    def open_under(self, button: QWidget) -> None:
        """Open with the keyboard on the bars."""
        super().open_under(button)
        (self.years if self.years.isVisible() else self.months).setFocus()

    def _tell(self, span: tuple[int, int] | None) -> None:
        self.chosen.emit(replace(self._wanted, dates=span))


def _bars(counts: Sequence[tuple[int, int]], chosen: tuple[int, int] | None) -> tuple[list[Bar], list[Bar]]:
    """The bars of the years, and those of the months; few months stand alone."""
    known = dict(counts)
    ends = [*known, *(chosen or ())]
    if not known:
        return [], []
    first, last = min(ends), max(ends)
    if last - first < _MONTHS_ALONE:
        return [], [_month(month, known, first) for month in range(first, last + 1)]
    years = [
        Bar(
            *(year * 12, year * 12 + 11, str(year)),
            *(sum(known.get(month, 0) for month in range(year * 12, year * 12 + 12)), str(year)),
        )
        for year in range(first // 12, last // 12 + 1)
    ]
    if chosen is None or chosen[1] // 12 - chosen[0] // 12 >= _YEARS_APART:
        return years, []
    start, end = chosen[0] // 12 * 12, chosen[1] // 12 * 12 + 11
    return years, [_month(month, known, start) for month in range(start, end + 1)]


def _month(month: int, known: dict[int, int], first: int) -> Bar:
    label = filter_words.month_name(month)
    if month % 12 == 0:
        label = str(month // 12)
    elif month == first:
        label = filter_words.month(month)
    return Bar(month, month, filter_words.month(month), known.get(month, 0), label)
