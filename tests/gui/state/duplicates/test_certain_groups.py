"""Which groups are certain enough to be decided together, and what is said about certainty."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.calibration import Calibration, calibrate
from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import DuplicateGroup, GroupPhoto
from photosim.gui.state.duplicates.certain_groups import (
    SAMPLE_SIZE,
    certain_groups,
    line_text,
    most_useful_first,
    sample_groups,
    share_above,
)
from tests.support.photo_records import make_photo_record

UNTAUGHT = calibrate([])


def group(
    number: int,
    confidence: float = 1.0,
    kind: DuplicateKind = DuplicateKind.SAME,
    reasons: tuple[KeepRule, ...] = (KeepRule.PIXELS,),
    **other: bool,
) -> DuplicateGroup:
    photos = (
        GroupPhoto(make_photo_record(2 * number)),
        GroupPhoto(make_photo_record(2 * number + 1), confidence=confidence, **other),
    )
    return DuplicateGroup(str(number), kind, photos, 2 * number, reasons)


def test_a_group_is_certain_by_its_copies_and_by_its_reasons() -> None:
    sure, unsure = group(1), group(2, 0.9)
    assert certain_groups([sure, unsure], (), UNTAUGHT) == [sure]
    assert certain_groups([group(1, reasons=())], (), UNTAUGHT) == []
    for rule in (KeepRule.SHORTER_NAME, KeepRule.SHORTER_PATH):
        assert certain_groups([group(1, reasons=(rule,))], (), UNTAUGHT) == []
    assert certain_groups([group(1, reasons=(KeepRule.EARLIER, KeepRule.SHORTER_PATH))], (), UNTAUGHT) != []


def test_between_identical_files_the_path_may_decide() -> None:
    identical = group(1, kind=DuplicateKind.IDENTICAL, reasons=(KeepRule.SHORTER_PATH,))
    assert certain_groups([identical], (), UNTAUGHT) == [identical]


def test_bursts_and_groups_with_nothing_to_decide_are_left_to_the_user() -> None:
    assert certain_groups([group(1, kind=DuplicateKind.BURST)], (), UNTAUGHT) == []
    assert certain_groups([group(1, is_protected=True)], (), UNTAUGHT) == []
    assert certain_groups([group(1)], ("1",), UNTAUGHT) == [], "it is reviewed already"


def test_photos_that_were_taken_at_different_times_are_not_certain_to_be_copies() -> None:
    def dated(taken_from: str, *dates: str | None) -> DuplicateGroup:
        pair = group(1)
        photos = tuple(
            replace(
                member,
                photo=replace(
                    member.photo,
                    facts=replace(member.photo.facts, taken_at=date, taken_from=taken_from),
                ),
            )
            for member, date in zip(pair.photos, dates, strict=True)
        )
        return replace(pair, photos=photos)

    first, second = "2024-05-01T12:00:00", "2024-05-01T12:00:02"
    assert certain_groups([dated("exif", first, second)], (), UNTAUGHT) == []
    for alike in (
        dated("exif", first, first),
        dated("exif", first, None),
        dated("file", first, second),
    ):
        assert certain_groups([alike], (), UNTAUGHT) == [alike]


def test_what_the_user_often_rejected_is_certain_no_more() -> None:
    assert certain_groups([group(1, 0.995)], (), UNTAUGHT) != []
    taught = calibrate([(0.995, False)] * 12)
    assert certain_groups([group(1, 0.995)], (), taught) == []


@given(st.integers(0, 60), st.integers())
def test_a_sample_is_random_but_repeatable(count: int, seed: int) -> None:
    groups = [group(number) for number in range(count)]
    sample = sample_groups(groups, seed)
    assert sample == sample_groups(groups, seed)
    assert len({each.id for each in sample}) == len(sample) == min(count, SAMPLE_SIZE)
    assert {each.id for each in sample} <= {each.id for each in groups}


def test_the_pair_that_is_least_certain_teaches_most() -> None:
    groups = [group(1, 1.0), group(2, 0.52), group(3, 0.8)]
    assert [each.id for each in most_useful_first(groups, UNTAUGHT)] == ["2", "3", "1"]


@pytest.mark.parametrize(
    ("share", "verdicts", "text"),
    [
        (0.974, 40, "Above this line, 97 of 100 are the same photo for you (from 40 verdicts)."),
        (0.999, 1, "Above this line, 99 of 100 are the same photo for you (from 1 verdict)."),
        (1.0, 0, "Above this line, about 100 of 100 are the same photo."),
        (None, 3, "No copies are this certain."),
    ],
)
def test_the_line_is_told_in_a_sentence(qapp: object, share: float | None, verdicts: int, text: str) -> None:
    assert line_text(share, verdicts).full == text


@given(st.lists(st.floats(0.5, 1)), st.floats(0.5, 1))
def test_a_higher_line_never_promises_less(confidences: list[float], line: float) -> None:
    groups = [group(number, confidence) for number, confidence in enumerate(confidences)]
    calibration: Calibration = calibrate([(0.6, False), (0.7, True), (0.9, True)])
    low, high = share_above(groups, calibration, 0.5), share_above(groups, calibration, line)
    if low is None or high is None:
        assert high is None
    else:
        assert high >= low - 1e-9
