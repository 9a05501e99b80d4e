"""Filtering the photos of a library, with counts for every choice that a filter still offers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.library.labels import LibraryLabels
from photosim.records import Cluster, Clustering
from photosim.search.filters.columns import LabelColumn, Mask
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.filters.facets import FacetCounts, FilterTable
from photosim.search.id_sets import sorted_unique
from photosim.store.catalog import Catalog
from photosim.store.rows import filter_rows

NO_SOURCES: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FilterScope:
    """What is filtered: a folder with those below it, groups of file ids, or (both None) the whole library."""

    folder: str | None = None
    groups: tuple[tuple[int, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class FilterResult:
    """Ids of the matching photo files and, ascending, of the photos that they hold."""

    file_ids: npt.NDArray[np.int64]
    photo_ids: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _ClusterTitles:
    """The titles of the clusters of a level by file: ids (N,), indices (N,) into the titles, and the titles."""

    key: object
    file_ids: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int64]
    titles: tuple[str, ...]

    @classmethod
    def from_clusters(cls, key: object, clusters: Sequence[Cluster]) -> _ClusterTitles:
        """Clusters with the same title become one, those without a title are left out."""
        titled = [(cluster.title, cluster) for cluster in clusters if cluster.title]
        code_of: dict[str, int] = {}
        codes = [code_of.setdefault(title, len(code_of)) for title, _ in titled]
        sizes = [cluster.size for _, cluster in titled]
        ids = itertools.chain.from_iterable(cluster.file_ids for _, cluster in titled)
        return cls(
            key,
            np.fromiter(ids, np.int64, sum(sizes)),
            np.repeat(np.array(codes, np.int64), sizes),
            tuple(code_of),
        )


class PhotoFinder:
    """Finds the photo files that match filter criteria, from any thread.

    The table that filters work on is cached until the library changes. `offline` are always the sources that cannot
    be reached.
    """

    def __init__(
        self,
        catalog: Catalog,
        labels: Callable[[], LibraryLabels],
        clusters_key: Callable[[], object],
        clusters: Callable[[int], Clustering | None],
    ) -> None:
        """`labels` returns the labels of the active model, `clusters` the clusters of a level, None while busy.

        `clusters_key` returns a key that changes with the clusters, None while they are out of date.
        """
        self._catalog, self._labels = catalog, labels
        self._clusters_key, self._clusters = clusters_key, clusters
        self._titles: dict[int, _ClusterTitles] = {}
        self._table: FilterTable | None = None
        self._table_key: tuple[tuple[int, int], str, bool] | None = None
        self._photo_and_file_ids = np.empty((0, 2), np.int64)
        self._last_result: tuple[FilterTable, PhotoFilter, Collection[str], FilterResult] | None = None
        self._lock = threading.Lock()
        self._clusters_lock = threading.Lock()

    def matches(
        self, file_ids: Sequence[int], criteria: PhotoFilter, offline: Collection[str] = NO_SOURCES
    ) -> list[bool]:
        """Return for each of these files whether it matches; False for one that is gone."""
        table = self._table_for(criteria)
        matching = np.append(table.matches(criteria, offline), False)  # unknown files have row -1
        return [bool(matches) for matches in matching[table.rows_of(file_ids)]]

    def files(
        self, criteria: PhotoFilter, folder: str | None = None, offline: Collection[str] = NO_SOURCES
    ) -> tuple[list[int], int]:
        """Return the ids of the matching files, below a folder or of all, and how many files were considered."""
        table = self._table_for(criteria)
        matching = table.matches(criteria, offline)
        if folder is None:
            return table.file_ids[matching].tolist(), len(matching)
        in_folder = table.in_folders([folder])
        return table.file_ids[matching & in_folder].tolist(), int(np.count_nonzero(in_folder))

    def apply(self, criteria: PhotoFilter, offline: Collection[str] = NO_SOURCES) -> FilterResult:
        """Return the matching files and photos of the whole library."""
        table = self._table_for(criteria)
        with self._lock:
            last = self._last_result
            if last is None or last[0] is not table or last[1:3] != (criteria, offline):
                matching = table.matches(criteria, offline)
                rows = table.rows_of(self._photo_and_file_ids[:, 1])
                found = np.append(matching, False)[rows]  # a file without facts or source has row -1
                photo_ids = sorted_unique(self._photo_and_file_ids[found, 0])
                last = (table, criteria, offline, FilterResult(table.file_ids[matching], photo_ids))
                self._last_result = last
            return last[3]

    def facets(
        self, criteria: PhotoFilter, scope: FilterScope, offline: Collection[str] = NO_SOURCES
    ) -> FacetCounts:
        """Count the photos in the scope for every choice that the criteria leave."""
        table = self._table_for(criteria)
        return table.count_facets(criteria, offline, scope_mask(table, scope))

    def object_scores(self, criteria: PhotoFilter) -> dict[int, float]:
        """Return, by file id, how certain it is that a photo shows the objects of a filter; 0 is left out."""
        table = self.table()
        scores = table.object_scores(criteria)
        found = np.flatnonzero(scores)
        return dict(zip(table.file_ids[found].tolist(), scores[found].tolist(), strict=True))

    def table(self, level: int | None = None) -> FilterTable:
        """Return the table of the library as it is now, with the clusters of a level if given.

        While clusters are out of date, the last ones that were used are kept.
        """
        table = self._current_table()
        if level is not None:
            self._add_clusters(table, level)
        return table

    def _table_for(self, criteria: PhotoFilter) -> FilterTable:
        return self.table(criteria.cluster_level if criteria.clusters else None)

    def _add_clusters(self, table: FilterTable, level: int) -> None:
        with (
            self._clusters_lock
        ):  # otherwise another thread could see a table without the clusters it just had
            key = self._clusters_key()
            titles = self._titles.get(level)
            is_outdated = key is not None and (titles is None or titles.key != key)
            clustering = self._clusters(level) if is_outdated else None
            if clustering is not None:
                titles = self._titles[level] = _ClusterTitles.from_clusters(key, clustering.clusters)
            if titles is not None and (clustering is not None or level not in table.clusters):
                rows = table.rows_of(titles.file_ids)
                table.clusters[level] = LabelColumn.from_pairs(rows, titles.codes, titles.titles)
                with self._lock:
                    self._last_result = None  # it may be of the clusters before

    def _current_table(self) -> FilterTable:
        labels = self._labels()
        with self._lock:
            key = self._catalog.database.revision(), labels.view.model.id, labels.enabled
            if self._table is None or self._table_key != key:
                self._table = None  # freed first: two generations at once would need twice the memory
                rows = filter_rows(self._catalog.database)
                self._table = FilterTable.from_rows(rows, labels.assignments_by_file(), labels.boxes_by_file)
                self._table_key, self._photo_and_file_ids = key, self._catalog.photo_and_file_ids()
            return self._table


def scope_mask(table: FilterTable, scope: FilterScope) -> Mask | None:
    """Return which photos of a table are in a scope, (N,); None for all."""
    if scope.groups is not None:
        count = sum(len(group) for group in scope.groups)
        rows = table.rows_of(np.fromiter(itertools.chain.from_iterable(scope.groups), np.int64, count))
        mask = np.zeros(len(table.file_ids), bool)
        mask[rows[rows >= 0]] = True
        return mask
    return None if scope.folder is None else table.in_folders([scope.folder])
