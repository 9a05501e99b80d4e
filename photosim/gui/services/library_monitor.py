"""Follows the library in jobs: its counts, its duplicates, and the photos that were just indexed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.duplicates.results import DuplicateTotals
from photosim.errors import LibraryError
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.cluster_cache import ClusterCache, ClusterLevel
from photosim.gui.state.folder_tree import FolderTree, build_tree
from photosim.gui.state.kept_queries import kept_query
from photosim.gui.state.places import CollectionEntry, Overview
from photosim.library.collections import Collection
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
        self._duplicate_job: int | None = None
        self._collection_job: int | None = None
        self._search_job: int | None = None
        self._refresh_timer = QTimer(self, interval=_REFRESH_INTERVAL_MS, singleShot=True)
        self._refresh_timer.timeout.connect(self.read_counts)
        self._folder_timer = QTimer(self, interval=_FOLDER_INTERVAL_MS, singleShot=True)
        self._folder_timer.timeout.connect(self.read_folders)

    def refresh(self) -> None:
        """Read the counts, the folders, the collections and the duplicates now."""
        self.read_counts()
        self.read_folders()
        self.read_collections()
        self.count_duplicates()

    def read_counts(self) -> None:
        """Read the counts now."""
        self._refresh_timer.stop()
        self._jobs.cancel(self._count_job)
        work = partial(_read_overview, self._library)
        self._count_job = self._jobs.start(work, self._set_overview, Priority.NORMAL)

    def read_folders(self) -> None:
        """Read the folders now, which takes a look at every file of the library."""
        self._folder_timer.stop()
        self._jobs.cancel(self._folder_job)
        self._folder_job = self._jobs.start(
            partial(_read_tree, self._library), self._set_folders, Priority.NORMAL
        )

    def count_clusters(self) -> None:
        """Count the clusters when nothing else is to be done."""
        self._jobs.cancel(self._cluster_job)
        self._cluster_job = self._jobs.start(
            lambda _: self._clusters.load(self._clusters.level), self._count_level, Priority.LOW
        )

    def count_duplicates(self) -> None:
        """Count the duplicates that are not reviewed."""
        self._jobs.cancel(self._duplicate_job)
        work = partial(_read_duplicates, self._library)
        self._duplicate_job = self._jobs.start(work, self._set_duplicates, Priority.LOW)

    def read_collections(self) -> None:
        """Read the collections, and then count what kept searches find."""
        self._jobs.cancel(self._collection_job)
        self._jobs.cancel(self._search_job)
        work = partial(_read_collections, self._library)
        self._collection_job = self._jobs.start(work, self._set_collections, Priority.NORMAL)

    def set_cluster_counts(self, clusters: int, ungrouped: int) -> None:
        """Set the numbers of clusters and of photos in none, where they are known otherwise."""
        counted = replace(self.overview, clusters=clusters, ungrouped=ungrouped)
        if counted != self.overview:
            self.overview = counted
            self.overview_changed.emit(counted)

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
        self.overview = replace(
            overview,
            clusters=before.clusters,
            ungrouped=before.ungrouped,
            duplicates=before.duplicates,
            collections=before.collections,
        )
        self.overview_changed.emit(self.overview)

    def _set_duplicates(self, totals: DuplicateTotals | None, error: Exception | None) -> None:
        if totals is None:
            _log.warning("The duplicates can't be counted: %s", error)  # their page tells the user
        elif totals != self.overview.duplicates:
            self.overview = replace(self.overview, duplicates=totals)
            self.overview_changed.emit(self.overview)

    def _set_collections(self, entries: Sequence[CollectionEntry] | None, error: Exception | None) -> None:
        if entries is None:
            _log.warning("The collections can't be read: %s", error)  # the counts tell the user
            return
        known = {entry.collection.id: entry.photos for entry in self.overview.collections}
        searches = [
            entry.collection
            for entry in entries
            if not entry.collection.holds_photos and entry.search is None
        ]
        self._show_collections(
            [
                replace(entry, photos=known.get(entry.collection.id))
                if entry.collection in searches
                else entry
                for entry in entries
            ]
        )
        if searches:
            offline = frozenset(source.path for source in self.overview.sources if not source.online)
            work = partial(_count_searches, self._library, searches, offline)
            self._search_job = self._jobs.start(work, self._set_search_counts, Priority.LOW)

    def _set_search_counts(self, counts: Mapping[int, int] | None, error: Exception | None) -> None:
        if counts is None:
            _log.warning("Kept searches can't be counted: %s", error)
            return
        self._show_collections(
            [
                replace(entry, photos=counts.get(entry.collection.id, entry.photos))
                for entry in self.overview.collections
            ]
        )

    def _show_collections(self, entries: Sequence[CollectionEntry]) -> None:
        if tuple(entries) != self.overview.collections:
            self.overview = replace(self.overview, collections=tuple(entries))
            self.overview_changed.emit(self.overview)

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


def _read_collections(library: Library, cancel: CancelToken) -> list[CollectionEntry]:
    cancel.check()
    counts = library.collections.photo_counts()
    return [
        CollectionEntry(
            collection,
            counts.get(collection.id, 0) if collection.holds_photos else None,
            kept_query(library, collection),
        )
        for collection in library.collections.all()
    ]


def _count_searches(
    library: Library, collections: Sequence[Collection], offline: frozenset[str], cancel: CancelToken
) -> dict[int, int]:
    counts = {}
    for collection in collections:
        cancel.check()
        with suppress(LibraryError):  # opening it tells why
            counts[collection.id] = len(library.collections.file_ids(collection, offline))
    return counts


def _read_duplicates(library: Library, cancel: CancelToken) -> DuplicateTotals:
    cancel.check()
    return library.duplicates.totals()


def _read_tree(library: Library, cancel: CancelToken) -> FolderTree:
    cancel.check()
    counts = library.folder_counts()
    cancel.check()
    return build_tree(counts, [source.path for source in library.sources()])


def _read_photos(library: Library, file_ids: Sequence[int], cancel: CancelToken) -> list[Photo]:
    cancel.check()
    return library.photos_by_id(file_ids)
