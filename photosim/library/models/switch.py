"""Embed all photos of a library with the next model while another one stays active."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from photosim.files.fspaths import is_unchanged
from photosim.indexing.duplicate_finder import DuplicateFinder, group_photos
from photosim.indexing.reader import PhotoReader, ReadResult
from photosim.library.models.view import ModelView
from photosim.records import Phase, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import EmbeddingTable, pack_vector


@dataclass(frozen=True, slots=True)
class ModelSwitch:
    """One switch of the model, run while the library's lock is held; `view` is that of the next model.

    `is_wanted` is called repeatedly, since the user may choose another model meanwhile.
    """

    view: ModelView
    catalog: Catalog
    embeddings: EmbeddingTable
    reader: PhotoReader
    duplicates: DuplicateFinder
    control: JobControl
    is_wanted: Callable[[], bool]

    def run(self, progress: Progress) -> Iterator[Progress]:
        """Embed the photos that the model lacks and build its index, reporting on top of the counts of `progress`.

        Files that are offline or have changed are skipped, and unreadable ones left as they are: the next indexing
        handles them. Raises ModelError when the model's file is missing or damaged.
        """
        progress = replace(progress, added=(), cancelled=False, next_model=self.view.model.title)
        yield replace(progress, phase=Phase.ANALYZING, done=0, total=0)
        lacking = self.embeddings.files_without(self.view.model.id)
        source_of = {file.path: source for source, file in lacking if is_unchanged(file)}
        files = [file for _, file in lacking if file.path in source_of]
        estimator, done = EtaEstimator(self.control, len(files)), 0
        for batch in self.reader.read(files, self.control):
            self._save(batch, source_of)
            done += len(batch)
            seconds_left = estimator.update(done)
            yield replace(
                progress, phase=Phase.ANALYZING, done=done, total=len(files), seconds_left=seconds_left
            )
            if not self.is_active:
                return
        if self.is_active:
            reports = group_photos(self.view.index_builder, self.duplicates, self.control, is_new_model=True)
            for done, total in reports:
                yield replace(progress, phase=Phase.GROUPING, done=done, total=total)

    @property
    def is_active(self) -> bool:
        """Whether the switch is neither cancelled nor replaced by another choice."""
        return not self.control.cancelled and self.is_wanted()

    def _save(self, batch: list[ReadResult], source_of: dict[str, str]) -> None:
        by_source: dict[str, list[FileRecord]] = {}
        for result in batch:
            if result.vector is not None:
                record = FileRecord(
                    entry=result.entry,
                    digest=result.digest,
                    facts=result.facts,
                    vector=pack_vector(result.vector),
                    labels=result.labels,
                    objects=result.objects,
                )
                by_source.setdefault(source_of[result.entry.path], []).append(record)
        for source, records in by_source.items():
            self.catalog.save(source, records, self.view.model.id)
