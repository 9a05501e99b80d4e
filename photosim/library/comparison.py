"""Compares folders with a library, or with each other; nothing joins the library, and nothing is written there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xxhash
from filelock import FileLock, Timeout

from photosim.duplicates.comparison import ComparedPhoto, Comparison, quality_rules
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.verdict_index import VerdictIndex
from photosim.errors import FolderError, LibraryLockedError
from photosim.files.fspaths import is_inside, same_file
from photosim.files.scan import check_folder
from photosim.indexing.folder_reader import FolderContents, FolderReader
from photosim.indexing.reader import PhotoReader
from photosim.library.files.operations import FileOperation, OperationKind
from photosim.library.indexing import open_crash_journal
from photosim.library.models.manager import ModelManager
from photosim.library.models.view import ModelView
from photosim.paths import absolute_path, make_private_folder, real_path
from photosim.records import Phase, Photo, Progress
from photosim.runtime.control import JobControl
from photosim.search.index import NeighbourIndex
from photosim.store.catalog import Catalog
from photosim.store.comparisons.contents import ComparisonStore
from photosim.store.comparisons.results import ComparisonResults, ComparisonSummary
from photosim.store.files.known_photos import contents_fingerprint
from photosim.store.thumbnails import ThumbnailCache
from photosim.store.verdicts import VerdictTable

if TYPE_CHECKING:
    from photosim.indexing.compared_photos import FolderPhotos

UNDATED = "Undated"
"""The subfolder of photos without a date."""

_ATTEMPTS = 3
"""Comparisons that may meet photos without embedding before one gives up; each reads the list of photos again."""

_FETCH_ROWS = 4096

_LOCK, _JOURNAL_FOLDER = "comparing.lock", "comparing"


@dataclass(frozen=True, slots=True)
class ComparisonService:
    """Compares folders and keeps the last results; any thread may call it."""

    folder: Path
    catalog: Catalog
    thumbnails: ThumbnailCache
    models: ModelManager
    rules: Callable[[], Sequence[KeepRule]]
    """The user's rules for copies."""
    store: ComparisonStore
    results: ComparisonResults

    def run(
        self, folder: Path, control: JobControl | None = None, other: Path | None = None
    ) -> Iterator[Progress]:
        """Compare a folder with the library, or with another folder, and report; `result` has the result then.

        What was read before is not read again, whether that comparison ended or not. The last report has the phase DONE.
        Raises FolderError, LibraryLockedError while another folder is compared, and ModelError.
        """
        control = control or JobControl()
        root, other_root = self._checked(folder), None if other is None else self._checked(other)
        if other_root is not None and same_file(str(root), str(other_root)):
            raise FolderError("Choose two different folders to compare.")
        view = self.models.active
        with self._lock():
            journal = open_crash_journal(self._journal_folder())
            try:
                reader = PhotoReader(
                    preprocessing=view.model.preprocessing,
                    is_known=partial(self._is_known, view.model.id),
                    embedder=view.embedder,
                    journal=journal,
                )
                files = FolderReader(
                    self.store, self.catalog, reader, view.model.id, control, skip=(self.folder,)
                )
                self.results.begin(str(root), _name(other_root), _now())
                contents = yield from files.read(root)
                others = None
                if other_root is not None and not control.cancelled:
                    others = yield from files.read(other_root)
                if not control.cancelled:
                    yield from self._judge(view, contents, others, files.progress, control)
            finally:
                journal.close()
        yield replace(files.progress, phase=Phase.DONE, cancelled=control.cancelled, seconds_left=None)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the lock of comparisons: one runs at a time, also while the library is indexed, which it does not write."""
        self.catalog.database.check_writable()
        try:
            with FileLock(self.folder / _LOCK, timeout=0, mode=0o600):
                yield
        except Timeout as error:
            raise LibraryLockedError(
                "Another folder is being compared with this library. Wait until that has finished."
            ) from error

    def result(self, folder: Path, other: Path | None = None) -> Comparison | None:
        """Return the last result for a folder, also while it is offline; None if there is none."""
        return self.results.result(_root(folder), "" if other is None else _root(other))

    def recent(self) -> list[ComparisonSummary]:
        """Return the comparisons that are kept, the last one first, also those that were interrupted."""
        return self.results.recent()

    def forget(self, folder: Path, other: Path | None = None) -> None:
        """Remove a result and what was read for it."""
        self.results.forget(_root(folder), "" if other is None else _root(other))

    def thumbnails_of(self, digests: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the thumbnails of compared photos and of their matches as JPEG bytes, without reading any photo."""
        found = self.store.get_many(digests)
        return found | self.thumbnails.get_many([digest for digest in digests if digest not in found])

    def match_of(self, comparison: Comparison, photo: ComparedPhoto) -> Photo | None:
        """Return the photo that a photo is compared with, None if it has left the library or the other folder."""
        if photo.match is None:
            return None
        if not comparison.other:
            return self.catalog.find(photo.match)
        return self.store.photo(photo.match)

    def copy_operation(
        self, comparison: Comparison, photos: Sequence[ComparedPhoto], target: Path
    ) -> FileOperation:
        """Return the operation that copies photos into folders by date, "2024/2024-05-01", files with the same bytes once.

        Those that an earlier copy has put there are not copied again.

        Raises FolderError for a target within the compared folder, where nothing is written.
        """
        if is_inside(str(real_path(target)), comparison.folder):
            raise FolderError(
                f"Choose a folder outside {comparison.folder}: nothing is written there. Nothing was copied."
            )
        unique = list({photo.digest: photo.photo for photo in reversed(photos)}.values())[::-1]
        return FileOperation(
            OperationKind.COPY,
            photos=tuple(unique),
            folder=target,
            subfolders={photo.path: _date_folder(photo.facts.taken_at) for photo in unique},
            skip_present=True,
        )

    def _judge(
        self,
        view: ModelView,
        contents: FolderContents,
        others: FolderContents | None,
        progress: Progress,
        control: JobControl,
    ) -> Iterator[Progress]:
        """Judge the photos and save the result, unless the last one still holds."""
        other = "" if others is None else others.folder
        rules = quality_rules(self.rules())
        fingerprint = self._fingerprint(view.model.id, rules, contents, others)
        result = None
        if self.results.fingerprint(contents.folder, other) == fingerprint:
            result = self.results.result(contents.folder, other)
        if result is None:
            photos = yield from self._compared(view, contents, others, rules, progress, control)
            if photos is None:
                return
            shown, embedded = self.catalog.photo_counts(view.model.id) if others is None else (0, 0)
            result = Comparison(
                contents.folder,
                other,
                "",
                photos,
                tuple(contents.unreadable),
                contents.videos,
                shown - embedded,
            )
        self.results.save(replace(result, compared_at=_now()), fingerprint)

    def _compared(
        self,
        view: ModelView,
        contents: FolderContents,
        others: FolderContents | None,
        rules: Sequence[KeepRule],
        progress: Progress,
        control: JobControl,
    ) -> Generator[Progress, None, tuple[ComparedPhoto, ...] | None]:
        """Judge the photos, reporting on top of `progress`; returns None if that was cancelled."""
        # They import OpenCV, which a window or a command that only lists results does not wait for.
        from photosim.indexing.compared_photos import THEIRS, FolderPhotos, LibraryPhotos
        from photosim.indexing.comparison import FolderComparison

        library = LibraryPhotos(self.catalog, self.thumbnails, view.embeddings)
        theirs = FolderPhotos(contents, self.store, library, view.model, THEIRS)
        verdicts = VerdictIndex(VerdictTable(self.catalog.database).verdicts())
        for attempt in range(_ATTEMPTS):
            if others is None:
                index = view.index_builder.updater.load_with(view.embeddings.photo_ids())
                comparison = FolderComparison(
                    theirs=theirs,
                    ours=library,
                    model=view.model,
                    index=index,
                    verdicts=verdicts,
                    rules=rules,
                    control=control,
                    signatures=library.signatures(index.ids),
                    pairs=library.pairs(),
                )
            else:
                ours = FolderPhotos(others, self.store, library, view.model)
                comparison = FolderComparison(
                    theirs, ours, view.model, _index_of(ours, view), verdicts, rules, control
                )
            try:
                for done, total in comparison.run():
                    yield replace(progress, phase=Phase.COMPARING, done=done, total=total)
            except KeyError:  # an embedding is damaged, or its photo has just left the library
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            break
        return None if control.cancelled else tuple(comparison.results)

    def _journal_folder(self) -> Path:
        """Return the folder of the crash journal, which is not that of an indexing at the same time."""
        folder = self.folder / _JOURNAL_FOLDER
        make_private_folder(folder)
        return folder

    def _is_known(self, model: str, digest: bytes) -> bool:
        """Check whether the photo with this digest need not be decoded."""
        if self.store.has(digest, model):
            return True
        return self.thumbnails.has(digest) and self.catalog.has_embedding(digest, model)

    def _checked(self, folder: Path) -> Path:
        """Return the path of a folder to compare. Raises FolderError."""
        path = absolute_path(folder)
        check_folder(path, folder)
        if same_file(str(path), str(self.folder)):
            raise FolderError(
                f"The folder {folder} is the folder of the library itself. Choose another folder to compare."
            )
        return real_path(path)

    def _fingerprint(
        self,
        model: str,
        rules: Sequence[KeepRule],
        contents: FolderContents,
        others: FolderContents | None,
    ) -> str:
        """Return a text that changes with everything that the states depend on, but edits in side files."""
        from photosim.indexing.comparison import COMPARISON_VERSION

        parts = [COMPARISON_VERSION, model, *rules, contents_fingerprint(self.catalog.database, model)]
        for folder in (contents, others):
            if folder is not None:
                parts += sorted((entry.path, digest) for entry, digest in folder.files.items())
                parts += sorted((file.path, file.reason) for file in folder.unreadable)
        text = repr(parts).encode(errors="surrogateescape")
        return xxhash.xxh3_128(text).hexdigest()


def _index_of(photos: FolderPhotos, view: ModelView) -> NeighbourIndex:
    """Return an index of the photos of a folder."""

    def vectors_of(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return photos.vectors_of(ids)

    index = NeighbourIndex(view.model.id, view.model.dimensions, vectors_of)
    ids = photos.ids
    for start in range(0, len(ids), _FETCH_ROWS):
        part = ids[start : start + _FETCH_ROWS]
        index.add(part, vectors_of(part))
    index.merge_pending()
    return index


def _date_folder(taken_at: str | None) -> str:
    """Return the subfolder of photos taken at this time."""
    try:
        date = datetime.fromisoformat(taken_at or "").date()
    except ValueError:
        return UNDATED
    return f"{date.year:04}/{date.isoformat()}"


def _root(folder: Path) -> str:
    return str(real_path(absolute_path(folder)))


def _name(folder: Path | None) -> str:
    return "" if folder is None else str(folder)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
