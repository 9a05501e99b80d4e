"""Words about duplicates."""

from __future__ import annotations

import pytest

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import CopyRelation
from photosim.gui.state.text.duplicates import (
    group_summary,
    kind_name,
    member_texts,
    relation_texts,
    rule_text,
)
from tests.support.duplicate_groups import make_group, with_member

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
        (CopyRelation(SAME, 1.0, turned=359.5, is_mirrored=True), ["mirrored"]),
    ],
)
def test_it_is_told_how_a_copy_was_made(relation: CopyRelation | None, texts: list[str]) -> None:
    assert relation_texts(relation) == texts


def test_the_reasons_of_the_suggested_photo_are_told() -> None:
    group = make_group(1, reasons=(KeepRule.PIXELS, KeepRule.EARLIER))
    assert member_texts(group, group.photos[0]) == ["Suggested: larger", "original date"]
    group = with_member(make_group(1, reasons=()), 1, is_protected=True)
    assert member_texts(group, group.photos[0]) == ["Suggested: first by name"]
    assert member_texts(group, group.photos[1]) == ["Protected: always kept"]


def test_a_group_is_summed_up_and_is_never_rounded_to_certain() -> None:
    assert group_summary(make_group(1)) == "2 photos, 976.6 kB to free"
    assert group_summary(make_group(1, 3, confidence=0.999)).endswith(", 99% certain")
