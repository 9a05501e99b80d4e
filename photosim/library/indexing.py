"""Indexing of a library's folders, with a switch of the model at the end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photosim.errors import FolderError, LibraryError
from photosim.files.exclusions import ExcludedFolders
from photosim.indexing.pipeline import Pipeline
from photosim.indexing.reader import PhotoReader
from photosim.indexing.throughput import MeteredEmbedder
from photosim.library.file_moves import FileOperations
from photosim.library.folders import SourceFolders
from photosim.library.locks import WriteLock
from photosim.library.model_view import ModelView
from photosim.library.models import ModelManager
from photosim.ml.model_spec import ModelSpec
from photosim.records import Phase, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.crash_journal import CrashJournal
from photosim.store.catalog import Catalog
from photosim.store.thumbnails import ThumbnailCache


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
            journal = self._open_crash_journal()
            reader_for = partial(self._reader, journal, control)
            pipeline = Pipeline(
                library=self.folder,
                catalog=self.catalog,
                thumbnails=self.thumbnails,
                reader=reader_for(view),
                index_builder=view.index_builder,
                control=control,
                confirm_missing=confirm_missing,
                excluded=excluded,
            )
            try:
                result = yield from _without_result(pipeline.index(scan_roots))
                yield from self.models.switch(result, reader_for, control)
            finally:
                journal.close()

    def _check_excluded(self, folders: Sequence[Path], excluded: ExcludedFolders) -> None:
        """Raise FolderError for a folder that the user excluded."""
        for folder in map(str, folders):
            if excluded.excludes(folder, self.catalog.source_of(folder) or folder):
                raise FolderError(f"The folder {folder} is excluded from this library.")

    def _open_crash_journal(self) -> CrashJournal:
        try:
            journal = CrashJournal(self.folder)
            journal.enable_crash_log()
        except OSError as error:
            raise LibraryError(
                f"The file {error.filename} can't be written: {error.strerror}. Remove it, then try again."
            ) from error
        return journal

    def _reader(self, journal: CrashJournal, control: JobControl, view: ModelView) -> PhotoReader:
        return PhotoReader(
            preprocessing=view.model.preprocessing,
            is_known=partial(self._is_known, view.model),
            embedder=MeteredEmbedder(self.folder, view.embedder, view.model, control),
            journal=journal,
            labels=self.labels_enabled(),
        )

    def _is_known(self, model: ModelSpec, digest: bytes) -> bool:
        return self.thumbnails.has(digest) and self.catalog.has_embedding(digest, model.id)


def _without_result(reports: Iterator[Progress]) -> Generator[Progress, None, Progress]:
    """Yield every report but the last, which is returned.

    Reports are passed on without delay, since the process may die at any time.
    """
    last = Progress(Phase.SCANNING)
    for last in reports:
        if last.phase is not Phase.DONE:
            yield last
    return last
