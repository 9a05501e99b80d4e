"""Narrows what a place holds to what fits the filter; all of it runs in jobs."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photosim.files.fspaths import is_inside
from photosim.gui.base.gc_pause import LARGE_LIST
from photosim.gui.state.places import CoveredClusters
from photosim.library.filters import FilterResult, FilterScope
from photosim.records import Photo, UnreadableFile
from photosim.search.facets import FacetCounts, FilterTable
from photosim.search.photo_filter import FilterRow, PhotoFilter

if TYPE_CHECKING:
    from photosim.library.library import Library


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """A filter, and the sources that are offline."""

    photo_filter: PhotoFilter = field(default_factory=PhotoFilter)
    offline: frozenset[str] = frozenset()

    @property
    def is_active(self) -> bool:
        """Whether anything is left out."""
        return bool(self.photo_filter.active_facets)

    def photos_of_source(self, library: Library, source: str | None) -> tuple[list[Photo], int]:
        """The photos of a source, or of all, that fit, and among how many."""
        if not self.is_active:
            photos = library.photos(source)
            return photos, len(photos)
        file_ids, total = library.finder.files(self.photo_filter, source, self.offline)
        if len(file_ids) < max(total // 4, LARGE_LIST):
            return library.photos_by_id(file_ids), total
        known = set(file_ids)  # most of them: one question is faster than many
        return [photo for photo in library.photos(source) if photo.file_id in known], total

    def photos_by_id(self, library: Library, file_ids: Sequence[int]) -> list[Photo]:
        """Those of these files that fit."""
        if self.is_active:
            kept = library.finder.matches(file_ids, self.photo_filter, self.offline)
            file_ids = list(itertools.compress(file_ids, kept))
        return library.photos_by_id(file_ids)

    def matching_photos(self, library: Library) -> FilterResult | None:
        """The photos of the whole library that fit; None when all do."""
        return library.finder.apply(self.photo_filter, self.offline) if self.is_active else None

    def filter_clusters(
        self, library: Library, clusters: CoveredClusters
    ) -> tuple[CoveredClusters, dict[int, int]]:
        """The clusters with a photo that fits, shown by one, and how many fit in each, by the cluster's id."""
        if not self.is_active:
            return clusters, {}
        file_ids = [file_id for cluster, _ in clusters for file_id in cluster.file_ids]
        kept = iter(
            library.finder.matches(file_ids, self.photo_filter, self.offline)
        )  # each cluster takes its own
        fitting = {
            cluster.id: list(itertools.compress(cluster.file_ids, itertools.islice(kept, cluster.size)))
            for cluster, _ in clusters
        }
        first = {found[0] for found in fitting.values() if found} - {one.medoid_id for one, _ in clusters}
        covers = {photo.file_id: photo for photo in library.photos_by_id(sorted(first))}
        shown = tuple(
            (cluster, covers.get(fitting[cluster.id][0], cover))
            for cluster, cover in clusters
            if fitting[cluster.id]
        )
        return shown, {cluster: len(found) for cluster, found in fitting.items() if found}

    def filter_unreadable(self, library: Library, files: Sequence[UnreadableFile]) -> list[UnreadableFile]:
        """Those of the unreadable files that fit."""
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
        table = FilterTable.from_rows(rows)
        matching = set(table.file_ids[table.matches(self.photo_filter, self.offline)].tolist())
        return [photo for photo in photos if photo.file_id in matching]

    def facets(self, library: Library, scope: FilterScope) -> FacetCounts:
        """What can be chosen within the scope."""
        return library.finder.facets(self.photo_filter, scope, self.offline)


def source_of(path: str, sources: Collection[str]) -> str:
    """The source that a file lies in, or nothing."""
    return next((source for source in sources if is_inside(path, source)), "")
