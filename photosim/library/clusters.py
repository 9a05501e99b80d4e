"""The clusters of a library as a person sees them: what is computed stays in memory, their deeds are put over it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import overload

import numpy as np
import numpy.typing as npt

from photosim.clustering.leiden import order_from_medoid
from photosim.clustering.overrides import ShownCluster, apply_overrides
from photosim.errors import LibraryLockedError
from photosim.library.cluster_edits import ClusterEdits
from photosim.library.labels import LabelAssignments, LibraryLabels
from photosim.library.model_view import ModelView
from photosim.records import Cluster, Clustering
from photosim.runtime.control import JobControl
from photosim.store.catalog import Catalog

Ids = npt.NDArray[np.int64]

_REMEMBERED, _TOLD = 1000, 200_000
"""Clusters whose order, and whose labels, are remembered: those of all levels, and some that are no more."""


class ClusterService:
    """May be asked from any thread.

    What a person does to clusters changes nothing of what is kept here: the photo files, the computed groups of each
    level and their labels stay until the library itself is written to.
    """

    def __init__(self, catalog: Catalog, steering: ClusterEdits) -> None:
        self._catalog, self._steering = catalog, steering
        self._lock = threading.Lock()
        self._base: _Base | None = None

    def revision(self) -> tuple[int, int]:
        """Two numbers that change when the library is written to, but not by a person's deeds with clusters."""
        with self._catalog.database.locked():
            version, changes = self._catalog.database.state()
            return version, changes - self._steering.changes

    def at_level(
        self,
        seen: ModelView,
        level: int,
        labels: LibraryLabels,
        writing: Callable[[], AbstractContextManager[None]],
    ) -> Clustering:
        """The clusters of a level; made anew, with `writing`, when photos came or went."""
        with self._lock:
            base = self._in_step(seen, writing)
            if level not in base.groups:
                base.groups[level] = seen.index_builder.clusters(level, base.current)
            steered = apply_overrides(base.groups[level], self._steering.snapshot())
            return self._told(base, [(one, base.in_order(one, seen)) for one in steered], labels)

    # --- helpers -----------------------------------------------------------------------------------------

    def _in_step(self, seen: ModelView, writing: Callable[[], AbstractContextManager[None]]) -> _Base:
        """What is kept of the library as it is now."""
        version = self.revision()
        if self._base is not None and self._base.version == (seen.model.id, version):
            return self._base
        self._base = None  # two generations at once would need twice the memory
        current = seen.index_builder.cluster_fingerprint()
        if current is None:
            # While another PhotoSim writes, the answer is made for this once and not kept.
            with suppress(LibraryLockedError), writing():
                for _ in seen.index_builder.build(JobControl()):
                    pass
            version, current = self.revision(), seen.index_builder.cluster_fingerprint()
        self._base = _Base((seen.model.id, version), current, _Files.of(self._catalog.photo_and_file_ids()))
        return self._base

    def _told(
        self, base: _Base, ordered: Sequence[tuple[ShownCluster, Sequence[int]]], labels: LibraryLabels
    ) -> Clustering:
        files = base.files
        sizes = [len(photo_ids) for _, photo_ids in ordered]
        members = np.fromiter(
            itertools.chain.from_iterable(photo_ids for _, photo_ids in ordered), np.int64, sum(sizes)
        )
        rows, counts = files.rows_of(members)
        ends = np.append(0, counts.cumsum())[np.append(0, np.cumsum(sizes)).astype(np.intp)].tolist()
        file_ids = files.file_ids[rows].tolist()
        found = [
            (one, tuple(file_ids[start:end]))
            for (one, _), start, end in zip(ordered, ends, ends[1:], strict=False)
            if end > start
        ]
        found.sort(key=lambda pair: -len(pair[1]))
        told = base.labels_of([ids for _, ids in found], labels)
        shown: list[Cluster] = []
        hidden: list[Cluster] = []
        for one, ids in found:
            kept = one.user_cluster
            into = hidden if kept is not None and kept.hidden else shown
            name, own = (None, None) if kept is None else (kept.name, kept.id)
            into.append(Cluster(len(into) + 1, ids, _Paths(self._catalog, ids), name, own, told.get(ids, ())))
        alone = np.ones(len(files.file_ids), bool)
        alone[rows] = False
        loose = tuple(files.file_ids[alone].tolist())
        return Clustering(tuple(shown), len(loose), tuple(hidden), loose)


@dataclass(frozen=True, slots=True)
class _Files:
    """The shown files, by path, and how to find those of a photo."""

    file_ids: Ids
    order: npt.NDArray[np.intp]
    """The rows by photo id, those of one photo by path."""
    starts: npt.NDArray[np.intp]
    """For each photo id where its files begin in that order, those of the next id where they end."""

    @classmethod
    def of(cls, pairs: Ids) -> _Files:
        """From photo ids and file ids (N, 2), by path."""
        # Photo ids are small whole numbers, see the tables: a place for each is quicker than a search among them.
        counts = np.bincount(pairs[:, 0], minlength=1)
        starts = np.concatenate([[0], counts.cumsum(), [len(pairs)]])
        return cls(pairs[:, 1].copy(), np.argsort(pairs[:, 0], kind="stable"), starts)

    def rows_of(self, photo_ids: Ids) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The rows of all files of these photos, one photo after the other, and how many each has."""
        known = np.minimum(photo_ids, len(self.starts) - 2)  # the last one has none
        first = self.starts[known]
        counts = self.starts[known + 1] - first
        starts = counts.cumsum() - counts
        places = np.arange(int(counts.sum())) - np.repeat(starts - first, counts)
        return self.order[places], counts


@dataclass(slots=True)
class _Base:
    """What one state of the library and one model say, before the person's deeds."""

    version: tuple[str, tuple[int, int]]
    current: str | None
    """What the kept clusters are known by, if they are those of these photos."""
    files: _Files
    groups: dict[int, list[list[int]]] = field(default_factory=dict)
    """The computed clusters of the levels that were asked for, as photo ids."""
    orders: dict[tuple[int, ...], Sequence[int]] = field(default_factory=dict)
    """The photos of clusters that are not as computed, the medoid first."""
    words: LabelAssignments | None = None
    told: dict[tuple[int, ...], tuple[str, ...]] = field(default_factory=dict)
    """The labels of clusters, by their file ids."""

    def in_order(self, one: ShownCluster, seen: ModelView) -> Sequence[int]:
        """The photos of a cluster, the medoid first."""
        if one.is_unchanged:
            return one.photo_ids
        if one.photo_ids not in self.orders:
            try:
                vectors = seen.embeddings.vectors_of(one.photo_ids)
            except KeyError:
                return one.photo_ids  # the model in use has not looked at all of them yet
            if len(self.orders) >= _REMEMBERED:
                self.orders.clear()
            self.orders[one.photo_ids] = [one.photo_ids[row] for row in order_from_medoid(vectors)]
        return self.orders[one.photo_ids]

    def labels_of(
        self, clusters: Sequence[tuple[int, ...]], labels: LibraryLabels
    ) -> dict[tuple[int, ...], tuple[str, ...]]:
        """The labels that tell these clusters from all other photos; only of new ones they are asked for."""
        if not labels.enabled:
            return {}
        new = [one for one in clusters if one not in self.told]
        if new:
            if len(self.told) > _TOLD:
                self.told.clear()
                new = list(clusters)
            if self.words is None:
                self.words = labels.assignments()
            self.told.update(zip(new, self.words.distinctive(new), strict=True))
        return self.told


class _Paths(Sequence[str]):
    """The paths of a cluster's files, read when somebody wants them; empty for one that is gone by then."""

    __slots__ = ("_catalog", "_file_ids", "_read")

    def __init__(self, catalog: Catalog, file_ids: tuple[int, ...]) -> None:
        self._catalog, self._file_ids = catalog, file_ids
        self._read: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self._file_ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if self._read is None:
            found = self._catalog.paths_of(self._file_ids)
            self._read = tuple(found.get(file_id, "") for file_id in self._file_ids)
        return self._read[place]
