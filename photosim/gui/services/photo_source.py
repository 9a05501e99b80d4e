"""Keeps the photos of the library in memory, so that another order or filter does not read them again."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from photosim.files.fspaths import with_separator
from photosim.gui.base.long_lists import LARGE_LIST
from photosim.gui.state.photo_table import PhotoTable, photos_at
from photosim.gui.state.view_filter import ViewFilter
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library import Library


class PhotoSource:
    """Returns photos that match a filter; for jobs. All photos are kept until the library changes."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._kept: tuple[object, PhotoTable] | None = None

    def of_folder(self, view_filter: ViewFilter, folder: str | None) -> tuple[PhotoTable, int]:
        """Return the matching photos in and below a folder, or of all, and the number of photos there."""
        library, kept = self._library, self._current()
        if not view_filter.is_active:
            if folder is None:
                table = self._load()
            elif kept is None:
                table = PhotoTable(library.photos(folder))
            else:
                prefix = with_separator(folder)
                inside = (photo.path.startswith(prefix) for photo in kept)
                table = kept.part(np.flatnonzero(np.fromiter(inside, bool, len(kept))))
            return table, len(table)
        file_ids, total = library.finder.files(view_filter.photo_filter, folder, view_filter.offline)
        if kept is None and len(file_ids) < max(total // 4, LARGE_LIST):
            return PhotoTable(library.photos_by_id(file_ids)), total
        # For many photos, reading all of them is faster than reading them by id.
        table = (
            self._load() if kept is None and folder is None else kept or PhotoTable(library.photos(folder))
        )
        return table.part(np.flatnonzero(np.isin(table.ids, file_ids))), total

    def by_id(self, view_filter: ViewFilter, file_ids: Sequence[int]) -> list[Photo]:
        """Return the matching photos among these files, in this order."""
        if view_filter.is_active:
            matches = self._library.finder.matches(file_ids, view_filter.photo_filter, view_filter.offline)
            file_ids = list(itertools.compress(file_ids, matches))
        kept = self._current()
        if kept is None:
            return self._library.photos_by_id(file_ids)
        rows = kept.rows_of(file_ids)
        return photos_at(kept.photos, rows[rows >= 0])

    def _current(self) -> PhotoTable | None:
        """The photos that are kept, which are dropped once the library has changed."""
        with self._lock:
            if self._kept is not None and self._kept[0] != self._library.cluster_service.revision():
                self._kept = None
            return None if self._kept is None else self._kept[1]

    def _load(self) -> PhotoTable:
        """All photos, by path."""
        kept = self._current()
        if kept is not None:
            return kept
        revision = self._library.cluster_service.revision()
        table = PhotoTable(self._library.photos())
        with self._lock:
            self._kept = revision, table
        return table
