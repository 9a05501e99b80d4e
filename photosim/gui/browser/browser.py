"""The central view: the photos, clusters, events or unreadable files of a place, or an empty page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QPoint, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.browser.cluster_page import ClusterPage
from photosim.gui.browser.incoming import IncomingPhotos, photos_of_place
from photosim.gui.browser.selection import GridSelection
from photosim.gui.browser.status import BrowserStatus
from photosim.gui.browser.unreadable import UnreadableModel, UnreadableTable
from photosim.gui.grid.date_scrubber import DateScrubber
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.services.loader import PlaceContents, PlaceLoader
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Overview, Place, Query, SearchScope, View
from photosim.gui.state.results import FIRST_PAGE, ResultList, next_count
from photosim.gui.state.view_filter import ViewFilter
from photosim.gui.widgets.empty_state import EmptyState
from photosim.gui.widgets.welcome import WelcomePage
from photosim.library.files.operations import PhotoChanges
from photosim.library.search.filters import FilterScope
from photosim.records import Cluster, Photo

if TYPE_CHECKING:
    from photosim.gui.services.tiles.thumbnails import ThumbnailLoader

_MAX_CHANGES = 200
"""Photos that are inserted, updated and removed one by one; with more the place is loaded again."""

_LOADING_DELAY_MS = 300
"""A place that takes longer than this to load shows a loading message meanwhile."""


class Browser(QStackedWidget):
    """Shows one place at a time; a PlaceLoader loads its contents in the background."""

    file_menu_requested = Signal(object, QPoint)
    """The user requested the context menu of the unreadable file at this path (str), at a global position."""

    loaded = Signal()
    """All contents of the place are shown."""

    contents_shown = Signal()
    """Something of the place is shown: its first contents, or why there are none."""

    order_changed = Signal()
    """Another order is in use, or another direction."""

    clusters_counted = Signal(int, int)
    """The number of clusters, and the number of ungrouped photos."""

    def __init__(
        self, loader: PlaceLoader, thumbnails: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("browser")
        self._loader = loader
        self._place = Place()
        self._loaded_place: Place | None = None
        self._loaded_filter = self.view_filter
        self.scope = FilterScope()
        """The photos that the filter applies to."""
        self.results: ResultList | None = None
        """The results of the search that is shown."""
        self.photo_model = PhotoModel(thumbnails, self)
        self.grid = PhotoGrid(self.photo_model, self)
        self.grid.setAccessibleName(tr("Photos"))
        self.grid.sticky_headings = True
        self.date_scrubber = DateScrubber(self.grid, self.photo_model)
        self.grid.show_tile_actions()
        self.grid.end_neared.connect(self._load_more)
        self.cluster_page = ClusterPage(thumbnails, self)
        self.cluster_model, self.cluster_grid = self.cluster_page.model, self.cluster_page.grid
        self.unreadable_model = UnreadableModel()
        self.unreadable_table = UnreadableTable(self.unreadable_model, self)
        self.empty_page = EmptyState(self)
        self.welcome_page = WelcomePage(self)
        self._models: dict[QWidget | None, QAbstractItemModel] = {
            self.grid: self.photo_model,
            self.cluster_page: self.cluster_model,
            self.unreadable_table: self.unreadable_model,
        }
        for page in (self.grid, self.cluster_page, self.unreadable_table, self.empty_page, self.welcome_page):
            self.addWidget(page)
        self._own_pages: dict[View, QWidget] = {}
        self.setCurrentWidget(self.grid)
        self.status = BrowserStatus(self.empty_page, self)
        self.selection = GridSelection(self.grid, self.cluster_grid)
        self._incoming = IncomingPhotos(self.photo_model)
        self._incoming.changed.connect(self._on_photos_changed)
        self._loading_timer = QTimer(self, interval=_LOADING_DELAY_MS, singleShot=True)
        self._loading_timer.timeout.connect(self._show_loading)
        self.unreadable_table.menu_requested.connect(self.file_menu_requested)
        self.cluster_page.listing_changed.connect(self._update_count)

    def add_page(self, view: View, page: QWidget) -> None:
        """Show a view by a page of its own, which loads its contents itself."""
        self._own_pages[view] = page
        self.addWidget(page)

    @property
    def place(self) -> Place:
        """The place that is shown."""
        return self._place

    @property
    def order(self) -> SortOrder:
        """The order of the photos that the user has chosen."""
        return self._loader.order

    @property
    def shown_order(self) -> SortOrder:
        """The order of the photos; with objects in the filter it is the best match first."""
        return self._loader.shown_order

    @property
    def is_descending(self) -> bool:
        """Whether the order is from the last or largest to the first or smallest."""
        return self._loader.descending

    @property
    def group_by(self) -> GroupBy:
        """The sections that the photos are grouped in."""
        return self._loader.group_by

    @property
    def level(self) -> int:
        """The level of the clusters, from 0 (few large ones) to FINEST_LEVEL (many small ones)."""
        return self._loader.clusters.level

    @property
    def view_filter(self) -> ViewFilter:
        """The filter that is applied to every place."""
        return self._loader.view_filter

    def show_place(self, place: Place, *, anchor: Query | None = None) -> None:
        """Show a place; `anchor` becomes the query that photos are sorted by in the order by similarity."""
        by_similarity = self.shown_order is SortOrder.SIMILARITY and place.shows_photos
        anchor_changed = anchor is not None and anchor != self._loader.anchor
        self._loader.anchor = anchor or self._loader.anchor
        previous, self._place = self._place, place
        if (
            place.is_same_view(previous)
            and self._loader.has_loaded
            and not (anchor_changed and by_similarity)
        ):
            self._select_query_photo()
            return
        if not place.is_same_view(previous):
            self._loader.result_count = FIRST_PAGE
        self.reload()
        if self._has_photos_of(place) and self.view_filter == self._loaded_filter:
            # Back at the place that the grid still contains: show it until it is loaded again.
            self._loading_timer.stop()
            self.setCurrentWidget(self.grid)
            self.status.clear_count()

    def set_order(self, order: SortOrder, *, descending: bool | None = None) -> None:
        """Sort the photos in a direction, by default the usual one of the order.

        The best match lasts as long as the filter has objects.
        """
        loader = self._loader
        descending = order.is_descending if descending is None else descending
        before = loader.shown_order, loader.descending
        loader.by_match = order is SortOrder.BEST_MATCH or not self.view_filter.photo_filter.has_objects
        if order is not SortOrder.BEST_MATCH:
            loader.order, loader.descending = order, descending
        if (loader.shown_order, loader.descending) != before:
            loader.anchor = self._place.selected
            self.order_changed.emit()
            self.reload()

    def set_group_by(self, group_by: GroupBy) -> None:
        """Group the photos in sections."""
        if group_by is not self._loader.group_by:
            self._loader.group_by = group_by
            self.reload()

    def set_stacked(self, stacked: bool) -> None:
        """Show duplicates and bursts as stacks, or every photo."""
        if stacked is not self._loader.stacks.is_on:
            self._loader.stacks.is_on = stacked
            self.reload()

    def set_level(self, level: int) -> None:
        """Set the level of the clusters; a cached one is shown at once."""
        self._loader.clusters.level = level
        self.cluster_page.show_level(level)
        if self._place.view is not View.CLUSTERS:
            return
        cached = self._loader.clusters.cached(level)
        if cached is not None and self._loader.has_loaded and not self.view_filter.is_active:
            self._show_contents(self._loader.contents_of_level(cached, View.CLUSTERS), None)
        else:
            self.reload()

    def set_unfolded(self, unfolded: bool) -> None:
        """Show the results of a search that are less similar, or only their heading."""
        self._loader.unfolded = unfolded
        if self._place.is_search:
            self._update_results()

    def set_view_filter(self, view_filter: ViewFilter) -> None:
        """Set the filter that is applied to every place."""
        order = self.shown_order
        previous, self._loader.view_filter = self._loader.view_filter, view_filter
        self._loader.by_match |= not view_filter.photo_filter.has_objects
        if self.shown_order is not order:
            self.order_changed.emit()
        if view_filter != previous and (view_filter.is_active or previous.is_active):
            self.reload()

    def set_tile_size(self, size: int) -> None:
        """Resize the tiles of photos and clusters."""
        self.grid.set_tile_size(size)
        self.cluster_grid.set_tile_size(size)

    def set_square(self, square: bool) -> None:
        """Crop the thumbnails to squares, or show the whole photos; covers of clusters are always square."""
        self.grid.set_square(square)

    def set_library(self, overview: Overview, *, indexing: bool) -> None:
        """Set what the library contains and whether it is being indexed, for the empty page."""
        self.status.set_library(overview, indexing=indexing)
        if self.currentWidget() in (self.empty_page, self.welcome_page) and self._loader.has_loaded:
            self._show_empty()

    def reload(self) -> None:
        """Load the place again; what has not changed stays as it is on the screen."""
        self._incoming.clear()  # they are in the library, and are loaded with it
        if self._place.view in self._own_pages:
            self._show_own_page(self._own_pages[self._place.view])
            return
        self._loading_timer.start()
        shown = self.photo_model.photo_list if self._place.is_same_view(self._loaded_place) else None
        first = not self._has_photos_of(self._place)
        self._loader.load(self._place, self._show_contents, newest_first=first, current=shown)

    def add_indexed(self, photos: Sequence[Photo]) -> None:
        """Insert those of the newly indexed photos that belong to the place."""
        if self._loader.has_loaded:
            sources = [source.path for source in self.status.overview.sources]
            new = photos_of_place(photos, self._place, self.view_filter, sources)
            if new:
                self._incoming.change((), new, self._update_count)

    def apply_changes(self, changes: PhotoChanges) -> bool:
        """Insert, update and remove photos without loading the place again; False where it has to be loaded."""
        can_apply = (
            self._place.view in (View.ALL, View.FOLDER)
            and self._loader.has_loaded
            and self._has_photos_of(self._place)
            and self.order is not SortOrder.SIMILARITY
            and self.group_by is not GroupBy.CLUSTER
            and not self._loader.stacks.is_on  # another photo may be on top of a stack now
            and not self.view_filter.is_active
            and len(changes) <= _MAX_CHANGES
        )
        if not can_apply:
            return False
        photos = [*changes.updated.values(), *changes.added, *changes.recounted]
        shown = photos_of_place(photos, self._place, self.view_filter, ())
        moved_away = {photo.file_id for photo in photos} - {photo.file_id for photo in shown}
        self._incoming.change(changes.removed | moved_away, shown, self._show_changes)
        return True

    def focus(self) -> None:
        """Focus the page that is shown."""
        page = self.currentWidget()
        if page is not None:
            page.setFocus()

    def selected_photos(self) -> list[Photo]:
        """The selected photos, in the order of the view."""
        return self.selection.photos() if self.currentWidget() is self.grid else []

    def selected_clusters(self) -> list[Cluster]:
        """The selected clusters or events, in the order of the view, or the one whose photos are shown."""
        if self.currentWidget() is self.cluster_page:
            return self.selection.clusters()
        return [self._place.cluster] if self._place.cluster is not None else []

    def select_together(self, file_ids: Iterable[int]) -> None:
        """Select these photos with the query photo, now or as soon as the place shows them."""
        self.selection.select_together(file_ids)
        self._select_query_photo()

    def _show_contents(self, contents: PlaceContents | None, error: Exception | None) -> None:
        self._loading_timer.stop()
        if contents is None:
            self.status.show_error(self._kind, str(error))
            self.setCurrentWidget(self.empty_page)
            self.contents_shown.emit()
            return
        self.status.total, self.scope, self.results = contents.total, contents.scope, contents.results
        if self._place.view in (View.CLUSTERS, View.HIDDEN):
            self._show_clusters(contents)
        elif self._place.view is View.EVENTS:
            self._show_events(contents)
        elif self._place.view is View.UNREADABLE:
            self.unreadable_model.set_files(contents.unreadable)
            self._show_page(self.unreadable_table, bool(contents.unreadable))
        else:
            self._show_photos(contents)
        self._select_query_photo()
        self.contents_shown.emit()
        if not contents.is_partial:
            self.loaded.emit()

    def _show_own_page(self, page: QWidget) -> None:
        self._loading_timer.stop()
        self._loader.cancel()
        self.results = None
        if self.currentWidget() is not page:
            self.status.clear_count()
            self._turn_to(page)
        self.contents_shown.emit()
        self.loaded.emit()

    def _show_photos(self, contents: PlaceContents) -> None:
        anchor = self.grid.scroll_anchor() if self._place.is_same_view(self._loaded_place) else None
        self._loaded_place, self._loaded_filter = self._place, self.view_filter
        self._loader.discard(self.photo_model.set_photos(contents.photos, contents.diff))
        self._show_page(self.grid, bool(contents.photos.photos))
        self.grid.restore_scroll(anchor)
        if contents.is_partial:
            self.status.clear_count()

    def _show_clusters(self, contents: PlaceContents) -> None:
        view, level = self._place.view, contents.clusters
        keep_selection = self._place.is_same_view(self._loaded_place)
        self.cluster_page.show_clusters(view, level, contents.matching_counts, keep_selection=keep_selection)
        self._loaded_place = self._place
        count = contents.total if view is View.CLUSTERS else len(level.clusters)
        self.clusters_counted.emit(count, len(level.ungrouped))
        clusters = level.hidden if view is View.HIDDEN else level.clusters
        # Without clusters the page stays if its slider or a link leads to some.
        has_others = bool(level.hidden or (level.ungrouped and self.level > 0))
        stays = view is View.CLUSTERS and not contents.total and has_others
        self._show_page(self.cluster_page, bool(clusters) or stays)
        self._loader.preload_levels()

    def _show_events(self, contents: PlaceContents) -> None:
        level, keep_selection = contents.clusters, self._place.is_same_view(self._loaded_place)
        self.cluster_page.show_clusters(
            View.EVENTS, level, contents.matching_counts, keep_selection=keep_selection
        )
        self._loaded_place = self._place
        self._show_page(self.cluster_page, bool(level.clusters))

    def _show_page(self, page: QWidget, filled: bool) -> None:
        """Show a page, or the empty page if it is not filled."""
        if filled:
            self._turn_to(page)
        else:
            self._show_empty()
        self._update_count()

    def _turn_to(self, page: QWidget) -> None:
        """Show a page; the focus follows."""
        previous = self.currentWidget()
        had_focus = previous is not None and (previous.focusProxy() or previous).hasFocus()
        self.setCurrentWidget(page)
        if had_focus:
            page.setFocus()

    @property
    def _kind(self) -> View:
        """The view that messages are about: a kept search by photos is a search as any other."""
        return View.SIMILAR if self._place.is_search else self._place.view

    def _show_empty(self) -> None:
        is_restricted = self.results is not None and self.results.is_restricted
        search = self._place.search
        self.status.show_empty(
            self._kind,
            self.view_filter.photo_filter,
            restricted=is_restricted,
            of_objects=search is not None and search.scope is SearchScope.OBJECTS,
        )
        is_first_run = self.status.is_first_run(self._place.view)
        self._turn_to(self.welcome_page if is_first_run else self.empty_page)

    def _show_loading(self) -> None:
        self.status.show_loading(self._kind)
        self._turn_to(self.empty_page)

    def _update_results(self) -> None:
        """Load more or fewer results of the search; what is shown stays until then."""
        self.reload()
        self._loading_timer.stop()

    def _load_more(self) -> None:
        """Load more results of a search when one has scrolled near the last of them."""
        if self._loader.has_loaded and self.results is not None and self.results.can_grow:
            self._loader.result_count = next_count(self._loader.result_count)
            self._update_results()

    def _update_count(self) -> None:
        if self.results is not None and not self.results.is_counted:
            self.status.clear_count()
            return
        page = self.currentWidget()
        model = self._models.get(page)
        count, stacks = 0 if model is None else model.rowCount(), 0
        if page is self.grid:
            shown = self.photo_model.photo_list
            count, stacks = count + shown.hidden, len(shown.stacks)
        self.status.show_count(self._place.view, count, stacks)

    def _has_photos_of(self, place: Place) -> bool:
        """Whether the grid contains the photos of this place, visible or not."""
        return place.is_same_view(self._loaded_place) and self.photo_model.rowCount() > 0

    def _select_query_photo(self) -> None:
        query = self._place.selected
        self.selection.show_query_photo(query.photo if query is not None else None)

    def _on_photos_changed(self, count: int) -> None:
        self.status.total += count
        if self.photo_model.rowCount():
            self._turn_to(self.grid)

    def _show_changes(self) -> None:
        self._show_page(self.grid, self.photo_model.rowCount() > 0)
        self._select_query_photo()
        self.loaded.emit()
