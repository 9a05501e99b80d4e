"""Takes the person from place to place, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.places import Place, Query, View, search_name
from photosim.records import Cluster, Photo

T = TypeVar("T")


DEPTH = 200
"""Places remembered: more than anyone goes back, little enough to hold their photos in memory."""


class History(Generic[T]):
    """A line of places with one of them the present; places are compared by value."""

    def __init__(self, start: T) -> None:
        self._places = [start]
        self._at = 0

    @property
    def current(self) -> T:
        """The present place."""
        return self._places[self._at]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before this one."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether a place was left by going back."""
        return self._at < len(self._places) - 1

    def push(self, place: T) -> None:
        """Visit a place; what lay ahead is forgotten. The present place again changes nothing."""
        if place == self.current:
            return
        self._places[self._at + 1 :] = [place]
        del self._places[:-DEPTH]
        self._at = len(self._places) - 1

    def replace(self, place: T) -> None:
        """Put another place where we are, as if the present one had not been visited."""
        self._places[self._at] = place

    @property
    def entries(self) -> tuple[T, ...]:
        """All places that were visited, the first one first."""
        return tuple(self._places)

    def map(self, change: Callable[[T], T]) -> None:
        """Put for each place what `change` makes of it."""
        self._places = [change(place) for place in self._places]

    def back(self) -> T:
        """Go one place back, if there is one."""
        self._at = max(self._at - 1, 0)
        return self.current

    def forward(self) -> T:
        """Go one place forward, if there is one."""
        self._at = min(self._at + 1, len(self._places) - 1)
        return self.current


class Navigator(QObject):
    """Knows where the window is; the window shows it."""

    place_changed = Signal(Place, object)
    """The window is to show this place. The object is the Query that likeness is measured from now, or None."""

    place_about_to_change = Signal()
    """The window is about to go to another view: what lies over the present one must leave first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history: History[Place] = History(Place())
        self._by_keyboard = False

    @property
    def current(self) -> Place:
        """The present place."""
        return self._history.current

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place to go back to."""
        return self._history.can_go_back

    @property
    def can_go_forward(self) -> bool:
        """Whether a place was left by going back."""
        return self._history.can_go_forward

    def start(self) -> None:
        """Show the first place."""
        self.place_changed.emit(self.current, None)

    def go(self, place: Place, anchor: Query | None = None) -> None:
        """Go to a place; without a query of its own the photo in question stays."""
        if not place.is_same_view(self.current):
            self.place_about_to_change.emit()
        self._by_keyboard = False
        self._history.push(
            place if place.selected is not None else place.with_selected(self.current.selected)
        )
        self.place_changed.emit(self.current, anchor)

    def select(self, photo: Photo, by_keyboard: bool) -> None:
        """Ask about a photo of the present view. A run of key presses is one step of the history."""
        place = self.current.with_selected(Query.of_photos(photo))
        if by_keyboard and self._by_keyboard:
            self._history.replace(place)
        else:
            self._history.push(place)
        self._by_keyboard = by_keyboard
        self.place_changed.emit(self.current, None)

    def select_similar(self, photo: Photo) -> None:
        """Ask about a photo that was found by likeness: from now on likeness is measured from it."""
        query = Query.of_photos(photo)
        self.go(self.current.with_selected(query), query)

    def find_similar(self, query: Query) -> None:
        """Show what looks like the query in the centre."""
        self.go(Place(View.SIMILAR, search=query, selected=query), query)

    def replace_query(self, before: Query | None, query: Query) -> None:
        """Ask another question in the place of one, wherever that is shown."""
        if self.current.view is View.SIMILAR and before == self.current.search:
            self.find_similar(query)
        else:
            self.go(self.current.with_selected(query), query)

    def open_cluster(self, cluster: Cluster) -> None:
        """Show the photos of a cluster."""
        self.go(Place(View.CLUSTER, cluster=cluster))

    @property
    def visited_clusters(self) -> set[Cluster]:
        """The clusters of all places that were visited."""
        return {place.cluster for place in self._history.entries if place.cluster is not None}

    def replace_clusters(self, now: Mapping[Cluster, Cluster | None]) -> bool:
        """Clusters have become others, or none; returns whether the present place is another one by that."""
        here = self.current

        def followed(place: Place) -> Place:
            if place.cluster is None or place.cluster not in now:
                return place
            cluster = now[place.cluster]
            return (
                replace(place, cluster=cluster) if cluster else Place(View.CLUSTERS, selected=place.selected)
            )

        self._history.map(followed)
        if self.current == here:
            return False
        self.place_changed.emit(self.current, None)
        return True

    def update_queries(self, change: Callable[[Query], Query | None]) -> None:
        """Photos were moved or are gone: ask what `change` makes of each question; None: it has no sense any more."""
        here = self.current

        def renewed(place: Place) -> Place:
            query, like = (one and change(one) for one in (place.selected, place.search))
            if place.view is View.SIMILAR and like is None:
                return Place(View.ALL, selected=query)
            return replace(place, selected=query, search=like)

        self._history.map(renewed)
        if self.current != here:
            self.place_changed.emit(self.current, None)

    def clear_selection(self) -> None:
        """Stop asking about a photo: it may no longer be in the library."""
        self._history.replace(self.current.with_selected(None))
        self.place_changed.emit(self.current, None)

    def back(self) -> None:
        """Go one place back."""
        self._by_keyboard = False
        self.place_changed.emit(self._history.back(), self.current.selected)

    def forward(self) -> None:
        """Go one place forward."""
        self._by_keyboard = False
        self.place_changed.emit(self._history.forward(), self.current.selected)

    def title(self) -> tuple[str, str]:
        """The present place's name, and the name of what it is part of, if anything."""
        place = self.current
        if place.view is View.FOLDER and place.folder is not None:
            return formatting.display_name(place.folder), ""
        if place.view is View.CLUSTER and place.cluster is not None:
            number = tr("Cluster {number}").format(number=place.cluster.id)
            return place.cluster.title or number, tr("Clusters")
        if place.view is View.SIMILAR and place.search is not None:
            return search_name(place.search), ""
        if place.view is View.HIDDEN:
            return tr("Hidden clusters"), tr("Clusters")
        return {
            View.CLUSTERS: tr("Clusters"),
            View.UNGROUPED: tr("In no cluster"),
            View.UNREADABLE: tr("Unreadable files"),
        }.get(place.view, tr("All photos")), ""
