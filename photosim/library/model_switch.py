"""Show a library's photos to the model that is to take over, while another one goes on answering."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from photosim.files.fspaths import is_unchanged
from photosim.indexing.reader import PhotoReader, ReadResult
from photosim.library.model_view import ModelView
from photosim.records import Phase, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.memory import EmbeddingTable


@dataclass(frozen=True, slots=True)
class ModelSwitch:
    """One change of the model in a library whose lock is held; `view` is that of the model that takes over.

    `is_wanted` is asked again and again: the person may have thought better of it.
    """

    view: ModelView
    catalog: Catalog
    embeddings: EmbeddingTable
    reader: PhotoReader
    control: JobControl
    is_wanted: Callable[[], bool]

    def run(self, before: Progress) -> Iterator[Progress]:
        """Embed what the model has not seen, group it, and report as it goes, on top of the counts of `before`.

        The photos are read from their files; those that are away or have changed are left out, and one that
        cannot be read stays as it is: the next indexing deals with it. Raises ModelError when the model's file
        is missing or damaged.
        """
        report = replace(before, added=(), cancelled=False, next_model=self.view.model.title)
        yield replace(report, phase=Phase.ANALYZING, done=0, total=0)
        files = [
            (source, file)
            for source, file in self.embeddings.files_without(self.view.model.id)
            if is_unchanged(file)
        ]
        sources = {file.path: source for source, file in files}
        time_left, done = EtaEstimator(self.control, len(files)), 0
        for batch in self.reader.read([file for _, file in files], self.control):
            self._keep(batch, sources)
            done += len(batch)
            left = time_left.update(done)
            yield replace(report, phase=Phase.ANALYZING, done=done, total=len(files), seconds_left=left)
            if not self.is_active:
                return
        if self.is_active:
            for done, total in self.view.index_builder.build(self.control):
                yield replace(report, phase=Phase.GROUPING, done=done, total=total)

    @property
    def is_active(self) -> bool:
        """Whether nobody has stopped it."""
        return not self.control.cancelled and self.is_wanted()

    def _keep(self, batch: list[ReadResult], sources: dict[str, str]) -> None:
        readings: dict[str, list[FileRecord]] = {}
        for one in batch:
            if one.vector is not None:
                reading = FileRecord(one.entry, one.digest, one.facts, pack_vector(one.vector), one.labels)
                readings.setdefault(sources[one.entry.path], []).append(reading)
        for source, some in readings.items():
            self.catalog.save(source, some, self.view.model.id)
