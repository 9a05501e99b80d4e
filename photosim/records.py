"""The values that packages pass to each other: photos, folders, clusters, models, progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

RAW_FORMATS = frozenset(
    {"ARW", "CR2", "CR3", "CRW", "DNG", "MRW", "NEF", "ORF", "PEF", "RAF", "RAW", "RW2", "SRW", "X3F"}
)
"""Names of camera RAW formats; "RAW" stands for the rarer ones."""

METADATA_DATES = frozenset({"exif", "xmp", "iptc"})
"""The values of `PhotoFacts.taken_from` of dates that are in the metadata."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A photo file found by a scan; `size` in bytes, `mtime_ns` in nanoseconds since the epoch."""

    path: str
    size: int
    mtime_ns: int


FileStamp = tuple[str, int, int]
"""Path, size and mtime_ns of a FileEntry as a plain tuple, for fast comparison of 100,000 of them."""


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Metadata of a photo file; `width` and `height` in pixels after EXIF orientation.

    `taken_at` is local time as ISO 8601 without a zone ("2024-07-01T18:03:11"), which sorts as text. `taken_from` tells
    where it was found: in the metadata ("exif", "xmp", "iptc"), else in the name of the file ("name"), else it is the
    time of the file ("file"). `latitude` and `longitude` are in degrees, north and east positive. `exposure` is in
    seconds, `aperture` the f-number, `focal_length` the true one in millimetres.
    """

    width: int
    height: int
    format: str
    taken_at: str | None = None
    camera: str | None = None
    lens: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    iso: int | None = None
    aperture: float | None = None
    exposure: float | None = None
    focal_length: float | None = None
    taken_from: str | None = None

    @property
    def is_raw(self) -> bool:
        """Whether the file is a camera's RAW file."""
        return self.format in RAW_FORMATS


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo file of the library.

    `file_id` identifies the file, `photo_id` its content: files with equal bytes share one `photo_id`, one embedding
    and one thumbnail. A `missing` file was not found by the last scan. `raw_files` are the RAW files of the same shot,
    which are shown as this photo; such a RAW file has the id of this file in `shown_by`. `copies` counts the shown
    files with the same content that are not missing.
    """

    file_id: int
    photo_id: int
    path: str
    size: int
    mtime_ns: int
    facts: PhotoFacts
    missing: bool = False
    raw_files: tuple[str, ...] = ()
    primary_id: int | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A photo file that cannot be read, and the reason as a sentence."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What is known of a photo file, in the library or not.

    `orientation` is how the pixels are stored, EXIF's 1 to 8. `digest` is the XXH3-128 of the file in hexadecimal
    digits, `labels` is None if it was not labeled, `unreadable` the reason as a sentence; of an unreadable file the
    rest is as the library knows it.
    """

    path: str
    facts: PhotoFacts | None = None
    orientation: int | None = None
    digest: str | None = None
    labels: tuple[Label, ...] | None = None
    in_library: bool = False
    unreadable: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A folder that the user added; `photos` counts its readable photos, `online` tells whether it is reachable.

    `missing` photos were not found by a scan and wait for the user's decision; `kept_missing` photos are missing and
    the user decided to keep them.
    """

    path: str
    photos: int
    online: bool
    missing: int = 0
    kept_missing: int = 0
    watched: bool = True


class SimilarityBand(IntEnum):
    """How similar a match is, most similar first."""

    IDENTICAL = 0
    """A file with the same bytes as a photo that was searched by."""

    SAME_PHOTO = 1
    VERY_SIMILAR = 2
    SIMILAR = 3
    LESS_SIMILAR = 4


@dataclass(frozen=True, slots=True)
class Match:
    """A search result. Of a list of matches, best first, neither `score` nor `band` rises again.

    `similarity` is the cosine of its embedding and the query's, `score` what the matches are ordered by. Of a match
    that is an object, `box` is its place in the photo and `label` what it is, as in `PhotoObject`.
    """

    file_id: int
    photo_id: int
    path: str
    similarity: float
    score: float
    band: SimilarityBand
    box: tuple[float, float, float, float] | None = None
    label: str = ""


FINEST_LEVEL, DEFAULT_LEVEL = 4, 2
"""Levels of clustering go from 0 (few large clusters) to FINEST_LEVEL (many small ones)."""


@dataclass(frozen=True, slots=True)
class Label:
    """A class that a model recognized in a photo; `score` is its confidence, 0 to 1."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class PhotoObject:
    """An object in a photo; `box` is x, y, width and height in fractions of the upright photo, `score` is 0 to 1.

    `label` is empty if the score is too low to tell what it is; such an object is searched, but not shown by itself.
    """

    label: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedObject:
    """An object in a photo and its embedding (D,), float16 of unit length."""

    object: PhotoObject
    vector: npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in a photo of the library; `id` changes when the photo is searched for objects anew."""

    id: int
    object: PhotoObject


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A label and the number of photo files that have it."""

    name: str
    photos: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of similar photo files; `file_ids` and `paths` run in parallel, the medoid first.

    `user_cluster_id` is set when the user named or changed the cluster; `name` is the name that they gave it.
    `automatic_name` is what its photos have in common, the name of no other cluster of its level. `cover_ids` are the
    photo ids of its cover: the medoid, then typical photos that differ. `photo_ids` are those of all its photos, if known.
    """

    id: int
    file_ids: tuple[int, ...]
    paths: Sequence[str] = field(compare=False)
    name: str | None = None
    user_cluster_id: int | None = None
    automatic_name: str | None = None
    cover_ids: tuple[int, ...] = field(default=(), compare=False)
    photo_ids: Sequence[int] = field(default=(), compare=False, repr=False)

    @property
    def title(self) -> str | None:
        """The name that the user gave, else the automatic one ("Dog, frisbee"), else None."""
        return self.name or self.automatic_name

    @property
    def size(self) -> int:
        """The number of photo files in the cluster."""
        return len(self.file_ids)

    @property
    def medoid(self) -> str:
        """The path of the cover: the photo nearest to all others."""
        return self.paths[0]

    @property
    def medoid_id(self) -> int:
        """The file id of the cover."""
        return self.file_ids[0]


@dataclass(frozen=True, slots=True)
class Event(Cluster):
    """A cluster of photos that were taken together, the medoid first, then by time.

    `start` and `end` are the first and the last `taken_at` of its photos.
    """

    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Clustering:
    """All clusters of a library, largest first; `unclustered` counts the photo files in none.

    `cover_dates` are numbers that sort as the dates of the covers of `clusters` do, -1 for one without a date.

    `hidden` are the clusters that the user hid; `unclustered_ids` are the file ids of the unclustered photos.
    """

    clusters: tuple[Cluster, ...]
    unclustered: int
    hidden: tuple[Cluster, ...] = ()
    unclustered_ids: tuple[int, ...] = ()
    cover_dates: Sequence[int] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Status:
    """The contents of a library; `photos` counts the readable files, a RAW file and its JPEG as one.

    `embedded` of them were analyzed with the active model. `raw_pairs` counts the RAW files that are shown as another
    file, `videos` the videos that were skipped.
    """

    photos: int
    embedded: int
    unreadable: tuple[UnreadableFile, ...]
    model: str
    dimensions: int
    next_model: str | None = None
    """The model to switch to once it has analyzed the photos."""
    next_embedded: int = 0
    """How many photos it has analyzed."""
    raw_pairs: int = 0
    videos: int = 0


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model and its state in one library.

    It has analyzed `embedded` of the library's `photos`; `seconds_left` estimates the time for the others, None while
    unknown. `bytes` is the size of its file, None while unknown.
    """

    id: str
    name: str
    title: str
    embedded: int
    photos: int
    seconds_left: float | None = None
    origin: str = ""
    dimensions: int | None = None
    bytes: int | None = None
    installed: bool = False
    in_use: bool = False
    is_next: bool = False
    is_alternative: bool = False
    """It shares its file with another model, which has the name."""
    can_be_downloaded: bool = False
    is_bundled: bool = False
    """It is part of the program and cannot be removed."""
    description: str = ""
    """What it does, in an English sentence for those who choose a model; the window translates it."""
    is_orphaned: bool = False
    """The model itself is gone; only its analysis is left in the library."""

    @property
    def cli_name(self) -> str:
        """The name that the commands accept: `name` where it is unique, else `id`."""
        return self.id if self.is_alternative or self.is_orphaned else self.name


class Phase(StrEnum):
    """The phases of indexing and its end, where DETECTING is for photos that were not searched for objects yet.

    The last phase of a comparison is COMPARING instead of GROUPING.
    """

    SCANNING = "scanning"
    ANALYZING = "analyzing"
    GROUPING = "grouping"
    COMPARING = "comparing"
    DETECTING = "detecting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an indexing; all counts are of photo files.

    `done` of `total` counts the current phase (`total` is 0 while unknown), `seconds_left` estimates the rest of the
    analysis. The other counts are of the whole indexing: `indexed` files were analyzed or had known content,
    `unchanged` were skipped, `unreadable` could not be read, `removed` left the library because their file is gone,
    `moved` of these were found elsewhere, `excluded` left it because the user excluded their folder, `missing` are gone
    but wait for the user's decision, `still_changing`
    were being written and are left to the next indexing, `videos` were skipped. `added` are the `file_id` of photos
    that became readable since the last progress.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    indexed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    removed: int = 0
    moved: int = 0
    excluded: int = 0
    missing: int = 0
    still_changing: int = 0
    videos: int = 0
    seconds_left: float | None = None
    cancelled: bool = False
    added: tuple[int, ...] = ()
    next_model: str = ""
    """Title of the model that analyzes the photos before a switch to it; else empty."""
    model_switched: bool = False
    """At the end: the library switched to that model."""


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """The state of an added folder: reachable, watched for changes, on a network drive."""

    path: str
    online: bool
    watched: bool
    remote: bool


@dataclass(frozen=True, slots=True)
class UserCluster:
    """A cluster that the user named, hid, merged or took photos out of.

    `members` and `excluded` are photo ids; a photo is a member of one user cluster at most.
    """

    id: int
    name: str | None = None
    hidden: bool = False
    members: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
