"""The keep rules in words, and what other ones would change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import DuplicateGroup
from photosim.gui.base.translation import tr


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What other rules would change in the groups that are listed."""

    groups: int
    changed: int
    """Groups of which another photo would be kept."""
    gone: int
    """Groups that would not be listed any more."""
    new: int
    """Groups that are not listed now."""


def rule_name(rule: KeepRule) -> str:
    """Name what a rule keeps."""
    return {
        KeepRule.PROTECTED: tr("In a protected folder"),
        KeepRule.RAW: tr("RAW, or with a RAW file"),
        KeepRule.EDITED: tr("With edits saved beside it"),
        KeepRule.PIXELS: tr("Larger, in pixels"),
        KeepRule.BYTES_PER_PIXEL: tr("Less compressed"),
        KeepRule.EARLIER: tr("Earlier original date"),
        KeepRule.METADATA: tr("More metadata"),
        KeepRule.SHARPER: tr("Sharper"),
        KeepRule.FOLDER: tr("In a folder further up in the order of folders"),
        KeepRule.SHORTER_NAME: tr("Shorter file name"),
        KeepRule.SHORTER_PATH: tr("Shorter path"),
        KeepRule.LONGER_PATH: tr("Longer path"),
    }[rule]


def ordered_rules(chosen: Sequence[KeepRule]) -> list[tuple[KeepRule, bool]]:
    """Return all rules, those that are chosen first and in their order, each with whether it is."""
    return [(rule, True) for rule in chosen] + [(rule, False) for rule in KeepRule if rule not in chosen]


def compare_groups(before: Iterable[DuplicateGroup], after: Iterable[DuplicateGroup]) -> RuleEffect:
    """Compare the groups by two sets of rules."""
    kept = {group.id: group.keep for group in before}
    would_keep = {group.id: group.keep for group in after}
    common = kept.keys() & would_keep.keys()
    return RuleEffect(
        groups=len(kept),
        changed=sum(kept[group] != would_keep[group] for group in common),
        gone=len(kept) - len(common),
        new=len(would_keep) - len(common),
    )


def effect_text(effect: RuleEffect) -> str:
    """Tell what other rules would change."""
    if not effect.groups and not effect.new:
        return tr("There are no groups that these rules apply to.")
    sentences = [
        tr("With these rules, {changed} of %Ln group(s) would keep another photo.", "", effect.groups).format(
            changed=effect.changed
        )
        if effect.changed
        else tr("With these rules, the same photos are kept.")
    ]
    if effect.gone:
        sentences.append(tr("%Ln group(s) would no longer be listed.", "", effect.gone))
    if effect.new:
        sentences.append(tr("%Ln group(s) would be added.", "", effect.new))
    return " ".join(sentences)
