"""What follows from one revision of a library: its duplicates under the rules asked for, and the reviews that hold."""

from __future__ import annotations

from dataclasses import replace

from photosim.duplicates.decisions import Decisions, ReviewChange, ReviewIndex
from photosim.duplicates.facts import Content, DuplicateFacts
from photosim.duplicates.group_builder import GroupBuilder, group_id
from photosim.duplicates.grouping import DuplicateGroups
from photosim.duplicates.groups import DuplicateKind, pair_of
from photosim.duplicates.keep_rules import KeepRuleSet
from photosim.duplicates.results import DuplicateGroup, ReviewRow, Verdict
from photosim.duplicates.verdict_index import VerdictIndex
from photosim.library.duplicates.facts import FactsLoader
from photosim.records import Photo
from photosim.runtime.gc_pause import gc_paused
from photosim.store.duplicates import CONFIRMED
from photosim.store.verdicts import VerdictTable

_MAX_GROUPINGS = 3
"""Sets of rules whose groups are kept: those of the window, and a preview of others."""

Reviewed = dict[str, tuple[DuplicateGroup, frozenset[int]]]
"""Reviewed groups and the ids of their files that stay, by group id."""


class DuplicateState:
    """Not thread-safe; `apply` keeps it up to date with the decisions, everything else takes a new one."""

    def __init__(
        self, key: object, table: VerdictTable, loader: FactsLoader, offline: frozenset[str]
    ) -> None:
        self.key = key
        self._loader, self._offline = loader, offline
        self.verdicts = VerdictIndex(table.verdicts())
        self._reviews = ReviewIndex(table.reviews())
        self._floor = CONFIRMED
        self._files: dict[int, tuple[Content, Photo]] = {}
        """All files by id, found when a review is first checked."""
        self._facts = self._load()
        self._groupings: dict[tuple[KeepRuleSet, float], DuplicateGroups] = {}
        self._reviewed: tuple[KeepRuleSet, Reviewed] | None = None

    def grouping(self, rules: KeepRuleSet, min_confidence: float) -> DuplicateGroups:
        """Return all groups under these rules, of pairs with at least this confidence."""
        if min_confidence < self._floor:
            self._floor = min_confidence
            self._facts = self._load()
            self._groupings.clear()
        key = (rules, min_confidence)
        found = self._groupings.pop(key, None)
        if found is None:
            with gc_paused():
                found = DuplicateGroups(self._facts, self.verdicts, rules, min_confidence)
        self._groupings[key] = found  # the last one asked for is the last to go
        while len(self._groupings) > _MAX_GROUPINGS:
            del self._groupings[next(iter(self._groupings))]
        return found

    def reviewed(self, rules: KeepRuleSet) -> Reviewed:
        """Return the reviews that hold: their files are as they were, and nothing else was said of them."""
        if self._reviewed is None or self._reviewed[0] != rules:
            self._reviewed = (rules, {})
            self._check_reviews(list(self._reviews.rows))
        return self._reviewed[1]

    def stale_reviews(self, rules: KeepRuleSet) -> list[ReviewRow]:
        """Return the reviews that do not hold any more, and forget them."""
        reviewed = self.reviewed(rules)
        stale = {group_id: rows for group_id, rows in self._reviews.rows.items() if group_id not in reviewed}
        self._reviews.replace(stale, ())
        return [row for rows in stale.values() for row in rows]

    def decisions(self, now: str) -> Decisions:
        """Return an object to collect decisions in."""
        facts = self._facts

        def confidence(one: int, other: int) -> float | None:
            pair = facts.pairs.get(pair_of(one, other))
            return None if pair is None else pair.confidence

        return Decisions(self.verdicts, self._reviews, self._digests, confidence, now)

    def apply(self, change: ReviewChange) -> None:
        """Take a change over that was saved."""
        self.verdicts.replace(change.verdict_keys, change.verdicts_after)
        self._reviews.replace(change.group_ids, change.reviews_after)
        photo_ids = self._photo_ids({digest for key in change.verdict_keys for digest in key})
        ties = [
            pair
            for row in (*change.verdicts_before, *change.verdicts_after)
            if row.confidence is not None and row.verdict is not Verdict.DIFFERENT
            if len(pair := self._photo_ids({row.first, row.second})) == 2
        ]
        for key, grouping in list(self._groupings.items()):
            if all(grouping.is_one_component(pair) for pair in ties):
                grouping.update(photo_ids)
            else:
                del self._groupings[key]  # the verdict connects photos that no pair did
        if self._reviewed is not None:
            self._check_reviews(change.group_ids)

    def _load(self) -> DuplicateFacts:
        reviewed = {row.file_id for rows in self._reviews.rows.values() for row in rows}
        facts = self._loader.load(self._floor, reviewed, self._offline)
        self._digests = {photo_id: content.digest for photo_id, content in facts.contents.items()}
        self._photos = {digest: photo_id for photo_id, digest in self._digests.items()}
        self._files = {}
        return facts

    def _photo_ids(self, digests: set[bytes]) -> list[int]:
        return [self._photos[digest] for digest in digests if digest in self._photos]

    def _check_reviews(self, ids: list[str] | tuple[str, ...]) -> None:
        assert self._reviewed is not None
        if not self._files and ids:
            self._files = {
                file.file_id: (content, file)
                for content in self._facts.contents.values()
                for file in content.files
            }
        rules, reviewed = self._reviewed
        builder = GroupBuilder(self._facts, self.verdicts, replace(rules, across_folders=False))
        for identity in ids:
            reviewed.pop(identity, None)
            rows = self._reviews.rows.get(identity, ())
            group = self._reviewed_group(builder, identity, rows)
            if group is not None:
                reviewed[identity] = group, frozenset(row.file_id for row in rows if row.keep)

    def _reviewed_group(
        self, builder: GroupBuilder, identity: str, rows: tuple[ReviewRow, ...]
    ) -> DuplicateGroup | None:
        """Return a reviewed group; None if a file of it changed, or two of its photos are different for the user."""
        found = [self._files[row.file_id] for row in rows if row.file_id in self._files]
        stamps = [(file.size, file.mtime_ns) for _, file in found]
        if stamps != [(row.size, row.mtime_ns) for row in rows]:
            return None
        kinds = [kind for kind in DuplicateKind if identity.startswith(f"{kind}-")]
        files = [(content.digest, file.path) for content, file in found]
        if not kinds or group_id(kinds[0], files) != identity:
            return None
        contents: dict[int, Content] = {}
        for content, file in found:
            of_group = contents.get(content.photo_id, replace(content, files=()))
            contents[content.photo_id] = replace(of_group, files=(*of_group.files, file))
        digests = [content.digest for content in contents.values()]
        if any(self.verdicts.are_different(one, other) for one in digests for other in digests):
            return None
        return builder.build(kinds[0], list(contents.values()))
