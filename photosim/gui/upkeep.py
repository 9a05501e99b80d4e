"""Keeps the window in step with the library: counts in the side list, photos that have just been indexed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.core.records import Photo
from photosim.gui.jobs import LATER, USUAL, Cancel, Jobs
from photosim.gui.source_model import Overview

if TYPE_CHECKING:
    from photosim.library import Library

_COUNT_MS = 1500
"""How often the counts of the side list are read again while photos come in."""


class Upkeep(QObject):
    """Asks in jobs, one of each kind at a time, and tells what came."""

    overview_changed = Signal(Overview)
    photos_added = Signal(object)
    """A list of Photo, just indexed."""

    failed = Signal(object)

    def __init__(self, library: Library, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs
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
        work = partial(_overview, self._library, self.overview.clusters)
        self._counting = self._jobs.start(work, self._take_overview, USUAL)

    def count_clusters(self) -> None:
        """Find out how many clusters there are, when nothing else is to be done."""
        self._jobs.cancel(self._clustering)
        self._clustering = self._jobs.start(partial(_count, self._library), self._take_clusters, LATER)

    def set_clusters(self, count: int | None) -> None:
        """Somebody knows how many clusters there are; None: nobody does."""
        self.overview = Overview(self.overview.sources, self.overview.unreadable, count)
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
        self._jobs.start(partial(_photos, self._library, file_ids), self._take_photos, USUAL)

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
        self.overview = Overview(overview.sources, overview.unreadable, self.overview.clusters)
        self.overview_changed.emit(self.overview)

    def _take_clusters(self, count: int | None, error: Exception | None) -> None:
        if error is None:
            self.set_clusters(count)


def _overview(library: Library, clusters: int | None, cancel: Cancel) -> Overview:
    cancel.check()
    return Overview(tuple(library.sources()), len(library.unreadable()), clusters)


def _count(library: Library, cancel: Cancel) -> int:
    cancel.check()
    return len(library.clusters().clusters)


def _photos(library: Library, file_ids: Sequence[int], cancel: Cancel) -> list[Photo]:
    cancel.check()
    return library.photos_by_id(file_ids)
