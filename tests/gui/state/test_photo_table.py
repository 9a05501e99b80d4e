"""Photos sorted by columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import sorted_list
from photosim.gui.state.ordering import LATEST, SortOrder, date_number, sort_key
from photosim.gui.state.photo_table import PhotoTable, ScoreTable
from photosim.records import Cluster, Photo
from tests.support.photo_records import make_photo_record, make_photo_records

NAMES = st.sampled_from(["a.jpg", "b/A.jpg", "b/2.jpg", "b/10.jpg", "c/IMG_9.jpg", "c/img_10.jpg", "é.jpg"])
DATES = st.none() | st.sampled_from(
    ["", "2024-05-03T10:00:00", "2024-05-03T09:00:00", "2023", "later", "9" * 30]
)


@st.composite
def any_photos(draw: st.DrawFn) -> list[Photo]:
    photos = []
    for number in range(draw(st.integers(0, 25))):
        photo = make_photo_record(number * 7 % 25 + 1, f"{number}/{draw(NAMES)}", taken_at=draw(DATES))
        kind, source = draw(st.sampled_from(["JPEG", "PNG"])), draw(st.sampled_from(["exif", "file"]))
        facts = replace(photo.facts, format=kind, taken_from=source)
        photos.append(replace(photo, size=draw(st.integers(0, 3)), facts=facts))
    return photos


def test_a_table_of_scores_is_a_mapping() -> None:
    scores = {7: 0.5, 3: 0.9, 5: 0.5}
    table = ScoreTable.of(scores)
    assert dict(table) == scores
    assert ScoreTable.of(table) is table
    assert (table.get(3), table.get(4), table.get(8), 4 in table, len(ScoreTable.of({}))) == (
        0.9,
        None,
        None,
        False,
        0,
    )


@given(
    any_photos(),
    st.sampled_from(list(SortOrder)),
    st.sampled_from(list(GroupBy)),
    st.sampled_from([None, True, False]),
    st.booleans(),
)
def test_columns_sort_as_the_keys_of_photos_do(
    photos: list[Photo], order: SortOrder, group_by: GroupBy, descending: bool | None, as_part: bool
) -> None:
    similarities = {1: 0.5, 3: 0.9, 5: 0.5, 99: 1.0}
    clusters = [Cluster(1, (2, 4, 6), ()), Cluster(2, (1, 3), ())]
    grouper = make_grouper(group_by, clusters, order, descending=descending)
    table = PhotoTable(photos)
    if as_part:
        _ = table.name_ranks
        rows = np.arange(len(photos))[::-1][: len(photos) // 2]
        table = table.part(rows)
        photos = [photos[row] for row in rows.tolist()]
    listing = sorted_list(table, order, similarities, grouper, descending=descending)
    key = sort_key(order, similarities, descending=descending)
    key = key if grouper is None else grouper.sort_key(key)
    assert listing.photos == sorted(photos, key=key)
    by_table = sorted_list(table, order, ScoreTable.of(similarities), grouper, descending=descending)
    assert (by_table.photos, by_table.sections) == (listing.photos, listing.sections)
    assert list(map(by_table.sort_key, listing.photos)) == list(map(listing.sort_key, listing.photos))
    assert [listing.sort_key(photo) for photo in listing.photos] == sorted(map(key, photos))
    sections = [] if grouper is None else grouper.make_sections(listing.photos)
    assert listing.sections == tuple(sections)


def test_a_small_part_makes_its_own_columns() -> None:
    table = PhotoTable(make_photo_records(100))
    part = table.part(np.array([7, 3]))
    assert sorted_list(part, SortOrder.NAME).file_ids == [4, 8]
    assert "name_ranks" not in vars(table)
    large = table.part(np.arange(60)[::-1])
    assert sorted_list(large, SortOrder.NAME).file_ids == list(range(1, 61))
    assert "name_ranks" in vars(table)


def test_only_photos_of_the_same_time_are_compared_by_name() -> None:
    photos = [make_photo_record(n, f"{10 - n}.jpg", taken_at=f"2024-05-0{max(n, 2)}") for n in range(1, 9)]
    table = PhotoTable(photos)
    assert sorted_list(table, SortOrder.DATE).file_ids == [8, 7, 6, 5, 4, 3, 2, 1]
    assert "name_ranks" not in vars(table)


def test_rows_are_found_by_file_ids_in_any_order() -> None:
    table = PhotoTable(make_photo_records(5)[::-1])
    assert table.rows_of([2, 9, 5]).tolist() == [3, -1, 0]
    assert PhotoTable([]).rows_of([1]).tolist() == [-1]


@pytest.mark.parametrize("text", ["9" * 40, "-5", "x", "²", None])
def test_any_date_is_a_number_of_a_column(text: str | None) -> None:
    assert 0 <= date_number(make_photo_record(1, taken_at=text)) <= LATEST
