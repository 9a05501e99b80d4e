"""How certain groups of duplicates are: which of them can be decided together, and how often the user agreed."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from photosim.duplicates.calibration import Calibration
from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import NAME_RULES
from photosim.duplicates.results import DuplicateGroup
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.records import METADATA_DATES

CERTAIN = 0.98
"""Probability from which copies count as certain."""

SAMPLE_SIZE = 20
"""Groups that the user looks at before the others are decided like them."""


class LineText(NamedTuple):
    """What the line of certainty means, as a sentence and in a few words."""

    full: str
    short: str


def certain_groups(
    groups: Iterable[DuplicateGroup], reviewed: Collection[str], calibration: Calibration
) -> list[DuplicateGroup]:
    """Return the groups to review of which both is certain: that all are one photo, and which of them to keep.

    The name of a file alone does not decide between different files. Shots of a burst are different photos, and so are
    photos with different times in their metadata, however alike they are.
    """
    return [
        group
        for group in groups
        if group.id not in reviewed
        and group.superfluous
        and _is_decided(group)
        and _has_one_date(group)
        and calibration.probability(group.confidence) >= CERTAIN
    ]


def sample_groups(groups: Sequence[DuplicateGroup], seed: int) -> list[DuplicateGroup]:
    """Return some groups at random, at most SAMPLE_SIZE; the same ones for the same seed."""
    return random.Random(seed).sample(groups, min(SAMPLE_SIZE, len(groups)))  # noqa: S311 - no secret


def most_useful_first(groups: Sequence[DuplicateGroup], calibration: Calibration) -> list[DuplicateGroup]:
    """Sort groups by how much a verdict on them tells, the most useful one first."""
    return [groups[row] for row in calibration.most_informative([group.confidence for group in groups])]


def share_above(groups: Iterable[DuplicateGroup], calibration: Calibration, line: float) -> float | None:
    """Return the expected share, 0 to 1, of copies that are the same photo, of those at least this certain.

    None where there are none.
    """
    probabilities = [
        calibration.probability(member.confidence)
        for group in groups
        if group.kind is DuplicateKind.SAME
        for member in group.photos
        if member.photo.file_id != group.keep and member.confidence >= line
    ]
    return sum(probabilities) / len(probabilities) if probabilities else None


def line_text(share: float | None, verdicts: int) -> LineText:
    """Tell how many of the copies above the line are the same photo for the user."""
    if share is None:
        return LineText(tr("No copies are this certain."), tr("No copies"))
    number = formatting.format_number(min(round(share * 100), 99 if share < 1 else 100))
    full = (
        tr("Above this line, {number} of 100 are the same photo for you (from %Ln verdict(s)).", "", verdicts)
        if verdicts
        else tr("Above this line, about {number} of 100 are the same photo.")
    )
    return LineText(full.format(number=number), tr("{number} of 100 are the same").format(number=number))


def _has_one_date(group: DuplicateGroup) -> bool:
    """Whether the metadata of all photos name the same time, as far as they name any: other shots look the same."""
    facts = [member.photo.facts for member in group.photos]
    return len({each.taken_at for each in facts if each.taken_at and each.taken_from in METADATA_DATES}) <= 1


def _is_decided(group: DuplicateGroup) -> bool:
    if group.kind is DuplicateKind.IDENTICAL:
        return bool(group.reasons)
    return group.kind is DuplicateKind.SAME and any(rule not in NAME_RULES for rule in group.reasons)
