"""Stacks: duplicates and bursts of which a grid shows one photo. All but `Stacks.of_ranked` runs in jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from photosim.records import Photo

StackMap = Mapping[int, tuple[int, ...]]
"""The file ids of each stack that is shown as one photo, by that of the photo on top, which is the first of them."""


@dataclass(frozen=True, slots=True)
class StackedPhotos:
    """Photos of which stacks are shown as one."""

    photos: Sequence[Photo]
    stacks: StackMap = field(default_factory=dict)
    hidden: int = 0
    """The number of photos that are below others."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of a library; without any, every photo is shown."""

    members: tuple[tuple[int, ...], ...] = ()
    """The file ids of each stack, the best photo first."""

    numbers: Mapping[int, int] = field(default_factory=dict)
    """The position in `members` by file id."""

    @classmethod
    def of_groups(cls, groups: Iterable[Sequence[int]]) -> Stacks:
        """Make stacks of groups of file ids, each with the best photo first; groups with a common photo become one.

        A shot of a burst that has copies is the best of these but need not be the best of the burst. On top is the photo
        that no group puts behind another one.
        """
        groups = list(groups)
        parents: dict[int, int] = {}

        def root(file_id: int) -> int:
            while (parent := parents.setdefault(file_id, file_id)) != file_id:
                parents[file_id] = file_id = parents[parent]
            return file_id

        behind: Counter[int] = Counter()
        for first, *others in groups:
            for file_id in others:
                parents[root(file_id)] = root(first)
                behind[file_id] += 1
        joined: dict[int, list[int]] = {}
        for file_id in parents:
            joined.setdefault(root(file_id), []).append(file_id)
        members = tuple(tuple(sorted(ids, key=behind.__getitem__)) for ids in joined.values() if len(ids) > 1)
        return cls(members, {file_id: number for number, ids in enumerate(members) for file_id in ids})

    def collapse(self, photos: Sequence[Photo]) -> StackedPhotos:
        """Leave one photo of each stack: the best of those that are there, and not one whose file is missing."""
        found: dict[int, list[Photo]] = {}
        numbers = self.numbers
        for photo in photos if numbers else ():
            number = numbers.get(photo.file_id)
            if number is not None:
                found.setdefault(number, []).append(photo)
        stacks: dict[int, tuple[int, ...]] = {}
        hidden: set[int] = set()
        for number, members in found.items():
            if len(members) > 1:
                ranks = {file_id: rank for rank, file_id in enumerate(self.members[number])}
                members.sort(key=lambda photo: (photo.missing, ranks[photo.file_id]))
                top, *others = (photo.file_id for photo in members)
                stacks[top] = (top, *others)
                hidden.update(others)
        if not stacks:
            return StackedPhotos(photos)
        return StackedPhotos([photo for photo in photos if photo.file_id not in hidden], stacks, len(hidden))

    def of_part(self, photos: Iterable[Photo]) -> StackedPhotos:
        """Leave the photos that are on top once all photos are there, as if they were."""
        shown, stacks = [], {}
        for photo in photos:
            number = self.numbers.get(photo.file_id)
            members = (photo.file_id,) if number is None else self.members[number]
            if members[0] == photo.file_id:
                shown.append(photo)
                if len(members) > 1:
                    stacks[photo.file_id] = members
        return StackedPhotos(shown, stacks)

    def of_ranked(self, photos: Iterable[Photo]) -> StackedPhotos:
        """Leave the first photo of each stack: in search results it is the one that was found for."""
        shown: list[Photo] = []
        stacks: dict[int, tuple[int, ...]] = {}
        tops: dict[int, int] = {}
        hidden = 0
        for photo in photos:
            number = self.numbers.get(photo.file_id)
            top = photo.file_id if number is None else tops.setdefault(number, photo.file_id)
            if top == photo.file_id:
                shown.append(photo)
            else:
                stacks[top] = (*stacks.get(top, (top,)), photo.file_id)
                hidden += 1
        return StackedPhotos(shown, stacks, hidden)
