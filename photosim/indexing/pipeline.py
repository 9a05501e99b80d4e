"""The indexing pipeline: scan folders, read new photos, remove deleted ones, build the index and clusters, find duplicates."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from photosim.errors import FolderError
from photosim.files.exclusions import ExcludedFolders
from photosim.files.fspaths import stat_stamp, with_separator
from photosim.files.scan import scan
from photosim.indexing.duplicate_finder import DuplicateFinder, group_photos
from photosim.indexing.index_builder import IndexBuilder
from photosim.indexing.missing import MissingPhotos
from photosim.indexing.reader import PhotoReader, ReadResult
from photosim.paths import is_folder, real_path
from photosim.records import FileEntry, Phase, Progress
from photosim.runtime import trace
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.files.known_files import incomplete_photos
from photosim.store.thumbnails import ThumbnailCache

_log = logging.getLogger(__name__)

_RETRY_MTIME_NS = -1  # no real file has this time, so the next scan treats the file as changed
STILL_CHANGING_S = 60.0  # a file modified more recently than this is assumed to be still being written
SAVE_INDEX_EVERY = 20_000  # photos; until then an open window searches the new ones exactly, which is slower
REPORT_EVERY = 500  # scanned files


@dataclass
class Pipeline:
    """A single indexing run; the caller holds the write lock. `library` is the library folder, which is not scanned."""

    library: Path
    catalog: Catalog
    thumbnails: ThumbnailCache
    reader: PhotoReader
    index_builder: IndexBuilder
    duplicates: DuplicateFinder
    control: JobControl
    confirm_missing: bool = True
    """Whether many missing photos are kept until the user confirms their removal."""

    excluded: ExcludedFolders = field(default_factory=ExcludedFolders)
    """Folders that are not scanned; photos in them leave the library."""

    _progress: Progress = field(default=Progress(Phase.SCANNING), init=False)
    _found: list[tuple[str, FileEntry]] = field(default_factory=list, init=False)
    _pairs_outdated: bool = field(default=False, init=False)
    _missing: MissingPhotos = field(default_factory=MissingPhotos, init=False)

    def index(self, folders: Sequence[Path]) -> Iterator[Progress]:
        """Index folders, each a source or inside one, and yield progress; the last report has the phase DONE.

        A folder that cannot be listed is recorded and skipped; FolderError is raised only if it is the only one, and a
        source.
        """
        incomplete = incomplete_photos(self.catalog.database, self.index_builder.model, self.thumbnails)
        for folder in folders:
            try:
                with trace.span("scan"):
                    yield from self._scan(folder, incomplete)
            except FolderError as error:
                self._save_unlisted(folder, {str(folder): str(error)} if is_folder(folder) else {})
                if len(folders) == 1 and self.catalog.source_of(str(folder)) == str(folder):
                    raise
        yield self._progress
        if self._found and not self.control.cancelled:
            yield from self._read()
        if not self.control.cancelled:
            with trace.span("remove missing photos"):
                self._remove_missing()
            for done, total in group_photos(self.index_builder, self.duplicates, self.control):
                yield self._report(phase=Phase.GROUPING, done=done, total=total)
        yield self._report(phase=Phase.DONE, cancelled=self.control.cancelled)

    def _report(self, **changes: Any) -> Progress:
        self._progress = replace(self._progress, added=(), **changes)
        return self._progress

    def _count(self, **more: int) -> None:
        self._progress = replace(
            self._progress, **{name: getattr(self._progress, name) + count for name, count in more.items()}
        )

    def _scan(self, folder: Path, incomplete: Collection[int]) -> Iterator[Progress]:
        """Find the new, changed, reappeared and missing files of a folder."""
        source = self.catalog.source_of(str(folder)) or str(folder)
        known = self.catalog.known_files(str(folder), incomplete)
        unlisted: list[str] = []
        reasons: dict[str, str] = {}
        videos: list[str] = []

        def on_error(path: Path, reason: str) -> None:
            _log.warning("%s cannot be listed: %s", path, reason)
            unlisted.append(str(path))
            reasons[str(path)] = reason

        if (target := self._source_behind(source)) is not None:
            raise FolderError(
                f"The folder {source} is a link to {target} now, which is already in the library."
            )

        found = scan(
            folder,
            skip=[self.library],
            excluded=self.excluded,
            on_error=on_error,
            on_video=videos.append,
            on_link=None if str(folder) == source else unlisted.append,
        )
        done = to_read = 0
        for stamps in found:
            if not self.control.wait_while_paused():
                return
            changed = known.changed(stamps)
            self._found += [(source, FileEntry(*stamp)) for stamp in changed]
            done, to_read = done + len(stamps), to_read + len(changed)
            if done >= REPORT_EVERY:
                self._count(done=done, unchanged=done - to_read)
                done = to_read = 0
                yield self._progress
        self._count(done=done, unchanged=done - to_read)
        reappeared = known.reappeared
        self.catalog.missing_files.mark_found(reappeared)
        self._pairs_outdated |= bool(reappeared)
        self._count(videos=len(videos))
        if source == str(folder):
            self.catalog.set_video_count(source, len(videos))
        not_found = self.catalog.file_ids_of(str(folder), known.disappeared)
        excluded = self._remove_excluded(source, {**not_found, **known.still_missing})
        unlisted_prefixes = tuple(map(with_separator, unlisted))
        missing = {
            path: file_id
            for path, file_id in not_found.items()
            if path not in excluded and not with_separator(path).startswith(unlisted_prefixes)
        }
        are_all = source == str(folder) and not reappeared and len(missing) == known.count
        self._missing.add(source, missing, are_all=are_all)
        self._save_unlisted(folder, reasons, unlisted)
        yield self._progress

    def _remove_excluded(self, source: str, not_found: Mapping[str, int]) -> Collection[str]:
        """Remove those of these files, ids by path, that are in excluded folders; returns their paths."""
        if not self.excluded:
            return ()
        is_excluded: dict[str, bool] = {}
        gone = {}
        for path, file_id in not_found.items():
            folder = path[: path.rfind(os.sep)]
            if folder not in is_excluded:
                is_excluded[folder] = self.excluded.excludes(folder, source)
            if is_excluded[folder]:
                gone[path] = file_id
        if gone:
            self.catalog.missing_files.delete_files(gone)
            self._pairs_outdated = True
            self._count(excluded=len(gone))
        return gone.keys()

    def _save_unlisted(
        self, folder: Path, reasons: Mapping[str, str], unlisted: Collection[str] = ()
    ) -> None:
        """Save which folders could not be listed, among this one and its subfolders, and why.

        Links are `unlisted` without a reason when only a scan of the whole source follows them.
        """
        source = self.catalog.source_of(str(folder)) or str(folder)
        unchecked = {path for path in unlisted if path not in reasons}
        self.catalog.unlisted.replace(source, str(folder), reasons, unchecked)
        self._count(unreadable=len(reasons))

    def _source_behind(self, source: str) -> str | None:
        """Return the folder behind a source that became a link, if it belongs to another source.

        Its photos would be listed twice, and one file would seem to be two copies.
        """
        if not Path(source).is_symlink():
            return None
        target = str(real_path(source))
        return None if self.catalog.source_of(target) in {None, source} else target

    def _read(self) -> Iterator[Progress]:
        """Read and save the new and changed files."""
        yield self._report(phase=Phase.ANALYZING, done=0, total=len(self._found))
        source_of = {entry.path: source for source, entry in self._found}
        estimator, indexed_at_save = EtaEstimator(self.control, len(self._found)), 0
        for batch in self.reader.read([entry for _, entry in self._found], self.control):
            complete = [result for result in batch if not _is_changing(result.entry)]
            with trace.span("save", len(complete)):
                added = self._save(complete, source_of)
            failed = sum(result.reason is not None for result in complete)
            self._count(
                done=len(batch),
                indexed=len(complete) - failed,
                unreadable=failed,
                still_changing=len(batch) - len(complete),
            )
            seconds_left = estimator.update(self._progress.done)
            self._progress = replace(self._progress, added=added, seconds_left=seconds_left)
            yield self._progress
            if self._progress.indexed >= indexed_at_save + SAVE_INDEX_EVERY:
                indexed_at_save = self._progress.indexed
                for _ in self.index_builder.update_index(self.control):
                    yield self._report()
        self._report(seconds_left=None)

    def _save(self, batch: list[ReadResult], source_of: dict[str, str]) -> tuple[int, ...]:
        """Save a batch; return the ids of the files to show: a JPEG or HEIC file in place of its RAW file."""
        # Thumbnails first, so that every photo in the catalog has one.
        jpegs = {result.digest: result.thumbnail for result in batch if result.digest and result.thumbnail}
        if jpegs:
            self.thumbnails.add(jpegs)
        by_source: dict[str, list[FileRecord]] = {}
        for result in batch:
            entry = replace(result.entry, mtime_ns=_RETRY_MTIME_NS) if result.retry else result.entry
            record = FileRecord(
                entry=entry,
                digest=result.digest,
                facts=result.facts,
                vector=None if result.vector is None else pack_vector(result.vector),
                labels=result.labels,
                objects=result.objects,
                reason=result.reason,
            )
            by_source.setdefault(source_of[result.entry.path], []).append(record)
        file_ids: list[int] = []
        for source, records in by_source.items():
            file_ids += self.catalog.save(source, records, self.index_builder.model)
        return tuple(self.catalog.raw_pairs.update_near(file_ids))

    def _remove_missing(self) -> None:
        """Remove missing files, or keep them for confirmation.

        Called after reading, so that a moved file is recognized by the content at its new path.
        """
        missing = self._missing.files_by_source
        result = self.catalog.missing_files.reconcile(
            missing, self._missing.needs_confirmation if self.confirm_missing else _never_confirm
        )
        if not self.confirm_missing:
            for source in missing:
                self._count(removed=self.catalog.missing_files.delete(source))
        self.thumbnails.remove(self.catalog.delete_orphans())
        self._count(removed=result.removed, moved=result.moved, missing=result.missing)
        if self._pairs_outdated or self._found or missing:
            self.catalog.raw_pairs.update()


def _is_changing(entry: FileEntry) -> bool:
    """Return whether a file is gone or still being written, so that the data read from it must be discarded."""
    try:
        size, mtime_ns = stat_stamp(entry.path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if (size, mtime_ns) == (entry.size, entry.mtime_ns):
        return False
    # Some file systems always report different times in a folder listing and for the file itself.
    return size != entry.size or abs(time.time() - mtime_ns / 1e9) < STILL_CHANGING_S


def _never_confirm(_source: str, _missing: int, _photos: int) -> bool:
    return False
