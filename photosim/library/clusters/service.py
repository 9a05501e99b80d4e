"""The clusters of a library as they are shown: computed ones, kept in memory, with the user's edits applied."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import overload

import numpy as np
import numpy.typing as npt

from photosim.clustering.covers import COVER_PHOTOS, cover_first
from photosim.clustering.overrides import MIN_SIZE, ShownCluster, apply_overrides
from photosim.errors import LibraryLockedError
from photosim.library.clusters.edits import ClusterEdits
from photosim.library.clusters.names import ClusterNames, FileValues
from photosim.library.labels import LibraryLabels
from photosim.library.locks import WriteLock
from photosim.library.models.view import ModelView
from photosim.records import Cluster, Clustering, UserCluster
from photosim.runtime.bulk_records import bulk_constructor
from photosim.runtime.control import JobControl
from photosim.search.id_sets import rows_of
from photosim.store.catalog import Catalog
from photosim.store.cluster_facts import ClusterFacts, ClusterFactsTable
from photosim.store.rows import FileOrigins, file_origins

Ids = npt.NDArray[np.int64]

_make_cluster = bulk_constructor(Cluster)

_MAX_CACHED_ORDERS = 1000
"""Clusters whose photo order is cached."""

_MAX_COMPARED = 2000
"""Photos of an edited cluster among which its cover is chosen: of tens of thousands, reading all would take seconds."""

_COMPUTING_POLL_S = 0.02
"""How often a thread that waits for clusters looks whether they are being computed."""


class ClusterService:
    """Answers for the clusters of every level, from any thread.

    What is cached here (files, computed clusters of each level, their labels) depends on photos and model alone, so
    an edit of the user invalidates none of it.
    """

    def __init__(self, catalog: Catalog, edits: ClusterEdits, write_lock: WriteLock) -> None:
        self._catalog, self._edits, self._write_lock = catalog, edits, write_lock
        self._lock = threading.Lock()
        self._is_computing = False  # read without the lock
        self._cache: _ClusterCache | None = None
        self._saved: tuple[tuple[str, tuple[int, int]], bool] | None = None
        """A model and revision, and whether the saved clusters are of these."""

    def revision(self) -> tuple[int, int]:
        """Return a key that changes when photos or the model's data do; see `ClusterEdits.revision` for the rest."""
        return self._catalog.database.revision()

    def saved_key(self, view: ModelView) -> object:
        """Return a key that changes with the clusters; None while they would have to be computed."""
        key, saved = (
            (view.model.id, self.revision()),
            self._saved,
        )  # without the lock: it may be held for minutes
        if saved is None or saved[0] != key:
            self._saved = saved = key, self._fingerprint(view, self._facts_table(view).load()) is not None
        return (*key, self._edits.revision) if saved[1] else None

    def prepare(self, view: ModelView, labels: LibraryLabels) -> None:
        """Save what the names of saved clusters follow from, so that clusters are shown sooner; after indexing."""
        with self._lock:
            if (
                self._facts_table(view).load() is None
                and view.index_builder.cluster_fingerprint() is not None
            ):
                cache = self._current_cache(view)
                self._names(cache, labels).read()
                self._save_facts(cache, view)

    def at_level(self, view: ModelView, level: int, labels: LibraryLabels) -> Clustering:
        """Return the clusters of a level, computed and saved if photos were added or removed."""
        with self._lock:
            return self._at_level(view, level, labels)

    def at_level_at_once(self, view: ModelView, level: int, labels: LibraryLabels) -> Clustering | None:
        """Return the clusters of a level; None while another thread is computing clusters, which may take minutes."""
        # A thread that merely reads clusters is waited for: otherwise the answer would depend on what else is running.
        while not self._lock.acquire(timeout=_COMPUTING_POLL_S):
            if self._is_computing:
                return None
        try:
            return self._at_level(view, level, labels)
        finally:
            self._lock.release()

    def _at_level(self, view: ModelView, level: int, labels: LibraryLabels) -> Clustering:
        cache = self._current_cache(view)
        if level not in cache.levels:
            with self._computing() if cache.fingerprint is None else nullcontext():
                computed = view.index_builder.clusters(level, cache.fingerprint)
            cache.levels[level] = _Level.of(computed, cache.files, cache.shared)
        found, edits = cache.levels[level], self._edits.snapshot()
        changed = found.changed_by(edits)
        clusters = apply_overrides(found.clusters, edits, changed)
        clusters += found.clusters_of_copies(clusters, changed, cache.files)
        ordered = [(cluster, cache.medoid_first(cluster, view)) for cluster in clusters]
        clustering = self._clustering(cache, found, changed, ordered, labels)
        self._save_facts(cache, view)
        return clustering

    @contextmanager
    def _computing(self) -> Iterator[None]:
        self._is_computing = True
        try:
            yield
        finally:
            self._is_computing = False

    def _current_cache(self, view: ModelView) -> _ClusterCache:
        key = (view.model.id, self.revision())
        if self._cache is not None and self._cache.key == key:
            return self._cache
        self._cache = None  # freed first: two generations at once would need twice the memory
        version, facts = self._catalog.database.content_version(), self._facts_table(view).load()
        fingerprint = self._fingerprint(view, facts)
        if fingerprint is None:
            # While another PhotoSim writes, clusters are computed for this answer and not saved.
            with suppress(LibraryLockedError), self._computing(), self._write_lock:
                for _ in view.index_builder.build(JobControl()):
                    pass
            key = (view.model.id, self.revision())
            version, facts = self._catalog.database.content_version(), None
            fingerprint = view.index_builder.cluster_fingerprint()
        pairs = self._catalog.photo_and_file_ids() if facts is None else facts.pairs
        self._cache = _ClusterCache(key, version, fingerprint, pairs, _FileLookup.from_pairs(pairs))
        if facts is not None:
            self._cache.origins, self._cache.are_facts_saved = facts.origins, True
            self._cache.labels = None if facts.labels is None else FileValues(*facts.labels)
        return self._cache

    def _facts_table(self, view: ModelView) -> ClusterFactsTable:
        return ClusterFactsTable(self._catalog.database, view.model.id)

    def _fingerprint(self, view: ModelView, facts: ClusterFacts | None) -> str | None:
        """Return the fingerprint of the saved clusters, None if they are outdated; with current facts, at once."""
        if facts is not None and view.embeddings.has_clusters(facts.fingerprint):
            return facts.fingerprint
        return view.index_builder.cluster_fingerprint()

    def _save_facts(self, cache: _ClusterCache, view: ModelView) -> None:
        """Save what the names of clusters follow from, if it was read anew and the clusters are saved."""
        if not cache.are_facts_saved and cache.fingerprint is not None and cache.origins is not None:
            found = cache.labels
            labels = None if found is None else (found.files, found.values, found.names)
            facts = ClusterFacts(cache.fingerprint, cache.pairs, cache.origins, labels)
            self._facts_table(view).save(facts, cache.version)
            cache.are_facts_saved = True

    def _names(self, cache: _ClusterCache, labels: LibraryLabels) -> ClusterNames:
        """Return the names of clusters, which labels being turned on or off changes."""
        enabled = labels.enabled
        if cache.names is None or cache.names_key != enabled:
            cache.names_key = enabled
            cache.names = ClusterNames(
                lambda: self._labels(cache, labels) if enabled else None, lambda: self._origins(cache)
            )
        return cache.names

    def _labels(self, cache: _ClusterCache, labels: LibraryLabels) -> FileValues:
        if cache.labels is None:
            cache.labels, cache.are_facts_saved = labels.assignments(), False
        return cache.labels

    def _origins(self, cache: _ClusterCache) -> FileOrigins:
        if cache.origins is None:
            cache.origins, cache.are_facts_saved = file_origins(self._catalog.database), False
        return cache.origins

    def _clustering(
        self,
        cache: _ClusterCache,
        level: _Level,
        changed: Collection[int],
        ordered: Sequence[tuple[ShownCluster, Sequence[int]]],
        labels: LibraryLabels,
    ) -> Clustering:
        """Turn clusters of photos, each with its photo ids in order, into clusters of files.

        `changed` are the positions of the computed clusters of the level that are not among them as they are.
        """
        files = cache.files
        others = [photo_ids for _, photo_ids in ordered if level.files_of(photo_ids) is None]
        rows, ids_of_others = files.files_of(others)
        remaining = iter(ids_of_others)
        found = []
        for cluster, photo_ids in ordered:
            ids = level.files_of(photo_ids)
            ids = next(remaining) if ids is None else ids
            if ids:
                found.append((cluster.user_cluster, ids, photo_ids))
        found.sort(key=lambda item: -len(item[1]))
        user_names = [None if edited is None else edited.name for edited, *_ in found]
        names = self._names(cache, labels).names_of([ids for _, ids, *_ in found], user_names)
        shown: list[Cluster] = []
        hidden: list[Cluster] = []
        for (edited, ids, photo_ids), name in zip(found, names, strict=True):
            group = hidden if edited is not None and edited.hidden else shown
            group.append(
                _make_cluster(
                    len(group) + 1,
                    ids,
                    LazyPaths(self._catalog, ids),
                    None if edited is None else edited.name,
                    None if edited is None else edited.id,
                    name,
                    tuple(photo_ids[:COVER_PHOTOS]),
                    photo_ids,
                )
            )
        is_unclustered = level.is_unclustered.copy()
        is_unclustered[files.files_of([level.clusters[position] for position in changed])[0]] = True
        is_unclustered[rows] = False
        unclustered = tuple(files.file_ids[is_unclustered].tolist())
        dates = self._dates_of(cache, [cluster.medoid_id for cluster in shown])
        return Clustering(tuple(shown), len(unclustered), tuple(hidden), unclustered, dates)

    def _dates_of(self, cache: _ClusterCache, file_ids: Sequence[int]) -> list[int]:
        origins = self._origins(cache)
        rows = rows_of(origins.files, np.array(file_ids, np.int64))
        dates: list[int] = np.append(origins.dates, -1)[rows].tolist()  # the last one for unknown files
        return dates


@dataclass(frozen=True, slots=True)
class _FileLookup:
    """The shown files, ordered by path, and the rows of those of each photo."""

    file_ids: Ids
    order: npt.NDArray[np.intp]
    """Row numbers ordered by photo id, those of one photo by path."""
    starts: npt.NDArray[np.intp]
    """For each photo id, where its files start in `order`; they end where those of the next id start."""

    @classmethod
    def from_pairs(cls, pairs: Ids) -> _FileLookup:
        """Build it from photo id and file id (N, 2), ordered by path."""
        # Photo ids are small integers, so an array indexed by them is faster than a search in sorted ids.
        counts = np.bincount(pairs[:, 0], minlength=1)
        starts = np.concatenate([[0], counts.cumsum(), [len(pairs)]])
        return cls(pairs[:, 1].copy(), np.argsort(pairs[:, 0], kind="stable"), starts)

    def files_of(
        self, clusters: Sequence[Sequence[int]]
    ) -> tuple[npt.NDArray[np.intp], list[tuple[int, ...]]]:
        """Return the rows of all files of clusters of photo ids, and the file ids of each cluster."""
        sizes = [len(photo_ids) for photo_ids in clusters]
        members = np.fromiter(itertools.chain.from_iterable(clusters), np.int64, sum(sizes))
        rows, counts = self.rows_of(members)
        ends = np.append(0, counts.cumsum())[np.append(0, np.cumsum(sizes)).astype(np.intp)].tolist()
        file_ids = tuple(self.file_ids[rows].tolist())
        return rows, [file_ids[start:end] for start, end in pairwise(ends)]

    def rows_of(self, photo_ids: Ids) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return the rows of all files of these photos, photo by photo, and the number of files of each."""
        known = np.minimum(photo_ids, len(self.starts) - 2)  # the last id has no files
        first = self.starts[known]
        counts = self.starts[known + 1] - first
        starts = counts.cumsum() - counts
        places = np.arange(int(counts.sum())) - np.repeat(starts - first, counts)
        return self.order[places], counts


@dataclass(frozen=True, slots=True)
class _Level:
    """The computed clusters of a level, and what follows from them as long as no edit changes them."""

    clusters: list[tuple[int, ...]]
    """The photo ids of each."""
    position_of: npt.NDArray[np.int32]
    """The position of the cluster of each photo, by photo id; -1 for those in none."""
    files: dict[int, tuple[int, ...]]
    """The file ids of each cluster, by the identity of its photo ids."""
    is_unclustered: npt.NDArray[np.bool_]
    """Whether each row of the files is in none."""

    @classmethod
    def of(
        cls,
        computed: Sequence[Sequence[int]],
        files: _FileLookup,
        shared: dict[tuple[int, ...], tuple[int, ...]],
    ) -> _Level:
        """Prepare computed clusters of photo ids. Levels have the same object for equal file ids, by `shared`."""
        clusters = [tuple(cluster) for cluster in computed]
        sizes = [len(cluster) for cluster in clusters]
        members = np.fromiter(itertools.chain.from_iterable(clusters), np.int64, sum(sizes))
        position_of = np.full(max(len(files.starts), int(members.max(initial=0)) + 1), -1, np.int32)
        position_of[members] = np.repeat(np.arange(len(clusters), dtype=np.int32), sizes)
        rows, ids = files.files_of(clusters)
        ids = [shared.setdefault(file_ids, file_ids) for file_ids in ids]
        is_unclustered = np.ones(len(files.file_ids), bool)
        is_unclustered[rows] = False
        return cls(clusters, position_of, dict(zip(map(id, clusters), ids, strict=True)), is_unclustered)

    def files_of(self, photo_ids: Sequence[int]) -> tuple[int, ...] | None:
        """Return the file ids of a computed cluster as it is, None for any other."""
        return self.files.get(id(photo_ids))

    def changed_by(self, edits: Sequence[UserCluster]) -> set[int]:
        """Return the positions of the clusters with photos of user clusters."""
        owned = np.array([photo for cluster in edits for photo in cluster.members], np.int64)
        positions = self.position_of[owned[owned < len(self.position_of)]]
        return set(positions[positions >= 0].tolist())

    def clusters_of_copies(
        self, shown: Sequence[ShownCluster], changed: Collection[int], files: _FileLookup
    ) -> list[ShownCluster]:
        """Return a cluster for each photo in none of those `shown` that has enough identical files for one of its own."""
        with_copies = np.flatnonzero(np.diff(files.starts[:-1]) >= MIN_SIZE)
        positions = self.position_of[with_copies].tolist()
        edited = (cluster.photo_ids for cluster in shown if self.files_of(cluster.photo_ids) is None)
        clustered = set(itertools.chain.from_iterable(edited)) if len(with_copies) else ()
        return [
            ShownCluster((photo_id,))
            for photo_id, position in zip(with_copies.tolist(), positions, strict=True)
            if (position < 0 or position in changed) and photo_id not in clustered
        ]


@dataclass(slots=True)
class _ClusterCache:
    """What follows from one revision of the library and one model, before the user's edits."""

    key: tuple[str, tuple[int, int]]
    """The model's id and the library's revision."""
    version: int
    """The library's content version."""
    fingerprint: str | None
    """Identifies the photos of the saved clusters; None when the saved ones are out of date."""
    pairs: Ids
    """Photo id and file id (N, 2), ordered by path."""
    files: _FileLookup
    origins: FileOrigins | None = None
    labels: FileValues | None = None
    are_facts_saved: bool = False
    """Whether `origins` and `labels`, if they were read, are what is saved."""
    levels: dict[int, _Level] = field(default_factory=dict)
    shared: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)
    """The file ids of clusters, which many levels have in common: compared at once, and kept once."""
    orders: dict[tuple[int, ...], Sequence[int]] = field(default_factory=dict)
    """Photo ids of edited clusters, the medoid first, by the ids in any order."""
    names: ClusterNames | None = None
    """The names of clusters, by labels if those are on."""
    names_key: object = None

    def medoid_first(self, cluster: ShownCluster, view: ModelView) -> Sequence[int]:
        """Return the photo ids of a cluster, the medoid first."""
        if cluster.is_medoid_first:
            return cluster.photo_ids
        photo_ids = cluster.photo_ids
        if photo_ids not in self.orders:
            compared = photo_ids[:: -(-len(photo_ids) // _MAX_COMPARED)]
            try:
                vectors = view.embeddings.vectors_of(compared)
            except KeyError:
                return photo_ids  # the active model has not embedded all of them yet
            if len(self.orders) >= _MAX_CACHED_ORDERS:
                self.orders.clear()
            order = [compared[row] for row in cover_first(vectors)]
            if len(compared) < len(photo_ids):
                covers = order[:COVER_PHOTOS]
                order = [*covers, *(photo_id for photo_id in photo_ids if photo_id not in covers)]
            self.orders[photo_ids] = order
        return self.orders[cluster.photo_ids]


class LazyPaths(Sequence[str]):
    """The paths of a cluster's files, read from the database on first use; empty for a file that is gone by then."""

    __slots__ = ("_catalog", "_file_ids", "_paths")

    def __init__(self, catalog: Catalog, file_ids: tuple[int, ...]) -> None:
        self._catalog, self._file_ids = catalog, file_ids
        self._paths: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self._file_ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if self._paths is None:
            paths = self._catalog.paths_of(self._file_ids)
            self._paths = tuple(paths.get(file_id, "") for file_id in self._file_ids)
        return self._paths[index]
