"""Groups of duplicates as they are listed, reviewed and moved to the trash."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.records import Photo

METHOD_VERSION = 3
"""Version of the comparison that finds pairs: increase it with a change, so that all photos are compared anew."""


class Verdict(StrEnum):
    """What the user said of two photos. It is kept by their contents, whatever becomes of the files."""

    SAME = "same"
    """One of them is superfluous."""
    KEPT = "kept"
    """They belong together, and both stay."""
    DIFFERENT = "different"
    """They are not the same photo."""


@dataclass(frozen=True, slots=True)
class CopyRelation:
    """How a photo was made from the one to keep.

    `matrix` (six numbers, row by row) maps fractions of the photo to keep to fractions of this photo. `covers` is the
    share of the photo to keep that this one shows, 0 to 1; `turned` are degrees clockwise, 0 to below 360; `brighter` is
    the difference of the mean grey values where both show the same, -1 to 1.
    """

    matrix: tuple[float, ...]
    covers: float
    turned: float = 0.0
    is_mirrored: bool = False
    brighter: float = 0.0

    @property
    def degrees(self) -> int:
        """Whole degrees clockwise by which it was turned, from -89 to 270: a little to the left is less than 0."""
        degrees = round(self.turned) % 360
        return degrees if degrees <= 270 else degrees - 360

    @property
    def inverse(self) -> CopyRelation:
        """How the photo to keep would be made from this one."""
        a, b, x, c, d, y = self.matrix
        area = a * d - b * c
        inverse = (d / area, -b / area, (b * y - d * x) / area, -c / area, a / area, (c * x - a * y) / area)
        # Mirroring and then turning is undone by the same: turned back, and then mirrored.
        turned = self.turned if self.is_mirrored else -self.turned % 360
        return CopyRelation(
            inverse, min(self.covers * abs(area), 1.0), turned, self.is_mirrored, -self.brighter
        )


class Surround(StrEnum):
    """What is around a photo in an image that was made from it."""

    NONE = "none"
    FRAME = "frame"
    BARS = "bars"
    """Bars above and below, or at the left and right."""
    COLLAGE = "collage"
    OTHER = "other"
    """Something else: the photo is a part of a larger image."""


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two photos whose thumbnails were compared, the smaller id first.

    `confidence`, 0 to 1, is that one was made from the other; `relation` tells how the second would be made from the first.
    """

    first: int
    second: int
    confidence: float
    relation: CopyRelation | None = None


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A verdict as it is kept: `first` and `second` are the digests of two photos, in order.

    `confidence` is the one that the pair had, None where it was not compared. For files with the same bytes both digests
    are equal, and `copies` of them stay.
    """

    first: bytes
    second: bytes
    verdict: Verdict
    decided_at: str
    confidence: float | None = None
    copies: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """Whether a file of a reviewed group stays; size in bytes and mtime_ns are those that it had when reviewed."""

    file_id: int
    group_id: str
    keep: bool
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class GroupPhoto:
    """A file of a group, and what sets it apart from the others.

    `sharpness` is comparable within the group, None while unknown. `confidence` (0 to 1) is how certain it is that it
    belongs to the photo to keep, 1 for that one and for files with the same bytes. `relation` is None where it is not
    known: in bursts, and for files with the same bytes.
    """

    photo: Photo
    confidence: float = 1.0
    sharpness: float | None = None
    relation: CopyRelation | None = None
    has_edits: bool = False
    """Edits are saved in a file beside it."""
    is_protected: bool = False
    """It is in a protected folder, and never offered for the trash."""
    is_online: bool = True
    is_settled: bool = False
    """An earlier verdict keeps it beside the photo to keep; only the others are a question."""

    @property
    def is_present(self) -> bool:
        """Whether its folder is online, and the last scan found it."""
        return self.is_online and not self.photo.missing


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Files of which one or few are to be kept.

    `id` depends on the kind and the contents and paths of the files, and on nothing else. `photos` are in a fixed order, the
    one to keep first; `keep` is its file id, and `reasons` are the rules that chose it, see `keep_rules.choose`.
    """

    id: str
    kind: DuplicateKind
    photos: tuple[GroupPhoto, ...]
    keep: int
    reasons: tuple[KeepRule, ...]

    @property
    def file_ids(self) -> tuple[int, ...]:
        """The file ids, in the order of the photos."""
        return tuple(member.photo.file_id for member in self.photos)

    @property
    def confidence(self) -> float:
        """The confidence of the least certain photo."""
        return min(member.confidence for member in self.photos)

    @property
    def bytes_freed(self) -> int:
        """Bytes of the files that would go to the trash if the one to keep stayed."""
        return sum(member.photo.size for member in self.superfluous)

    @property
    def superfluous(self) -> tuple[GroupPhoto, ...]:
        """The photos that would go to the trash: neither the one to keep, nor protected, settled, offline or missing."""
        return tuple(
            member
            for member in self.photos
            if not (member.is_protected or member.is_settled)
            and member.is_online
            and not member.photo.missing
            and member.photo.file_id != self.keep
        )


@dataclass(frozen=True, slots=True)
class DuplicateTotals:
    """What there is to review, for the side bar."""

    groups: int = 0
    photos: int = 0
    """Files that could go to the trash."""
    bytes_freed: int = 0


@dataclass(frozen=True, slots=True)
class BasketGroup:
    """A reviewed group of which photos go to the trash.

    `trashed` are those, with the stamps that they had when they were reviewed; `kept` are the photos of the group that
    stay, the one to keep first. A photo may be in several groups, but none of `kept` is trashed by another one.
    """

    id: str
    kind: DuplicateKind
    trashed: tuple[Photo, ...]
    kept: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Basket:
    """The photos that the reviews so far move to the trash."""

    groups: tuple[BasketGroup, ...] = ()
    held_back: Collection[int] = field(default_factory=frozenset)
    """File ids that stay, against a review: otherwise nothing would be left of some group."""

    @property
    def photos(self) -> tuple[Photo, ...]:
        """The photos that go to the trash, each once."""
        return tuple({photo.file_id: photo for group in self.groups for photo in group.trashed}.values())

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(photo.size for photo in self.photos)
