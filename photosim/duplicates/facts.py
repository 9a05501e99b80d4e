"""What is known of the photos that may be duplicates, before any rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from photosim.duplicates.groups import PhotoPair
from photosim.duplicates.keep_rules import Candidate, KeepRuleSet
from photosim.duplicates.results import CopyRelation, JudgedPair
from photosim.records import METADATA_DATES, Photo, PhotoFacts

_TIME_ZONE_STEP = timedelta(minutes=15)

_UNMOVED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""The matrix of a photo that lies on another as it is."""

_MIN_SHIFT, _MAX_SHIFT = 0.008, 0.1
"""Fractions of a photo by which a hand moves the camera within a second; less is within the error of the comparison."""

_MAX_TURN = 3.0
"""Degrees."""


@dataclass(frozen=True, slots=True)
class Content:
    """A photo and the files that hold it, by path; `sharpness` is None while unknown.

    `subject_sharpness` is that of the subject of its burst, None unless the subject was found in all shots.
    """

    photo_id: int
    digest: bytes
    files: tuple[Photo, ...]
    sharpness: float | None = None
    subject_sharpness: float | None = None


@dataclass(frozen=True)
class DuplicateFacts:
    """What is known of the photos that may be duplicates: contents by photo id, pairs with their confidence, bursts.

    `pairs` and `links` (a shot and the next one of its burst) are of photos in `contents`. `offline` and `edited` are ids
    of files in folders that are offline, and of those with edits beside them.
    """

    contents: Mapping[int, Content]
    pairs: Mapping[PhotoPair, JudgedPair]
    links: Sequence[tuple[int, int]] = ()
    offline: AbstractSet[int] = frozenset()
    edited: AbstractSet[int] = frozenset()

    @cached_property
    def copies(self) -> list[JudgedPair]:
        """The pairs that are copies of each other, and not two shots."""
        return [
            pair
            for pair in self.pairs.values()
            if not are_two_shots(
                self.contents[pair.first].files[0].facts,
                self.contents[pair.second].files[0].facts,
                pair.relation,
            )
        ]

    def candidates(self, rules: KeepRuleSet) -> dict[int, Candidate]:
        """Return what rules know of each file, by file id; whoever needs one that is not there yet adds it.

        Rules with the same folders share them.
        """
        key = (rules.protected, rules.folders)
        if key not in self._candidates:
            self._candidates.clear()
            self._candidates[key] = {}
        return self._candidates[key]

    @cached_property
    def _candidates(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], dict[int, Candidate]]:
        return {}


def are_two_shots(first: PhotoFacts, second: PhotoFacts, relation: CopyRelation | None) -> bool:
    """Return whether two photos were taken one after the other, as their metadata tell: a copy keeps its date.

    A difference of whole quarters of an hour may also be one of time zones. Of one second are the shots of a fast burst too:
    these have one size, and the camera moved a little between them. Photos of a tripod are alike to the pixel.
    """
    if not first.camera or first.camera != second.camera:
        return False
    dates = [facts.taken_at for facts in (first, second) if facts.taken_from in METADATA_DATES]
    has_moved = (first.width, first.height) == (second.width, second.height) and (
        relation is not None and _is_moved(relation)
    )
    if len(dates) == 2 and dates[0] == dates[1] and not has_moved:
        return False  # as nearly all copies, whose dates need not be parsed
    try:
        taken = [datetime.fromisoformat(date) for date in dates if date is not None]
    except ValueError:  # a damaged date is none
        return False
    if len(taken) < 2:
        return False
    if taken[0] == taken[1]:
        return has_moved
    return (taken[0] - taken[1]) % _TIME_ZONE_STEP != timedelta(0)


def _is_moved(relation: CopyRelation) -> bool:
    """Return whether a photo shows a little more at one side, and less at the other: nearly all of it, but shifted."""
    is_upright = not relation.is_mirrored and min(relation.turned, 360 - relation.turned) < _MAX_TURN
    shift = max(abs(value - whole) for value, whole in zip(relation.matrix, _UNMOVED, strict=True))
    return is_upright and _MIN_SHIFT < shift < _MAX_SHIFT
