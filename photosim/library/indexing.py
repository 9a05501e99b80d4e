"""Indexing of a library's folders, with a switch of the model at the end."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from photosim import settings
from photosim.errors import FolderError, LabelError, LibraryError, ModelError
from photosim.files.exclusions import ExcludedFolders
from photosim.indexing.detection import CloserPass, ThumbnailPass
from photosim.indexing.duplicate_finder import DuplicateFinder
from photosim.indexing.object_index import ObjectIndexBuilder
from photosim.indexing.pipeline import Pipeline
from photosim.indexing.reader import PhotoReader
from photosim.indexing.throughput import MeteredEmbedder
from photosim.library.files.folders import SourceFolders
from photosim.library.files.moves import FileOperations
from photosim.library.labels import DISABLED
from photosim.library.locks import WriteLock
from photosim.library.models.manager import ModelManager
from photosim.library.models.view import ModelView
from photosim.ml.model_spec import ModelSpec
from photosim.records import Phase, Progress
from photosim.runtime import trace
from photosim.runtime.control import JobControl
from photosim.runtime.crash_journal import CrashJournal
from photosim.store.catalog import Catalog
from photosim.store.objects import ObjectTable
from photosim.store.thumbnails import ThumbnailCache

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LibraryIndexing:
    """Runs the pipeline on the folders of a library."""

    folder: Path
    catalog: Catalog
    thumbnails: ThumbnailCache
    write_lock: WriteLock
    folders: SourceFolders
    models: ModelManager
    file_moves: FileOperations
    labels_enabled: Callable[[], bool]
    prepare_clusters: Callable[[], None]
    """Called after photos were indexed, with the library locked."""

    def run(
        self, folders: Sequence[Path], control: JobControl | None, *, confirm_missing: bool
    ) -> Iterator[Progress]:
        """Index folders; see `Library.index`."""
        view = self.models.active
        with self.write_lock:
            self.file_moves.recover()
            scan_roots = self.folders.prepare_index(folders)
            excluded = ExcludedFolders.of_library(self.folder)
            self._check_excluded(scan_roots, excluded)
            control = control or JobControl()
            journal = open_crash_journal(self.folder)
            reader_for = partial(self._reader, journal, control)
            pipeline = Pipeline(
                library=self.folder,
                catalog=self.catalog,
                thumbnails=self.thumbnails,
                reader=reader_for(view),
                index_builder=view.index_builder,
                duplicates=self._finder(view),
                control=control,
                confirm_missing=confirm_missing,
                excluded=excluded,
            )
            try:
                result = yield from _without_result(pipeline.index(scan_roots))
                switch = self.models.switch(result, reader_for, self._finder, control)
                result = yield from _without_result(switch)
                if not result.cancelled and self.labels_enabled():
                    with trace.span("index objects"):
                        yield from self._detect(result, journal, control)
                if not result.cancelled and not control.cancelled:
                    with trace.span("prepare clusters"):
                        self.prepare_clusters()
                yield replace(result, cancelled=result.cancelled or control.cancelled)
            finally:
                journal.close()

    def look_closer(self, control: JobControl) -> Iterator[Progress]:
        """Search the photos for small objects; see `Library.look_closer`."""
        if not self.labels_enabled():
            raise LabelError(DISABLED)
        view = self.models.active
        with self.write_lock:
            journal = open_crash_journal(self.folder)
            try:
                closer = CloserPass(self.catalog, view.model, view.embedder, journal)
                result = yield from _without_result(closer.run(control))
                yield from self._update_object_index(view, result, control)
                yield result
            finally:
                journal.close()

    def _detect(self, result: Progress, journal: CrashJournal, control: JobControl) -> Iterator[Progress]:
        """Find objects in photos that were indexed without, and small ones if the user wants them; index all."""
        view = self.models.active
        passes = [ThumbnailPass(self.catalog, self.thumbnails, view.model, view.embedder).run(control)]
        if settings.load(self.folder).look_closer:
            passes.append(CloserPass(self.catalog, view.model, view.embedder, journal).run(control))
        try:
            for progress in itertools.chain.from_iterable(passes):
                if progress.total and progress.phase is Phase.DETECTING:
                    yield replace(
                        result,
                        phase=Phase.DETECTING,
                        done=progress.done,
                        total=progress.total,
                        seconds_left=progress.seconds_left,
                        added=(),
                    )
        except ModelError as error:
            _log.warning("Objects are not searched for: %s", error)
        yield from self._update_object_index(view, result, control)

    def _update_object_index(
        self, view: ModelView, result: Progress, control: JobControl
    ) -> Iterator[Progress]:
        if not control.cancelled and view.model.object_dimensions:
            table = ObjectTable(self.catalog.database, view.model.id, view.model.object_dimensions)
            for done, total in ObjectIndexBuilder(self.folder, table, view.model).update(control):
                yield replace(result, phase=Phase.GROUPING, done=done, total=total, added=())

    def _check_excluded(self, folders: Sequence[Path], excluded: ExcludedFolders) -> None:
        """Raise FolderError for a folder that the user excluded."""
        for folder in map(str, folders):
            if excluded.excludes(folder, self.catalog.source_of(folder) or folder):
                raise FolderError(f"The folder {folder} is excluded from this library.")

    def _reader(self, journal: CrashJournal, control: JobControl, view: ModelView) -> PhotoReader:
        return PhotoReader(
            preprocessing=view.model.preprocessing,
            is_known=partial(self._is_known, view.model),
            embedder=MeteredEmbedder(self.folder, view.embedder, view.model, control),
            journal=journal,
            labels=self.labels_enabled(),
        )

    def _finder(self, view: ModelView) -> DuplicateFinder:
        return DuplicateFinder(self.catalog, self.thumbnails, view.embeddings, view.model)

    def _is_known(self, model: ModelSpec, digest: bytes) -> bool:
        return self.thumbnails.has(digest) and self.catalog.has_embedding(digest, model.id)


def open_crash_journal(folder: Path) -> CrashJournal:
    """Open the crash journal of the library in `folder`. Raises LibraryError if it can't be written."""
    try:
        journal = CrashJournal(folder)
        journal.enable_crash_log()
    except OSError as error:
        raise LibraryError(
            f"The file {error.filename} can't be written: {error.strerror}. Remove it, then try again."
        ) from error
    return journal


def _without_result(reports: Iterator[Progress]) -> Generator[Progress, None, Progress]:
    """Yield every report but the last, which is returned.

    Reports are passed on without delay, since the process may die at any time.
    """
    last = Progress(Phase.SCANNING)
    for last in reports:
        if last.phase is not Phase.DONE:
            yield last
    return last
