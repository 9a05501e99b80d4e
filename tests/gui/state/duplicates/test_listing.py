"""Which groups of duplicates are listed, and how the list changes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.groups import DuplicateKind
from photosim.gui.state.duplicates.listing import (
    GroupFilter,
    ListChange,
    ReviewState,
    list_change,
    matching_groups,
    next_open,
    years_of,
)
from tests.support.duplicate_groups import make_group, with_member

GROUPS = [make_group(number) for number in range(12)]


def test_groups_are_filtered_by_kind_state_words_and_year() -> None:
    burst = make_group(1, kind=DuplicateKind.BURST)
    photo = burst.photos[1].photo
    dated = with_member(
        burst, 1, photo=replace(photo, facts=replace(photo.facts, taken_at="2023-05-01T10:00:00"))
    )
    groups = [make_group(2), dated]
    reviewed = {dated.id: object()}

    def listed(criteria: GroupFilter) -> list[str]:
        return [group.id for group in matching_groups(groups, reviewed, criteria)]

    assert listed(GroupFilter()) == [group.id for group in groups]
    for criteria in (
        GroupFilter(kind=DuplicateKind.BURST),
        GroupFilter(state=ReviewState.REVIEWED),
        GroupFilter(text="group 1/1"),
        GroupFilter(year="2023"),
    ):
        assert listed(criteria) == [dated.id], criteria
    assert listed(GroupFilter(state=ReviewState.OPEN)) == [groups[0].id]
    assert years_of(groups) == ["2023"]


def applied(old: list[int], change: ListChange) -> list[str]:
    rows = [GROUPS[number].id for number in old]
    if change.removed is None or change.inserted is None:
        return [group.id for group in change.groups]
    for row in change.removed:
        del rows[row]
    for row in change.inserted:
        rows.insert(row, change.groups[row].id)
    return rows


@given(st.lists(st.integers(0, 11), unique=True), st.lists(st.integers(0, 11), unique=True))
def test_the_rows_that_change_lead_to_the_new_list(old: list[int], new: list[int]) -> None:
    change = list_change([GROUPS[number] for number in old], [GROUPS[number] for number in new])
    assert applied(old, change) == [GROUPS[number].id for number in new]


def test_a_group_that_goes_is_one_change() -> None:
    change = list_change(GROUPS, GROUPS[:4] + GROUPS[5:])
    assert (list(change.removed or ()), list(change.inserted or ())) == ([4], [])


def test_the_next_open_group_follows_and_then_begins_at_the_start() -> None:
    reviewed = {GROUPS[3].id, GROUPS[4].id, GROUPS[11].id}
    assert next_open(GROUPS, reviewed, 2) == 5
    assert next_open(GROUPS, reviewed, 10) == 0
    assert next_open(GROUPS, {group.id for group in GROUPS}, 2) is None
    assert next_open([], set(), -1) is None
