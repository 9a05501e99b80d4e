"""Labels that a model assigns to the photos of a library: reading and adding missing ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from photosim import settings
from photosim.errors import LabelError
from photosim.library.locks import WriteLock
from photosim.library.models.view import ModelView
from photosim.records import Label, LabelCount, Progress
from photosim.runtime.control import JobControl
from photosim.store.catalog import Catalog
from photosim.store.labels import LabelTable
from photosim.store.objects import ObjectTable
from photosim.store.thumbnails import ThumbnailCache

if TYPE_CHECKING:
    from photosim.library.clusters.names import FileValues
    from photosim.search.filters.facets import ObjectValues

DISABLED = "Labels are off in this library. Turn them on with “photosim labels on”."


class LibraryLabels:
    """The labels of one model in a library, usable from any thread.

    While labels are disabled, none are returned and none are added; existing ones are kept in the database.
    """

    def __init__(
        self, catalog: Catalog, thumbnails: ThumbnailCache, view: ModelView, write_lock: WriteLock
    ) -> None:
        self.view = view
        self._catalog, self._thumbnails, self._write_lock = catalog, thumbnails, write_lock
        self._table = LabelTable(catalog.database, view.model.id)

    @property
    def enabled(self) -> bool:
        """Whether labels are on in this library."""
        return settings.load(self.view.folder).labels

    def set_enabled(self, enabled: bool) -> None:
        """Turn labels on or off."""
        settings.update(self.view.folder, labels=enabled)

    def labels_of(self, photo_id: int) -> tuple[Label, ...]:
        """Return the labels of a photo, best first."""
        return self._table.labels_of(photo_id) if self.enabled else ()

    def counts(self) -> list[LabelCount]:
        """Return all labels with their numbers of files, most frequent first."""
        return self._table.counts() if self.enabled else []

    def assignments_by_file(
        self,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str], npt.NDArray[np.float32]]:
        """Return all labels of all files: file ids (N,), indices into the list of names (N,), that list, scores (N,)."""
        if not self.enabled:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), [], np.zeros(0, np.float32)
        return self._table.assignments()

    def boxes_by_file(self) -> ObjectValues:
        """Return all objects in all files, none while labels are disabled; see `ObjectTable.boxes`."""
        if not self.enabled:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), [], np.zeros((0, 4), np.float32)
        model = self.view.model
        return ObjectTable(self._catalog.database, model.id, model.object_dimensions).boxes()

    def assignments(self) -> FileValues:
        """Return the labels of all files, including files without any."""
        from photosim.library.clusters.names import FileValues

        files, labels, names, _ = self._table.assignments()
        labelled = self._table.labelled_file_ids()
        without = labelled[~np.isin(labelled, files)]
        labels = np.append(labels, np.full(len(without), -1, np.int64))
        return FileValues(np.append(files, without), labels, tuple(names))

    def unlabelled(self) -> int:
        """Return how many embedded photos the model has not labelled yet."""
        return len(self._table.unlabelled_photo_ids())

    def label_missing(self, control: JobControl) -> Iterator[Progress]:
        """Label the photos that were embedded without labels, and find their objects; see `ThumbnailPass`.

        Raises LabelError when labels are disabled, LibraryLockedError while another PhotoSim writes, ModelError when the
        model's file is damaged.
        """
        from photosim.indexing.detection import ThumbnailPass

        self._check_enabled()
        with self._write_lock:
            view = self.view
            yield from ThumbnailPass(self._catalog, self._thumbnails, view.model, view.embedder).run(control)

    def _check_enabled(self) -> None:
        if not self.enabled:
            raise LabelError(DISABLED)
