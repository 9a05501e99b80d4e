"""Which photos of a group are marked to be kept while it is reviewed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from photosim.duplicates.results import DuplicateGroup, GroupPhoto


@dataclass(frozen=True, slots=True)
class Review:
    """What was decided about a group: the files that stay, or that its photos are different ones."""

    kept: frozenset[int] = frozenset()
    is_different: bool = False


class KeepMarks:
    """Marks the suggested photo at first, then the chosen one, until single marks are set.

    At least one photo that is there stays marked. Photos that are protected, offline, missing or settled by an earlier
    verdict always stay.
    """

    def __init__(self, group: DuplicateGroup, kept: Collection[int] | None = None) -> None:
        """`kept` are the file ids of an earlier review."""
        self._group = group
        self._available = frozenset(
            member.photo.file_id for member in group.photos if member.is_online and not member.photo.missing
        )
        self.fixed = frozenset(member.photo.file_id for member in group.photos if always_stays(member))
        """File ids of the photos that stay whatever is marked."""
        self.kept = self._with_one_available(
            self.fixed | frozenset([group.keep] if kept is None else kept).intersection(group.file_ids)
        )
        """File ids of the photos that stay."""
        self._are_single = kept is not None

    def choose(self, file_id: int) -> None:
        """Mark this photo alone, unless single marks were set."""
        if not self._are_single:
            self.kept = self._with_one_available(self.fixed | {file_id})

    def toggle(self, file_id: int) -> bool:
        """Set or remove the mark of a photo; returns False where it has to stay."""
        kept = self.kept ^ {file_id}
        if file_id in self.fixed or (self._available and not kept & self._available):
            return False
        self._are_single, self.kept = True, kept
        return True

    @property
    def superfluous(self) -> tuple[GroupPhoto, ...]:
        """The photos that go to the trash."""
        return tuple(member for member in self._group.photos if member.photo.file_id not in self.kept)

    def _with_one_available(self, kept: frozenset[int]) -> frozenset[int]:
        if kept & self._available or not self._available:
            return kept
        best = self._group.keep
        if best not in self._available:
            best = next(file_id for file_id in self._group.file_ids if file_id in self._available)
        return kept | {best}


def always_stays(member: GroupPhoto) -> bool:
    """Whether a photo is never offered for the trash."""
    return member.is_protected or member.is_settled or not member.is_online or member.photo.missing
