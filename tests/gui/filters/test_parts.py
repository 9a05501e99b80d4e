"""The parts of the filter bar: choices, dates and texts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.filters.choice_popup import ChoicePopup
from photosim.gui.filters.choices import ChoiceModel, ChoiceRole
from photosim.gui.filters.date_popup import DatePopup
from photosim.gui.state.text import filters as filter_text
from photosim.gui.widgets.histogram import Histogram
from photosim.search.filters.columns import FacetValue
from photosim.search.filters.criteria import Facet, PhotoFilter
from photosim.search.filters.facets import FacetCounts

DOGS = (FacetValue("dog", 5), FacetValue("cat", 3))


def names(model: ChoiceModel) -> list[str]:
    return [model.index(row).data(ChoiceRole.VALUE) for row in range(model.rowCount())]


def test_choices_are_a_faultless_model(qtbot: QtBot) -> None:
    model = ChoiceModel(str.title)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(DOGS, {"cat"})
    model.show(DOGS[:1], {"cat"})
    model.search("do")
    model.search("")
    model.show((), ())
    assert tester.model() is model


def test_a_choice_tells_its_name_its_count_and_whether_it_is_ticked(qtbot: QtBot) -> None:
    model = ChoiceModel(str.title)
    model.show(DOGS, {"cat"})
    first, second = model.index(0), model.index(1)
    assert (first.data(), first.data(ChoiceRole.COUNT)) == ("Dog", 5)
    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == "Dog, 5 photos"
    ticks = [index.data(Qt.ItemDataRole.CheckStateRole) for index in (first, second)]
    assert ticks == [Qt.CheckState.Unchecked, Qt.CheckState.Checked]


def test_what_is_chosen_can_be_let_go_also_where_no_photo_has_it(qtbot: QtBot) -> None:
    model = ChoiceModel(str)
    model.show(DOGS, {"bird"})
    assert names(model) == ["dog", "cat", "bird"]


def test_choices_stay_where_they_are_while_they_are_looked_at(qtbot: QtBot) -> None:
    model = ChoiceModel(str)
    model.show(DOGS, ())
    model.show((FacetValue("cat", 9), FacetValue("dog", 1), FacetValue("cow", 4)), (), keep_order=True)
    assert names(model) == ["dog", "cat", "cow"]


def test_many_choices_can_be_searched(qtbot: QtBot) -> None:
    parent = Histogram()
    qtbot.addWidget(parent)
    popup = ChoicePopup("Label", str, parent)
    popup.show_choices([FacetValue(f"label {number}", number) for number in range(20, 0, -1)], ())
    assert not popup.search.isHidden()
    popup.search.setText("LABEL 1")
    assert len(names(popup.model)) == 11
    popup.show_choices(DOGS, ())
    popup.search.clear()
    assert names(popup.model) == ["dog", "cat"]


def test_few_months_are_bars_by_themselves_and_none_say_so(qtbot: QtBot) -> None:
    parent = Histogram()
    qtbot.addWidget(parent)
    popup = DatePopup(parent)
    may = 2024 * 12 + 4
    popup.show_dates(FacetCounts(months=((may, 3), (may + 2, 1))), PhotoFilter())
    assert popup.years.isHidden()
    assert [bar.count for bar in popup.months.bars] == [3, 0, 1]
    assert [bar.label for bar in popup.months.bars] == ["May 2024", "Jun", "Jul"]
    popup.show_dates(FacetCounts(), PhotoFilter())
    assert popup.months.isHidden()
    assert popup.hint.text() == "No dated photos here."


def test_the_years_stand_under_the_bars_before_the_months(qtbot: QtBot) -> None:
    parent = Histogram()
    qtbot.addWidget(parent)
    popup = DatePopup(parent)
    months = tuple((2022 * 12 + 7 + number, 1) for number in range(26))
    popup.show_dates(FacetCounts(26, 26, months), PhotoFilter())
    popup.months.resize(400, 74)
    labels = popup.months.visible_labels(lambda text: 7 * len(text))
    assert [text for _, text in labels if text.isdigit() or " " in text] == ["Aug 2022", "2023", "2024"]
    ends = [left + 7 * len(text) for left, text in labels]
    assert all(left > end for (left, _), end in zip(labels[1:], ends, strict=False))


def test_any_range_of_days_can_be_set_and_the_ends_never_cross(qtbot: QtBot) -> None:
    parent = Histogram()
    qtbot.addWidget(parent)
    popup = DatePopup(parent)
    may = 2024 * 12 + 4
    facets = FacetCounts(months=((may, 3), (may + 2, 1)), day_range=(20240503, 20240714))
    emitted: list[PhotoFilter] = []
    popup.filter_changed.connect(emitted.append)
    popup.show_dates(facets, PhotoFilter())
    assert (popup.first_field.date(), popup.last_field.date()) == (QDate(2024, 5, 3), QDate(2024, 7, 14))
    assert emitted == []
    popup.first_field.setDate(QDate(2024, 5, 20))
    assert emitted[-1] == PhotoFilter(days=(20240520, 20240714))
    popup.show_dates(facets, emitted[-1])
    assert popup.title.text() == filter_text.format_day_range(20240520, 20240714)
    assert [bar.count for bar in popup.months.bars] == [3, 0, 1]
    popup.last_field.setDate(QDate(2024, 5, 10))
    assert emitted[-1] == PhotoFilter(days=(20240510, 20240510))
    popup.show_dates(facets, PhotoFilter(dates=(may, may + 1)))
    assert (popup.first_field.date(), popup.last_field.date()) == (QDate(2024, 5, 1), QDate(2024, 6, 30))
    popup.show_dates(facets, emitted[-1])
    popup.any_button.click()
    assert emitted[-1] == PhotoFilter()
    assert len(emitted) == 3
    [(chip, left)] = filter_text.filter_chips(PhotoFilter(days=(20240510, 20240510), undated=True))
    assert chip.endswith("or no date")
    assert left == PhotoFilter()


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (24288, 24299, "2024"),
        (24276, 24299, "2023 – 2024"),
        (24292, 24292, "May 2024"),
        (24280, 24292, "May 2023 – May 2024"),
    ],
)
def test_spans_read_as_people_write_them(first: int, last: int, text: str) -> None:
    assert filter_text.format_month_range(first, last) == text


def test_each_chip_names_what_it_takes_off() -> None:
    photo_filter = PhotoFilter(
        text=" a  b ",
        undated=True,
        cameras=frozenset({"", "Canon"}),
        sizes=frozenset({"under 2"}),
        label_words=frozenset({"retriever"}),
        object_words=frozenset({"2 person", "dog left", "cat right", "kite top", "car bottom"}),
        months_of_year=frozenset({4}),
        folders=frozenset({"/photos/Kyoto"}),
        clusters=frozenset({"Elephants"}),
    )
    chips = dict(filter_text.filter_chips(photo_filter))
    assert list(chips) == [
        "“a”",
        "“b”",
        "May",
        "No date",
        "Unknown camera",
        "Canon",
        "Under 2 megapixels",
        "Any “retriever”",
        "2 × person",
        "car at the bottom",
        "cat on the right",
        "dog on the left",
        "kite at the top",
        "Elephants",
        "Kyoto",
    ]
    assert Facet.SIZES not in chips["Under 2 megapixels"].active_facets
    assert chips["“a”"] == replace(photo_filter, text="b")
    assert chips["May"] == replace(photo_filter, months_of_year=frozenset())
    assert chips["2 × person"].object_words == photo_filter.object_words - {"2 person"}
    assert chips["Any “retriever”"] == replace(photo_filter, label_words=frozenset())
    assert chips["Canon"].cameras == {""}
