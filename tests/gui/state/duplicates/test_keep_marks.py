"""The marks of the photos to keep while a group is reviewed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.results import DuplicateGroup
from photosim.gui.state.duplicates.keep_marks import KeepMarks
from tests.support.duplicate_groups import make_group, with_member


def ids(group: DuplicateGroup, *rows: int) -> frozenset[int]:
    return frozenset(group.file_ids[row] for row in rows)


def test_the_suggested_photo_is_marked_and_the_mark_follows_the_choice() -> None:
    group = make_group(1, 3)
    marks = KeepMarks(group)
    assert marks.kept == ids(group, 0)
    marks.choose(group.file_ids[2])
    assert marks.kept == ids(group, 2)
    assert [member.photo.file_id for member in marks.superfluous] == list(group.file_ids[:2])


def test_single_marks_stay_when_another_photo_is_chosen() -> None:
    group = make_group(1, 3)
    marks = KeepMarks(group)
    assert marks.toggle(group.file_ids[1])
    marks.choose(group.file_ids[2])
    assert marks.kept == ids(group, 0, 1)


def test_the_marks_of_an_earlier_review_are_shown_again() -> None:
    group = make_group(1, 3)
    marks = KeepMarks(group, ids(group, 1, 2))
    assert marks.kept == ids(group, 1, 2)


def test_protected_offline_missing_and_settled_photos_always_stay() -> None:
    group = make_group(1, 5)
    for row, change in enumerate(({"is_protected": True}, {"is_online": False}, {"is_settled": True}), 1):
        group = with_member(group, row, **change)
    group = with_member(group, 4, photo=replace(group.photos[4].photo, missing=True))
    marks = KeepMarks(group)
    assert marks.kept == ids(group, 0, 1, 2, 3, 4)
    assert not any(marks.toggle(file_id) for file_id in ids(group, 1, 2, 3, 4))


def test_an_offline_photo_alone_is_never_all_that_stays() -> None:
    group = with_member(make_group(1, 3), 1, is_online=False)
    marks = KeepMarks(group)
    marks.choose(group.file_ids[1])
    assert marks.kept == ids(group, 0, 1)
    assert not marks.toggle(group.file_ids[0]), "the other one is offline"


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=2, max_size=6),
    st.lists(st.tuples(st.booleans(), st.integers(0, 5))),
)
def test_something_that_is_there_stays_whatever_is_marked(
    flags: list[tuple[bool, bool, bool]], steps: list[tuple[bool, int]]
) -> None:
    group = make_group(1, len(flags))
    for row, (is_online, is_protected, is_settled) in enumerate(flags):
        group = with_member(group, row, is_online=is_online, is_protected=is_protected, is_settled=is_settled)
    marks = KeepMarks(group)
    for is_choice, row in steps:
        file_id = group.file_ids[row % len(flags)]
        _ = marks.choose(file_id) if is_choice else marks.toggle(file_id)
        assert marks.fixed <= marks.kept <= set(group.file_ids)
        online = {member.photo.file_id for member in group.photos if member.is_online}
        assert not online or marks.kept & online
        assert marks.kept
