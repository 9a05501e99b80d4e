"""Applies the filter of the window to the contents of a place; all methods run in jobs."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from photosim.files.fspaths import is_inside
from photosim.gui.state.places import CoveredClusters
from photosim.library.search.filters import FilterResult, FilterScope
from photosim.records import Photo, UnreadableFile
from photosim.search.filters.criteria import FilterRow, PhotoFilter
from photosim.search.filters.facets import FacetCounts, FilterTable
from photosim.search.kept_search import KeptSearch

if TYPE_CHECKING:
    from photosim.library import Library


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """A filter, and the sources that are offline."""

    photo_filter: PhotoFilter = field(default_factory=PhotoFilter)
    offline: frozenset[str] = frozenset()
    kept: KeptSearch | None = None
    """A kept search whose criteria results must match, too, whether the filter is active or not."""

    @property
    def is_active(self) -> bool:
        """Whether anything can be filtered out."""
        return bool(self.photo_filter.active_facets)

    def matching_photos(self, library: Library) -> FilterResult | None:
        """Return the matching photos of the whole library; None when all match."""
        criteria = [self.photo_filter] if self.is_active else []
        if self.kept is not None:
            kept = library.collections.criteria(self.kept)
            criteria += [kept] if kept.active_facets else []
        found = [library.finder.apply(each, self.offline) for each in criteria]
        return reduce(_in_both, found) if found else None

    def filter_clusters(
        self, library: Library, clusters: CoveredClusters
    ) -> tuple[CoveredClusters, dict[int, int]]:
        """Return the clusters with matching photos, each covered by one, and the number of matches by cluster id."""
        if not self.is_active:
            return clusters, {}
        file_ids = [file_id for cluster, _ in clusters for file_id in cluster.file_ids]
        flags = iter(library.finder.matches(file_ids, self.photo_filter, self.offline))
        matching = {
            cluster.id: list(itertools.compress(cluster.file_ids, itertools.islice(flags, cluster.size)))
            for cluster, _ in clusters
        }
        medoids = {cluster.medoid_id for cluster, _ in clusters}
        first = {matches[0] for matches in matching.values() if matches} - medoids
        covers = library.lazy_photos(sorted(first))
        shown = tuple(
            (cluster, covers.get(matching[cluster.id][0], cover))
            for cluster, cover in clusters
            if matching[cluster.id]
        )
        return shown, {cluster_id: len(matches) for cluster_id, matches in matching.items() if matches}

    def filter_unreadable(self, library: Library, files: Sequence[UnreadableFile]) -> list[UnreadableFile]:
        """Return the matching ones of the unreadable files."""
        if not self.is_active:
            return list(files)
        sources = [source.path for source in library.sources()]
        return [
            file
            for file in files
            if self.photo_filter.matches_unreadable(file.path, source_of(file.path, sources), self.offline)
        ]

    def filter_new(self, photos: Sequence[Photo], sources: Collection[str]) -> list[Photo]:
        """Return the matching ones of photos that have just been indexed; their labels are not known yet."""
        rows = [FilterRow.from_photo(photo, source_of(photo.path, sources)) for photo in photos]
        table = FilterTable.from_rows(sorted(rows, key=lambda row: row.file_id))
        matching = set(table.file_ids[table.matches(self.photo_filter, self.offline)].tolist())
        return [photo for photo in photos if photo.file_id in matching]

    def facets(self, library: Library, scope: FilterScope) -> FacetCounts:
        """Count what can be filtered by within the scope."""
        return library.finder.facets(self.photo_filter, scope, self.offline)


def _in_both(one: FilterResult, other: FilterResult) -> FilterResult:
    file_ids = one.file_ids[np.isin(one.file_ids, other.file_ids)]
    return FilterResult(file_ids, np.intersect1d(one.photo_ids, other.photo_ids))


def source_of(path: str, sources: Collection[str]) -> str:
    """Return the source that contains a file, or an empty string."""
    return next((source for source in sources if is_inside(path, source)), "")
