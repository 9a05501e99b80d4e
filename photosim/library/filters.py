"""Filtering the photos of a library, with counts for every choice that a filter still offers."""

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
from photosim.store.rows import filter_rows

NO_SOURCES: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FilterScope:
    """What is filtered: a source, groups of file ids, or (both None) the whole library."""

    source: str | None = None
    groups: tuple[tuple[int, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class FilterResult:
    """Ids of the matching photo files and, ascending, of the photos that they hold."""

    file_ids: npt.NDArray[np.int64]
    photo_ids: npt.NDArray[np.int64]


class PhotoFinder:
    """Finds the photo files that match filter criteria, from any thread.

    The table that filters work on is cached until the library changes. `offline` are always the sources that cannot
    be reached.
    """

    def __init__(self, catalog: Catalog, labels: Callable[[], LibraryLabels]) -> None:
        """`labels` returns the labels of the active model."""
        self._catalog, self._labels = catalog, labels
        self._table: FilterTable | None = None
        self._table_key: tuple[tuple[int, int], str, bool] | None = None
        self._photo_and_file_ids = np.empty((0, 2), np.int64)
        self._last_result: tuple[FilterTable, PhotoFilter, Collection[str], FilterResult] | None = None
        self._lock = threading.Lock()

    def matches(
        self, file_ids: Sequence[int], criteria: PhotoFilter, offline: Collection[str] = NO_SOURCES
    ) -> list[bool]:
        """Return for each of these files whether it matches; False for one that is gone."""
        table = self._current_table()
        matching = np.append(table.matches(criteria, offline), False)  # unknown files have row -1
        return [bool(matches) for matches in matching[table.rows_of(file_ids)]]

    def files(
        self, criteria: PhotoFilter, source: str | None = None, offline: Collection[str] = NO_SOURCES
    ) -> tuple[list[int], int]:
        """Return the ids of the matching files, of one source or of all, and how many files were considered."""
        table = self._current_table()
        matching = table.matches(criteria, offline)
        if source is None:
            return table.file_ids[matching].tolist(), len(matching)
        in_source = table.belongs_to(source)
        return table.file_ids[matching & in_source].tolist(), int(np.count_nonzero(in_source))

    def apply(self, criteria: PhotoFilter, offline: Collection[str] = NO_SOURCES) -> FilterResult:
        """Return the matching files and photos of the whole library."""
        table = self._current_table()
        with self._lock:
            last = self._last_result
            if last is None or last[0] is not table or last[1:3] != (criteria, offline):
                matching = table.matches(criteria, offline)
                rows = table.rows_of(self._photo_and_file_ids[:, 1])
                photo_ids = sorted_unique(self._photo_and_file_ids[matching[rows] & (rows >= 0), 0])
                last = (table, criteria, offline, FilterResult(table.file_ids[matching], photo_ids))
                self._last_result = last
            return last[3]

    def facets(
        self, criteria: PhotoFilter, scope: FilterScope, offline: Collection[str] = NO_SOURCES
    ) -> FacetCounts:
        """Count the photos in the scope for every choice that the criteria leave."""
        table = self._current_table()
        in_scope = None
        if scope.groups is not None:
            count = sum(len(group) for group in scope.groups)
            rows = table.rows_of(np.fromiter(itertools.chain.from_iterable(scope.groups), np.int64, count))
            in_scope = np.zeros(len(table.file_ids), bool)
            in_scope[rows[rows >= 0]] = True
        elif scope.source is not None:
            in_scope = table.belongs_to(scope.source)
        return table.count_facets(criteria, offline, in_scope)

    def _current_table(self) -> FilterTable:
        labels = self._labels()
        with self._lock:
            key = self._catalog.database.revision(), labels.view.model.id, labels.enabled
            if self._table is None or self._table_key != key:
                self._table = None  # freed first: two generations at once would need twice the memory
                rows = filter_rows(self._catalog.database)
                self._table = FilterTable.from_rows(rows, labels.assignments_by_file())
                self._table_key, self._photo_and_file_ids = key, self._catalog.photo_and_file_ids()
            return self._table
