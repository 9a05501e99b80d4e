"""The basket: what the reviews move to the trash, without emptying any group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from photosim.duplicates.results import Basket, BasketGroup, DuplicateGroup, GroupPhoto

Review = tuple[DuplicateGroup, Collection[int]]
"""A reviewed group and the ids of its files that stay."""


def fill_basket(reviews: Sequence[Review], groups: Iterable[DuplicateGroup] = ()) -> Basket:
    """Return the photos that reviews move to the trash; `groups` are all groups of the library, reviewed or not.

    Photos that are protected, settled, offline or missing stay. If all photos of a group that are present would go, the
    one that its rules keep stays. The result does not depend on the order of reviews and groups.
    """
    going = {
        member.photo.file_id
        for group, kept in reviews
        for member in group.photos
        if may_go(member) and member.photo.file_id not in kept
    }
    held_back: set[int] = set()
    if going:
        reviewed = {group.id: group for group, _ in reviews}
        for group in sorted([*reviewed.values(), *groups], key=lambda group: group.id):
            saved = _last_one(group, going)
            if saved is not None:
                held_back.add(saved)
                going.discard(saved)
    found = (_basket_group(group, kept, going) for group, kept in reviews)
    return Basket(
        tuple(sorted((group for group in found if group.trashed), key=lambda group: group.id)),
        frozenset(held_back),
    )


def may_go(member: GroupPhoto) -> bool:
    """Check whether a photo may be moved to the trash at all."""
    return member.is_present and not member.is_protected and not member.is_settled


def _last_one(group: DuplicateGroup, going: Collection[int]) -> int | None:
    """Return the file that has to stay, if nothing that is present would be left of the group."""
    present = [member.photo.file_id for member in group.photos if member.is_present]
    if not present or not all(file_id in going for file_id in present):
        return None
    return group.keep if group.keep in present else present[0]


def _basket_group(group: DuplicateGroup, kept: Collection[int], going: Collection[int]) -> BasketGroup:
    staying = [member for member in group.photos if member.photo.file_id not in going]
    return BasketGroup(
        id=group.id,
        kind=group.kind,
        trashed=tuple(
            photo
            for photo in (member.photo for member in group.photos)
            if photo.file_id in going and photo.file_id not in kept
        ),
        kept=tuple(member.photo for member in sorted(staying, key=lambda member: not member.is_present)),
    )
