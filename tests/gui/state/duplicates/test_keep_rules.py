"""The keep rules in words, and what others would change."""

from __future__ import annotations

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import BURST_RULES, DEFAULT_RULES, KeepRule
from photosim.duplicates.results import DuplicateGroup, GroupPhoto
from photosim.gui.state.duplicates.keep_rules import (
    RuleEffect,
    compare_groups,
    effect_text,
    ordered_rules,
    rule_name,
)
from tests.support.photo_records import make_photo_record


def group(name: str, keep: int, *others: int) -> DuplicateGroup:
    photos = tuple(GroupPhoto(make_photo_record(number)) for number in (keep, *others))
    return DuplicateGroup(name, DuplicateKind.SAME, photos, keep, ())


def test_every_rule_has_a_name_of_its_own(qapp: object) -> None:
    assert len({rule_name(rule) for rule in KeepRule}) == len(KeepRule)


def test_all_rules_are_offered_the_chosen_ones_first_and_in_their_order() -> None:
    for chosen in (DEFAULT_RULES, BURST_RULES, (KeepRule.FOLDER,), ()):
        rules = ordered_rules(chosen)
        assert [rule for rule, is_chosen in rules if is_chosen] == list(chosen)
        assert rules[: len(chosen)] == [(rule, True) for rule in chosen]
        assert {rule for rule, _ in rules} == set(KeepRule)
        assert len(rules) == len(KeepRule)


def test_what_other_rules_change_is_counted_and_told(qapp: object) -> None:
    before = [group("a", 1, 2), group("b", 3, 4), group("c", 5, 6)]
    after = [group("a", 2, 1), group("b", 3, 4), group("d", 7, 8)]
    effect = compare_groups(before, after)
    assert effect == RuleEffect(groups=3, changed=1, gone=1, new=1)
    assert effect_text(effect) == (
        "With these rules, 1 of 3 groups would keep another photo. 1 group would no longer be listed. "
        "1 group would be added."
    )
    assert effect_text(compare_groups(before, before)) == "With these rules, the same photos are kept."
    assert effect_text(compare_groups([], [])) == "There are no groups that these rules apply to."
