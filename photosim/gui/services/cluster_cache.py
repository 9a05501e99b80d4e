"""The clusters of every level as they are shown, kept in memory so that going from level to level is instant."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photosim.gui.base.gc_pause import free_in_steps
from photosim.gui.state.places import CoveredClusters
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL, Cluster, Photo

if TYPE_CHECKING:
    from photosim.library.library import Library


LEVELS = range(FINEST_LEVEL + 1)


@dataclass(frozen=True, slots=True)
class ClusterLevel:
    """One level: its clusters, those that the person hid, and the file ids of the photos in none."""

    clusters: CoveredClusters = ()
    hidden: CoveredClusters = ()
    ungrouped: tuple[int, ...] = ()


class ClusterCache:
    """Asks the library once for each level; `cached` answers in the window, `load` in jobs, from any thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._shelves: dict[int, ClusterLevel] = {}
        self._age = 0
        self._seen: tuple[tuple[int, int], int] | None = None
        self._covers: dict[int, Photo] = {}
        self._forgotten: list[ClusterLevel] = []
        self.level = DEFAULT_LEVEL
        """The level that the person chose."""

    def cached(self, level: int) -> ClusterLevel | None:
        """A level, if it is known already."""
        with self._lock:
            return self._shelves.get(level)

    def load(self, level: int) -> ClusterLevel:
        """A level, asked for when it is not known yet or when the library was written to."""
        with self._asking:
            self._free()
            version, deeds = self._library.cluster_service.revision(), self._library.cluster_edits.revision
            if self._seen != (version, deeds):
                if self._seen is None or self._seen[0] != version:
                    self._covers = {}
                self._seen = version, deeds
                self.invalidate()
            while True:
                known, age = self.cached(level), self._age
                if known is not None:
                    return known
                shelf = self._ask(level)
                with self._lock:
                    if age == self._age:
                        self._shelves[level] = shelf
                        return shelf

    def invalidate(self) -> None:
        """The library or what the person made of its clusters has changed."""
        with self._lock:
            self._age += 1
            self._forgotten += self._shelves.values()
            self._shelves = {}

    def _free(self) -> None:
        """Free what was forgotten: of many clusters that would hold up the window, which forgets them."""
        with self._lock:
            forgotten, self._forgotten = self._forgotten, []
        while forgotten:
            shelf = forgotten.pop()
            clusters = [*shelf.clusters, *shelf.hidden]
            del shelf
            free_in_steps(clusters)

    def _ask(self, level: int) -> ClusterLevel:
        found = self._library.clusters(level)
        return ClusterLevel(self._covered(found.clusters), self._covered(found.hidden), found.unclustered_ids)

    def _covered(self, clusters: tuple[Cluster, ...]) -> CoveredClusters:
        unknown = [one.medoid_id for one in clusters if one.medoid_id not in self._covers]
        self._covers.update({photo.file_id: photo for photo in self._library.photos_by_id(unknown)})
        covers = self._covers
        return tuple((one, covers[one.medoid_id]) for one in clusters if one.medoid_id in covers)
