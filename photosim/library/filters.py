"""Narrow a library to the photos that fit a filter, with counts for every choice that is left."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.library.labels import LibraryLabels
from photosim.search.facets import FacetCounts, FilterTable
from photosim.search.id_sets import sorted_unique
from photosim.search.photo_filter import PhotoFilter
from photosim.store.catalog import Catalog
from photosim.store.entries import filter_rows

NO_SOURCES: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FilterScope:
    """What is narrowed: a source, groups of file ids, or (both None) the whole library."""

    source: str | None = None
    groups: tuple[tuple[int, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class FilterResult:
    """The photo files that fit a filter, and the photos that they hold, ascending ids."""

    file_ids: npt.NDArray[np.int64]
    photo_ids: npt.NDArray[np.int64]


class PhotoFinder:
    """May be asked from any thread. `away` are always the sources that are offline.

    What filters look at is kept in memory until the library changes.
    """

    def __init__(self, catalog: Catalog, labels: Callable[[], LibraryLabels]) -> None:
        self._catalog, self._labels = catalog, labels
        self._columns: FilterTable | None = None
        self._version: object = None
        self._photos = np.empty((0, 2), np.int64)
        self._within: tuple[FilterTable, PhotoFilter, Collection[str], FilterResult] | None = None
        self._lock = threading.Lock()

    def matches(
        self, file_ids: Sequence[int], wanted: PhotoFilter, away: Collection[str] = NO_SOURCES
    ) -> list[bool]:
        """Whether each of these files fits."""
        columns = self._in_step()
        rows = columns.rows_of(file_ids)
        kept = np.append(columns.matches(wanted, away), False)  # row -1: a file that is gone
        return [bool(one) for one in kept[rows]]

    def files(
        self, wanted: PhotoFilter, source: str | None = None, away: Collection[str] = NO_SOURCES
    ) -> tuple[list[int], int]:
        """The ids of the files that fit, of one source or of all, and among how many they are."""
        columns = self._in_step()
        kept = columns.matches(wanted, away)
        if source is None:
            return columns.file_ids[kept].tolist(), len(kept)
        inside = columns.belongs_to(source)
        return columns.file_ids[kept & inside].tolist(), int(np.count_nonzero(inside))

    def apply(self, wanted: PhotoFilter, away: Collection[str] = NO_SOURCES) -> FilterResult:
        """What of the whole library fits."""
        columns = self._in_step()
        with self._lock:
            if self._within is None or self._within[0] is not columns or self._within[1:3] != (wanted, away):
                fits = columns.matches(wanted, away)
                rows = columns.rows_of(self._photos[:, 1])
                photo_ids = sorted_unique(self._photos[fits[rows] & (rows >= 0), 0])
                found = FilterResult(columns.file_ids[fits], photo_ids)
                self._within = columns, wanted, away, found
            return self._within[3]

    def facets(
        self, wanted: PhotoFilter, scope: FilterScope, away: Collection[str] = NO_SOURCES
    ) -> FacetCounts:
        """What can be chosen within the scope, given what is chosen."""
        columns = self._in_step()
        inside = None
        if scope.groups is not None:
            count = sum(len(group) for group in scope.groups)
            rows = columns.rows_of(np.fromiter(itertools.chain.from_iterable(scope.groups), np.int64, count))
            inside = np.zeros(len(columns.file_ids), bool)
            inside[rows[rows >= 0]] = True
        elif scope.source is not None:
            inside = columns.belongs_to(scope.source)
        return columns.count_facets(wanted, away, inside)

    # --- helpers -----------------------------------------------------------------------------------------

    def _in_step(self) -> FilterTable:
        """The columns of the library as it is now."""
        labels = self._labels()
        with self._lock:
            version = self._catalog.database.revision(), labels.view.model.id, labels.enabled
            if self._columns is None or self._version != version:
                self._columns = None  # two generations at once would need twice the memory
                self._columns = FilterTable.from_rows(
                    filter_rows(self._catalog.database), labels.assignments_by_file()
                )
                self._version, self._photos = version, self._catalog.photo_and_file_ids()
            return self._columns
