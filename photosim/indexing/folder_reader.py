"""Reads the photos of a folder that does not belong to the library, to compare them; nothing is written there."""

from __future__ import annotations

import logging
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from photosim.errors import FolderError
from photosim.files.fspaths import stat_stamp
from photosim.files.scan import scan
from photosim.indexing.reader import PhotoReader, ReadResult
from photosim.paths import is_folder
from photosim.records import FileEntry, Phase, Progress, UnreadableFile
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog
from photosim.store.comparisons.contents import ComparedContent, ComparedFile, ComparisonStore
from photosim.store.files.known_photos import known_photos

REPORT_EVERY = 500  # scanned files

_GONE = "It left the library while it was compared. Compare again."

_log = logging.getLogger(__name__)


@dataclass
class FolderReader:
    """Reads folders into the store of comparisons, each file once while it is unchanged; `skip` are not scanned.

    `reader` must know the photos of the library and of the store, which it does not decode.
    """

    store: ComparisonStore
    catalog: Catalog
    reader: PhotoReader
    model: str
    control: JobControl
    skip: Collection[Path] = ()
    progress: Progress = field(default=Progress(Phase.SCANNING), init=False)

    def read(self, folder: Path) -> Generator[Progress, None, FolderContents]:
        """Read the new and changed photos of a folder, reporting on top of what was read before; returns all of them.

        When cancelled, what is returned is incomplete. Raises FolderError for a folder that can't be listed, or that is gone
        before the end.
        """
        found = FolderContents(str(folder))
        stamps: list[FileEntry] = []

        def on_error(path: Path, reason: str) -> None:
            _log.warning("%s cannot be listed: %s", path, reason)
            found.unreadable.append(UnreadableFile(str(path), reason))

        videos: list[str] = []
        for batch in scan(folder, skip=self.skip, on_error=on_error, on_video=videos.append):
            if not self.control.wait_while_paused():
                return found
            before = len(stamps)
            stamps += [FileEntry(*stamp) for stamp in batch]
            if len(stamps) // REPORT_EVERY > before // REPORT_EVERY:
                yield self._report(phase=Phase.SCANNING, done=len(stamps), total=0)
        found.videos = len(videos)
        yield from self._read(found, stamps)
        found.unreadable.sort(key=lambda file: file.path)
        return found

    def _read(self, found: FolderContents, entries: Sequence[FileEntry]) -> Generator[Progress, None, None]:
        known = self.store.files(found.folder)
        complete = self.store.complete(self.model)
        to_read = []
        for entry in entries:
            file = known.pop(entry.path, None)
            if file is None or file.entry != entry:
                to_read.append(entry)
            elif file.digest is None:
                found.unreadable.append(UnreadableFile(entry.path, file.reason or ""))
            elif file.digest in complete or self.reader.is_known(file.digest):
                found.files[entry] = file.digest
            else:
                to_read.append(entry)
        self.store.remove_files(known)
        unreadable = self.progress.unreadable + len(found.unreadable)
        yield self._report(
            phase=Phase.ANALYZING,
            done=0,
            total=len(to_read),
            unchanged=self.progress.unchanged + len(entries) - len(to_read),
            unreadable=unreadable,
            videos=self.progress.videos + found.videos,
        )
        estimator = EtaEstimator(self.control, len(to_read))
        for batch in self.reader.read(to_read, self.control):
            failed = self._save(found, batch)
            done = self.progress.done + len(batch)
            yield self._report(
                done=done,
                indexed=self.progress.indexed + len(batch) - failed,
                unreadable=self.progress.unreadable + failed,
                seconds_left=estimator.update(done),
            )
        self._report(seconds_left=None)

    def _save(self, found: FolderContents, batch: Sequence[ReadResult]) -> int:
        """Save what was read; returns how many files could not be."""
        if any(result.reason for result in batch) and not is_folder(found.folder):
            raise FolderError(
                f"The folder {found.folder} is no longer available. What was read so far is kept; compare again to continue."
            )
        read = [result for result in batch if result.digest is not None]
        # Of photos of the library only the facts are kept: it has the rest.
        known = known_photos(
            self.catalog.database,
            [result.digest for result in read if result.digest and result.facts is None],
        )
        contents = [ComparedContent(digest, facts) for digest, (_, facts) in known.items()]
        contents += [
            ComparedContent(result.digest, result.facts, result.thumbnail, result.vector)
            for result in read
            if result.digest is not None and result.facts is not None
        ]
        self.store.save((), contents, self.model)
        facts = self.store.facts([result.digest for result in read if result.digest])
        files = []
        for result in batch:
            reason = result.reason
            if reason is None and result.digest in facts:
                found.files[result.entry] = result.digest
                file = ComparedFile(result.entry, result.digest)
            else:
                reason = reason or _GONE
                found.unreadable.append(UnreadableFile(result.entry.path, reason))
                file = ComparedFile(result.entry, reason=reason)
            if not result.retry and reason != _GONE and _is_unchanged(result.entry):
                files.append(file)
        self.store.save(files, (), self.model)
        return sum(file.entry not in found.files for file in batch)

    def _report(self, **changes: Any) -> Progress:
        self.progress = replace(self.progress, **changes)
        return self.progress


@dataclass
class FolderContents:
    """The files of a folder: digests of those that can be read, the others with the reason."""

    folder: str
    files: dict[FileEntry, bytes] = field(default_factory=dict)
    unreadable: list[UnreadableFile] = field(default_factory=list)
    videos: int = 0


def _is_unchanged(entry: FileEntry) -> bool:
    """Check whether a file is as it was listed, so that what was read of it can be kept."""
    try:
        return stat_stamp(entry.path) == (entry.size, entry.mtime_ns)
    except (OSError, ValueError):
        return False
