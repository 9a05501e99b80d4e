"""Moves between places, with a history for Back and Forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.translation import tr
from photosim.gui.state.places import Place, Query, View, search_name
from photosim.library.collections import Collection
from photosim.records import Cluster, Event, Photo

T = TypeVar("T")

MAX_ENTRIES = 200
"""More than anyone goes back, few enough to keep their photos in memory."""


class History(Generic[T]):
    """A list of visited entries, one of which is the current one; entries are compared by value."""

    def __init__(self, start: T) -> None:
        self._entries = [start]
        self._index = 0

    @property
    def current(self) -> T:
        """The current entry."""
        return self._entries[self._index]

    @property
    def can_go_back(self) -> bool:
        """Whether there is an entry before the current one."""
        return self._index > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is an entry after the current one."""
        return self._index < len(self._entries) - 1

    @property
    def entries(self) -> tuple[T, ...]:
        """All entries, the first one first."""
        return tuple(self._entries)

    def push(self, entry: T) -> None:
        """Add an entry after the current one, in place of those there, unless it equals the current one."""
        if entry == self.current:
            return
        self._entries[self._index + 1 :] = [entry]
        del self._entries[:-MAX_ENTRIES]
        self._index = len(self._entries) - 1

    def replace(self, entry: T) -> None:
        """Replace the current entry; where it becomes equal to the one before, there is only that one."""
        self._entries[self._index] = entry
        if self._index > 0 and self._entries[self._index - 1] == entry:
            del self._entries[self._index]
            self._index -= 1

    def map(self, function: Callable[[T], T]) -> None:
        """Replace every entry with what a function returns for it."""
        self._entries = [function(entry) for entry in self._entries]

    def back(self) -> T:
        """Go one entry back, if there is one, and return it."""
        self._index = max(self._index - 1, 0)
        return self.current

    def forward(self) -> T:
        """Go one entry forward, if there is one, and return it."""
        self._index = min(self._index + 1, len(self._entries) - 1)
        return self.current


class Navigator(QObject):
    """Holds the current place; the window shows it."""

    place_changed = Signal(Place, object)
    """The new place, and the Query that similarity is now measured from, or None."""

    place_about_to_change = Signal()
    """The view is about to change: whatever covers it has to close first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history: History[Place] = History(Place())

    @property
    def current(self) -> Place:
        """The current place."""
        return self._history.current

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place to go back to."""
        return self._history.can_go_back

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a place to go forward to."""
        return self._history.can_go_forward

    @property
    def visited_clusters(self) -> set[Cluster]:
        """The clusters of all places in the history."""
        clusters = (place.cluster for place in self._history.entries if place.view is View.CLUSTER)
        return {cluster for cluster in clusters if cluster is not None}

    def start(self) -> None:
        """Show the first place."""
        self.place_changed.emit(self.current, None)

    def go(self, place: Place, anchor: Query | None = None) -> None:
        """Go to a place; where its view is the current one, nothing changes but what is selected."""
        if not place.is_same_view(self.current):
            self._visit(place, anchor)
        elif place.selected is not None:
            self._replace(place, anchor)

    def select(self, photo: Photo, found: FoundObject | None = None) -> None:
        """Select a photo of the current view, or the object that was found in it; this is no entry of the history."""
        self._replace(self.current.with_selected(Query.of_object(photo, found)))

    def select_similar(self, photo: Photo, found: FoundObject | None = None) -> None:
        """Search by a result beside the view, a photo or an object in it, and measure similarity from it."""
        query = Query.of_object(photo, found)
        self._visit(self.current.with_selected(query), query)

    def find_similar(self, query: Query) -> None:
        """Show the results of a query in the center."""
        self.go(Place(View.SIMILAR, search=query, selected=query), query)

    def replace_query(self, before: Query | None, query: Query) -> None:
        """Replace a query, in the center or beside it, wherever its results are shown."""
        if self.current.is_search and before == self.current.search:
            self.find_similar(query)
        else:
            self._visit(self.current.with_selected(query), query)

    def restrict_query(self, before: Query | None, query: Query) -> None:
        """Replace a query by one that shows more or fewer of its results, which is no entry of the history."""
        place = self.current
        if place.is_search and before == place.search:
            place = replace(place, search=query)
        self._replace(place.with_selected(query) if before == place.selected else place, query)

    def open_cluster(self, cluster: Cluster) -> None:
        """Show the photos of a cluster or an event."""
        view = View.EVENT if isinstance(cluster, Event) else View.CLUSTER
        self.go(Place(view, cluster=cluster))

    def open_stack(self, photo: Photo, stack: tuple[int, ...]) -> None:
        """Show the photos of a stack, in the order of the file ids; `photo` is the one on top."""
        self.go(Place(View.STACK, file_ids=stack, name=formatting.display_name(photo.path)))

    def open_over_time(self, photo: Photo) -> None:
        """Show the photos most like one from other times."""
        query = Query.of_photos(photo)
        self.go(Place(View.OVER_TIME, search=query, selected=query))

    def open_walk(self, first: Photo, last: Photo) -> None:
        """Show photos that lead from one to another."""
        self.go(Place(View.WALK, search=Query.of_photos(first, last), selected=Query.of_photos(first)))

    def open_selection(self, title: str, file_ids: Sequence[int]) -> None:
        """Show these photos, in this order, under a title."""
        self.go(Place(View.SELECTION, file_ids=tuple(file_ids), name=title))

    def replace_clusters(self, successors: Mapping[Cluster, Cluster | None]) -> bool:
        """Replace clusters in the history; returns whether the current place has changed.

        A cluster without a successor is replaced by the view of all clusters.
        """
        before = self.current

        def update(place: Place) -> Place:
            if place.cluster is None or place.cluster not in successors:
                return place
            cluster = successors[place.cluster]
            if cluster is None:
                return Place(View.CLUSTERS)
            return replace(place, cluster=cluster)

        self._history.map(update)
        if self.current == before:
            return False
        self.place_changed.emit(self.current, None)
        return True

    def replace_collection(self, collection_id: int, replacement: Collection | None) -> bool:
        """Replace a collection in the history, by all photos where it is gone; returns whether the place has changed."""
        before = self.current

        def update(place: Place) -> Place:
            if place.collection is None or place.collection.id != collection_id:
                return place
            return Place(View.ALL) if replacement is None else replace(place, collection=replacement)

        self._history.map(update)
        if self.current == before:
            return False
        self.place_changed.emit(self.current, None)
        return True

    def update_queries(self, update: Callable[[Query], Query | None]) -> None:
        """Replace every query in the history with what `update` returns, None where nothing is left of it."""
        before = self.current

        def update_place(place: Place) -> Place:
            selected = None if place.selected is None else update(place.selected)
            search = None if place.search is None else update(place.search)
            needed = {View.SIMILAR: 1, View.OVER_TIME: 1, View.WALK: 2}.get(place.view, 0)
            if needed > (0 if search is None else len(search.images)):
                return Place(View.ALL, selected=selected)
            return replace(place, selected=selected, search=search)

        self._history.map(update_place)
        if self.current != before:
            self.place_changed.emit(self.current, None)

    def clear_selection(self) -> None:
        """Select no photo; what a search was made by stays beside its results."""
        place = self.current.with_selected(self.current.search if self.current.is_search else None)
        if place != self.current:
            self._replace(place)

    def back(self) -> None:
        """Go one place back."""
        self.place_changed.emit(self._history.back(), self.current.selected)

    def forward(self) -> None:
        """Go one place forward."""
        self.place_changed.emit(self._history.forward(), self.current.selected)

    def title(self) -> tuple[str, str]:
        """The name of the current place, and the name of what it is part of, or an empty string."""
        place = self.current
        if place.view is View.FOLDER and place.folder is not None:
            return formatting.display_name(place.folder), ""
        if place.view is View.COMPARISON and place.folder is not None:
            name = formatting.display_name(place.folder)
            if place.other is None:
                return tr("Compared: {name}").format(name=name), ""
            return tr("Compared: {name} and {other}").format(
                name=name, other=formatting.display_name(place.other)
            ), ""
        if place.view is View.CLUSTER and place.cluster is not None:
            number = tr("Cluster {number}").format(number=place.cluster.id)
            return formatting.cluster_title(place.cluster) or number, tr("Clusters")
        if place.view is View.EVENT and place.cluster is not None:
            return formatting.cluster_title(place.cluster) or "", tr("Events")
        if place.view is View.SIMILAR and place.search is not None:
            return search_name(place.search), ""
        if place.view is View.OVER_TIME and place.search is not None:
            name = formatting.display_name(place.search.path)
            return tr("Then and now: {name}").format(name=name), ""
        if place.view is View.WALK and place.search is not None:
            names = (formatting.display_name(image.path) for image in place.search.images)
            return tr("From {first} to {last}").format(**dict(zip(("first", "last"), names, strict=True))), ""
        if place.view is View.COLLECTION and place.collection is not None:
            return place.collection.name, ""
        if place.view is View.STACK:
            return tr("Stack with {name}").format(name=place.name), ""
        if place.view is View.SELECTION:
            return place.name, ""
        if place.view is View.HIDDEN:
            return tr("Hidden clusters"), tr("Clusters")
        return {
            View.CLUSTERS: tr("Clusters"),
            View.UNGROUPED: tr("Ungrouped"),
            View.DUPLICATES: tr("Duplicates"),
            View.MAP: tr("Map"),
            View.EVENTS: tr("Events"),
            View.UNREADABLE: tr("Unreadable files"),
        }.get(place.view, tr("All photos")), ""

    def _visit(self, place: Place, anchor: Query | None) -> None:
        """Add a place to the history and show it."""
        if not place.is_same_view(self.current):
            self.place_about_to_change.emit()
        self._history.push(place)
        self.place_changed.emit(self.current, anchor)

    def _replace(self, place: Place, anchor: Query | None = None) -> None:
        self._history.replace(place)
        self.place_changed.emit(self.current, anchor)
