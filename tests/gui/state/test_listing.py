"""What a grid is given to show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import make_list, sorted_list
from photosim.gui.state.ordering import SortOrder, month_of
from tests.support.photo_records import make_photo_record, make_photo_records


def test_photos_can_be_listed_in_any_order() -> None:
    photos = make_photo_records(3)[::-1]
    listing = make_list(photos, {2: 0.5})
    assert listing.photos == photos
    assert sorted(photos, key=listing.sort_key) == photos
    assert listing.similarities == {2: 0.5}


def test_a_listing_by_order_has_no_headings() -> None:
    listing = sorted_list(make_photo_records(3)[::-1], SortOrder.NAME)
    assert listing.file_ids == [1, 2, 3]
    assert listing.sections == ()


@given(
    st.lists(st.tuples(st.integers(2019, 2021), st.integers(1, 12)) | st.none(), max_size=30), st.booleans()
)
def test_months_begin_where_the_month_of_the_photos_changes(
    dates: list[tuple[int, int] | None], descending: bool
) -> None:
    photos = [
        make_photo_record(number, taken_at=date and f"{date[0]}-{date[1]:02}-03T10:00:00")
        for number, date in enumerate(dates, 1)
    ]
    listing = sorted_list(photos, SortOrder.DATE, descending=descending)
    months = [month_of(photo) for photo in listing.photos]
    expected = [(row, month) for row, month in enumerate(months) if row == 0 or month != months[row - 1]]
    assert listing.months == tuple(expected)
    known = [month for _, month in expected if month is not None]
    assert known == sorted(set(known), reverse=descending)
    assert all(month is not None for _, month in expected[:-1]), "those without a date are last"


def test_only_a_list_by_date_has_months() -> None:
    photos = [make_photo_record(1, taken_at="2024-05-04T12:00:00")]
    by_day, by_folder = (make_grouper(group_by) for group_by in (GroupBy.DAY, GroupBy.FOLDER))
    assert sorted_list(photos, SortOrder.DATE, grouper=by_day).months == ((0, 2024 * 12 + 4),)
    assert sorted_list(photos, SortOrder.DATE, grouper=by_folder).months is None
    assert sorted_list(photos, SortOrder.NAME).months is None
    assert make_list(photos).months is None
