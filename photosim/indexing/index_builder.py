"""Updates the neighbour index and the clusters of a library from its embeddings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
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
from photosim.store.embeddings import DamagedEmbeddingsError, ModelEmbeddings, without_damaged

_log = logging.getLogger(__name__)

# Increase it when clustering changes, so that saved clusters are computed anew.
CLUSTERING_VERSION = 4

_REPORT_INTERVAL_S = 0.2

_Result = TypeVar("_Result")
_Continue = Callable[[int, int], bool]


class _CancelledError(Exception):
    """The user cancelled during a computation."""


@dataclass(frozen=True, slots=True)
class IndexBuilder:
    """Builds the index and clusters of one model in a library folder."""

    folder: Path
    embeddings: ModelEmbeddings
    model: str
    dimensions: int
    same_cosine: float
    """Cosine from which two photos are near-identical, and always in one cluster."""

    def build(self, control: JobControl) -> Iterator[tuple[int, int]]:
        """Update the saved index and the saved clusters, yielding (done, total).

        Embeddings that are found to be damaged are deleted: the next indexing creates them again.
        """
        while True:
            try:
                yield from self._build(control)
            except DamagedEmbeddingsError as error:
                _log.warning("%s", error)
            else:
                break
        self.embeddings.delete_damaged()

    def _build(self, control: JobControl) -> Iterator[tuple[int, int]]:
        photo_ids = self.embeddings.photo_ids()
        yield 0, len(photo_ids)
        index = yield from self.update_index(control, photo_ids)
        if control.cancelled or self.embeddings.has_clusters(_fingerprint(photo_ids)):
            return
        levels = yield from _reporting(
            lambda may_continue: self._levels(photo_ids, index, may_continue), control
        )
        if levels is not None:
            self.embeddings.save_clusters(_fingerprint(photo_ids), levels)

    def update_index(
        self, control: JobControl, photo_ids: npt.NDArray[np.int64] | None = None
    ) -> Generator[tuple[int, int], None, NeighbourIndex]:
        """Update the saved index to these photos (None: all), yielding (done, total); returns the index."""
        index = self._index(self.embeddings.photo_ids() if photo_ids is None else photo_ids)
        yield from _reporting(index.merge_pending, control)
        try:
            index.save(index_folder(self.folder, self.model))
        except LibraryError as error:
            # The file is only a cache: without it, searches are exact until the index is built again.
            _log.warning("%s", error)
        return index

    def clusters(self, level: int = DEFAULT_LEVEL, fingerprint: str | None = None) -> list[list[int]]:
        """Return the clusters of a level as photo ids, the cover first, computed but not saved if they are outdated.

        `fingerprint` is what `cluster_fingerprint` has just returned; it saves reading all photo ids.
        """
        return without_damaged(lambda: self._clusters(level, fingerprint))

    def _clusters(self, level: int, fingerprint: str | None) -> list[list[int]]:
        saved = None if fingerprint is None else self.embeddings.clusters(fingerprint, level)
        if saved is None:
            photo_ids = self.embeddings.photo_ids()
            saved = self.embeddings.clusters(_fingerprint(photo_ids), level)
        return self._levels(photo_ids, self._index(photo_ids))[level] if saved is None else saved

    def cluster_fingerprint(self) -> str | None:
        """Return the fingerprint of the embedded photos if the saved clusters are computed from them, else None."""
        fingerprint = _fingerprint(self.embeddings.photo_ids())
        return fingerprint if self.embeddings.has_clusters(fingerprint) else None

    def _index(self, photo_ids: npt.NDArray[np.int64]) -> NeighbourIndex:
        folder = index_folder(self.folder, self.model)
        index = NeighbourIndex.load(folder, self.model, self.dimensions, self.embeddings.vectors_of)
        index.sync(photo_ids, self.embeddings.vectors_of)
        return index

    def _levels(
        self, photo_ids: npt.NDArray[np.int64], index: NeighbourIndex, may_continue: _Continue | None = None
    ) -> list[list[list[int]]]:
        def report(done: int, total: int) -> None:
            if may_continue is not None and not may_continue(done, total):
                raise _CancelledError

        search = None if index.is_exact else index.search_approximate
        vectors = self.embeddings.vectors_of(photo_ids)
        levels = cluster_levels(photo_ids, vectors, search, same_cosine=self.same_cosine, on_progress=report)
        return [[photo_ids[rows].tolist() for rows in in_fixed_order(groups)] for groups in levels]


def in_fixed_order(clusters: Iterable[npt.NDArray[np.int64]]) -> list[npt.NDArray[np.int64]]:
    """Order clusters of the same size, and the two photos of a pair, by their rows and not by their vectors.

    Vectors differ in their last bits with the batches that they were computed in.
    """
    ordered = [np.sort(rows) if len(rows) == 2 else rows for rows in clusters]
    return sorted(ordered, key=lambda rows: (-len(rows), int(rows.min())))


def _reporting(
    work: Callable[[_Continue], _Result], control: JobControl
) -> Generator[tuple[int, int], None, _Result | None]:
    """Run work in a thread, yielding (done, total) meanwhile; returns its result, None when cancelled."""
    latest = (0, 0)

    def may_continue(done: int, total: int) -> bool:
        nonlocal latest
        latest = done, total
        return control.wait_while_paused()

    with ThreadPoolExecutor(1, "grouping") as thread:
        future = thread.submit(work, may_continue)
        while True:
            try:
                result = future.result(_REPORT_INTERVAL_S)
            except StillRunning:
                yield latest
            except _CancelledError:
                return None
            else:
                return result


def _fingerprint(photo_ids: npt.NDArray[np.int64]) -> str:
    """Return a short text that identifies a set of photos; int64 (N,), in a fixed order."""
    digest = xxhash.xxh3_128(photo_ids.astype("<i8").tobytes()).hexdigest()
    return f"{CLUSTERING_VERSION}:{len(photo_ids)}:{digest}"
