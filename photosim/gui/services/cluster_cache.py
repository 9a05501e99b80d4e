"""Keeps the clusters of every level in memory, so that switching levels is instant."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photosim.gui.base.long_lists import free_in_steps
from photosim.gui.state.cluster_listing import ClusterKeys
from photosim.gui.state.places import CoveredClusters
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL, Cluster

if TYPE_CHECKING:
    from photosim.library import Library
    from photosim.store.rows import LazyPhoto


LEVELS = range(FINEST_LEVEL + 1)


@dataclass(frozen=True, slots=True)
class ClusterLevel:
    """One level: its clusters, those that the user has hidden, and the file ids of the photos in none."""

    clusters: CoveredClusters = ()
    hidden: CoveredClusters = ()
    ungrouped: tuple[int, ...] = ()
    keys: ClusterKeys = field(default_factory=lambda: ClusterKeys.of(()))
    """What the clusters, but not the hidden ones, are sorted and searched by."""


class ClusterCache:
    """Loads each level once. `cached` is for the window's thread, `load` for jobs."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._load_lock = threading.Lock()
        self._levels: dict[int, ClusterLevel] = {}
        self._generation = 0
        self._revisions: tuple[tuple[int, int], int] | None = None  # of the clusters, and of the user's edits
        self._covers: dict[int, LazyPhoto] = {}
        self._discarded: list[ClusterLevel] = []
        self.level = DEFAULT_LEVEL
        """The level that the user has chosen."""

    def cached(self, level: int) -> ClusterLevel | None:
        """Return a level if it is loaded."""
        with self._lock:
            return self._levels.get(level)

    def load(self, level: int) -> ClusterLevel:
        """Return a level, loading it when it is not cached or the library has changed."""
        with self._load_lock:
            self._free_discarded()
            revisions = self._library.cluster_service.revision(), self._library.cluster_edits.revision
            if self._revisions != revisions:
                if self._revisions is None or self._revisions[0] != revisions[0]:
                    self._covers = {}
                self._revisions = revisions
                self.invalidate()
            while True:
                cached, generation = self.cached(level), self._generation
                if cached is not None:
                    return cached
                loaded = self._read(level)
                with self._lock:
                    if generation == self._generation:
                        self._levels[level] = loaded
                        return loaded

    def invalidate(self) -> None:
        """Drop all levels: the photos or the user's edits of clusters have changed."""
        with self._lock:
            self._generation += 1
            self._discarded += self._levels.values()
            self._levels = {}

    def _free_discarded(self) -> None:
        """Free what was dropped, in a job: many clusters would block the window's thread."""
        with self._lock:
            discarded, self._discarded = self._discarded, []
        while discarded:
            level = discarded.pop()
            clusters = [*level.clusters, *level.hidden]
            del level
            free_in_steps(clusters)

    def _read(self, level: int) -> ClusterLevel:
        result = self._library.clusters(level)
        clusters = self._with_covers(result.clusters)
        return ClusterLevel(
            clusters, self._with_covers(result.hidden), result.unclustered_ids, ClusterKeys.of(clusters)
        )

    def _with_covers(self, clusters: tuple[Cluster, ...]) -> CoveredClusters:
        covers = self._covers
        unknown = [cluster.medoid_id for cluster in clusters if cluster.medoid_id not in covers]
        covers.update(self._library.lazy_photos(unknown))
        return tuple(
            (cluster, covers[cluster.medoid_id]) for cluster in clusters if cluster.medoid_id in covers
        )
