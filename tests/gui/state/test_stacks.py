"""Which photos are shown as one, and which of them is on top."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.state.stacks import Stacks
from photosim.records import Photo
from tests.support.photo_records import make_photo_records

GROUPS = st.lists(st.lists(st.integers(1, 30), min_size=2, max_size=6, unique=True), max_size=12)


def file_ids(photos: list[Photo]) -> list[int]:
    return [photo.file_id for photo in photos]


def test_the_best_photo_stands_for_its_stack_and_the_others_keep_their_order() -> None:
    stacked = Stacks.of_groups([(4, 2, 5)]).collapse(make_photo_records(6))
    assert file_ids(stacked.photos) == [1, 3, 4, 6]
    assert stacked.stacks == {4: (4, 2, 5)}
    assert stacked.hidden == 2


def test_a_photo_whose_others_are_elsewhere_is_no_stack() -> None:
    photos = make_photo_records(3)
    stacked = Stacks.of_groups([(2, 7, 8)]).collapse(photos)
    assert file_ids(stacked.photos) == [1, 2, 3]
    assert not stacked.stacks


def test_the_best_photo_of_those_that_are_there_is_on_top() -> None:
    stacked = Stacks.of_groups([(9, 3, 1)]).collapse(make_photo_records(4))
    assert stacked.stacks == {3: (3, 1)}


def test_a_photo_whose_file_is_missing_is_not_on_top_of_one_that_is_there() -> None:
    one, two, three = make_photo_records(3)
    stacked = Stacks.of_groups([(1, 2)]).collapse([replace(one, missing=True), two, three])
    assert stacked.stacks == {2: (2, 1)}


def test_a_burst_and_the_copies_of_its_shots_are_one_stack_with_the_best_shot_on_top() -> None:
    stacks = Stacks.of_groups([(1, 11), (2, 1, 3), (3, 13)])
    [members] = stacks.members
    assert members[0] == 2
    assert set(members) == {1, 2, 3, 11, 13}


def test_in_search_results_the_most_similar_photo_stands_for_its_stack() -> None:
    one, two, three, four = make_photo_records(4)
    stacked = Stacks.of_groups([(4, 2, 3)]).of_ranked([two, one, four, three])
    assert file_ids(stacked.photos) == [2, 1]
    assert stacked.stacks == {2: (2, 4, 3)}
    assert stacked.hidden == 2


def test_the_first_photos_are_shown_as_they_will_be_among_all() -> None:
    stacks = Stacks.of_groups([(9, 1, 2), (3, 8)])
    part = stacks.of_part(make_photo_records(4))
    assert file_ids(part.photos) == [3, 4], "1 and 2 are below 9, which follows"
    assert part.stacks == {3: (3, 8)}


@given(GROUPS, st.lists(st.integers(1, 30), unique=True))
def test_every_photo_is_shown_once_or_below_one_that_is(groups: list[list[int]], present: list[int]) -> None:
    records = make_photo_records(30)
    photos = [records[number - 1] for number in present]
    stacks = Stacks.of_groups(groups)
    for stacked in (stacks.collapse(photos), stacks.of_ranked(photos)):
        shown = file_ids(stacked.photos)
        below = [file_id for top, members in stacked.stacks.items() for file_id in members if file_id != top]
        assert sorted(shown + below) == sorted(present)
        assert len(below) == stacked.hidden
        assert all(members[0] == top and len(members) > 1 for top, members in stacked.stacks.items())


@given(GROUPS)
def test_groups_with_a_common_photo_are_in_one_stack(groups: list[list[int]]) -> None:
    stacks = Stacks.of_groups(groups)
    for group in groups:
        assert len({stacks.numbers[file_id] for file_id in group}) == 1
    together = [file_id for members in stacks.members for file_id in members]
    assert len(together) == len(set(together))


@given(GROUPS)
def test_the_order_of_the_groups_does_not_decide_what_is_together(groups: list[list[int]]) -> None:
    forward, backward = Stacks.of_groups(groups), Stacks.of_groups(reversed(groups))
    assert {frozenset(ids) for ids in forward.members} == {frozenset(ids) for ids in backward.members}
