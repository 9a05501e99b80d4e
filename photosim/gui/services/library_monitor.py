"""Follows the library in jobs: its counts, and the photos that were just indexed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.cluster_cache import ClusterCache, ClusterLevel
from photosim.gui.state.places import Overview
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library import Library

_REFRESH_INTERVAL_MS = 1500
"""How often the counts are read again while photos are indexed."""


class LibraryMonitor(QObject):
    """Reads the library in jobs, one of each kind at a time, and emits what has changed."""

    overview_changed = Signal(Overview)
    photos_added = Signal(object)
    """A list of Photo, just indexed."""

    failed = Signal(object)
    """The exception."""

    def __init__(
        self, library: Library, jobs: Jobs, clusters: ClusterCache, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library, self._jobs, self._clusters = library, jobs, clusters
        self.overview = Overview()
        self._pending: list[int] = []
        self._is_fetching = False
        self._count_job: int | None = None
        self._cluster_job: int | None = None
        self._refresh_timer = QTimer(self, interval=_REFRESH_INTERVAL_MS, singleShot=True)
        self._refresh_timer.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Read the counts now."""
        self._refresh_timer.stop()
        self._jobs.cancel(self._count_job)
        work = partial(_read_overview, self._library)
        self._count_job = self._jobs.start(work, self._set_overview, Priority.NORMAL)

    def count_clusters(self) -> None:
        """Count the clusters when nothing else is to be done."""
        self._jobs.cancel(self._cluster_job)
        self._cluster_job = self._jobs.start(
            lambda _: self._clusters.load(self._clusters.level), self._count_level, Priority.LOW
        )

    def set_cluster_counts(self, clusters: int, ungrouped: int) -> None:
        """Set the numbers of clusters and of photos in none, where they are known otherwise."""
        self.overview = replace(self.overview, clusters=clusters, ungrouped=ungrouped)
        self.overview_changed.emit(self.overview)

    def invalidate_clusters(self) -> None:
        """Drop what is known of clusters: the photos have changed."""
        self._clusters.invalidate()
        self.overview = replace(self.overview, clusters=None, ungrouped=None)
        self.overview_changed.emit(self.overview)

    def fetch(self, file_ids: Sequence[int]) -> None:
        """Read photos that were just indexed, and the counts soon."""
        self._pending.extend(file_ids)
        if not self._refresh_timer.isActive():
            self._refresh_timer.start()
        self._fetch_pending()

    def close(self) -> None:
        """Read nothing any more."""
        self._refresh_timer.stop()
        self._pending.clear()

    def _fetch_pending(self) -> None:
        if self._is_fetching or not self._pending:
            return
        self._is_fetching = True
        file_ids, self._pending = self._pending, []
        self._jobs.start(partial(_read_photos, self._library, file_ids), self._add_photos, Priority.NORMAL)

    def _add_photos(self, photos: list[Photo] | None, error: Exception | None) -> None:
        self._is_fetching = False
        if error is not None:
            self.failed.emit(error)
        elif photos:
            self.photos_added.emit(photos)
        self._fetch_pending()

    def _set_overview(self, overview: Overview | None, error: Exception | None) -> None:
        if overview is None:
            self.failed.emit(error)
            return
        before = self.overview
        self.overview = replace(overview, clusters=before.clusters, ungrouped=before.ungrouped)
        self.overview_changed.emit(self.overview)

    def _count_level(self, level: ClusterLevel | None, _: Exception | None) -> None:
        if level is not None:
            self.set_cluster_counts(len(level.clusters), len(level.ungrouped))


def _read_overview(library: Library, cancel: CancelToken) -> Overview:
    cancel.check()
    return Overview(
        tuple(library.sources()), len(library.unreadable()), search_is_exact=library.search_is_exact
    )


def _read_photos(library: Library, file_ids: Sequence[int], cancel: CancelToken) -> list[Photo]:
    cancel.check()
    return library.photos_by_id(file_ids)
