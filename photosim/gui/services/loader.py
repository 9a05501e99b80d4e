"""Puts together in jobs what a place shows, and drops what is no longer asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from photosim.gui.base.gc_pause import FREED, let_go, uncollected
from photosim.gui.base.jobs import LATER, SOON, Cancel, Jobs
from photosim.gui.services.cluster_cache import LEVELS, ClusterShelf, Shelf
from photosim.gui.services.similarity import Likeness, Matches
from photosim.gui.state.grouping import Headings, grouping
from photosim.gui.state.list_diff import RowChanges, row_changes
from photosim.gui.state.listing import Listing, by_closeness, by_order
from photosim.gui.state.ordering import Order
from photosim.gui.state.places import Place, Query, View
from photosim.gui.state.view_filter import Narrowing
from photosim.library.filters import Scope
from photosim.ml.closeness import LOWEST, Closeness
from photosim.records import Unreadable

if TYPE_CHECKING:
    from photosim.library.library import Library

_RANKED = 2000
"""Photos ranked by likeness when a whole view is sorted by it; the others follow by name."""

_FIRST = 500
"""Photos that come ahead of all others: some screens full."""

_FIRST_LOOK_MS = 400
"""How long the thumbnails of these have the computer to themselves."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a place holds that fits the filter: one of the first three, by its view."""

    listing: Listing = field(default_factory=Listing)
    shelf: Shelf = field(default_factory=Shelf)
    unreadable: tuple[Unreadable, ...] = ()
    total: int = 0
    """How many there are with those that the filter leaves out."""
    fitting: Mapping[int, int] = field(default_factory=dict)
    """How many photos of a cluster fit the filter, by the cluster's id."""
    scope: Scope = field(default_factory=Scope)
    """The photos that the filter chooses from."""
    changes: RowChanges | None = None
    """How the list that was shown becomes this one, where few rows have changed."""
    more_follow: bool = False
    """These are the first photos of the place only; all of them come next."""


Done = Callable[[Contents | None, Exception | None], None]


class Loader:
    """Loads one place at a time; a new request drops the one before."""

    def __init__(self, library: Library, jobs: Jobs, likeness: Likeness, shelf: ClusterShelf) -> None:
        self._library, self._jobs, self._likeness = library, jobs, likeness
        self.shelf = shelf
        self.order = Order.DATE
        self.headings = Headings.NONE
        self.anchor: Query | None = None
        self.threshold = LOWEST[Closeness.SIMILAR]
        self.narrowing = Narrowing()
        self._request = 0
        self._job: int | None = None
        self._shown: Listing | None = None
        self._preparing = False
        self._tried: set[int] = set()  # levels that cannot be had are not asked for again and again
        self.has_loaded = False

    def load(self, place: Place, done: Done, *, first: bool = False, shown: Listing | None = None) -> None:
        """Put together what a place holds and give it to `done` in the window's thread.

        With `first` the photos that stand first in a large library come ahead of all, in an answer of their own.
        `shown` is what is shown of the place already.
        """
        self._jobs.cancel(self._job)
        self._request += 1
        self.has_loaded = False
        self._shown = shown
        request = self._request
        query = place.like if place.view is View.SIMILAR else self._sorted_by(place)
        if query is None and first and self._has_quick_start(place):
            self._start_with_newest(request, place, done)
            return
        if query is None:
            self._start(request, place, done, [])
            return
        similar, narrowing = place.view is View.SIMILAR, self.narrowing
        count = _RANKED // 4 if similar else _RANKED

        def matched(matches: Matches | None, error: Exception | None) -> None:
            if request != self._request:
                return
            itself = [(query.photo, 1.0)] if query.photo is not None else []
            if error is not None and similar:
                self.has_loaded = True
                done(None, error)
            elif similar and narrowing.is_active:
                # Those that fit need not be among the nearest of all; these are what the filter counts.
                fitted = partial(found, [*itself, *(matches or [])])
                self._job = self._likeness.ask(query, fitted, count, narrowing)
            else:
                self._start(request, place, done, [*itself, *(matches or [])])

        def found(nearest: Matches, fitting: Matches | None, _: Exception | None) -> None:
            if request == self._request:
                self._start(request, place, done, nearest, fitting or [])

        self._job = self._likeness.ask(query, matched, count, None if similar else narrowing)

    def of_shelf(self, shelf: Shelf, view: View) -> Contents:
        """What a place of clusters holds when its level is known and there is no filter."""
        return _of_shelf(self._library, shelf, view, Narrowing())

    def prepare_levels(self) -> None:
        """Get the clusters of the other levels, the nearest first, so that the slider need not wait for them."""
        if not self._preparing:
            self._prepare_next()

    def _prepare_next(self, *_: object) -> None:
        """One level after the other: all at once they leave the window little of the computer."""
        levels = sorted(LEVELS, key=lambda one: abs(one - self.shelf.level))
        unknown = [level for level in levels if self.shelf.at(level) is None and level not in self._tried]
        self._preparing = bool(unknown)
        if unknown:
            self._tried.add(unknown[0])
            self._jobs.start(partial(_take, self.shelf, unknown[0]), self._prepare_next, LATER)
        else:
            self._tried.clear()

    def discard(self, listing: Listing) -> None:
        """Free photos that are no longer shown, without holding up the window."""
        if len(listing.photos) >= FREED:
            self._jobs.start(lambda _: _free(listing), _nothing, LATER)

    # --- helpers -----------------------------------------------------------------------------------------

    def _sorted_by(self, place: Place) -> Query | None:
        return self.anchor if self.order is Order.SIMILARITY and place.shows_photos else None

    def _has_quick_start(self, place: Place) -> bool:
        in_order = self.order is Order.DATE and self.headings in (Headings.NONE, Headings.DAY)
        return in_order and place.view is View.ALL and not self.narrowing.is_active

    def _start_with_newest(self, request: int, place: Place, done: Done) -> None:
        asked = _Request(place, self.order, self.headings, [], self.threshold, self.narrowing)
        work = partial(_newest, self._library, asked)

        def came(contents: Contents | None, _: Exception | None) -> None:
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

        self._job = self._jobs.start(work, came, SOON)

    def _start(
        self,
        request: int,
        place: Place,
        done: Done,
        matches: Matches,
        fitting: Matches | None = None,
    ) -> None:
        asked = _Request(
            *(place, self.order, self.headings, matches, self.threshold, self.narrowing, fitting)
        )
        work = partial(_contents, self._library, self.shelf, asked, self._shown)

        def loaded(contents: Contents | None, error: Exception | None) -> None:
            if request == self._request:
                self.has_loaded = True
                done(contents, error)

        self._job = self._jobs.start(work, loaded, SOON)


@dataclass(frozen=True, slots=True)
class _Request:
    place: Place
    order: Order
    headings: Headings
    matches: Matches
    threshold: float
    narrowing: Narrowing
    fitting: Matches | None = None
    """The matches that fit the filter, where there is one."""


def _contents(
    library: Library, shelf: ClusterShelf, request: _Request, shown: Listing | None, cancel: Cancel
) -> Contents:
    with uncollected():
        contents = _put_together(library, shelf, request, cancel)
        if shown is not None and contents.listing.file_ids:
            contents = replace(contents, changes=row_changes(shown, contents.listing))
        if cancel.cancelled:
            _free(contents.listing)
        return contents


def _put_together(library: Library, shelf: ClusterShelf, request: _Request, cancel: Cancel) -> Contents:
    place, narrowing = request.place, request.narrowing
    if place.view is View.UNREADABLE:
        files = library.unreadable()
        kept = tuple(narrowing.of_unreadable(library, files))
        return Contents(unreadable=kept, total=len(files), scope=Scope(groups=()))
    if place.view in (View.CLUSTERS, View.HIDDEN):
        return _of_shelf(library, shelf.take(shelf.level), place.view, narrowing)
    if place.view is View.SIMILAR:
        matches = [match for match in _others(place, request.matches) if match[1] >= request.threshold]
        fitting = matches
        if request.fitting is not None:
            fitting = [match for match in _others(place, request.fitting) if match[1] >= request.threshold]
        listing = by_closeness(fitting, request.threshold)
        there = tuple(dict.fromkeys(photo.file_id for photo, _ in (*matches, *fitting)))
        return Contents(listing=listing, total=len(there), scope=Scope(groups=(there,)))
    if place.view is View.CLUSTER and place.cluster is not None:
        photos, total = narrowing.of_files(library, place.cluster.file_ids), place.cluster.size
        scope = Scope(groups=(place.cluster.file_ids,))
    elif place.view is View.LOOSE:
        loose = shelf.take(shelf.level).loose
        photos, total = narrowing.of_files(library, loose), len(loose)
        scope = Scope(groups=(loose,))
    else:
        photos, total = narrowing.of_source(library, place.folder)
        scope = Scope(source=place.folder)
    cancel.check()
    by_cluster = request.headings is Headings.CLUSTER
    similarities = groups = None
    if request.order is Order.SIMILARITY:
        similarities = {photo.file_id: similarity for photo, similarity in request.matches}
    else:
        clusters = [one for one, _ in shelf.take(shelf.level).clusters] if by_cluster else ()
        groups = grouping(request.headings, clusters)
    listing = by_order(photos, request.order, similarities, groups)
    return Contents(listing=listing, total=total, scope=scope)


def _free(listing: Listing) -> None:
    let_go(listing.photos, listing.file_ids, listing.known)


def _newest(library: Library, request: _Request, cancel: Cancel) -> Contents | None:
    """The first screens of all photos by date; None where reading all of them takes no longer."""
    cancel.check()
    photos = library.newest_photos(_FIRST)
    if len(photos) < _FIRST:
        return None
    return Contents(by_order(photos, request.order, None, grouping(request.headings, ())), more_follow=True)


def _of_shelf(library: Library, shelf: Shelf, view: View, narrowing: Narrowing) -> Contents:
    hidden = view is View.HIDDEN
    there = shelf.hidden if hidden else shelf.clusters
    shown, fitting = narrowing.of_clusters(library, there)
    narrowed = replace(shelf, hidden=shown) if hidden else replace(shelf, clusters=shown)
    groups = tuple(cluster.file_ids for cluster, _ in there)
    return Contents(shelf=narrowed, total=len(there), fitting=fitting, scope=Scope(groups=groups))


def _take(shelf: ClusterShelf, level: int, cancel: Cancel) -> None:
    cancel.check()
    with uncollected():
        shelf.take(level)


def _others(place: Place, matches: Matches) -> Matches:
    """The matches without the photo in question, which is shown beside them."""
    photo = place.like.photo if place.like is not None else None
    return [match for match in matches if photo is None or match[0].file_id != photo.file_id]


def _nothing(value: object, error: Exception | None) -> None:
    """Nobody waits for what was let go."""
