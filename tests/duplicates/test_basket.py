"""The basket."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.basket import Review, fill_basket
from photosim.duplicates.grouping import DuplicateGroups
from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import Basket, DuplicateGroup
from photosim.duplicates.verdict_index import VerdictIndex
from tests.support.duplicate_facts import MIN_CONFIDENCE, Case, cases

Reviewed = tuple[list[DuplicateGroup], list[Review]]


def reviewed_cases() -> st.SearchStrategy[Reviewed]:
    """Return the groups of a library, and what was decided of some of them: any of their files, even none."""
    return st.tuples(cases(), st.randoms(use_true_random=False)).map(lambda drawn: _review(*drawn))


def _review(case: Case, rng: random.Random) -> Reviewed:
    verdicts = VerdictIndex({(row.first, row.second): row for row in case.verdicts})
    groups = DuplicateGroups(case.facts, verdicts, case.rules, MIN_CONFIDENCE).of_kinds(set(DuplicateKind))
    reviewed = [group for group in groups if rng.random() < 0.6]
    return groups, [
        (group, frozenset(file_id for file_id in group.file_ids if rng.random() < 0.4)) for group in reviewed
    ]


def going(basket: Basket) -> set[int]:
    return {photo.file_id for photo in basket.photos}


@given(reviewed_cases())
def test_no_group_is_emptied(reviewed: Reviewed) -> None:
    groups, reviews = reviewed
    gone = going(fill_basket(reviews, groups))
    for group in groups:
        present = {member.photo.file_id for member in group.photos if member.is_present}
        assert not present or present - gone, group.kind


@given(reviewed_cases())
def test_only_photos_of_reviewed_groups_that_were_not_kept_and_may_go_are_in_it(reviewed: Reviewed) -> None:
    groups, reviews = reviewed
    basket = fill_basket(reviews, groups)
    may = {
        member.photo.file_id
        for group, kept in reviews
        for member in group.photos
        if member.photo.file_id not in kept
    }
    assert going(basket) | set(basket.held_back) <= may
    for group in groups:
        for member in group.photos:
            if member.is_protected or member.is_settled or not member.is_present:
                assert member.photo.file_id not in {
                    photo.file_id
                    for found in basket.groups
                    if found.id == group.id
                    for photo in found.trashed
                }
            if member.is_protected or not member.is_present:
                assert member.photo.file_id not in going(basket)


@given(reviewed_cases())
def test_of_each_group_in_it_a_photo_stays_that_is_there(reviewed: Reviewed) -> None:
    groups, reviews = reviewed
    basket = fill_basket(reviews, groups)
    gone = going(basket)
    for found in basket.groups:
        assert found.trashed
        assert found.kept
        assert not found.kept[0].missing
        assert gone.isdisjoint(photo.file_id for photo in found.kept)
        assert gone.issuperset(photo.file_id for photo in found.trashed)


@given(reviewed_cases(), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(reviewed: Reviewed, rng: random.Random) -> None:
    groups, reviews = reviewed

    def mixed(items: Sequence[object]) -> list[object]:
        return rng.sample(items, len(items))

    assert fill_basket(mixed(reviews), mixed(groups)) == fill_basket(reviews, groups)  # type: ignore[arg-type]


@given(reviewed_cases())
def test_without_reviews_nothing_goes(reviewed: Reviewed) -> None:
    groups, _ = reviewed
    assert fill_basket([], groups) == Basket()
