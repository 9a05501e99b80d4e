"""The orders of a view."""

from __future__ import annotations

from pathlib import PurePath

from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.base.long_lists import CHUNK_SIZE
from photosim.gui.state.ordering import SortOrder, sort_in_chunks, sort_key
from photosim.records import Photo
from tests.support.photo_records import make_photo_record


def names(photos: list[Photo]) -> list[str]:
    return [PurePath(photo.path).name for photo in photos]


def test_names_are_ordered_as_people_count() -> None:
    photos = [
        make_photo_record(n, name)
        for n, name in enumerate(["b.jpg", "IMG_10.jpg", "a.jpg", "img_9.jpg", "IMG.jpg"])
    ]
    ordered = names(sort_in_chunks(photos, sort_key(SortOrder.NAME)))
    assert ordered == ["a.jpg", "b.jpg", "IMG.jpg", "img_9.jpg", "IMG_10.jpg"]


def test_the_newest_comes_first_and_undated_photos_last_by_name() -> None:
    photos = [
        make_photo_record(1, "undated b.jpg"),
        make_photo_record(2, "old.jpg", taken_at="2019-01-01T10:00:00"),
        make_photo_record(3, "undated a.jpg"),
        make_photo_record(4, "new.jpg", taken_at="2024-07-01T18:03:11"),
    ]
    ordered = names(sort_in_chunks(photos, sort_key(SortOrder.DATE)))
    assert ordered == ["new.jpg", "old.jpg", "undated a.jpg", "undated b.jpg"]


def test_the_most_similar_comes_first_and_the_unranked_last_by_name() -> None:
    photos = [make_photo_record(n, f"{n}.jpg") for n in range(5)]
    ordered = sort_in_chunks(photos, sort_key(SortOrder.SIMILARITY, {3: 0.9, 1: 0.95}))
    assert [photo.file_id for photo in ordered] == [1, 3, 0, 2, 4]


@given(st.lists(st.text(max_size=8), max_size=30), st.sampled_from(list(SortOrder)))
def test_any_names_can_be_ordered(texts: list[str], order: SortOrder) -> None:
    photos = [make_photo_record(n, text, taken_at=text or None) for n, text in enumerate(texts)]
    ordered = sort_in_chunks(photos, sort_key(order, {0: 0.5}))
    assert sorted(photo.file_id for photo in ordered) == list(range(len(texts)))


def test_sorting_in_steps_gives_the_same_order() -> None:
    count = 2 * CHUNK_SIZE + 17
    photos = [make_photo_record(n, f"{(n * 7919) % count}.jpg") for n in range(count)]
    key = sort_key(SortOrder.NAME)
    assert sort_in_chunks(photos, key) == sorted(photos, key=key)
