"""Loads the contents of a place in jobs, and drops what is no longer requested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.long_lists import FREE_CHUNK_SIZE
from photosim.gui.services.cluster_cache import LEVELS, ClusterCache, ClusterLevel
from photosim.gui.services.photo_source import PhotoSource
from photosim.gui.services.similarity import Search, SimilarityService
from photosim.gui.services.stack_cache import StackCache
from photosim.gui.state.columns import list_over_time, list_walk
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.list_diff import ListDiff, diff_lists
from photosim.gui.state.listing import PhotoList, make_list, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.photo_table import ScoreTable
from photosim.gui.state.places import Place, Query, View
from photosim.gui.state.results import FIRST_PAGE, ResultList, Results, list_results
from photosim.gui.state.view_filter import ViewFilter
from photosim.library.search.filters import FilterScope
from photosim.records import Photo, UnreadableFile
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library import Library

_MAX_RANKED = 2000
"""Photos ranked by similarity when a whole view is sorted by it; the others follow by name."""

_FIRST_COUNT = 500
"""Photos loaded ahead of all others: some screens full."""

_THUMBNAILS_FIRST_MS = 400
"""How long the thumbnails of these load before the rest of the list does."""


@dataclass(frozen=True, slots=True)
class PlaceContents:
    """What of a place matches the filter: photos, clusters or unreadable files, by its view."""

    photos: PhotoList = field(default_factory=PhotoList)
    clusters: ClusterLevel = field(default_factory=ClusterLevel)
    unreadable: tuple[UnreadableFile, ...] = ()
    total: int = 0
    """The number of items without the filter."""

    matching_counts: Mapping[int, int] = field(default_factory=dict)
    """The number of matching photos by cluster id."""

    scope: FilterScope = field(default_factory=FilterScope)
    """The photos that the filter applies to."""

    diff: ListDiff | None = None
    """How to change the current list into this one, where few rows differ."""

    is_partial: bool = False
    """Whether these are the first photos only, and all photos follow."""

    results: ResultList | None = None
    """The results of a search, whose photos these are."""


Done = Callable[[PlaceContents | None, Exception | None], None]


class PlaceLoader:
    """Loads one place at a time; a new request cancels the one before."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        similarity: SimilarityService,
        clusters: ClusterCache,
        stacks: StackCache,
    ) -> None:
        self._library, self._jobs, self._similarity = library, jobs, similarity
        self.clusters, self.stacks = clusters, stacks
        self._source = PhotoSource(library)
        self.order = SortOrder.DATE
        self.descending = SortOrder.DATE.is_descending
        self.by_match = True
        """Whether photos found by an object are sorted by certainty, in the place of `order`."""

        self.group_by = GroupBy.NONE
        self.anchor: Query | None = None
        """The query that photos sorted by similarity are compared with."""

        self.result_count = FIRST_PAGE
        """The number of results of a search to load."""

        self.unfolded = False
        """Whether results that are less similar are shown, too."""

        self.view_filter = ViewFilter()
        self.has_loaded = False
        """Whether the last request has been completed."""

        self._request_id = 0
        self._job: int | None = None
        self._search: Search | None = None
        self._current: PhotoList | None = None
        self._is_preloading = False
        self._tried_levels: set[int] = set()  # so that a level that fails is not loaded again and again

    def load(
        self, place: Place, done: Done, *, newest_first: bool = False, current: PhotoList | None = None
    ) -> None:
        """Load the contents of a place and pass them to `done` in the window's thread.

        With `newest_first`, the first photos of a large library are passed ahead of all. `current` is the list that is
        shown now, if it is of the same place.
        """
        self.cancel()
        self.has_loaded = False
        self._current = current
        request_id = self._request_id
        query = place.search if place.is_search else self._sort_query(place)
        if query is None and newest_first and self._can_load_newest(place):
            self._load_newest(request_id, place, done)
            return
        if query is None:
            self._start(request_id, place, done)
            return
        is_search = place.is_search

        def handle_results(results: Results | None, error: Exception | None) -> None:
            if request_id != self._request_id:
                return
            if error is not None and is_search:
                self.has_loaded = True
                done(None, error)
            else:
                self._start(request_id, place, done, results or Results())

        count = self.result_count if is_search else _MAX_RANKED
        view_filter = self.view_filter
        if is_search and place.collection is not None:
            view_filter = replace(view_filter, kept=place.collection.search)
        self._search = self._similarity.search(query, handle_results, count, view_filter)

    def cancel(self) -> None:
        """Drop the last request."""
        self._jobs.cancel(self._job)
        if self._search is not None:
            self._search.cancel()
        self._request_id += 1
        self.has_loaded = True

    @property
    def shown_order(self) -> SortOrder:
        """The order that is in use: with objects in the filter the best match first, unless the user chose another."""
        is_by_match = self.by_match and self.view_filter.photo_filter.has_objects
        return SortOrder.BEST_MATCH if is_by_match else self.order

    def contents_of_level(self, level: ClusterLevel, view: View) -> PlaceContents:
        """The contents of a place of clusters without a filter, when its level is loaded."""
        return _level_contents(self._library, level, view, ViewFilter())

    def preload_levels(self) -> None:
        """Load the clusters of all levels, the nearest first, and their covers, so that the slider does not have to wait."""
        if not self._is_preloading:
            self._preload_next()

    def discard(self, photo_list: PhotoList) -> None:
        """Free a list that is no longer shown, in a job where it is long."""
        if len(photo_list.photos) >= FREE_CHUNK_SIZE:
            self._jobs.start(lambda _: _free(photo_list), lambda _value, _error: None, Priority.LOW)

    def _preload_next(self, *_: object) -> None:
        """Load one level after the other: all at once they would slow the window down."""
        levels = sorted(LEVELS, key=lambda level: abs(level - self.clusters.level))
        unknown = [
            level
            for level in levels
            if level not in self._tried_levels and not self.clusters.is_complete(level)
        ]
        self._is_preloading = bool(unknown)
        if unknown:
            self._tried_levels.add(unknown[0])
            work = partial(_load_level, self.clusters, unknown[0])
            self._jobs.start(work, self._preload_next, Priority.LOW)
        else:
            self._tried_levels.clear()

    def _sort_query(self, place: Place) -> Query | None:
        is_ranked = (
            self.shown_order is SortOrder.SIMILARITY and place.shows_photos and not place.has_own_order
        )
        return self.anchor if is_ranked else None

    def _can_load_newest(self, place: Place) -> bool:
        newest_first = self.order is SortOrder.DATE and self.descending
        is_by_date = newest_first and self.group_by in (GroupBy.NONE, GroupBy.DAY)
        return is_by_date and place.view is View.ALL and not self.view_filter.is_active

    def _load_newest(self, request_id: int, place: Place, done: Done) -> None:
        request = self._request(place)

        def handle_newest(contents: PlaceContents | None, _: Exception | None) -> None:
            if request_id != self._request_id:
                return
            if contents is None:
                load_all()
                return
            done(contents, None)
            QTimer.singleShot(_THUMBNAILS_FIRST_MS, load_all)

        def load_all() -> None:
            if request_id == self._request_id:
                self._start(request_id, place, done)

        work = partial(_newest_contents, self._library, request)
        self._job = self._jobs.start(work, handle_newest, Priority.HIGH)

    def _start(self, request_id: int, place: Place, done: Done, results: Results | None = None) -> None:
        request = self._request(place, results)

        def finish(contents: PlaceContents | None, error: Exception | None) -> None:
            if request_id == self._request_id:
                self.has_loaded = True
                done(contents, error)

        work = partial(_contents_with_diff, self._library, self.clusters, request, self._current)
        self._job = self._jobs.start(work, finish, Priority.HIGH)

    def _request(self, place: Place, results: Results | None = None) -> _Request:
        return _Request(
            place,
            self.shown_order,
            self.descending,
            self.group_by,
            results or Results(),
            self.anchor.photo if self.anchor is not None else None,
            self.unfolded,
            self.view_filter,
            self.stacks,
            self._source,
        )


@dataclass(frozen=True, slots=True)
class _Request:
    place: Place
    order: SortOrder
    descending: bool
    group_by: GroupBy
    results: Results
    anchor: Photo | None
    unfolded: bool
    view_filter: ViewFilter
    stacks: StackCache
    source: PhotoSource


def _contents_with_diff(
    library: Library,
    clusters: ClusterCache,
    request: _Request,
    current: PhotoList | None,
    cancel: CancelToken,
) -> PlaceContents:
    with gc_paused():
        contents = _load_contents(library, clusters, request, cancel)
        if current is not None and contents.photos.photos:
            contents = replace(contents, diff=diff_lists(current, contents.photos))
        if cancel.is_cancelled:
            _free(contents.photos)
        return contents


def _load_contents(
    library: Library, clusters: ClusterCache, request: _Request, cancel: CancelToken
) -> PlaceContents:
    place, view_filter = request.place, request.view_filter
    if place.view is View.UNREADABLE:
        files = library.unreadable()
        matching = tuple(view_filter.filter_unreadable(library, files))
        return PlaceContents(unreadable=matching, total=len(files), scope=FilterScope(groups=()))
    if place.view in (View.CLUSTERS, View.HIDDEN):
        return _level_contents(library, clusters.load(clusters.level), place.view, view_filter)
    if place.view is View.EVENTS:
        return _event_contents(library, view_filter)
    if place.has_own_order:
        return _contents_in_own_order(library, request, cancel)
    photos, total, scope = _photos_of(library, clusters, request)
    cancel.check()
    similarities: Mapping[int, float] | None = None
    grouper = None
    if request.order is SortOrder.SIMILARITY:
        similarities = {row.photo.file_id: row.similarity for row in request.results.rows}
        if request.anchor is not None:
            similarities[request.anchor.file_id] = 1.0
    elif request.order is SortOrder.BEST_MATCH:
        similarities = library.finder.object_scores(view_filter.photo_filter)
    else:
        if request.order is SortOrder.UNIQUENESS:
            uniqueness = library.uniqueness.of_all(cancel.check)
            order = uniqueness.order(hubs=not request.descending)
            similarities = ScoreTable(uniqueness.file_ids[order], np.linspace(1, 0, len(order)))
        by_cluster = request.group_by is GroupBy.CLUSTER
        groups = [cluster for cluster, _ in clusters.load(clusters.level).clusters] if by_cluster else ()
        grouper = make_grouper(request.group_by, groups, request.order, descending=request.descending)
    stacked = request.stacks.load().collapse(photos)
    photo_list = sorted_list(
        stacked.photos, request.order, similarities, grouper, descending=request.descending
    )
    return PlaceContents(photos=photo_list.with_stacks(stacked), total=total, scope=scope)


def _contents_in_own_order(library: Library, request: _Request, cancel: CancelToken) -> PlaceContents:
    place, view_filter = request.place, request.view_filter
    if place.is_search and place.search is not None:
        return _search_contents(request, place.search)
    if place.view in (View.OVER_TIME, View.WALK) and place.search is not None:
        photo_list = _columns(library, request, place.search, cancel)
        scope = FilterScope(groups=(tuple(photo_list.file_ids),))
        return PlaceContents(photo_list, total=len(photo_list.photos), scope=scope)
    photos = request.source.by_id(view_filter, place.file_ids)
    total = len(photos) if not view_filter.is_active else len(library.photos_by_id(place.file_ids))
    return PlaceContents(make_list(photos), total=total, scope=FilterScope(groups=(place.file_ids,)))


def _photos_of(
    library: Library, clusters: ClusterCache, request: _Request
) -> tuple[Sequence[Photo], int, FilterScope]:
    """The matching photos of a place, the number of its photos, and what the filter applies to."""
    place, view_filter = request.place, request.view_filter
    if place.view in (View.CLUSTER, View.EVENT) and place.cluster is not None:
        file_ids = place.cluster.file_ids
    elif place.view is View.COLLECTION and place.collection is not None:
        file_ids = tuple(library.collections.file_ids(place.collection, view_filter.offline))
    elif place.view is View.UNGROUPED:
        file_ids = clusters.load(clusters.level).ungrouped
    else:
        table, total = request.source.of_folder(view_filter, place.folder)
        return table, total, FilterScope(folder=place.folder)
    photos = request.source.by_id(view_filter, file_ids)
    total = len(file_ids) if view_filter.is_active else len(photos)
    return photos, total, FilterScope(groups=(file_ids,))


def _columns(library: Library, request: _Request, query: Query, cancel: CancelToken) -> PhotoList:
    """The photos most like the one of the query by periods, or on the walk between its two."""
    within = request.view_filter.matching_photos(library)
    cancel.check()
    model, photos = library.model, [image.photo for image in query.images if image.photo is not None]
    if request.place.view is View.OVER_TIME:
        return list_over_time(library.over_time.of_photo(photos[0].file_id, within), model)
    return list_walk(library.walks.between(photos[0], photos[1], within, cancel.check), model)


def _search_contents(request: _Request, query: Query) -> PlaceContents:
    """The results of a search, which ranks all photos that match the filter."""
    results = list_results(request.results, query.least, unfolded=request.unfolded)
    total = len(results.photos.photos) + results.photos.hidden
    return PlaceContents(photos=results.photos, total=total, results=results)


def _newest_contents(library: Library, request: _Request, cancel: CancelToken) -> PlaceContents | None:
    """The newest photos; None where there are so few photos that loading all takes no longer."""
    cancel.check()
    photos = library.newest_photos(_FIRST_COUNT)
    if len(photos) < _FIRST_COUNT:
        return None
    stacked = request.stacks.load().of_part(photos)
    photo_list = sorted_list(stacked.photos, request.order, None, make_grouper(request.group_by))
    return PlaceContents(photo_list.with_stacks(stacked), is_partial=True)


def _level_contents(
    library: Library, level: ClusterLevel, view: View, view_filter: ViewFilter
) -> PlaceContents:
    is_hidden = view is View.HIDDEN
    clusters = level.hidden if is_hidden else level.clusters
    shown, counts = view_filter.filter_clusters(library, clusters)
    filtered = replace(level, hidden=shown) if is_hidden else replace(level, clusters=shown)
    groups = tuple(cluster.file_ids for cluster, _ in clusters)
    return PlaceContents(
        clusters=filtered, total=len(clusters), matching_counts=counts, scope=FilterScope(groups=groups)
    )


def _event_contents(library: Library, view_filter: ViewFilter) -> PlaceContents:
    events = library.events.all()
    covers = library.lazy_photos([event.medoid_id for event in events])
    covered = tuple((event, covers[event.medoid_id]) for event in events if event.medoid_id in covers)
    shown, counts = view_filter.filter_clusters(library, covered)
    scope = FilterScope(groups=tuple(event.file_ids for event, _ in covered))
    return PlaceContents(
        clusters=ClusterLevel(shown), total=len(covered), matching_counts=counts, scope=scope
    )


def _load_level(clusters: ClusterCache, level: int, cancel: CancelToken) -> None:
    cancel.check()
    with gc_paused():
        clusters.load(level)
        clusters.read_covers(level, cancel.check)


def _free(photo_list: PhotoList) -> None:
    photo_list.photos.free_in_steps()
