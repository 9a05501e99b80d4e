"""Builds the neighbour index of the objects in photos."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photosim.indexing.index_updater import IndexUpdater
from photosim.ml.model_spec import ModelSpec
from photosim.runtime.control import JobControl
from photosim.search.index_files import holds_ids, object_index_folder
from photosim.store.embeddings import DamagedEmbeddingsError
from photosim.store.objects import ObjectTable

REDUCED_DIMENSIONS = 64
"""Dimensions of the vectors in the graph, which a window holds in memory: a library has several times as many objects
as photos. The candidates are compared by their full vectors."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ObjectIndexBuilder:
    """Builds the index of the objects that one model found in a library folder."""

    folder: Path
    table: ObjectTable
    model: ModelSpec

    @property
    def updater(self) -> IndexUpdater:
        """The saved index of the objects."""
        return IndexUpdater(
            object_index_folder(self.folder, self.model.id),
            self.model.id,
            self.model.object_dimensions,
            self.table.vectors_of,
            REDUCED_DIMENSIONS,
        )

    def update(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Bring the saved index up to date, yielding (done, total); the caller holds the write lock."""
        while True:
            ids = self.table.object_ids()
            if holds_ids(self.updater.folder, ids):
                return  # loading it would only take time
            try:
                yield from self.updater.update(control, ids)
            except DamagedEmbeddingsError as error:
                _log.warning("%s", error)
            else:
                return
