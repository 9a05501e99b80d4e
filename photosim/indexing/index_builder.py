"""Keep the neighbour index and the clusters of a library in step with its embeddings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import xxhash

from photosim.clustering.leiden import cluster_levels
from photosim.errors import LibraryError
from photosim.records import DEFAULT_LEVEL
from photosim.runtime.control import JobControl
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import index_folder
from photosim.store.embeddings import ModelEmbeddings

_log = logging.getLogger(__name__)

# Raise it when the way of clustering changes, so that kept clusters are made anew.
CLUSTERING_VERSION = 3

_REPORT_S = 0.2  # between two reports

_Result = TypeVar("_Result")
_GoOn = Callable[[int, int], bool]


class _CancelledError(Exception):
    """The person cancelled in the middle of a computation."""


@dataclass(frozen=True, slots=True)
class IndexBuilder:
    """The neighbours and clusters of one model's embeddings in a library folder."""

    folder: Path
    embeddings: ModelEmbeddings
    model: str
    dimensions: int

    def build(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Bring the saved index and the kept clusters up to date; yields (done, total) as it goes."""
        photo_ids = self.embeddings.photo_ids()
        yield 0, len(photo_ids)
        index = yield from self.update_index(control, photo_ids)
        if control.cancelled or self.embeddings.has_clusters(_fingerprint(photo_ids)):
            return
        levels = yield from _reporting(lambda go_on: self._levels(photo_ids, index, go_on), control)
        if levels is not None:
            self.embeddings.save_clusters(_fingerprint(photo_ids), levels)

    def update_index(
        self, control: JobControl, photo_ids: npt.NDArray[np.int64] | None = None
    ) -> Generator[tuple[int, int], None, NeighbourIndex]:
        """Bring the saved index up to date with these photos, or with all; yields (done, total) and returns it."""
        index = self._index(self.embeddings.photo_ids() if photo_ids is None else photo_ids)
        yield from _reporting(index.merge_pending, control)
        try:
            index.save(index_folder(self.folder, self.model))
        except LibraryError as error:
            # It is only a cache: without it the next start answers exactly until it is made again.
            _log.warning("%s", error)
        return index

    def clusters(self, level: int = DEFAULT_LEVEL, current: str | None = None) -> list[list[int]]:
        """The clusters of a level as photo ids, the medoid first; made now, and not kept, when none fit the photos.

        `current` is what `current` has just answered: then the photos are not looked through again.
        """
        kept = self.embeddings.clusters(current, level) if current is not None else None
        if kept is None:
            photo_ids = self.embeddings.photo_ids()
            kept = self.embeddings.clusters(_fingerprint(photo_ids), level)
        return self._levels(photo_ids, self._index(photo_ids))[level] if kept is None else kept

    def cluster_fingerprint(self) -> str | None:
        """A text that names the photos that are embedded now, if the kept clusters are theirs; else None."""
        fingerprint = _fingerprint(self.embeddings.photo_ids())
        return fingerprint if self.embeddings.has_clusters(fingerprint) else None

    def _index(self, photo_ids: npt.NDArray[np.int64]) -> NeighbourIndex:
        folder = index_folder(self.folder, self.model)
        index = NeighbourIndex.load(folder, self.model, self.dimensions, self.embeddings.vectors_of)
        index.sync(photo_ids, self.embeddings.vectors_of)
        return index

    def _levels(
        self, photo_ids: npt.NDArray[np.int64], index: NeighbourIndex, go_on: _GoOn | None = None
    ) -> list[list[list[int]]]:
        def report(done: int, total: int) -> None:
            if go_on is not None and not go_on(done, total):
                raise _CancelledError

        search = None if index.is_exact else index.search_approximate
        levels = cluster_levels(photo_ids, self.embeddings.vectors_of(photo_ids), search, report)
        return [[photo_ids[rows].tolist() for rows in groups] for groups in levels]


def _reporting(
    work: Callable[[_GoOn], _Result], control: JobControl
) -> Generator[tuple[int, int], None, _Result | None]:
    """Do long work in a thread, yielding (done, total) meanwhile; its result, or None when cancelled."""
    latest = (0, 0)

    def go_on(done: int, total: int) -> bool:
        nonlocal latest
        latest = done, total
        return control.wait_while_paused()

    with ThreadPoolExecutor(1, "grouping") as thread:
        future = thread.submit(work, go_on)
        while True:
            try:
                result = future.result(_REPORT_S)
            except StillRunning:
                yield latest
            except _CancelledError:
                return None
            else:
                return result


def _fingerprint(photo_ids: npt.NDArray[np.int64]) -> str:
    """A short text that changes when the set of photos does; int64 (N,), in a fixed order."""
    digest = xxhash.xxh3_128(photo_ids.astype("<i8").tobytes()).hexdigest()
    return f"{CLUSTERING_VERSION}:{len(photo_ids)}:{digest}"
