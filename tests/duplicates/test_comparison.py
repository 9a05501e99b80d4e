"""What a photo of a compared folder is to those of the library."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.comparison import (
    ComparedState,
    Counterpart,
    Judgement,
    candidate_of,
    judge,
    of_same_shot,
    quality_rules,
)
from photosim.duplicates.keep_rules import DEFAULT_RULES, Candidate, KeepRule
from photosim.duplicates.results import CopyRelation
from photosim.records import Photo, PhotoFacts

RULES = quality_rules(DEFAULT_RULES)
PHOTO = Candidate(1, "/card/a.jpg", 4_000_000, 12_000_000, "2024-05-01T12:00:00", True, 8)
SMALL = PHOTO._replace(pixels=3_000_000, size=1_000_000)
WHOLE = CopyRelation((1, 0, 0, 0, 1, 0), 1.0)
CROP = CopyRelation((1.25, 0, -0.125, 0, 1.25, -0.125), 0.64)
"""Theirs shows the middle of ours, 0.8 of each edge."""

FACTS = PhotoFacts(4, 3, "JPEG")

CANDIDATES = st.builds(
    Candidate,
    file_id=st.integers(1, 50),
    path=st.sampled_from(["/a/1.jpg", "/a/22.jpg", "/b/caf\udce9.jpg"]),
    size=st.integers(1, 5_000_000),
    pixels=st.integers(1, 20_000_000),
    taken_at=st.none() | st.sampled_from(["2020-01-01T00:00:00", "2024-05-01T12:00:00"]),
    is_date_original=st.booleans(),
    metadata=st.integers(0, 9),
    has_raw=st.booleans(),
    has_edits=st.booleans(),
)
COUNTERPARTS = st.lists(
    st.builds(
        Counterpart,
        CANDIDATES,
        st.just(FACTS),
        st.floats(0.5, 1),
        st.sampled_from([None, WHOLE, CROP, CROP.inverse]),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda counterpart: counterpart.candidate.file_id,
)


@given(CANDIDATES, COUNTERPARTS, st.randoms(use_true_random=False))
def test_every_photo_has_one_state_whatever_the_order_of_ours(
    theirs: Candidate, ours: list[Counterpart], rng: random.Random
) -> None:
    judgement = judge(theirs, ours, RULES)
    assert judge(theirs, rng.sample(ours, len(ours)), RULES) == judgement
    assert (judgement.state is ComparedState.NEW) == (not ours) == (judgement.match is None)
    assert judgement.match is None or judgement.match in ours
    assert set(judgement.reasons) <= set(RULES)


@given(CANDIDATES, CANDIDATES)
def test_of_two_photos_the_same_one_is_better_whoever_has_it(one: Candidate, other: Candidate) -> None:
    swapped = {
        ComparedState.OURS_BETTER: ComparedState.THEIRS_BETTER,
        ComparedState.THEIRS_BETTER: ComparedState.OURS_BETTER,
        ComparedState.SAME: ComparedState.SAME,
    }
    there = judge(one, [Counterpart(other, FACTS, relation=WHOLE)], RULES)
    back = judge(other, [Counterpart(one, FACTS, relation=WHOLE)], RULES)
    assert (back.state, back.reasons) == (swapped[there.state], there.reasons)


@given(CANDIDATES, COUNTERPARTS)
def test_a_photo_with_the_same_bytes_is_never_new_or_worse(
    theirs: Candidate, ours: list[Counterpart]
) -> None:
    copy = Counterpart(theirs._replace(file_id=99, path="/library/a.jpg"), FACTS, is_identical=True)
    judgement = judge(theirs, [*ours, copy], RULES)
    assert judgement.state in (ComparedState.SAME, ComparedState.THEIRS_BETTER)
    assert judgement.state is ComparedState.SAME or judgement.reasons == (KeepRule.RAW,)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pixels": 24_000_000, "size": 8_000_000}, KeepRule.PIXELS),
        ({"size": 6_000_000}, KeepRule.BYTES_PER_PIXEL),
        ({"has_raw": True}, KeepRule.RAW),
        ({"has_edits": True}, KeepRule.EDITED),
        ({"metadata": 9}, KeepRule.METADATA),
    ],
)
def test_the_better_one_says_why(change: dict[str, int], reason: KeepRule) -> None:
    better = PHOTO._replace(**change)
    judgement = judge(better, [Counterpart(PHOTO, FACTS)], RULES)
    assert (judgement.state, judgement.reasons) == (ComparedState.THEIRS_BETTER, (reason,))
    judgement = judge(PHOTO, [Counterpart(better, FACTS)], RULES)
    assert (judgement.state, judgement.reasons) == (ComparedState.OURS_BETTER, (reason,))


def test_a_photo_is_compared_with_the_best_of_ours() -> None:
    ours = [Counterpart(SMALL._replace(file_id=2), FACTS), Counterpart(PHOTO._replace(file_id=3), FACTS)]
    assert judge(PHOTO, ours, RULES) == Judgement(ComparedState.SAME, ours[1])


def test_a_crop_of_ours_is_worse_and_a_crop_of_theirs_replaces_nothing() -> None:
    assert judge(SMALL, [Counterpart(PHOTO, FACTS, relation=CROP)], RULES).state is ComparedState.OURS_BETTER
    enlarged = PHOTO._replace(pixels=20_000_000, size=8_000_000)
    ours = Counterpart(enlarged, FACTS, relation=CROP.inverse)
    assert judge(PHOTO, [ours], RULES) == Judgement(ComparedState.THEIRS_BETTER, ours)
    whole = Counterpart(SMALL._replace(file_id=2), FACTS, relation=WHOLE)
    assert judge(PHOTO, [ours, whole], RULES).match == whole


def test_only_a_raw_file_makes_a_photo_with_the_same_bytes_better() -> None:
    ours = Counterpart(PHOTO._replace(file_id=2), FACTS, is_identical=True)
    assert judge(PHOTO._replace(has_raw=True), [ours], RULES).state is ComparedState.THEIRS_BETTER
    assert judge(PHOTO._replace(has_edits=True), [ours], RULES).state is ComparedState.SAME


def test_where_a_photo_lies_does_not_make_it_better() -> None:
    rules = (KeepRule.PROTECTED, KeepRule.FOLDER, KeepRule.SHORTER_PATH, KeepRule.LONGER_PATH, KeepRule.RAW)
    assert quality_rules(rules) == (KeepRule.RAW,)


def test_a_raw_file_beside_a_photo_counts_as_its_own() -> None:
    photo = Photo(1, 1, "/card/a.jpg", 10, 0, PhotoFacts(4, 3, "JPEG"))
    assert not candidate_of(photo).has_raw
    assert candidate_of(replace(photo, raw_files=("/card/a.cr2",))).has_raw


def test_the_next_shot_of_a_burst_is_a_photo_of_its_own() -> None:
    shots = [
        PhotoFacts(4, 3, "JPEG", f"2024-05-01T12:00:0{second}", "Canon", taken_from="exif")
        for second in (1, 2, 3)
    ]
    stripped = PhotoFacts(4, 3, "JPEG")
    ours = [
        Counterpart(PHOTO._replace(file_id=number), facts, confidence)
        for number, (facts, confidence) in enumerate(
            zip([*shots, stripped], (0.97, 0.99, 0.98, 0.96), strict=True)
        )
    ]

    def kept(theirs: PhotoFacts) -> list[int]:
        return [counterpart.candidate.file_id for counterpart in of_same_shot(theirs, ours)]

    assert kept(shots[0]) == [0, 3]
    assert kept(replace(shots[0], taken_at="2024-05-01T12:00:09")) == [3]
    assert kept(stripped) == [1, 3]
    said = replace(ours[2], is_said=True)
    assert of_same_shot(shots[0], [said]) == [said]
