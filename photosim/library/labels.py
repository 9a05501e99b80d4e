"""Labels that a model assigns to the photos of a library: reading and adding missing ones."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL.JpegImagePlugin import JpegImageFile

from photosim import settings
from photosim.errors import LabelError
from photosim.library.cluster_names import FileValues
from photosim.library.locks import WriteLock
from photosim.library.model_view import ModelView
from photosim.ml.preprocess import preprocess
from photosim.records import Label, LabelCount, Phase, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog
from photosim.store.labels import LabelTable
from photosim.store.thumbnails import ThumbnailCache

_BATCH = 16  # photos through the model at once
_DISABLED = "Labels are off in this library. Turn them on with “photosim labels on”."


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

    def assignments(self) -> FileValues:
        """Return the labels of all files, including files without any."""
        files, labels, names, _ = self._table.assignments()
        labelled = self._table.labelled_file_ids()
        without = labelled[~np.isin(labelled, files)]
        labels = np.append(labels, np.full(len(without), -1, np.int64))
        return FileValues(np.append(files, without), labels, tuple(names))

    def unlabelled(self) -> int:
        """Return how many embedded photos the model has not labelled yet."""
        return len(self._table.unlabelled_photo_ids())

    def label_missing(self, control: JobControl) -> Iterator[Progress]:
        """Label the photos that were embedded without labels, reporting progress.

        Works on thumbnails, so that no photo is read again and drives may be offline; a photo without thumbnail gets
        its labels when it is indexed next. Labels found before a cancellation are saved. Raises LabelError when labels
        are disabled, LibraryLockedError while another PhotoSim writes, ModelError when the model's file is damaged.
        """
        self._check_enabled()
        with self._write_lock:
            photo_ids = self._table.unlabelled_photo_ids()
            progress = Progress(Phase.ANALYZING, total=len(photo_ids))
            yield progress
            estimator = EtaEstimator(control, len(photo_ids))
            for first in range(0, len(photo_ids), _BATCH):
                if not control.wait_while_paused():
                    break
                batch = photo_ids[first : first + _BATCH]
                labels = self._label(batch)
                self._table.save(labels)
                done = first + len(batch)
                progress = replace(
                    progress,
                    done=done,
                    indexed=progress.indexed + len(labels),
                    seconds_left=estimator.update(done),
                )
                yield progress
            yield replace(progress, phase=Phase.DONE, seconds_left=None, cancelled=control.cancelled)

    def _check_enabled(self) -> None:
        if not self.enabled:
            raise LabelError(_DISABLED)

    def _label(self, photo_ids: Sequence[int]) -> dict[int, tuple[Label, ...]]:
        """Return the labels of these photos, leaving out those whose thumbnail is missing or damaged."""
        inputs = {}
        for photo_id in photo_ids:
            digest = self._catalog.digest(photo_id)
            jpeg = None if digest is None else self._thumbnails.get(digest)
            if jpeg is None:
                continue
            try:
                with JpegImageFile(io.BytesIO(jpeg)) as image:
                    inputs[photo_id] = preprocess(image, self.view.model.preprocessing)
            except (
                OSError,
                ValueError,
                SyntaxError,
            ):  # Pillow raises SyntaxError for data that is no JPEG at all
                continue
        if not inputs:
            return {}
        _, labels = self.view.embedder().embed_and_label(np.stack(list(inputs.values())))
        return dict(zip(inputs, labels, strict=True))
