"""Which groups of duplicates are listed, and how the list changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import DuplicateGroup

_MAX_CHANGES = 200
"""Rows that are removed and inserted one by one; with more the list is replaced."""


class ReviewState(StrEnum):
    """Which groups are listed, by whether they were reviewed."""

    ALL = "all"
    OPEN = "open"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """What the listed groups have in common; `text` is part of a path, `year` that of a photo.

    `min_confidence` is for the library, which forms the groups by it: `matches` ignores it.
    """

    kind: DuplicateKind | None = None
    state: ReviewState = ReviewState.ALL
    text: str = ""
    year: str = ""
    min_confidence: float = 0.0
    useful_first: bool = False
    """Whether the groups are first of which a verdict tells most, and not those that free most."""

    @property
    def is_active(self) -> bool:
        """Whether it leaves out any group."""
        return replace(self, useful_first=False) != GroupFilter()

    def matches(self, group: DuplicateGroup, *, is_reviewed: bool) -> bool:
        """Whether a group is listed."""
        if self.kind is not None and group.kind is not self.kind:
            return False
        if self.state is not ReviewState.ALL and is_reviewed is not (self.state is ReviewState.REVIEWED):
            return False
        if self.year and not any(
            (member.photo.facts.taken_at or "").startswith(self.year) for member in group.photos
        ):
            return False
        return not self.text or any(self.text in member.photo.path.casefold() for member in group.photos)


@dataclass(frozen=True, slots=True)
class ListChange:
    """Groups to list, and how the rows become those from the ones listed before.

    `removed` are rows of the old list from the last to the first, `inserted` rows of the new one from the first to the last;
    both are None where the list is to be replaced.
    """

    groups: list[DuplicateGroup]
    removed: Sequence[int] | None = None
    inserted: Sequence[int] | None = None


def matching_groups(
    groups: Sequence[DuplicateGroup], reviewed: Mapping[str, object], criteria: GroupFilter
) -> list[DuplicateGroup]:
    """The groups that match, in their order; `reviewed` has the ids of those that were reviewed."""
    return [group for group in groups if criteria.matches(group, is_reviewed=group.id in reviewed)]


def years_of(groups: Sequence[DuplicateGroup]) -> list[str]:
    """The years of the photos, the last one first."""
    return sorted(
        {
            member.photo.facts.taken_at[:4]
            for group in groups
            for member in group.photos
            if member.photo.facts.taken_at
        },
        reverse=True,
    )


def list_change(old: Sequence[DuplicateGroup], new: list[DuplicateGroup]) -> ListChange:
    """How to change the rows of a list into those of another one."""
    old_ids, new_ids = [group.id for group in old], [group.id for group in new]
    old_set, new_set = set(old_ids), set(new_ids)
    removed = [row for row, group_id in enumerate(old_ids) if group_id not in new_set]
    inserted = [row for row, group_id in enumerate(new_ids) if group_id not in old_set]
    stay = [group_id for group_id in old_ids if group_id in new_set]
    is_same_order = stay == [group_id for group_id in new_ids if group_id in old_set]
    if not stay or not is_same_order or len(removed) + len(inserted) > _MAX_CHANGES:
        return ListChange(new)
    return ListChange(new, removed[::-1], inserted)


def next_open(groups: Sequence[DuplicateGroup], reviewed: Collection[str], row: int) -> int | None:
    """The row of the next group that was not reviewed: after `row`, else from the start; None where there is none."""
    count = len(groups)
    rows = (number % count for number in range(row + 1, row + 1 + count))
    return next((number for number in rows if groups[number].id not in reviewed), None)
