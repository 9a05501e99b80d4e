"""Groups of duplicates without a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import DuplicateGroup, GroupPhoto
from photosim.records import Photo
from tests.support.photo_records import make_photo_record


def make_group(
    number: int,
    photos: int | Sequence[Photo] = 2,
    kind: DuplicateKind = DuplicateKind.SAME,
    *,
    confidence: float = 1.0,
    reasons: tuple[KeepRule, ...] = (KeepRule.PIXELS,),
) -> DuplicateGroup:
    """A group of given photos, or of records without files whose ids begin with `number`; the first one is kept."""
    if isinstance(photos, int):
        photos = [
            replace(make_photo_record(100 * number + row, f"group {number}/{row}.jpg"), size=1_000_000)
            for row in range(photos)
        ]
    members = tuple(
        GroupPhoto(photo, confidence=1.0 if row == 0 else confidence) for row, photo in enumerate(photos)
    )
    return DuplicateGroup(f"{kind} {number}", kind, members, members[0].photo.file_id, reasons)


def with_member(group: DuplicateGroup, row: int, **changes: object) -> DuplicateGroup:
    """The group with one of its photos changed."""
    members = list(group.photos)
    members[row] = replace(members[row], **changes)  # type: ignore[arg-type]
    return replace(group, photos=tuple(members))
