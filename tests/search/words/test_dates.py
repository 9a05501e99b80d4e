"""Dates are understood as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.words.dates import MONTHS, DateRange, month_number, parse_date

TODAY = date(2024, 7, 10)  # a Wednesday in summer


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2021", "2021-01-01", "2021-12-31"),
        ("august 2023", "2023-08-01", "2023-08-31"),
        ("aug 2023", "2023-08-01", "2023-08-31"),
        ("2023 aug", "2023-08-01", "2023-08-31"),
        ("feb. 2024", "2024-02-01", "2024-02-29"),
        ("2021-05", "2021-05-01", "2021-05-31"),
        ("2021/5", "2021-05-01", "2021-05-31"),
        ("2021-05-17", "2021-05-17", "2021-05-17"),
        ("17.5.2021", "2021-05-17", "2021-05-17"),
        ("17 may 2021", "2021-05-17", "2021-05-17"),
        ("may 17, 2021", "2021-05-17", "2021-05-17"),
        ("3rd june 2020", "2020-06-03", "2020-06-03"),
        ("summer 2022", "2022-06-01", "2022-08-31"),
        ("last summer", "2023-06-01", "2023-08-31"),
        ("this summer", "2024-06-01", "2024-08-31"),
        ("christmas 2022", "2022-12-24", "2022-12-26"),
        ("last christmas", "2023-12-24", "2023-12-26"),
        ("today", "2024-07-10", "2024-07-10"),
        ("yesterday", "2024-07-09", "2024-07-09"),
        ("last week", "2024-07-01", "2024-07-07"),
        ("this week", "2024-07-08", "2024-07-14"),
        ("last month", "2024-06-01", "2024-06-30"),
        ("this year", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_date_is_understood(typed: str, first: str, last: str) -> None:
    assert parse_date(typed.split(), TODAY) == DateRange(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "dog",
        "1234",
        "12345",
        "20",
        "2021-13",
        "2021-02-30",
        "30 february 2021",
        "31.2.2021",
        "august dog",
        "ma",
        "ma 2023",
        "last dog",
        "christmas 2099",
        "17 may",
        "may 17 2021 x",
        "²021",
    ],
)
def test_what_is_no_date_is_none(typed: str) -> None:
    assert parse_date(typed.split(), TODAY) is None


def test_a_month_without_a_year_is_that_of_any_year() -> None:
    assert parse_date(["may"], TODAY) == DateRange(month_of_year=5)
    assert [month_number(name) for name in MONTHS] == list(range(1, 13))
    assert [month_number(name[:3]) for name in MONTHS] == list(range(1, 13))


def test_the_last_summer_is_over() -> None:
    december = date(2024, 12, 1)
    assert parse_date(["last", "summer"], december) == DateRange(date(2024, 6, 1), date(2024, 8, 31))


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
def test_any_day_is_understood_as_itself(day: date) -> None:
    itself = DateRange(day, day)
    assert parse_date([day.isoformat()], TODAY) == itself
    assert parse_date([str(day.day), MONTHS[day.month - 1], str(day.year)], TODAY) == itself
    assert itself.days == (int(day.strftime("%Y%m%d")),) * 2


@given(st.lists(st.text(max_size=12), max_size=4))
def test_no_text_is_too_strange(words: list[str]) -> None:
    parse_date(words, TODAY)
