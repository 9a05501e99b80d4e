"""Takes the person from place to place, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.history import History
from photosim.gui.state.places import Place, Query, View, search_name
from photosim.records import Cluster, Photo


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
    def here(self) -> Place:
        """The present place."""
        return self._history.here

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
        self.place_changed.emit(self.here, None)

    def go(self, place: Place, anchor: Query | None = None) -> None:
        """Go to a place; without a query of its own the photo in question stays."""
        if not place.same_view(self.here):
            self.place_about_to_change.emit()
        self._by_keyboard = False
        self._history.go(place if place.selected is not None else place.with_selected(self.here.selected))
        self.place_changed.emit(self.here, anchor)

    def select(self, photo: Photo, by_keyboard: bool) -> None:
        """Ask about a photo of the present view. A run of key presses is one step of the history."""
        place = self.here.with_selected(Query.of(photo))
        if by_keyboard and self._by_keyboard:
            self._history.replace(place)
        else:
            self._history.go(place)
        self._by_keyboard = by_keyboard
        self.place_changed.emit(self.here, None)

    def follow(self, photo: Photo) -> None:
        """Ask about a photo that was found by likeness: from now on likeness is measured from it."""
        query = Query.of(photo)
        self.go(self.here.with_selected(query), query)

    def find_similar(self, query: Query) -> None:
        """Show what looks like the query in the centre."""
        self.go(Place(View.SIMILAR, search=query, selected=query), query)

    def refine(self, before: Query | None, query: Query) -> None:
        """Ask another question in the place of one, wherever that is shown."""
        if self.here.view is View.SIMILAR and before == self.here.search:
            self.find_similar(query)
        else:
            self.go(self.here.with_selected(query), query)

    def open_cluster(self, cluster: Cluster) -> None:
        """Show the photos of a cluster."""
        self.go(Place(View.CLUSTER, cluster=cluster))

    @property
    def opened_clusters(self) -> set[Cluster]:
        """The clusters of all places that were visited."""
        return {place.cluster for place in self._history.places if place.cluster is not None}

    def follow_clusters(self, now: Mapping[Cluster, Cluster | None]) -> bool:
        """Clusters have become others, or none; returns whether the present place is another one by that."""
        here = self.here

        def followed(place: Place) -> Place:
            if place.cluster is None or place.cluster not in now:
                return place
            cluster = now[place.cluster]
            return (
                replace(place, cluster=cluster) if cluster else Place(View.CLUSTERS, selected=place.selected)
            )

        self._history.amend(followed)
        if self.here == here:
            return False
        self.place_changed.emit(self.here, None)
        return True

    def renew(self, change: Callable[[Query], Query | None]) -> None:
        """Photos were moved or are gone: ask what `change` makes of each question; None: it has no sense any more."""
        here = self.here

        def renewed(place: Place) -> Place:
            query, like = (one and change(one) for one in (place.selected, place.search))
            if place.view is View.SIMILAR and like is None:
                return Place(View.ALL, selected=query)
            return replace(place, selected=query, search=like)

        self._history.amend(renewed)
        if self.here != here:
            self.place_changed.emit(self.here, None)

    def forget_query(self) -> None:
        """Stop asking about a photo: it may no longer be in the library."""
        self._history.replace(self.here.with_selected(None))
        self.place_changed.emit(self.here, None)

    def back(self) -> None:
        """Go one place back."""
        self._by_keyboard = False
        self.place_changed.emit(self._history.back(), self.here.selected)

    def forward(self) -> None:
        """Go one place forward."""
        self._by_keyboard = False
        self.place_changed.emit(self._history.forward(), self.here.selected)

    def title(self) -> tuple[str, str]:
        """The present place's name, and the name of what it is part of, if anything."""
        place = self.here
        if place.view is View.FOLDER and place.folder is not None:
            return formatting.name(place.folder), ""
        if place.view is View.CLUSTER and place.cluster is not None:
            number = tr("Cluster {number}").format(number=place.cluster.id)
            return place.cluster.title or number, tr("Clusters")
        if place.view is View.SIMILAR and place.search is not None:
            return search_name(place.search), ""
        if place.view is View.HIDDEN:
            return tr("Hidden clusters"), tr("Clusters")
        return {
            View.CLUSTERS: tr("Clusters"),
            View.LOOSE: tr("In no cluster"),
            View.UNREADABLE: tr("Unreadable files"),
        }.get(place.view, tr("All photos")), ""
