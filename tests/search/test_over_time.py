"""The best photos of periods."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.exact import Vectors
from photosim.search.over_time import MAX_PER_PERIOD, Dated, Period, best_of_periods

COPY = 0.99

DATES = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.dates().map(str),
    st.sampled_from(
        ["2024-07-01T18:03:11", "2024-02-31", "2024-07", "0000-01-01", "2024-13-01", "2024-07-99"]
    ),
)


def different(count: int) -> Vectors:
    return np.eye(count + 1, dtype=np.float32)


def periods(query_date: str | None, *dates: str | None) -> tuple[Period, ...]:
    vectors = different(len(dates))
    return best_of_periods(Dated(query_date), vectors[-1], list(map(Dated, dates)), vectors[:-1], COPY)


def test_photos_of_several_years_are_put_in_years_and_the_one_of_the_query_is_told() -> None:
    found = periods("2021-05-01", "2019-01-01", "2021-07-01", "2019-12-31T10:00:00", None, "never")
    assert found == (Period("2019", (0, 2)), Period("2021", (1,), has_query=True))


def test_photos_of_one_year_are_put_in_months_and_those_of_one_month_in_days() -> None:
    assert periods("2021-05-01", "2021-03-08", "2021-05-09") == (
        Period("2021-03", (0,)),
        Period("2021-05", (1,), has_query=True),
    )
    assert periods("2021-05-01", "2021-05-09", "2021-05-01") == (
        Period("2021-05-01", (1,), has_query=True),
        Period("2021-05-09", (0,)),
    )


def test_a_period_has_only_its_best_photos() -> None:
    [_, then] = periods("2021-05-01", *["2022-01-01"] * 9)
    assert then.rows == tuple(range(MAX_PER_PERIOD))


def test_without_a_date_of_the_query_there_is_nothing_to_compare_with() -> None:
    assert periods(None, "2022-01-01") == ()
    assert periods("0000-05-01", "2022-01-01") == ()


def alike(*photos: Dated) -> list[tuple[str, int]]:
    """Return the periods of photos that look the same as the query, of July 2021, and how many photos each has."""
    vectors = np.ones((len(photos), 1), np.float32)
    found = best_of_periods(Dated("2021-07-01"), vectors[0], photos, vectors, COPY)
    return [(period.name, len(period.rows)) for period in found if period.rows]


def test_a_shot_repeated_years_later_is_found_and_one_of_the_same_year_is_left_out() -> None:
    assert alike(Dated("2019-01-01"), Dated("2019-05-01"), Dated("2021-07-01")) == [("2019", 1)]


def test_a_copy_that_has_only_the_date_of_its_file_is_left_out() -> None:
    assert alike(Dated("2019-01-01", is_estimated=True)) == []
    assert alike(Dated("2021-03-01"), Dated("2025-01-01", is_estimated=True)) == [("2021-03", 1)]


@given(query_date=DATES, dates=st.lists(DATES, max_size=12), seed=st.integers(0, 99))
def test_whatever_the_dates_are_every_row_is_in_one_period_at_most(
    query_date: str | None, dates: list[str | None], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors = different(3)[rng.integers(0, 4, len(dates))]
    photos = [
        Dated(date, bool(estimated))
        for date, estimated in zip(dates, rng.integers(0, 2, len(dates)), strict=True)
    ]
    found = best_of_periods(Dated(query_date), different(3)[0], photos, vectors, COPY)
    rows = [row for period in found for row in period.rows]
    assert len(rows) == len(set(rows))
    assert [period.name for period in found] == sorted({period.name for period in found})
    assert sum(period.has_query for period in found) == bool(found)
    assert all(period.rows or period.has_query for period in found)
