"""Decisions, and taking them back."""

from __future__ import annotations

import random
from itertools import combinations

from hypothesis import assume, given
from hypothesis import strategies as st

from photosim.duplicates.decisions import Decisions, ReviewChange, ReviewIndex
from photosim.duplicates.grouping import DuplicateGroups
from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import DuplicateGroup, ReviewRow, Verdict, VerdictRow
from photosim.duplicates.verdict_index import VerdictIndex
from tests.support.duplicate_facts import MIN_CONFIDENCE, NOW, Case, cases

Tables = tuple[dict[tuple[bytes, bytes], VerdictRow], dict[str, tuple[ReviewRow, ...]]]


class Reviewing:
    """The verdicts and reviews of a case, and its groups."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.verdicts = VerdictIndex({(row.first, row.second): row for row in case.verdicts})
        self.reviews = ReviewIndex()
        self.digests = {photo_id: content.digest for photo_id, content in case.facts.contents.items()}

    def groups(self) -> list[DuplicateGroup]:
        groups = DuplicateGroups(self.case.facts, self.verdicts, self.case.rules, MIN_CONFIDENCE)
        return groups.of_kinds(set(DuplicateKind))

    def decisions(self) -> Decisions:
        return Decisions(self.verdicts, self.reviews, self.digests, lambda *_: 0.7, NOW)

    def apply(self, change: ReviewChange) -> None:
        self.verdicts.replace(change.verdict_keys, change.verdicts_after)
        self.reviews.replace(change.group_ids, change.reviews_after)

    def tables(self) -> Tables:
        return dict(self.verdicts.rows), dict(self.reviews.rows)


def decide_at_random(reviewing: Reviewing, rng: random.Random) -> list[ReviewChange]:
    """Review some groups, one after the other, in any way."""
    changes = []
    for _ in range(rng.randint(1, 4)):
        groups = reviewing.groups()
        assume(groups)
        group = rng.choice(groups)
        decisions = reviewing.decisions()
        files = rng.sample(group.file_ids, rng.randint(1, len(group.file_ids)))
        if rng.random() < 0.3:
            decisions.mark_different(group, rng.choice((None, files)))
        else:
            decisions.decide(group, files)
        changes.append(decisions.change())
        reviewing.apply(changes[-1])
    return changes


@given(cases(), st.randoms(use_true_random=False))
def test_decisions_are_taken_back_and_made_again_exactly(case: Case, rng: random.Random) -> None:
    reviewing = Reviewing(case)
    before = reviewing.tables()
    changes = decide_at_random(reviewing, rng)
    after = reviewing.tables()
    for change in reversed(changes):
        reviewing.apply(change.inverse)
    assert reviewing.tables() == before
    for change in changes:
        reviewing.apply(change)
    assert reviewing.tables() == after


@given(cases(), st.randoms(use_true_random=False))
def test_many_decisions_at_once_are_the_same_as_one_by_one(case: Case, rng: random.Random) -> None:
    one_by_one, at_once = Reviewing(case), Reviewing(case)
    together = at_once.decisions()
    for group in at_once.groups():
        keep = rng.sample(group.file_ids, rng.randint(1, len(group.file_ids)))
        together.decide(group, keep)
        single = one_by_one.decisions()
        single.decide(group, keep)
        one_by_one.apply(single.change())
    at_once.apply(together.change())
    assert at_once.tables() == one_by_one.tables()


@given(cases(), st.data())
def test_photos_that_all_stay_are_no_question_any_more(case: Case, data: st.DataObject) -> None:
    reviewing = Reviewing(case)
    groups = reviewing.groups()
    assume(groups)
    group = data.draw(st.sampled_from(groups))
    decisions = reviewing.decisions()
    decisions.decide(group, group.file_ids)
    reviewing.apply(decisions.change())
    for again in reviewing.groups():
        if set(again.file_ids) <= set(group.file_ids):
            assert again.superfluous == ()


@given(cases(), st.data())
def test_photos_that_are_different_share_no_group_any_more(case: Case, data: st.DataObject) -> None:
    reviewing = Reviewing(case)
    groups = [
        group for group in reviewing.groups() if len({photo.photo.photo_id for photo in group.photos}) > 1
    ]
    assume(groups)
    group = data.draw(st.sampled_from(groups))
    marked = data.draw(st.frozensets(st.sampled_from(group.file_ids), min_size=1))
    photos = {member.photo.photo_id for member in group.photos}
    others = photos - {member.photo.photo_id for member in group.photos if member.photo.file_id in marked}
    decisions = reviewing.decisions()
    decisions.mark_different(group, marked)
    reviewing.apply(decisions.change())
    for again in reviewing.groups():
        found = {member.photo.photo_id for member in again.photos} & photos
        assert len(found) < 2 or (others and (found <= others or not found & others))


@given(cases(), st.data())
def test_what_goes_is_the_same_photo_as_one_that_stays(case: Case, data: st.DataObject) -> None:
    reviewing = Reviewing(case)
    groups = reviewing.groups()
    assume(groups)
    group = data.draw(st.sampled_from(groups))
    keep = data.draw(st.frozensets(st.sampled_from(group.file_ids), min_size=1))
    decisions = reviewing.decisions()
    decisions.decide(group, keep)
    change = decisions.change()
    staying = {row.file_id for row in change.reviews_after if row.keep}
    assert staying >= keep
    digest_of_file = {
        member.photo.file_id: reviewing.digests[member.photo.photo_id] for member in group.photos
    }
    kept = {digest_of_file[file_id] for file_id in staying}
    for row in change.verdicts_after:
        assert row.verdict is not Verdict.DIFFERENT
        assert row.first in kept or row.second in kept
        if row.verdict is Verdict.KEPT:
            assert {row.first, row.second} <= kept
    gone = set(digest_of_file.values()) - kept
    keys = {(row.first, row.second) for row in change.verdicts_after}
    for digest in gone:
        assert any(digest in key for key in keys)
    reviewing.apply(change)
    for one, other in combinations(gone, 2):
        row = reviewing.verdicts.get(one, other)
        assert row is None or row.verdict is not Verdict.KEPT
