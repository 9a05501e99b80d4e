"""Requests for file operations, and their results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from photosim.errors import PhotoSimError
from photosim.files.bundles import PhotoFiles
from photosim.files.operations.operation_log import MovedFile
from photosim.files.operations.transfer import TransferReport
from photosim.files.operations.trashing import Replacement
from photosim.files.state import FileState
from photosim.records import Photo


class OperationKind(Enum):
    """What an operation does to files."""

    COPY = auto()
    MOVE = auto()
    TRASH = auto()
    DELETE = auto()
    """Delete permanently, where there is no trash."""


@dataclass(frozen=True, slots=True)
class FileOperation:
    """A request to copy, move or trash photos with all their files."""

    kind: OperationKind
    photos: tuple[Photo, ...] = ()
    files: tuple[PhotoFiles, ...] = ()
    """The files of the photos; looked up on the disk when the operation runs, unless given."""

    folder: Path = Path()
    """The target of a copy or move."""

    subfolders: Mapping[str, str] = field(default_factory=dict)
    """The folders within the target, by the paths of the photos that go there; the others go into the target itself."""

    skip_present: bool = False
    """Whether photos that are in the target already, under any name, are not copied again."""

    confirmed: frozenset[PhotoFiles] = frozenset()
    """The photos that may go to the trash although they are the last copies of several."""

    expected: Mapping[str, FileState] = field(default_factory=dict)
    """The states, by path, of files that must not have changed since."""

    replacements: Mapping[str, Replacement] = field(default_factory=dict)
    """What must stay in the place of a photo that is trashed, by its path. Such a photo needs no confirmation."""

    @property
    def photo_count(self) -> int:
        """How many photos it is about."""
        return len(self.files or self.photos)


@dataclass(frozen=True, slots=True)
class PhotoChanges:
    """What an operation changed in what the library shows; keys are file ids."""

    removed: frozenset[int] = frozenset()
    updated: Mapping[int, Photo] = field(default_factory=dict)
    """Photos with another path."""

    added: tuple[Photo, ...] = ()
    recounted: tuple[Photo, ...] = ()
    """Other files of which the number of copies, or the date, may have changed."""

    def __len__(self) -> int:
        return len(self.removed) + len(self.updated) + len(self.added) + len(self.recounted)


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of an operation, or of its undo."""

    operation: FileOperation
    """The operation that does the same again, with the files where they are now."""

    report: TransferReport = field(default_factory=TransferReport)
    changes: PhotoChanges = field(default_factory=PhotoChanges)
    unconfirmed: tuple[PhotoFiles, ...] = ()
    """The last of several copies: nothing was done, the user has to confirm them first."""

    kept: frozenset[PhotoFiles] = frozenset()
    """Those of them to keep in order to keep one of each."""

    total: int = 0
    """How many photos would go to the trash with them."""

    remaining: tuple[tuple[MovedFile, ...], ...] = ()
    """What a cancelled undo left undone."""

    catalog_error: PhotoSimError | None = None
    """Why the catalog could not record what was done on the disk; the next scan finds it."""
