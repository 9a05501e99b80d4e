"""Follows the library in jobs: its counts, and the photos that were just indexed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.cluster_cache import ClusterCache, ClusterLevel
from photosim.gui.state.folder_tree import FolderTree, build_tree
from photosim.gui.state.places import Overview
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library import Library

_log = logging.getLogger(__name__)

_REFRESH_INTERVAL_MS = 1500
"""How often the counts are read again while photos are indexed."""

_FOLDER_INTERVAL_MS = 6000
"""How often the folders are: that takes a look at every file of the library."""


class LibraryMonitor(QObject):
    """Reads the library in jobs, one of each kind at a time, and emits what has changed."""

    overview_changed = Signal(Overview)
    folders_changed = Signal(object)
    """The FolderTree of the sources."""

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
        self._folder_job: int | None = None
        self._cluster_job: int | None = None
        self._refresh_timer = QTimer(self, interval=_REFRESH_INTERVAL_MS, singleShot=True)
        self._refresh_timer.timeout.connect(self._read_counts)
        self._folder_timer = QTimer(self, interval=_FOLDER_INTERVAL_MS, singleShot=True)
        self._folder_timer.timeout.connect(self._read_folders)

    def refresh(self) -> None:
        """Read the counts and the folders now."""
        self._read_counts()
        self._read_folders()

    def _read_counts(self) -> None:
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
        for timer in (self._refresh_timer, self._folder_timer):
            if not timer.isActive():
                timer.start()
        self._fetch_pending()

    def close(self) -> None:
        """Read nothing any more."""
        self._refresh_timer.stop()
        self._folder_timer.stop()
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

    def _read_folders(self) -> None:
        self._folder_timer.stop()
        self._jobs.cancel(self._folder_job)
        self._folder_job = self._jobs.start(
            partial(_read_tree, self._library), self._set_folders, Priority.NORMAL
        )

    def _set_folders(self, tree: FolderTree | None, error: Exception | None) -> None:
        if tree is None:
            _log.warning("The folders can't be read: %s", error)  # the counts tell the user
        else:
            self.folders_changed.emit(tree)

    def _count_level(self, level: ClusterLevel | None, _: Exception | None) -> None:
        if level is not None:
            self.set_cluster_counts(len(level.clusters), len(level.ungrouped))


def _read_overview(library: Library, cancel: CancelToken) -> Overview:
    cancel.check()
    return Overview(
        tuple(library.sources()), len(library.unreadable()), search_is_exact=library.search_is_exact
    )


def _read_tree(library: Library, cancel: CancelToken) -> FolderTree:
    cancel.check()
    counts = library.folder_counts()
    cancel.check()
    return build_tree(counts, [source.path for source in library.sources()])


def _read_photos(library: Library, file_ids: Sequence[int], cancel: CancelToken) -> list[Photo]:
    cancel.check()
    return library.photos_by_id(file_ids)
