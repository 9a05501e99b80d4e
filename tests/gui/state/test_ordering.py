"""The orders of a view."""

from __future__ import annotations

from dataclasses import replace
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


def test_undated_photos_come_last_in_both_directions() -> None:
    photos = [
        make_photo_record(1, "undated b.jpg"),
        make_photo_record(2, "old.jpg", taken_at="2019-01-01T10:00:00"),
        make_photo_record(3, "undated a.jpg"),
        make_photo_record(4, "new.jpg", taken_at="2024-07-01T18:03:11"),
    ]
    ordered = names(sort_in_chunks(photos, sort_key(SortOrder.DATE, descending=False)))
    assert ordered == ["old.jpg", "new.jpg", "undated a.jpg", "undated b.jpg"]


def test_size_type_and_date_added_have_their_usual_direction_and_the_other_one() -> None:
    kinds = [("c.jpg", 10, "JPEG"), ("b.png", 30, "PNG"), ("a.png", 20, "PNG"), ("d.gif", 20, "GIF")]
    photos = [
        replace(photo, size=size, facts=replace(photo.facts, format=kind))
        for photo, (_, size, kind) in zip(
            [make_photo_record(n, name) for n, (name, _, _) in enumerate(kinds, 1)], kinds, strict=True
        )
    ]

    def ordered(order: SortOrder, *, descending: bool | None = None) -> list[str]:
        return names(sort_in_chunks(photos, sort_key(order, descending=descending)))

    assert ordered(SortOrder.SIZE) == ["b.png", "a.png", "d.gif", "c.jpg"]
    assert ordered(SortOrder.SIZE, descending=False) == ["c.jpg", "a.png", "d.gif", "b.png"]
    assert ordered(SortOrder.TYPE) == ["d.gif", "c.jpg", "a.png", "b.png"]
    assert ordered(SortOrder.TYPE, descending=True) == ["a.png", "b.png", "c.jpg", "d.gif"]
    assert ordered(SortOrder.ADDED) == ["d.gif", "a.png", "b.png", "c.jpg"]
    assert ordered(SortOrder.ADDED, descending=False) == ["c.jpg", "b.png", "a.png", "d.gif"]


@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=()), max_size=8), max_size=30)
)
def test_names_from_z_to_a_are_the_reverse_of_a_to_z(texts: list[str]) -> None:
    photos = [make_photo_record(n, text) for n, text in enumerate(dict.fromkeys(texts), 1)]
    upwards = sort_in_chunks(photos, sort_key(SortOrder.NAME))
    assert sort_in_chunks(photos, sort_key(SortOrder.NAME, descending=True)) == upwards[::-1]


@given(
    st.lists(st.text(max_size=8), max_size=30),
    st.sampled_from(list(SortOrder)),
    st.sampled_from([None, True, False]),
)
def test_any_names_can_be_ordered(texts: list[str], order: SortOrder, descending: bool | None) -> None:
    photos = [make_photo_record(n, text, taken_at=text or None) for n, text in enumerate(texts)]
    ordered = sort_in_chunks(photos, sort_key(order, {0: 0.5}, descending=descending))
    assert sorted(photo.file_id for photo in ordered) == list(range(len(texts)))


def test_sorting_in_steps_gives_the_same_order() -> None:
    count = 2 * CHUNK_SIZE + 17
    photos = [make_photo_record(n, f"{(n * 7919) % count}.jpg") for n in range(count)]
    key = sort_key(SortOrder.NAME)
    assert sort_in_chunks(photos, key) == sorted(photos, key=key)
