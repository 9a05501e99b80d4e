"""What is done to photo files, and undone, as the work of jobs: on the disk first, then in the library."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from photosim.errors import PhotoSimError
from photosim.files import transfer as transfer_files
from photosim.files.bundles import PhotoFiles, collect_photo_files, total_size
from photosim.files.copying import TransferProgress
from photosim.files.transfer import (
    AWAY,
    MovedFile,
    TransferFailure,
    TransferReport,
    restore,
    transfer,
)
from photosim.gui.base.jobs import CancelToken
from photosim.gui.services import trash
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library.library import Library


_TELL_S = 0.05
"""Seconds between two steps of the bar: more often nobody sees."""


class Kind(Enum):
    """What is done to files."""

    COPY = auto()
    MOVE = auto()
    TRASH = auto()


@dataclass
class FileOperation:
    """Something that was done and can be taken back: to which files, and where they lie now."""

    kind: Kind
    text: str
    bundles: list[PhotoFiles]
    folder: Path = field(default_factory=Path)
    done: tuple[tuple[MovedFile, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class OperationResult:
    """The answer of a job: what became of the files, and the photos concerned as the library knows them now."""

    report: TransferReport
    before: Sequence[Photo] = ()
    photos: dict[int, Photo] = field(default_factory=dict)
    last: tuple[PhotoFiles, ...] = ()
    """Set when nothing was done yet, because of these no copy would be left."""

    undone: bool = False
    untold: PhotoSimError | None = None
    """Why the library could not be told of what was done; a rescan finds it out."""

    rest: tuple[tuple[MovedFile, ...], ...] = ()
    """What an Undo that was stopped has left as it was."""


def place(
    library: Library, deed: FileOperation, photos: Sequence[Photo], way: OperationProgress
) -> OperationResult:
    """Copy or move photos into the folder of the deed."""
    move = deed.kind is Kind.MOVE
    if move:
        library.file_moves.check()
    before = _known(library, deed, photos)
    way.expect(total_size(deed.bundles))
    report = transfer(deed.bundles, deed.folder, way, move=move)
    untold = _told(library.file_moves.moved if move else library.file_moves.copied, report)
    return OperationResult(report, before, _as_they_are(library, before), untold=untold)


def throw(
    library: Library,
    deed: FileOperation,
    photos: Sequence[Photo],
    sure: frozenset[PhotoFiles],
    way: OperationProgress,
) -> OperationResult:
    """Move photos to the trash, if all those of which no copy would be left are among the `sure` ones."""
    library.file_moves.check()
    before = _known(library, deed, photos)
    doubtful = [one for one in library.file_moves.last_copies(deed.bundles) if one not in sure]
    last = tuple(one for one in doubtful if one.exists())
    if last:
        return OperationResult(TransferReport(), last=last)
    way.expect(total_size(deed.bundles))
    # What is away is not asked about, and stays even if it comes back just now.
    report = transfer_files.trash([one for one in deed.bundles if one not in doubtful], trash.throw, way)
    report = replace(report, failed=(*report.failed, *(TransferFailure(one.photo, AWAY) for one in doubtful)))
    untold = _told(library.file_moves.trashed, report)
    return OperationResult(report, before, _as_they_are(library, before), untold=untold)


def bring_back(library: Library, deed: FileOperation, way: OperationProgress) -> OperationResult:
    """Bring back what was moved or thrown away."""
    library.file_moves.check()
    way.expect(sum(one.entry.size for photo in deed.done for one in photo))
    report = restore(deed.done, way)
    untold = _told(library.file_moves.moved, report)
    deed.bundles = [PhotoFiles(tuple(one.entry.path for one in photo)) for photo in report.done]
    found = [library.find(photo[0].entry.path) for photo in report.done]
    shown = {photo.file_id: photo for photo in found if photo is not None}
    return OperationResult(report, (), shown, undone=True, untold=untold, rest=_rest(deed.done, report))


def drop_copies(library: Library, deed: FileOperation, way: OperationProgress) -> OperationResult:
    """Move the copies that were made to the trash."""
    copies = [PhotoFiles(tuple(one.entry.path for one in photo)) for photo in deed.done]
    report = transfer_files.trash(copies, trash.throw, way)
    untold = _told(library.file_moves.trashed, report)
    return OperationResult(report, undone=True, untold=untold, rest=_rest(deed.done, report))


# --- helpers ---------------------------------------------------------------------------------------------


def _told(tell: Callable[[Sequence[MovedFile]], None], report: TransferReport) -> PhotoSimError | None:
    """Tell the library what was done; the error when that fails, since the files lie where they lie."""
    try:
        tell(report.moved_files)
    except PhotoSimError as error:
        return error
    return None


def _rest(done: Sequence[tuple[MovedFile, ...]], report: TransferReport) -> tuple[tuple[MovedFile, ...], ...]:
    """What is still to be undone when the person stopped it; what failed would fail again."""
    if not report.cancelled:
        return ()
    settled = {one.old for one in report.moved_files} | {failure.path for failure in report.failed}
    return tuple(
        photo for photo in done if not settled & {name for one in photo for name in (one.old, one.entry.path)}
    )


def _known(library: Library, deed: FileOperation, photos: Sequence[Photo]) -> Sequence[Photo]:
    """The photos of a deed as the library knows them now; their files are found when it is first done."""
    if deed.bundles:
        found = [library.find(one.photo) for one in deed.bundles]
        return [photo for photo in found if photo is not None]
    deed.bundles = collect_photo_files((photo.path, photo.raw_files) for photo in photos)
    return photos


def _as_they_are(library: Library, photos: Sequence[Photo]) -> dict[int, Photo]:
    return {photo.file_id: photo for photo in library.photos_by_id([photo.file_id for photo in photos])}


class OperationProgress(TransferProgress):
    """How far one errand is; lives in the thread that does the work."""

    def __init__(
        self, cancel: CancelToken, stop: threading.Event, tell: Callable[[int, int, int], object]
    ) -> None:
        self._cancel, self._stop, self._tell = cancel, stop, tell
        self._photos = self._size = self._total = 0
        self._told = 0.0

    def expect(self, size: int) -> None:
        """So many bytes are to be done."""
        self._total = size

    def advance(self, photos: int, size: int) -> None:
        """So many photos are done, with so many bytes."""
        self._photos += photos
        self._size += size
        now = time.monotonic()
        if now - self._told >= _TELL_S:
            self._told = now
            self._tell(self._photos, self._size, self._total)

    def is_cancelled(self) -> bool:
        """Whether the person wants no more, or the window closes."""
        return self._cancel.cancelled or self._stop.is_set()
