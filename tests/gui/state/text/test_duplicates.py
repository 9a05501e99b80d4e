"""Words about duplicates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import Basket, CopyRelation
from photosim.files.operations.transfer import TransferFailure, TransferReport
from photosim.gui.state.text.duplicates import (
    group_summary,
    kind_name,
    member_texts,
    relation_texts,
    rule_text,
    trash_result_text,
)
from photosim.gui.state.text.operations import failure_texts
from photosim.records import PhotoFacts
from tests.support.duplicate_groups import make_group, with_member
from tests.support.photo_records import make_photo_record

SAME = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def test_each_kind_and_each_rule_has_words_of_its_own() -> None:
    assert len({kind_name(kind) for kind in DuplicateKind}) == len(DuplicateKind)
    assert len({rule_text(rule) for rule in KeepRule}) == len(KeepRule)


@pytest.mark.parametrize(
    ("relation", "texts"),
    [
        (None, []),
        (CopyRelation(SAME, 1.0), []),
        (CopyRelation(SAME, 0.75, brighter=0.1), ["cropped to 75%", "brighter"]),
        (CopyRelation(SAME, 1.0, turned=90.0, brighter=-0.1), ["rotated by 90°", "darker"]),
        (CopyRelation(SAME, 1.0, turned=355.0), ["rotated by -5°"]),
        (CopyRelation(SAME, 1.0, turned=359.5, is_mirrored=True), ["mirrored"]),
    ],
)
def test_it_is_told_how_a_copy_was_made(relation: CopyRelation | None, texts: list[str]) -> None:
    assert relation_texts(relation) == texts


def test_the_reasons_of_the_suggested_photo_are_told() -> None:
    for source, date in (("exif", "original date"), ("name", "earlier date"), ("file", "earlier date")):
        facts = PhotoFacts(60, 40, "JPEG", taken_at="2024-05-01T12:00:00", taken_from=source)
        photos = [replace(make_photo_record(row, f"{row}.jpg"), facts=facts) for row in range(2)]
        group = make_group(1, photos, reasons=(KeepRule.PIXELS, KeepRule.EARLIER))
        assert member_texts(group, group.photos[0]) == ["Suggested: larger", date]
    group = with_member(make_group(1, reasons=()), 1, is_protected=True)
    assert member_texts(group, group.photos[0]) == ["Suggested: first by name"]
    assert member_texts(group, group.photos[1]) == ["Protected: always kept"]


def test_a_group_is_summed_up_and_is_never_rounded_to_certain() -> None:
    assert group_summary(make_group(1)) == "2 photos, 976.6 kB to free"
    assert group_summary(make_group(1, 3, confidence=0.999)).endswith(", 99% certain")


def test_one_reason_is_told_and_several_are_not_mistaken_for_one() -> None:
    gone, edited = TransferFailure("a.jpg", "It is gone."), TransferFailure("b.jpg", "It was edited.")
    alike = TransferReport(failed=(gone, replace(gone, path="c.jpg")))
    assert trash_result_text(Basket(), alike) == "2 photos stayed: It is gone."
    assert failure_texts(alike)[0] == "2 photos weren't changed: It is gone."
    mixed = TransferReport(failed=(gone, edited))
    assert trash_result_text(Basket(), mixed) == "2 photos stayed: There are several reasons."
    assert failure_texts(mixed) == (
        "2 photos weren't changed: There are several reasons.",
        "a.jpg: It is gone.\nb.jpg: It was edited.",
    )
