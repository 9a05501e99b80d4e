"""Updates the neighbour index, the clusters and the map of a library from its embeddings."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash

from photosim.clustering.layout import lay_out
from photosim.clustering.leiden import NEIGHBOURS, build_clusters, communities_of_levels
from photosim.clustering.mutual_graph import MutualGraph, mutual_graph
from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.clustering.neighbour_search import EXACT_UP_TO, ProgressCallback, Search, find_neighbours
from photosim.indexing import neighbour_files
from photosim.indexing.index_updater import CancelledError, IndexUpdater, ShouldContinue, reporting
from photosim.records import DEFAULT_LEVEL
from photosim.runtime import trace
from photosim.runtime.control import JobControl
from photosim.search.compact_vectors import CompactVectors, UnitVectors
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import index_folder
from photosim.store.embeddings import DamagedEmbeddingsError, ModelEmbeddings, without_damaged
from photosim.store.map import MapTable

_log = logging.getLogger(__name__)

# Increase it when clustering changes, so that saved clusters are computed anew.
CLUSTERING_VERSION = 4

LAYOUT_VERSION = 1
"""Increase it when maps are laid out in another way, so that saved ones are made anew."""


@dataclass(frozen=True, slots=True)
class IndexBuilder:
    """Builds the index, clusters and map of one model in a library folder."""

    folder: Path
    embeddings: ModelEmbeddings
    maps: MapTable
    model: str
    dimensions: int
    same_cosine: float
    """Cosine from which two photos are near-identical, and always in one cluster."""

    def build(
        self, control: JobControl, *, with_map: bool = False
    ) -> Generator[tuple[int, int], None, NeighbourIndex]:
        """Update the saved index and clusters, and the map if asked for, yielding (done, total); returns the index.

        Embeddings that are found to be damaged are deleted: the next indexing creates them again.
        """
        while True:
            try:
                index = yield from self._build(control, with_map=with_map)
            except DamagedEmbeddingsError as error:
                _log.warning("%s", error)
            else:
                break
        self.embeddings.delete_damaged()
        return index

    def _build(
        self, control: JobControl, *, with_map: bool
    ) -> Generator[tuple[int, int], None, NeighbourIndex]:
        photo_ids = self.embeddings.photo_ids()
        yield 0, len(photo_ids)
        with trace.span("update index", len(photo_ids)):
            index = yield from self.update_index(control, photo_ids)
        fingerprint = _fingerprint(photo_ids)
        has_clusters = self.embeddings.has_clusters(fingerprint)
        has_map = not with_map or self.maps.has(_map_fingerprint(fingerprint))
        if control.cancelled or (has_clusters and has_map):
            return index
        yield from reporting(
            lambda may_continue: self._group(
                photo_ids, index, may_continue, with_clusters=not has_clusters, with_map=not has_map
            ),
            control,
        )
        return index

    def _group(
        self,
        photo_ids: npt.NDArray[np.int64],
        index: NeighbourIndex,
        may_continue: ShouldContinue,
        *,
        with_clusters: bool,
        with_map: bool,
    ) -> None:
        """Save the clusters and the map, each when it is complete. Both come from one search for neighbours."""
        report, fingerprint = _checking(may_continue), _fingerprint(photo_ids)
        vectors = self._vectors(photo_ids)
        with trace.span("find neighbours"):
            graph = self._graph(photo_ids, vectors, index, report, save=True)
        with trace.span("find clusters"):
            communities = communities_of_levels(graph)
            if with_clusters:
                self.embeddings.save_clusters(fingerprint, _levels(photo_ids, vectors, graph, communities))
        if with_map:
            with trace.span("lay out map"):
                before = self.maps.load()
                places = None if before is None else before.places_of(photo_ids)
                layout = lay_out(graph, communities[0], vectors, places, report)
                self.maps.save(_map_fingerprint(fingerprint), photo_ids, layout)

    def update_index(
        self, control: JobControl, photo_ids: npt.NDArray[np.int64] | None = None
    ) -> Generator[tuple[int, int], None, NeighbourIndex]:
        """Update the saved index to these photos (None: all), yielding (done, total); returns the index."""
        ids = self.embeddings.photo_ids() if photo_ids is None else photo_ids
        index = yield from self.updater.update(control, ids)
        return index

    def clusters(self, level: int = DEFAULT_LEVEL, fingerprint: str | None = None) -> Sequence[Sequence[int]]:
        """Return the clusters of a level as photo ids, the cover first, computed but not saved if they are outdated.

        `fingerprint` is what `cluster_fingerprint` has just returned; it saves reading all photo ids.
        """
        return without_damaged(lambda: self._clusters(level, fingerprint))

    def _clusters(self, level: int, fingerprint: str | None) -> Sequence[Sequence[int]]:
        saved = None if fingerprint is None else self.embeddings.clusters(fingerprint, level)
        if saved is None:
            photo_ids = self.embeddings.photo_ids()
            saved = self.embeddings.clusters(_fingerprint(photo_ids), level)
        if saved is not None:
            return saved
        vectors = self._vectors(photo_ids)
        graph = self._graph(photo_ids, vectors, self.updater.load_with(photo_ids))
        return _levels(photo_ids, vectors, graph, communities_of_levels(graph))[level]

    def neighbours(
        self, needed: Sequence[int], on_progress: ProgressCallback | None = None
    ) -> NeighbourGraph:
        """Return the saved neighbours of the photos, found again if there are none, or none of a photo that is `needed`.

        Photos that were added since are missing, those that were removed are still there. `on_progress` may raise to end
        the search, which takes as long as finding the clusters.
        """
        folder = index_folder(self.folder, self.model)
        saved = neighbour_files.load(folder)
        if saved is not None and (saved.nodes_of(np.array(needed, np.int64)) >= 0).all():
            return saved
        found = without_damaged(partial(self._find_neighbours, saved, on_progress))
        neighbour_files.save(folder, found)
        return found

    def _find_neighbours(
        self, before: NeighbourGraph | None, on_progress: ProgressCallback | None
    ) -> NeighbourGraph:
        photo_ids = self.embeddings.photo_ids()
        search = _search_of(self.updater.load_with(photo_ids))
        vectors = self._vectors(photo_ids)
        return find_neighbours(photo_ids, vectors, search, NEIGHBOURS, on_progress, before).graph(photo_ids)

    def cluster_fingerprint(self) -> str | None:
        """Return the fingerprint of the embedded photos if the saved clusters are computed from them, else None."""
        fingerprint = _fingerprint(self.embeddings.photo_ids())
        return fingerprint if self.embeddings.has_clusters(fingerprint) else None

    def map_is_current(self) -> bool:
        """Check whether the saved map is sound and has the embedded photos."""
        return self.maps.has(_map_fingerprint(_fingerprint(self.embeddings.photo_ids())))

    @property
    def updater(self) -> IndexUpdater:
        """The saved index of the photos."""
        folder = index_folder(self.folder, self.model)
        return IndexUpdater(folder, self.model, self.dimensions, self.embeddings.vectors_of)

    def _vectors(self, photo_ids: npt.NDArray[np.int64]) -> UnitVectors:
        if len(photo_ids) <= EXACT_UP_TO:
            return self.embeddings.vectors_of(photo_ids)
        return CompactVectors.fetched(photo_ids, self.dimensions, self.embeddings.vectors_of)

    def _graph(
        self,
        photo_ids: npt.NDArray[np.int64],
        vectors: UnitVectors,
        index: NeighbourIndex,
        on_progress: ProgressCallback | None = None,
        *,
        save: bool = False,
    ) -> MutualGraph:
        """Return the graph of the photos, with what is saved of their neighbours; save them if asked for."""
        folder = index_folder(self.folder, self.model)
        on_neighbours = partial(neighbour_files.save, folder) if save else None
        search, before = _search_of(index), None if index.is_exact else neighbour_files.load(folder)
        arguments = (photo_ids, vectors, search, NEIGHBOURS, self.same_cosine)
        return mutual_graph(*arguments, on_progress, on_neighbours, before)


def _search_of(index: NeighbourIndex) -> Search | None:
    # The lowest ef: what a search misses is found by the searches of its neighbours.
    return None if index.is_exact else partial(index.search_approximate, ef_factor=1)


def _checking(may_continue: ShouldContinue) -> ProgressCallback:
    """Return a callback that ends the work when the user cancels it."""

    def report(done: int, total: int) -> None:
        if not may_continue(done, total):
            raise CancelledError

    return report


def _levels(
    photo_ids: npt.NDArray[np.int64],
    vectors: UnitVectors,
    graph: MutualGraph,
    communities: Sequence[npt.NDArray[np.int64]],
) -> list[list[list[int]]]:
    """Return the clusters of all levels as photo ids, the cover first."""
    levels = build_clusters(vectors, graph, communities)
    return [[photo_ids[rows].tolist() for rows in in_fixed_order(groups)] for groups in levels]


def in_fixed_order(clusters: Iterable[npt.NDArray[np.int64]]) -> list[npt.NDArray[np.int64]]:
    """Order clusters of the same size, and the two photos of a pair, by their rows and not by their vectors.

    Vectors differ in their last bits with the batches that they were computed in.
    """
    ordered = [np.sort(rows) if len(rows) == 2 else rows for rows in clusters]
    return sorted(ordered, key=lambda rows: (-len(rows), int(rows.min())))


def _fingerprint(photo_ids: npt.NDArray[np.int64]) -> str:
    """Return a short text that identifies a set of photos; int64 (N,), in a fixed order."""
    digest = xxhash.xxh3_128(photo_ids.astype("<i8").tobytes()).hexdigest()
    return f"{CLUSTERING_VERSION}:{len(photo_ids)}:{digest}"


def _map_fingerprint(fingerprint: str) -> str:
    return f"{LAYOUT_VERSION}:{fingerprint}"
