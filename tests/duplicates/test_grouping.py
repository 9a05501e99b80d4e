"""The groups that follow from pairs, bursts, verdicts and rules."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.facts import Content, DuplicateFacts
from photosim.duplicates.grouping import DuplicateGroups
from photosim.duplicates.groups import DuplicateKind, PhotoPair, pair_of
from photosim.duplicates.keep_rules import KeepRuleSet
from photosim.duplicates.results import DuplicateGroup, JudgedPair, Verdict, VerdictRow
from photosim.duplicates.verdict_index import VerdictIndex
from tests.support.duplicate_facts import MIN_CONFIDENCE, NOW, Case, cases, make_content, shuffled
from tests.support.duplicates import digest_of

COPIES = {DuplicateKind.IDENTICAL, DuplicateKind.SAME}
ALL = set(DuplicateKind)


def index(*rows: VerdictRow) -> VerdictIndex:
    return VerdictIndex({(row.first, row.second): row for row in rows})


def grouped(case: Case) -> DuplicateGroups:
    return DuplicateGroups(case.facts, index(*case.verdicts), case.rules, MIN_CONFIDENCE)


def facts_of(*contents: Content, pairs: dict[PhotoPair, JudgedPair] | None = None) -> DuplicateFacts:
    return DuplicateFacts({content.photo_id: content for content in contents}, pairs or {})


def by_id(groups: DuplicateGroups) -> list[DuplicateGroup]:
    return sorted(groups.of_kinds(ALL), key=lambda group: group.id)


def contents_of(group: DuplicateGroup) -> list[int]:
    return list(dict.fromkeys(member.photo.photo_id for member in group.photos))


@given(cases())
def test_no_group_holds_two_photos_that_are_different(case: Case) -> None:
    verdicts = index(*case.verdicts)
    digests = {photo_id: content.digest for photo_id, content in case.facts.contents.items()}
    for group in grouped(case).of_kinds(ALL):
        for one, other in combinations(contents_of(group), 2):
            assert not verdicts.are_different(digests[one], digests[other])


@given(cases())
def test_every_group_has_one_photo_to_keep_that_is_present_if_any_is(case: Case) -> None:
    for group in grouped(case).of_kinds(ALL):
        assert len(group.photos) > 1
        assert len(set(group.file_ids)) == len(group.photos)
        assert group.photos[0].photo.file_id == group.keep
        assert group.photos[0].is_present or not any(member.is_present for member in group.photos)


@given(cases())
def test_only_photos_that_may_go_are_superfluous(case: Case) -> None:
    for group in grouped(case).of_kinds(ALL):
        for member in group.superfluous:
            assert member.photo.file_id not in {group.keep, *case.facts.offline}
            assert not member.photo.missing
            assert not any(member.photo.path.startswith(f"{folder}/") for folder in case.rules.protected)


@given(cases())
def test_every_photo_of_a_group_is_tied_to_the_one_to_keep(case: Case) -> None:
    verdicts = index(*case.verdicts)
    for group in grouped(case).of_kinds({DuplicateKind.SAME}):
        kept = case.facts.contents[group.photos[0].photo.photo_id]
        for other in contents_of(group)[1:]:
            pair = case.facts.pairs.get(pair_of(kept.photo_id, other))
            is_confirmed = pair is not None and pair.confidence >= MIN_CONFIDENCE
            assert is_confirmed or verdicts.are_same(kept.digest, case.facts.contents[other].digest)


@given(cases())
def test_a_file_is_in_one_group_of_copies_and_one_burst_at_most(case: Case) -> None:
    groups = grouped(case)
    for kinds in (COPIES, {DuplicateKind.BURST}):
        files = [file_id for group in groups.of_kinds(kinds) for file_id in group.file_ids]
        assert len(files) == len(set(files))


@given(cases())
def test_files_in_the_folder_of_the_one_to_keep_do_not_count_across_folders(case: Case) -> None:
    for group in grouped(case).of_kinds(ALL):
        folders = [member.photo.path.rpartition("/")[0] for member in group.photos]
        assert not case.rules.across_folders or folders[0] not in folders[1:]


@given(cases(), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_rows_nor_on_ids(case: Case, rng: random.Random) -> None:
    def told(case: Case) -> list[tuple[str, int, object, object]]:
        groups = grouped(case).of_kinds(ALL)
        return sorted((group.id, group.keep, group.file_ids, group.reasons) for group in groups)

    assert told(shuffled(case, rng)) == told(case)


@given(cases(), cases())
def test_new_verdicts_have_the_same_effect_as_grouping_anew(case: Case, other: Case) -> None:
    groups = grouped(case)
    photo_of = {content.digest: photo_id for photo_id, content in case.facts.contents.items()}
    rows = [
        row
        for row in other.verdicts
        if row.first in photo_of
        and row.second in photo_of
        and (row.confidence is None or groups.is_one_component([photo_of[row.first], photo_of[row.second]]))
    ]
    verdicts = groups.builder.verdicts
    verdicts.replace([(row.first, row.second) for row in rows], rows)
    groups.update([photo_of[digest] for row in rows for digest in (row.first, row.second)])
    anew = DuplicateGroups(case.facts, index(*verdicts.rows.values()), case.rules, MIN_CONFIDENCE)
    assert by_id(groups) == by_id(anew)
    assert groups.gains == anew.gains


@given(cases())
def test_gains_are_what_would_go(case: Case) -> None:
    groups = grouped(case)
    assert groups.gains == {
        group.id: (len(group.superfluous), group.bytes_freed) for group in groups.of_kinds(ALL)
    }


def test_identical_files_that_stay_are_settled_up_to_their_number() -> None:
    content = make_content(1, ["/a", "/b", "/a/inner"], 10)
    kept = VerdictRow(digest_of(1), digest_of(1), Verdict.KEPT, NOW, copies=2)
    case = Case(facts=facts_of(content), verdicts=(kept,), rules=KeepRuleSet())
    [group] = grouped(case).of_kinds(ALL)
    assert [member.photo.file_id for member in group.superfluous] == [12]
    assert [member.photo.file_id for member in group.photos if member.is_settled] == [11]


def test_photos_that_stay_beside_one_another_are_settled_whatever_is_kept() -> None:
    contents = [make_content(number, ["/a"], 10 * number) for number in (1, 2, 3)]
    kept = [
        VerdictRow(digest_of(1), digest_of(2), Verdict.KEPT, NOW, 0.9),
        VerdictRow(digest_of(1), digest_of(3), Verdict.KEPT, NOW, 0.9),
    ]
    index_of_kept = index(*kept)
    assert index_of_kept.kept_with(digest_of(3), [digest_of(number) for number in (1, 2, 3)]) == {
        digest_of(1),
        digest_of(2),
    }
    pairs = {(one, other): JudgedPair(one, other, 0.9) for one, other in ((1, 2), (1, 3), (2, 3))}
    groups = DuplicateGroups(facts_of(*contents, pairs=pairs), index_of_kept, KeepRuleSet(), MIN_CONFIDENCE)
    [group] = groups.of_kinds(ALL)
    assert group.keep == 30
    assert group.superfluous == ()


@given(st.permutations([1.0, 2.0, 3.0]), st.lists(st.booleans(), min_size=3, max_size=3))
def test_a_burst_keeps_the_shot_with_the_sharpest_subject_where_all_shots_show_it(
    of_subject: list[float], is_found: list[bool]
) -> None:
    shots = [
        replace(
            make_content(number, ["/a"], 10),
            sharpness=float(number),
            subject_sharpness=of_subject[number - 1] if is_found[number - 1] else None,
        )
        for number in (1, 2, 3)
    ]
    facts = DuplicateFacts({shot.photo_id: shot for shot in shots}, {}, [(1, 2), (2, 3)])
    [group] = DuplicateGroups(facts, index(), KeepRuleSet(), MIN_CONFIDENCE).of_kinds({DuplicateKind.BURST})
    sharpness = of_subject if all(is_found) else [1.0, 2.0, 3.0]
    assert {member.photo.photo_id: member.sharpness for member in group.photos} == dict(
        zip((1, 2, 3), sharpness, strict=True)
    )
    assert group.photos[0].photo.photo_id == 1 + sharpness.index(3.0)
