"""What the command line says of duplicates: why a photo is kept, and how another one was made from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import CopyRelation, DuplicateGroup, GroupPhoto
from photosim.records import METADATA_DATES, Photo

KIND_TITLES = {
    DuplicateKind.IDENTICAL: "Identical files",
    DuplicateKind.SAME: "Same photo",
    DuplicateKind.BURST: "Burst",
}

REASONS = {
    KeepRule.PROTECTED: "in a protected folder",
    KeepRule.RAW: "has a RAW file",
    KeepRule.EDITED: "has edits",
    KeepRule.PIXELS: "larger",
    KeepRule.BYTES_PER_PIXEL: "less compressed",
    KeepRule.EARLIER: "original date",
    KeepRule.METADATA: "more metadata",
    KeepRule.SHARPER: "sharper",
    KeepRule.FOLDER: "in a preferred folder",
    KeepRule.SHORTER_NAME: "shorter name",
    KeepRule.SHORTER_PATH: "shorter path",
    KeepRule.LONGER_PATH: "longer path",
}
"""What a rule says of the photo that it prefers."""

_WHOLE = 0.97
"""Share of the photo to keep above which a copy shows all of it."""

_BRIGHTNESS = 0.02
"""Difference of the mean grey values that is worth mentioning."""


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """A group with the ids of its files that stay, by its review or else by the rules, and of those that would go."""

    group: DuplicateGroup
    kept: Collection[int]
    trashed: Collection[int]

    @property
    def keep(self) -> GroupPhoto:
        """The photo to keep, the first of several."""
        return next(member for member in self.group.photos if member.photo.file_id in self.kept)

    @property
    def superfluous(self) -> tuple[GroupPhoto, ...]:
        """The photos that would go to the trash."""
        return tuple(member for member in self.group.photos if member.photo.file_id in self.trashed)

    @property
    def bytes_freed(self) -> int:
        """Bytes of the photos that would go to the trash."""
        return sum(member.photo.size for member in self.superfluous)

    def why(self, member: GroupPhoto) -> str:
        """Say why a photo is the one to keep, or what it is beside that one."""
        group, first = self.group, self.group.photos[0].photo
        if member.photo.file_id == group.keep:
            return ", ".join(_reason(rule, member.photo) for rule in group.reasons) or "first by name"
        if group.kind is DuplicateKind.BURST:
            return _time_between(first, member.photo)
        if member.photo.photo_id == first.photo_id:
            return "identical"
        parts = [] if member.relation is None else describe_relation(member.relation)
        if _pixels(member.photo) < _pixels(first) and not parts:
            parts.append("smaller")
        return ", ".join(parts) or "saved again"

    def fate(self, member: GroupPhoto) -> str:
        """Say whether a photo is kept or would go to the trash, or why it stays in any case."""
        if member.photo.file_id in self.trashed:
            return "trash"
        if member.photo.file_id in self.kept:
            return "keep"
        if member.is_protected:
            return "protected"
        return "keep" if member.is_present else "unavailable"


def size_text(size: int) -> str:
    """Format a size in bytes, as the window does: 1 MB is 1024 kB."""
    if size < 1024:
        return f"{size} bytes"
    number = size / 1024
    for unit in ("kB", "MB", "GB"):
        if number < 1024:
            return f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"


def describe_relation(relation: CopyRelation) -> list[str]:
    """Say how a copy was made: "cropped to 75%", "mirrored"."""
    parts = []
    if relation.covers < _WHOLE:
        parts.append(f"cropped to {relation.covers:.0%}")
    if relation.is_mirrored:
        parts.append("mirrored")
    if relation.degrees:
        parts.append(f"rotated by {relation.degrees}°")
    if abs(relation.brighter) >= _BRIGHTNESS:
        parts.append("brighter" if relation.brighter > 0 else "darker")
    return parts


def _reason(rule: KeepRule, kept: Photo) -> str:
    """Return what a rule says of the photo to keep; only metadata have the date of the original."""
    if rule is KeepRule.EARLIER and kept.facts.taken_from not in METADATA_DATES:
        return "earlier date"
    return REASONS[rule]


def _time_between(kept: Photo, other: Photo) -> str:
    try:
        seconds = round((_taken_at(other) - _taken_at(kept)).total_seconds())
    except ValueError:
        return "same burst"
    if seconds == 0:
        return "same second"
    return f"{abs(seconds)} s {'later' if seconds > 0 else 'earlier'}"


def _taken_at(photo: Photo) -> datetime:
    """Return when a photo was taken. Raises ValueError if that is not known."""
    return datetime.fromisoformat(photo.facts.taken_at or "")


def _pixels(photo: Photo) -> int:
    return photo.facts.width * photo.facts.height
