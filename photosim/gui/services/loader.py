"""Puts together in jobs what a place shows, and drops what is no longer asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from photosim.gui.base.gc_pause import FREE_CHUNK_SIZE, free_in_steps
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.cluster_cache import LEVELS, ClusterCache, ClusterLevel
from photosim.gui.services.similarity import Matches, SimilarityService
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.list_diff import ListDiff, diff_lists
from photosim.gui.state.listing import PhotoList, ranked_list, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, View
from photosim.gui.state.view_filter import ViewFilter
from photosim.library.filters import FilterScope
from photosim.ml.closeness import BAND_THRESHOLDS, SimilarityBand
from photosim.records import UnreadableFile
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library.library import Library

_RANKED = 2000
"""Photos ranked by likeness when a whole view is sorted by it; the others follow by name."""

_FIRST = 500
"""Photos that come ahead of all others: some screens full."""

_FIRST_LOOK_MS = 400
"""How long the thumbnails of these have the computer to themselves."""


@dataclass(frozen=True, slots=True)
class PlaceContents:
    """What a place holds that fits the filter: one of the first three, by its view."""

    photos: PhotoList = field(default_factory=PhotoList)
    clusters: ClusterLevel = field(default_factory=ClusterLevel)
    unreadable: tuple[UnreadableFile, ...] = ()
    total: int = 0
    """How many there are with those that the filter leaves out."""
    matching_counts: Mapping[int, int] = field(default_factory=dict)
    """How many photos of a cluster fit the filter, by the cluster's id."""
    scope: FilterScope = field(default_factory=FilterScope)
    """The photos that the filter chooses from."""
    diff: ListDiff | None = None
    """How the list that was shown becomes this one, where few rows have changed."""
    is_partial: bool = False
    """These are the first photos of the place only; all of them come next."""


Done = Callable[[PlaceContents | None, Exception | None], None]


class PlaceLoader:
    """Loads one place at a time; a new request drops the one before."""

    def __init__(
        self, library: Library, jobs: Jobs, likeness: SimilarityService, shelf: ClusterCache
    ) -> None:
        self._library, self._jobs, self._likeness = library, jobs, likeness
        self.clusters = shelf
        self.order = SortOrder.DATE
        self.group_by = GroupBy.NONE
        self.anchor: Query | None = None
        self.threshold = BAND_THRESHOLDS[SimilarityBand.SIMILAR]
        self.view_filter = ViewFilter()
        self._request = 0
        self._job: int | None = None
        self._shown: PhotoList | None = None
        self._preparing = False
        self._tried: set[int] = set()  # levels that cannot be had are not asked for again and again
        self.has_loaded = False

    def load(
        self, place: Place, done: Done, *, newest_first: bool = False, current: PhotoList | None = None
    ) -> None:
        """Put together what a place holds and give it to `done` in the window's thread.

        With `first` the photos that stand first in a large library come ahead of all, in an answer of their own.
        `shown` is what is shown of the place already.
        """
        self._jobs.cancel(self._job)
        self._request += 1
        self.has_loaded = False
        self._shown = current
        request = self._request
        query = place.search if place.view is View.SIMILAR else self._sorted_by(place)
        if query is None and newest_first and self._has_quick_start(place):
            self._start_with_newest(request, place, done)
            return
        if query is None:
            self._start(request, place, done, [])
            return
        similar, view_filter = place.view is View.SIMILAR, self.view_filter
        count = _RANKED // 4 if similar else _RANKED

        def matched(matches: Matches | None, error: Exception | None) -> None:
            if request != self._request:
                return
            itself = [(query.photo, 1.0)] if query.photo is not None else []
            if error is not None and similar:
                self.has_loaded = True
                done(None, error)
            elif similar and view_filter.is_active:
                # Those that fit need not be among the nearest of all; these are what the filter counts.
                fitted = partial(found, [*itself, *(matches or [])])
                self._job = self._likeness.search(query, fitted, count, view_filter)
            else:
                self._start(request, place, done, [*itself, *(matches or [])])

        def found(nearest: Matches, fitting: Matches | None, _: Exception | None) -> None:
            if request == self._request:
                self._start(request, place, done, nearest, fitting or [])

        self._job = self._likeness.search(query, matched, count, None if similar else view_filter)

    def contents_of_level(self, shelf: ClusterLevel, view: View) -> PlaceContents:
        """What a place of clusters holds when its level is known and there is no filter."""
        return _of_shelf(self._library, shelf, view, ViewFilter())

    def preload_levels(self) -> None:
        """Get the clusters of the other levels, the nearest first, so that the slider need not wait for them."""
        if not self._preparing:
            self._prepare_next()

    def _prepare_next(self, *_: object) -> None:
        """One level after the other: all at once they leave the window little of the computer."""
        levels = sorted(LEVELS, key=lambda one: abs(one - self.clusters.level))
        unknown = [
            level for level in levels if self.clusters.cached(level) is None and level not in self._tried
        ]
        self._preparing = bool(unknown)
        if unknown:
            self._tried.add(unknown[0])
            self._jobs.start(partial(_take, self.clusters, unknown[0]), self._prepare_next, Priority.LOW)
        else:
            self._tried.clear()

    def discard(self, listing: PhotoList) -> None:
        """Free photos that are no longer shown, without holding up the window."""
        if len(listing.photos) >= FREE_CHUNK_SIZE:
            self._jobs.start(lambda _: _free(listing), _nothing, Priority.LOW)

    # --- helpers -----------------------------------------------------------------------------------------

    def _sorted_by(self, place: Place) -> Query | None:
        return self.anchor if self.order is SortOrder.SIMILARITY and place.shows_photos else None

    def _has_quick_start(self, place: Place) -> bool:
        in_order = self.order is SortOrder.DATE and self.group_by in (GroupBy.NONE, GroupBy.DAY)
        return in_order and place.view is View.ALL and not self.view_filter.is_active

    def _start_with_newest(self, request: int, place: Place, done: Done) -> None:
        asked = _Request(place, self.order, self.group_by, [], self.threshold, self.view_filter)
        work = partial(_newest, self._library, asked)

        def came(contents: PlaceContents | None, _: Exception | None) -> None:
            if request != self._request:
                return
            if contents is None:
                rest()
                return
            done(contents, None)
            # The pictures of the first ones go before the rest of the list.
            QTimer.singleShot(_FIRST_LOOK_MS, rest)

        def rest() -> None:
            if request == self._request:
                self._start(request, place, done, [])

        self._job = self._jobs.start(work, came, Priority.HIGH)

    def _start(
        self,
        request: int,
        place: Place,
        done: Done,
        matches: Matches,
        fitting: Matches | None = None,
    ) -> None:
        asked = _Request(
            *(place, self.order, self.group_by, matches, self.threshold, self.view_filter, fitting)
        )
        work = partial(_contents, self._library, self.clusters, asked, self._shown)

        def loaded(contents: PlaceContents | None, error: Exception | None) -> None:
            if request == self._request:
                self.has_loaded = True
                done(contents, error)

        self._job = self._jobs.start(work, loaded, Priority.HIGH)


@dataclass(frozen=True, slots=True)
class _Request:
    place: Place
    order: SortOrder
    headings: GroupBy
    matches: Matches
    threshold: float
    narrowing: ViewFilter
    fitting: Matches | None = None
    """The matches that fit the filter, where there is one."""


def _contents(
    library: Library, shelf: ClusterCache, request: _Request, shown: PhotoList | None, cancel: CancelToken
) -> PlaceContents:
    with gc_paused():
        contents = _put_together(library, shelf, request, cancel)
        if shown is not None and contents.photos.file_ids:
            contents = replace(contents, diff=diff_lists(shown, contents.photos))
        if cancel.cancelled:
            _free(contents.photos)
        return contents


def _put_together(
    library: Library, shelf: ClusterCache, request: _Request, cancel: CancelToken
) -> PlaceContents:
    place, narrowing = request.place, request.narrowing
    if place.view is View.UNREADABLE:
        files = library.unreadable()
        kept = tuple(narrowing.filter_unreadable(library, files))
        return PlaceContents(unreadable=kept, total=len(files), scope=FilterScope(groups=()))
    if place.view in (View.CLUSTERS, View.HIDDEN):
        return _of_shelf(library, shelf.load(shelf.level), place.view, narrowing)
    if place.view is View.SIMILAR:
        matches = [match for match in _others(place, request.matches) if match[1] >= request.threshold]
        fitting = matches
        if request.fitting is not None:
            fitting = [match for match in _others(place, request.fitting) if match[1] >= request.threshold]
        listing = ranked_list(fitting, request.threshold)
        there = tuple(dict.fromkeys(photo.file_id for photo, _ in (*matches, *fitting)))
        return PlaceContents(photos=listing, total=len(there), scope=FilterScope(groups=(there,)))
    if place.view is View.CLUSTER and place.cluster is not None:
        photos, total = narrowing.photos_by_id(library, place.cluster.file_ids), place.cluster.size
        scope = FilterScope(groups=(place.cluster.file_ids,))
    elif place.view is View.UNGROUPED:
        loose = shelf.load(shelf.level).ungrouped
        photos, total = narrowing.photos_by_id(library, loose), len(loose)
        scope = FilterScope(groups=(loose,))
    else:
        photos, total = narrowing.photos_of_source(library, place.folder)
        scope = FilterScope(source=place.folder)
    cancel.check()
    by_cluster = request.headings is GroupBy.CLUSTER
    similarities = groups = None
    if request.order is SortOrder.SIMILARITY:
        similarities = {photo.file_id: similarity for photo, similarity in request.matches}
    else:
        clusters = [one for one, _ in shelf.load(shelf.level).clusters] if by_cluster else ()
        groups = make_grouper(request.headings, clusters)
    listing = sorted_list(photos, request.order, similarities, groups)
    return PlaceContents(photos=listing, total=total, scope=scope)


def _free(listing: PhotoList) -> None:
    free_in_steps(listing.photos, listing.file_ids, listing.id_set)


def _newest(library: Library, request: _Request, cancel: CancelToken) -> PlaceContents | None:
    """The first screens of all photos by date; None where reading all of them takes no longer."""
    cancel.check()
    photos = library.newest_photos(_FIRST)
    if len(photos) < _FIRST:
        return None
    return PlaceContents(
        sorted_list(photos, request.order, None, make_grouper(request.headings, ())), is_partial=True
    )


def _of_shelf(library: Library, shelf: ClusterLevel, view: View, narrowing: ViewFilter) -> PlaceContents:
    hidden = view is View.HIDDEN
    there = shelf.hidden if hidden else shelf.clusters
    shown, fitting = narrowing.filter_clusters(library, there)
    narrowed = replace(shelf, hidden=shown) if hidden else replace(shelf, clusters=shown)
    groups = tuple(cluster.file_ids for cluster, _ in there)
    return PlaceContents(
        clusters=narrowed, total=len(there), matching_counts=fitting, scope=FilterScope(groups=groups)
    )


def _take(shelf: ClusterCache, level: int, cancel: CancelToken) -> None:
    cancel.check()
    with gc_paused():
        shelf.load(level)


def _others(place: Place, matches: Matches) -> Matches:
    """The matches without the photo in question, which is shown beside them."""
    photo = place.search.photo if place.search is not None else None
    return [match for match in matches if photo is None or match[0].file_id != photo.file_id]


def _nothing(value: object, error: Exception | None) -> None:
    """Nobody waits for what was let go."""
