"""What the photos of a folder are to those of a library, or of another folder: in it, better, worse, or new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from photosim.duplicates.facts import are_two_shots
from photosim.duplicates.keep_rules import Candidate, KeepRule, choose, count_metadata
from photosim.duplicates.results import CopyRelation
from photosim.records import METADATA_DATES, Photo, PhotoFacts, UnreadableFile

WHOLE = 0.97
"""Share of a photo from which on another one shows all of it: borders of a pixel are no crop."""

_CROPPED = 0.93
"""Share of a photo below which another one does not replace it, whatever the rules say."""

_NOT_QUALITY = frozenset(
    {
        KeepRule.PROTECTED,
        KeepRule.FOLDER,
        KeepRule.SHORTER_NAME,
        KeepRule.SHORTER_PATH,
        KeepRule.LONGER_PATH,
    }
)
"""Rules about where a file lies, which say nothing of the photo."""


class ComparedState(StrEnum):
    """What a photo of the compared folder is to those that it is compared with."""

    NEW = "new"
    THEIRS_BETTER = "theirs_better"
    """It is there, but the one in the folder is better."""
    OURS_BETTER = "ours_better"
    """It is there, and better than in the folder."""
    SAME = "same"
    """It is there: with the same bytes, or as good."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A photo that shows the same as one of the folder.

    `confidence` is 0 to 1, `relation` how the photo of the folder would be made from it, None if it has the same bytes or
    that is not known. The user may have said that both are the same.
    """

    candidate: Candidate
    facts: PhotoFacts
    confidence: float = 1.0
    relation: CopyRelation | None = None
    is_identical: bool = False
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a photo of the folder is: `match` is None if it is new; `reasons` are why the better of the two is better."""

    state: ComparedState
    match: Counterpart | None = None
    reasons: tuple[KeepRule, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparedPhoto:
    """A photo of the compared folder with its state.

    The ids of `photo` hold within one comparison only. `match` is the path of the photo that it is compared with: of the same
    photo, or of the most similar one if it is new; None if there is none at all. `match_digest` is the digest of that
    photo, `similarity` the cosine of both embeddings. `confidence` is that both are the same photo, 0 if it is new.
    """

    photo: Photo
    digest: bytes
    state: ComparedState
    match: str | None = None
    match_digest: bytes | None = None
    similarity: float = 0.0
    confidence: float = 0.0
    is_identical: bool = False
    reasons: tuple[KeepRule, ...] = ()
    relation: CopyRelation | None = None
    """How the photo would be made from its match."""

    @property
    def is_itself(self) -> bool:
        """Whether the compared folder and the library have this file in common."""
        return self.match == self.photo.path


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result for a folder: its photos by path, a RAW file and its JPEG as one.

    `other` is the folder that it was compared with, empty for the library. `compared_at` is UTC, ISO 8601. `videos` were not
    compared; copies of the photos of the library that its model has not analyzed yet, `unanalyzed`, may count as new.
    """

    folder: str
    other: str
    compared_at: str
    photos: tuple[ComparedPhoto, ...] = ()
    unreadable: tuple[UnreadableFile, ...] = ()
    videos: int = 0
    unanalyzed: int = 0

    @property
    def counts(self) -> Mapping[ComparedState, int]:
        """The number of photos in each state."""
        counted = Counter(photo.state for photo in self.photos)
        return {state: counted[state] for state in ComparedState}

    @property
    def own_files(self) -> int:
        """How many of its photos are files of the library themselves."""
        return sum(photo.is_itself for photo in self.photos)


def quality_rules(rules: Sequence[KeepRule]) -> tuple[KeepRule, ...]:
    """Return those of the user's rules, in their order, that are about the photo and not about its place."""
    return tuple(rule for rule in rules if rule not in _NOT_QUALITY)


def candidate_of(photo: Photo, *, has_edits: bool = False) -> Candidate:
    """Return what the rules about quality compare of a photo file."""
    facts = photo.facts
    return Candidate(
        photo.file_id,
        photo.path,
        photo.size,
        facts.width * facts.height,
        facts.taken_at,
        facts.taken_from in METADATA_DATES,
        count_metadata(facts),
        has_raw=facts.is_raw or bool(photo.raw_files),
        has_edits=has_edits,
    )


def of_same_shot(theirs: PhotoFacts, ours: Sequence[Counterpart]) -> list[Counterpart]:
    """Return those of ours that are the same shot as a photo of the folder, as the metadata tell, most certain first.

    Shots of a burst look the same to the pixels: each is a photo of its own, and so is the next one on the card.
    """
    kept: list[Counterpart] = []
    for counterpart in sorted(ours, key=lambda each: (-each.confidence, each.candidate.file_id)):
        is_certain = counterpart.is_identical or counterpart.is_said
        if not is_certain and are_two_shots(theirs, counterpart.facts, counterpart.relation):
            continue
        if is_certain or not any(are_two_shots(other.facts, counterpart.facts, None) for other in kept):
            kept.append(counterpart)
    return kept


def judge(theirs: Candidate, ours: Sequence[Counterpart], rules: Sequence[KeepRule]) -> Judgement:
    """Return what a photo of the folder is, given all photos of ours that show the same, in any order.

    `rules` are those of `quality_rules`. A photo with the same bytes is there whatever else is, unless only theirs has a RAW
    file. A crop of it does not replace a photo, even if the rules prefer it.
    """
    if not ours:
        return Judgement(ComparedState.NEW)
    identical = [counterpart for counterpart in ours if counterpart.is_identical]
    if identical:
        match = _best(identical, rules)
        if theirs.has_raw and not match.candidate.has_raw:
            return Judgement(ComparedState.THEIRS_BETTER, match, (KeepRule.RAW,))
        return Judgement(ComparedState.SAME, match)
    complete = [counterpart for counterpart in ours if not _is_crop(counterpart)]
    match = _best(complete or ours, rules)
    winner, reasons = _better(theirs, match.candidate, rules)
    if not complete:
        return Judgement(ComparedState.THEIRS_BETTER, match, reasons if winner is theirs else ())
    if winner is None:
        return Judgement(ComparedState.SAME, match)
    state = ComparedState.THEIRS_BETTER if winner is theirs else ComparedState.OURS_BETTER
    return Judgement(state, match, reasons)


def _better(
    one: Candidate, other: Candidate, rules: Sequence[KeepRule]
) -> tuple[Candidate | None, tuple[KeepRule, ...]]:
    """Return the one that the rules prefer, None if they find no difference, and all in which it is better."""
    # Neither names nor ids decide: those of two libraries may be equal.
    first, second = one._replace(file_id=0, path=""), other._replace(file_id=1, path="")
    choice = choose([first, second], rules)
    if not choice.reasons:
        return None, ()
    reasons = [choose([first, second], [rule]) for rule in rules]
    better = tuple(
        single.reasons[0] for single in reasons if single.reasons and single.file_id == choice.file_id
    )
    return (one, other)[choice.file_id], better


def _best(counterparts: Sequence[Counterpart], rules: Sequence[KeepRule]) -> Counterpart:
    choice = choose([counterpart.candidate for counterpart in counterparts], rules)
    return next(
        counterpart for counterpart in counterparts if counterpart.candidate.file_id == choice.file_id
    )


def _is_crop(counterpart: Counterpart) -> bool:
    """Check whether ours shows only a part of theirs, which shows all of ours."""
    relation = counterpart.relation
    return relation is not None and relation.covers >= WHOLE and relation.inverse.covers < _CROPPED
