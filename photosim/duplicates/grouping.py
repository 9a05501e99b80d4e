"""The groups of duplicates of a library: from confirmed pairs, bursts, identical files, verdicts and keep rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from photosim.duplicates.facts import Content, DuplicateFacts
from photosim.duplicates.group_builder import GroupBuilder
from photosim.duplicates.groups import (
    DuplicateKind,
    bursts,
    component_groups,
    connected,
    same_photo_groups,
    split_run,
)
from photosim.duplicates.keep_rules import KeepRuleSet
from photosim.duplicates.results import DuplicateGroup
from photosim.duplicates.verdict_index import VerdictIndex
from photosim.records import Photo

_MANY = 50
"""Connected photos from which on the best ones are chosen from columns of numbers."""


class DuplicateGroups:
    """All groups of a library under one set of rules; a verdict recomputes the groups that it concerns and no others.

    Not thread-safe.
    """

    def __init__(
        self, facts: DuplicateFacts, verdicts: VerdictIndex, rules: KeepRuleSet, min_confidence: float
    ) -> None:
        self.builder = GroupBuilder(facts, verdicts, rules)
        self._min_confidence = min_confidence
        # Ids depend on the order of indexing; digests do not.
        order = sorted(facts.contents.values(), key=lambda content: content.digest)
        self._contents = order
        self._rank = {content.photo_id: rank for rank, content in enumerate(order)}
        self._neighbours: dict[int, dict[int, float]] = {
            rank: {} for rank, content in enumerate(order) if len(content.files) > 1
        }
        for pair in facts.copies:
            if pair.confidence >= min_confidence:
                self._connect(pair.first, pair.second, pair.confidence)
        by_digest = {content.digest: content.photo_id for content in order}
        for first, second in verdicts.rows:
            if (
                first != second
                and first in by_digest
                and second in by_digest
                and verdicts.are_same(first, second)
            ):
                self._connect(by_digest[first], by_digest[second])
        self._components = connected(self._neighbours)
        self._component_of = {
            rank: number for number, component in enumerate(self._components) for rank in component
        }
        runs = bursts((self._rank[one], self._rank[other]) for one, other in facts.links)
        self._runs = runs
        self._run_of = {rank: number for number, run in enumerate(runs) for rank in run}
        self._copies: list[list[DuplicateGroup]] = [[] for _ in self._components]
        self._bursts: list[list[DuplicateGroup]] = [[] for _ in runs]
        self.gains: dict[str, tuple[int, int]] = {}
        """Files that could go to the trash and their bytes, by group id."""
        self._kept: dict[int, tuple[Photo, int | None]] = {}
        """The file that stands for a photo in bursts, which is the one that its group keeps, and the only run it is in."""
        self._compute(range(len(self._components)), range(len(runs)))

    def of_kinds(self, kinds: Collection[DuplicateKind]) -> list[DuplicateGroup]:
        """Return all groups of these kinds, in a fixed order.

        Identical files within a group of one photo are a group of their own if only identical ones are asked for.
        """
        found = [group for groups in self._copies for group in groups if group.kind in kinds]
        if DuplicateKind.IDENTICAL in kinds and DuplicateKind.SAME not in kinds:
            found += self._identical_within()
        if DuplicateKind.BURST in kinds:
            found += [group for groups in self._bursts for group in groups]
        return found

    def is_one_component(self, photo_ids: Collection[int]) -> bool:
        """Check whether these photos are connected by pairs: what is said of them then connects no others."""
        numbers = {
            self._component_of.get(self._rank[photo_id]) for photo_id in photo_ids if photo_id in self._rank
        }
        return None not in numbers and len(numbers) <= 1

    def update(self, photo_ids: Collection[int]) -> None:
        """Compute the groups of these photos again, whose verdicts changed."""
        ranks = {self._rank[photo_id] for photo_id in photo_ids if photo_id in self._rank}
        components = {self._component_of[rank] for rank in ranks if rank in self._component_of}
        ranks.update(rank for number in components for rank in self._components[number])
        runs = {self._run_of[rank] for rank in ranks if rank in self._run_of}
        self._compute(sorted(components), sorted(runs))

    def _connect(self, one: int, other: int, confidence: float = -1.0) -> None:
        first, second = self._rank[one], self._rank[other]
        self._neighbours.setdefault(first, {}).setdefault(second, confidence)
        self._neighbours.setdefault(second, {}).setdefault(first, confidence)

    def _compute(self, components: Iterable[int], runs: Iterable[int]) -> None:
        for number in components:
            self._replace(self._copies, number, self._groups_of(self._components[number]))
        for number in runs:
            self._replace(self._bursts, number, self._bursts_of(number))

    def _replace(self, lists: list[list[DuplicateGroup]], number: int, groups: list[DuplicateGroup]) -> None:
        for group in lists[number]:
            del self.gains[group.id]
        lists[number] = groups
        for group in groups:
            sizes = [member.photo.size for member in group.superfluous]
            self.gains[group.id] = len(sizes), sum(sizes)

    def _groups_of(self, component: tuple[int, ...]) -> list[DuplicateGroup]:
        """Return the groups of photos that are connected by pairs, and note which file stands for each of them."""
        found: list[DuplicateGroup] = []
        alone = set(component)
        for rank in component:
            self._kept.pop(rank, None)
        for star in self._stars(component):
            contents = [self._contents[rank] for rank in star]
            group = self.builder.build(DuplicateKind.SAME, contents, contents[0])
            alone.difference_update(star)
            self._add(found, group, contents)
        for rank in sorted(alone):
            content = self._contents[rank]
            if len(content.files) > 1:
                self._add(found, self.builder.build(DuplicateKind.IDENTICAL, [content]), [content])
        return found

    def _add(
        self, found: list[DuplicateGroup], group: DuplicateGroup | None, contents: Sequence[Content]
    ) -> None:
        if group is not None:
            found.append(group)
        kept = contents[0].files[0] if group is None else group.photos[0].photo
        ranks = [self._rank[content.photo_id] for content in contents]
        runs = [self._run_of[rank] for rank in ranks if rank in self._run_of]
        run = self._run_of.get(self._rank[kept.photo_id], min(runs, default=None))
        self._kept.update((rank, (kept, run)) for rank in ranks)

    def _stars(self, component: tuple[int, ...]) -> list[tuple[int, ...]]:
        if len(component) < 2:
            return []
        verdicts = self.builder.verdicts
        digests = {
            rank: digest for rank in component if verdicts.is_judged(digest := self._contents[rank].digest)
        }
        if len(digests) < 2:
            return component_groups(component, self._neighbours, self._best_in(component))
        confirmed = {
            rank: {
                other: confidence
                for other, confidence in self._neighbours[rank].items()
                if confidence >= self._min_confidence
            }
            for rank in component
        }
        different = set()
        for one, other in combinations(digests, 2):
            if verdicts.are_different(digests[one], digests[other]):
                different.add((one, other))
                confirmed[one].pop(other, None)
                confirmed[other].pop(one, None)
            elif verdicts.are_same(digests[one], digests[other]):
                confirmed[one][other] = confirmed[other][one] = 1.0
        return same_photo_groups(confirmed, self._best_in(component), different)

    def _best_in(self, component: tuple[int, ...]) -> Callable[[Sequence[int]], int]:
        """Return what tells the best of any photos of a component."""
        if len(component) < _MANY:
            return self._best
        best = self.builder.best_of_many([self._contents[rank].photo_id for rank in component])
        place_of = {rank: place for place, rank in enumerate(component)}
        return lambda ranks: component[best([place_of[rank] for rank in ranks])]

    def _best(self, ranks: Sequence[int]) -> int:
        return self._rank[self.builder.best_content([self._contents[rank].photo_id for rank in ranks])]

    def _bursts_of(self, number: int) -> list[DuplicateGroup]:
        contents: dict[int, Content] = {}
        for rank in self._runs[number]:
            file, run = self._kept.get(rank, (self._contents[rank].files[0], number))
            if run == number:
                place = self._rank[file.photo_id]
                kept = self._contents[place]
                contents.setdefault(
                    place,
                    Content(kept.photo_id, kept.digest, (file,), kept.sharpness, kept.subject_sharpness),
                )
        verdicts = self.builder.verdicts

        def are_different(one: int, other: int) -> bool:
            return verdicts.are_different(contents[one].digest, contents[other].digest)

        parts = split_run(list(contents), are_different)
        groups = [
            self.builder.build(DuplicateKind.BURST, _by_subject([contents[rank] for rank in part]))
            for part in parts
        ]
        return [group for group in groups if group is not None]

    def _identical_within(self) -> list[DuplicateGroup]:
        found = []
        for groups in self._copies:
            for group in groups:
                photo_ids = [member.photo.photo_id for member in group.photos]
                if group.kind is DuplicateKind.SAME and len(set(photo_ids)) < len(photo_ids):
                    for photo_id in dict.fromkeys(photo_ids):
                        content = self.builder.facts.contents[photo_id]
                        identical = self.builder.build(DuplicateKind.IDENTICAL, [content])
                        found += [] if identical is None else [identical]
        return found


def _by_subject(shots: Sequence[Content]) -> Sequence[Content]:
    """Return shots of a burst with the sharpness of their subject if all have it, else that of the whole photos."""
    if any(shot.subject_sharpness is None for shot in shots):
        return shots
    return [replace(shot, sharpness=shot.subject_sharpness) for shot in shots]
