"""Keeps the clusters of every level in memory, so that switching levels is instant."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photosim.gui.base.long_lists import CHUNK_SIZE, free_in_steps
from photosim.gui.state.cluster_listing import ClusterKeys
from photosim.gui.state.places import CoveredClusters
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL, Cluster

if TYPE_CHECKING:
    from photosim.library import Library
    from photosim.store.rows import LazyPhoto


_FIRST_COVERS = 500
"""Covers that are read at once: some screens full."""

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
        self._seen: set[int] = set()
        """File ids of covers that were read before the library changed: how they look now must be known to compare them."""
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
                    self._seen = {file_id for file_id, cover in self._covers.items() if cover.is_read}
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
            clusters,
            self._with_covers(result.hidden),
            result.unclustered_ids,
            ClusterKeys.of(clusters, result.cover_dates),
        )

    def _with_covers(self, clusters: tuple[Cluster, ...]) -> CoveredClusters:
        """Return the clusters with their covers; those that are shown first are read, and those that were read before."""
        covers = self._covers
        unknown = [cluster for cluster in clusters if cluster.medoid_id not in covers]
        covers.update({cover.file_id: cover for cover in self._library.covers(unknown)})
        covered = tuple((cluster, covers[cluster.medoid_id]) for cluster in clusters)
        first = (cover for _, cover in covered[:_FIRST_COVERS])
        seen = (cover for _, cover in covered if cover.file_id in self._seen)
        self._library.read_photos(itertools.chain(first, seen))
        return covered

    def read_covers(self, level: int, check: Callable[[], None]) -> None:
        """Read all covers of a level, so that none has to be read when it is looked at; `check` may raise to end it."""
        cached = self.cached(level)
        if cached is not None:
            covers = [cover for _, cover in (*cached.clusters, *cached.hidden)]
            for start in range(0, len(covers), CHUNK_SIZE):
                check()
                self._library.read_photos(covers[start : start + CHUNK_SIZE])

    def is_complete(self, level: int) -> bool:
        """Whether a level is loaded, with all its covers."""
        cached = self.cached(level)
        return cached is not None and all(
            cover.is_read for _, cover in itertools.chain(cached.clusters, cached.hidden)
        )
