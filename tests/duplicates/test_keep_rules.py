"""The photo of a group to keep."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.keep_rules import (
    DEFAULT_RULES,
    Candidate,
    CandidateTable,
    Choice,
    KeepRule,
    choose,
)

PLAIN = Candidate(1, "/photos/a.jpg", size=1_000_000, pixels=1_000_000, taken_at="2024-05-01T12:00:00")
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        file_id=st.integers(1, 50),
        path=st.sampled_from(["/a/1.jpg", "/a/22.jpg", "/b/caf\udce9.jpg", "/b/1.png"]),
        size=st.integers(0, 5_000_000),
        pixels=st.integers(0, 20_000_000),
        taken_at=st.none() | st.sampled_from(["2020-01-01T00:00:00", "2024-05-01T12:00:00"]),
        is_date_original=st.booleans(),
        metadata=st.integers(0, 9),
        sharpness=st.floats(0, 1e4),
        has_raw=st.booleans(),
        has_edits=st.booleans(),
        is_protected=st.booleans(),
        folder_rank=st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda candidate: candidate.file_id,
)
RULES = st.permutations(list(KeepRule)).flatmap(
    lambda rules: st.integers(0, len(rules)).map(lambda count: rules[:count])
)


@given(CANDIDATES, RULES, st.randoms(use_true_random=False))
def test_one_file_is_kept_whatever_the_order(
    candidates: list[Candidate], rules: list[KeepRule], rng: random.Random
) -> None:
    choice = choose(candidates, rules)
    assert choice.file_id in {candidate.file_id for candidate in candidates}
    assert choose(rng.sample(candidates, len(candidates)), rules) == choice
    assert set(choice.reasons) <= set(rules)


@given(CANDIDATES, RULES, st.data())
def test_a_table_chooses_as_the_rules_do(
    candidates: list[Candidate], rules: list[KeepRule], data: st.DataObject
) -> None:
    table = CandidateTable(candidates, [0] * len(candidates), rules)
    rows = data.draw(st.lists(st.integers(0, len(candidates) - 1), min_size=1, unique=True))
    chosen = candidates[table.choose(np.array(rows, np.int64))]
    assert chosen.file_id == choose([candidates[row] for row in rows], rules).file_id


@given(CANDIDATES, RULES)
def test_a_protected_file_is_kept_before_any_other(
    candidates: list[Candidate], rules: list[KeepRule]
) -> None:
    choice = choose(candidates, [KeepRule.PROTECTED, *rules])
    kept = next(candidate for candidate in candidates if candidate.file_id == choice.file_id)
    assert kept.is_protected or not any(candidate.is_protected for candidate in candidates)


@pytest.mark.parametrize(
    ("better", "rule"),
    [
        (PLAIN._replace(is_protected=True), KeepRule.PROTECTED),
        (PLAIN._replace(has_raw=True), KeepRule.RAW),
        (PLAIN._replace(has_edits=True), KeepRule.EDITED),
        (PLAIN._replace(pixels=2_000_000, size=2_000_000), KeepRule.PIXELS),
        (PLAIN._replace(size=1_500_000), KeepRule.BYTES_PER_PIXEL),
        (PLAIN._replace(taken_at="2023-05-01T12:00:00"), KeepRule.EARLIER),
        (PLAIN._replace(is_date_original=True, taken_at="2025-01-01T00:00:00"), KeepRule.EARLIER),
        (PLAIN._replace(metadata=4), KeepRule.METADATA),
        (PLAIN._replace(sharpness=9.0), KeepRule.SHARPER),
        (PLAIN._replace(folder_rank=-1), KeepRule.FOLDER),
        (PLAIN._replace(path="/photos/2024/a"), KeepRule.SHORTER_NAME),
        (PLAIN._replace(path="/a.jpg"), KeepRule.SHORTER_PATH),
        (PLAIN._replace(path="/photos/2024/a.jpg"), KeepRule.LONGER_PATH),
    ],
)
def test_each_rule_prefers_what_it_says(better: Candidate, rule: KeepRule) -> None:
    choice = choose([PLAIN, better._replace(file_id=2)], [rule])
    assert (choice.file_id, choice.reasons) == (2, (rule,))


def test_rounding_of_scaled_photos_does_not_count_as_more_pixels() -> None:
    other = PLAIN._replace(file_id=2, pixels=1_001_000, size=100_000)
    assert choose([PLAIN, other]).file_id == 1


def test_files_that_no_rule_tells_apart_are_kept_by_name() -> None:
    other = PLAIN._replace(file_id=2, path="/photos/b.jpg")
    assert choose([other, PLAIN], DEFAULT_RULES) == choose([PLAIN, other], DEFAULT_RULES)
    assert choose([other, PLAIN]).file_id == 1
    assert choose([other, PLAIN]).reasons == ()


@pytest.mark.parametrize("name", ["DSC_4157 bw.jpg", "DSC_4157 (1).jpg", "DSC_4157-edited.jpg"])
def test_the_original_is_kept_rather_than_a_copy_that_is_named_after_it(name: str) -> None:
    original = PLAIN._replace(path="/photos/2022/08 Coast/DSC_4157.jpg")
    copy = PLAIN._replace(file_id=2, path=f"/photos/Edited/{name}")
    assert choose([copy, original]) == Choice(1, (KeepRule.SHORTER_NAME,))


def test_a_group_without_files_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        choose([])
