"""Index folders: find the photos, read what is new, forget what is gone, group what looks alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from photosim.files.fspaths import stat_stamp, with_separator
from photosim.files.scan import scan
from photosim.indexing.index_builder import IndexBuilder
from photosim.indexing.missing import MissingPhotos
from photosim.indexing.reader import PhotoReader, ReadResult
from photosim.records import FileEntry, Phase, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.known_files import incomplete_photos
from photosim.store.thumbnails import ThumbnailCache

_log = logging.getLogger(__name__)

_NO_TIME = -1  # no file has it, so that the next scan takes the file for changed
STILL_CHANGING_S = 60.0  # seconds for which a file's new time of change is taken for a write that goes on
SAVE_INDEX_EVERY = (
    20_000  # photos read between two savings of the search index, beside which a window searches exactly
)
REPORT_EVERY = 500  # files found between two reports of the finding phase


@dataclass
class Pipeline:
    """One indexing of a library whose lock is held; `library` is its folder, which is never scanned."""

    library: Path
    catalog: Catalog
    thumbnails: ThumbnailCache
    reader: PhotoReader
    index_builder: IndexBuilder
    control: JobControl
    confirm_missing: bool = True
    """Whether to ask before many photos are forgotten."""

    _progress: Progress = field(default=Progress(Phase.SCANNING), init=False)
    _found: list[tuple[str, FileEntry]] = field(default_factory=list, init=False)
    _pairs_outdated: bool = field(default=False, init=False)
    _missing: MissingPhotos = field(default_factory=MissingPhotos, init=False)

    def index(self, folders: Sequence[Path]) -> Iterator[Progress]:
        """Index these folders, each of which is a source or lies in one, and report as it goes.

        The last report has the phase DONE. Raises FolderError when a folder cannot be listed at all.
        """
        unfinished = incomplete_photos(self.catalog.database, self.index_builder.model, self.thumbnails)
        for folder in folders:
            yield from self._find(folder, unfinished)
        yield self._progress
        if self._found and not self.control.cancelled:
            yield from self._read()
        if not self.control.cancelled:
            self._forget()
            for done, total in self.index_builder.build(self.control):
                yield self._report(phase=Phase.GROUPING, done=done, total=total)
        yield self._report(phase=Phase.DONE, cancelled=self.control.cancelled)

    def _report(self, **changes: Any) -> Progress:
        self._progress = replace(self._progress, added=(), **changes)
        return self._progress

    def _count(self, **more: int) -> None:
        self._progress = replace(
            self._progress, **{name: getattr(self._progress, name) + count for name, count in more.items()}
        )

    # --- finding -----------------------------------------------------------------------------------------

    def _find(self, folder: Path, unfinished: Collection[int]) -> Iterator[Progress]:
        """Compare what lies in a folder with what is known of it."""
        source = self.catalog.source_of(str(folder)) or str(folder)
        remembered = self.catalog.known_files(str(folder), unfinished)
        unlisted: list[str] = []
        videos: list[str] = []

        def not_listed(path: Path, reason: str) -> None:
            _log.warning("%s was not listed: %s", path, reason)
            unlisted.append(str(path))

        found = scan(
            folder,
            skip=[self.library],
            on_error=not_listed,
            on_video=videos.append,
            on_link=None if str(folder) == source else unlisted.append,
        )
        done = to_read = 0
        for part in found:
            if not self.control.wait_while_paused():
                return
            changed = remembered.changed(part)
            self._found += [(source, FileEntry(*one)) for one in changed]
            done, to_read = done + len(part), to_read + len(changed)
            if done >= REPORT_EVERY:
                self._count(done=done, unchanged=done - to_read)
                done = to_read = 0
                yield self._progress
        self._count(done=done, unchanged=done - to_read)
        back = remembered.reappeared
        self.catalog.missing_files.mark_found(back)
        self._pairs_outdated |= bool(back)
        self._count(videos=len(videos))
        if source == str(folder):
            self.catalog.set_video_count(source, len(videos))
        gone = self.catalog.file_ids_of(str(folder), remembered.disappeared)
        places = tuple(with_separator(place) for place in unlisted)
        self._missing.add(
            source, {path: one for path, one in gone.items() if not with_separator(path).startswith(places)}
        )
        yield self._progress

    # --- reading -----------------------------------------------------------------------------------------

    def _read(self) -> Iterator[Progress]:
        yield self._report(phase=Phase.ANALYZING, done=0, total=len(self._found))
        sources = {entry.path: source for source, entry in self._found}
        time_left, in_order = EtaEstimator(self.control, len(self._found)), 0
        for batch in self.reader.read([entry for _, entry in self._found], self.control):
            settled = [one for one in batch if not _is_changing(one.entry)]
            added = self._keep(settled, sources)
            failed = sum(outcome.reason is not None for outcome in settled)
            self._count(
                done=len(batch),
                indexed=len(settled) - failed,
                unreadable=failed,
                still_changing=len(batch) - len(settled),
            )
            left = time_left.update(self._progress.done)
            self._progress = replace(self._progress, added=added, seconds_left=left)
            yield self._progress
            if self._progress.indexed >= in_order + SAVE_INDEX_EVERY:
                in_order = self._progress.indexed
                for _ in self.index_builder.update_index(self.control):
                    yield self._report()
        self._report(seconds_left=None)

    def _keep(self, batch: list[ReadResult], sources: dict[str, str]) -> tuple[int, ...]:
        # Thumbnails first: a photo that the catalogue shows always has one.
        jpegs = {one.digest: one.thumbnail for one in batch if one.digest and one.thumbnail}
        if jpegs:
            self.thumbnails.add(jpegs)
        readings: dict[str, list[FileRecord]] = {}
        for one in batch:
            vector = None if one.vector is None else pack_vector(one.vector)
            entry = replace(one.entry, mtime_ns=_NO_TIME) if one.retry else one.entry
            reading = FileRecord(entry, one.digest, one.facts, vector, one.labels, one.reason)
            readings.setdefault(sources[one.entry.path], []).append(reading)
        added: list[int] = []
        for source, some in readings.items():
            added += self.catalog.save(source, some, self.index_builder.model)
        return tuple(self.catalog.raw_pairs.update_near(added))

    # --- forgetting --------------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Forget files that are gone; last, so that a moved file has taken over what is known of its content."""
        settled = self.catalog.missing_files.reconcile(
            self._missing.files_by_source,
            self._missing.needs_confirmation if self.confirm_missing else _never,
        )
        if not self.confirm_missing:
            for source in self._missing.files_by_source:
                self._count(removed=self.catalog.missing_files.delete(source))
        self.thumbnails.remove(self.catalog.delete_orphans())
        self._count(removed=settled.removed, moved=settled.moved, missing=settled.missing)
        if self._pairs_outdated or self._found or self._missing.files_by_source:
            self.catalog.raw_pairs.update()


def _is_changing(entry: FileEntry) -> bool:
    """Whether a file is being written just now, or is gone: what was read of it is of no worth."""
    try:
        size, mtime_ns = stat_stamp(entry.path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if (size, mtime_ns) == (entry.size, entry.mtime_ns):
        return False
    # Some drives tell another time in a folder's listing than of the file itself, and that for ever.
    return size != entry.size or abs(time.time() - mtime_ns / 1e9) < STILL_CHANGING_S


def _never(_source: str, _missing: int, _photos: int) -> bool:
    return False
