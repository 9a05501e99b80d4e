"""The values that pass between rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

RAW_FORMATS = frozenset(
    {"ARW", "CR2", "CR3", "CRW", "DNG", "MRW", "NEF", "ORF", "PEF", "RAF", "RAW", "RW2", "SRW", "X3F"}
)
"""The names of the formats that cameras write their sensors' data in; RAW is that of the rarer ones."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A photo file found by a scan; `size` in bytes, `mtime_ns` in nanoseconds since the epoch."""

    path: str
    size: int
    mtime_ns: int


FileStamp = tuple[str, int, int]
"""What a FileEntry holds, as a plain tuple: for comparing a hundred thousand of them."""


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo file says of itself; `width` and `height` in pixels after EXIF orientation.

    `taken_at` is local time as ISO 8601 without a zone ("2024-07-01T18:03:11"), which sorts as text.
    `latitude` and `longitude` are degrees, north and east positive. `exposure` is in seconds, `aperture` the
    f-number, `focal_length` in millimetres as the lens has it.
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

    @property
    def is_raw(self) -> bool:
        """Whether it is a camera's RAW file."""
        return self.format in RAW_FORMATS


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo file of the library.

    `file_id` names the file, `photo_id` its content: files with the same bytes share one `photo_id`, and with
    it one embedding and one thumbnail. A `missing` file was not found by the last scan and is not forgotten.
    `raw_files` are the RAW files of the same shot, which it stands for; of such a RAW file `shown_by` is the id of
    the file that stands for it. `copies` counts the files with its content that are shown and there.
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
    """A photo file that could not be read, and why in plain words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """A folder that the person added, with how many readable photos lie in it and whether it is there now.

    `missing` of the photos were not found by a scan, and the person has not yet said whether to forget them;
    `kept` of them are missing and kept, as the person said.
    """

    path: str
    photos: int
    online: bool
    missing: int = 0
    kept_missing: int = 0
    watched: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """A photo file that looks like the query; `similarity` is the cosine of the two embeddings."""

    file_id: int
    photo_id: int
    path: str
    similarity: float


FINEST_LEVEL, DEFAULT_LEVEL = 4, 2
"""Clusters come in levels, from 0 (few large ones) to FINEST_LEVEL (many small ones)."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a model names in a photo, and how sure it is, 0..1."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A label with how many photo files bear it."""

    name: str
    photos: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of photo files that look alike: `file_ids` and `paths` run in parallel, the medoid first.

    `kept` is set when the person made it their own, by naming or changing it; `name` is what they called it.
    `labels` tell it from all other photos, the most distinctive first.
    """

    id: int
    file_ids: tuple[int, ...]
    paths: Sequence[str] = field(compare=False)
    name: str | None = None
    user_cluster_id: int | None = None
    labels: tuple[str, ...] = ()

    @property
    def title(self) -> str | None:
        """What to call it: the person's name for it, else what its labels say ("dog, frisbee"), else nothing."""
        return self.name or ", ".join(self.labels) or None

    @property
    def size(self) -> int:
        """How many photo files the cluster holds."""
        return len(self.file_ids)

    @property
    def medoid(self) -> str:
        """The path of the photo nearest to all the others: the cover."""
        return self.paths[0]

    @property
    def medoid_id(self) -> int:
        """The file id of the medoid."""
        return self.file_ids[0]


@dataclass(frozen=True, slots=True)
class Clustering:
    """All clusters of a library, largest first, and how many photo files belong to none.

    `hidden` are those that the person does not want to see; `loose` are the ids of the unclustered files.
    """

    clusters: tuple[Cluster, ...]
    unclustered: int
    hidden: tuple[Cluster, ...] = ()
    unclustered_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds; `photos` counts the readable files, a RAW file and its JPEG as one.

    `raw_pairs` counts the RAW files that another file stands for, `videos` the videos that were left alone.
    """

    photos: int
    embedded: int
    unreadable: tuple[UnreadableFile, ...]
    model: str
    dimensions: int
    next_model: str | None = None
    """The model that will say what looks alike when it has looked at the photos."""
    next_embedded: int = 0
    """How many of the photos it has looked at."""
    raw_pairs: int = 0
    videos: int = 0


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model as one library knows it.

    `bytes` is the size of its file, None while that is not known. `seen` is how
    many of the library's `photos` it has looked at; `seconds` is about how long it needs for the others, None
    while that cannot be told.
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
    """It shares its file with a model that bears the name."""
    can_be_downloaded: bool = False
    is_bundled: bool = False
    """It is in the box and cannot be removed."""
    is_orphaned: bool = False
    """Nobody knows this model any more; only what it saw is left."""

    @property
    def cli_name(self) -> str:
        """What the commands take."""
        return self.id if self.is_alternative or self.is_orphaned else self.name


class Phase(StrEnum):
    """The three phases of an indexing, and its end."""

    SCANNING = "scanning"
    ANALYZING = "analyzing"
    GROUPING = "grouping"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an indexing stands: counts of photo files, `seconds_left` of the reading phase when it can be told.

    `done` of `total` counts the present phase (`total` 0: not known yet). The rest counts the whole indexing:
    `indexed` files were read or took over what was known of their content, `unchanged` were skipped,
    `unreadable` could not be read this time, `removed` are forgotten because their file is gone, `moved` being those
    of them that lie elsewhere now, `missing` are gone too but so many that the person is asked first, `unsettled`
    were changing while they were read: the next indexing reads them. `videos` were met and left alone.
    `added` names the files (by `file_id`) that became readable photos of the library since the last progress.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    indexed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    removed: int = 0
    moved: int = 0
    missing: int = 0
    still_changing: int = 0
    videos: int = 0
    seconds_left: float | None = None
    cancelled: bool = False
    added: tuple[int, ...] = ()
    next_model: str = ""
    """Title of the model that the photos are being shown to so that it can take over; else empty."""
    model_switched: bool = False
    """At the end: that model now says what looks alike."""


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """Whether an added folder is there now, whether it is watched, and whether it lies on a network drive."""

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
