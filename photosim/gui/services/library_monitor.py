"""Keeps the window in step with the library: counts in the side list, photos that have just been indexed."""

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
    from photosim.library.library import Library

_COUNT_MS = 1500
"""How often the counts of the side list are read again while photos come in."""


class LibraryMonitor(QObject):
    """Asks in jobs, one of each kind at a time, and tells what came."""

    overview_changed = Signal(Overview)
    photos_added = Signal(object)
    """A list of Photo, just indexed."""

    failed = Signal(object)

    def __init__(
        self, library: Library, jobs: Jobs, shelf: ClusterCache, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library, self._jobs, self._shelf = library, jobs, shelf
        self.overview = Overview()
        self._waiting: list[int] = []
        self._fetching = False
        self._counting: int | None = None
        self._clustering: int | None = None
        self._soon = QTimer(self, interval=_COUNT_MS, singleShot=True)
        self._soon.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Read the counts now."""
        self._soon.stop()
        self._jobs.cancel(self._counting)
        work = partial(_overview, self._library)
        self._counting = self._jobs.start(work, self._take_overview, Priority.NORMAL)

    def count_clusters(self) -> None:
        """Find out how many clusters there are, when nothing else is to be done."""
        self._jobs.cancel(self._clustering)
        self._clustering = self._jobs.start(
            lambda _: self._shelf.load(self._shelf.level), self._take_clusters, Priority.LOW
        )

    def set_cluster_counts(self, count: int, loose: int) -> None:
        """Somebody knows how many clusters there are, and how many photos in none."""
        self.overview = replace(self.overview, clusters=count, ungrouped=loose)
        self.overview_changed.emit(self.overview)

    def invalidate_clusters(self) -> None:
        """The photos have changed: nobody knows their clusters."""
        self._shelf.invalidate()
        self.overview = replace(self.overview, clusters=None, ungrouped=None)
        self.overview_changed.emit(self.overview)

    def fetch(self, file_ids: Sequence[int]) -> None:
        """Photos have been indexed: get them, and count again before long."""
        self._waiting.extend(file_ids)
        if not self._soon.isActive():
            self._soon.start()
        self._fetch_next()

    def close(self) -> None:
        """Ask nothing any more."""
        self._soon.stop()
        self._waiting.clear()

    # --- helpers -----------------------------------------------------------------------------------------

    def _fetch_next(self) -> None:
        if self._fetching or not self._waiting:
            return
        self._fetching = True
        file_ids, self._waiting = self._waiting, []
        self._jobs.start(partial(_photos, self._library, file_ids), self._take_photos, Priority.NORMAL)

    def _take_photos(self, photos: list[Photo] | None, error: Exception | None) -> None:
        self._fetching = False
        if error is not None:
            self.failed.emit(error)
        elif photos:
            self.photos_added.emit(photos)
        self._fetch_next()

    def _take_overview(self, overview: Overview | None, error: Exception | None) -> None:
        if overview is None:
            self.failed.emit(error)
            return
        known = self.overview
        self.overview = replace(overview, clusters=known.clusters, ungrouped=known.ungrouped)
        self.overview_changed.emit(self.overview)

    def _take_clusters(self, shelf: ClusterLevel | None, _: Exception | None) -> None:
        if shelf is not None:
            self.set_cluster_counts(len(shelf.clusters), len(shelf.ungrouped))


def _overview(library: Library, cancel: CancelToken) -> Overview:
    cancel.check()
    return Overview(
        tuple(library.sources()), len(library.unreadable()), search_is_exact=library.search_is_exact
    )


def _photos(library: Library, file_ids: Sequence[int], cancel: CancelToken) -> list[Photo]:
    cancel.check()
    return library.photos_by_id(file_ids)
