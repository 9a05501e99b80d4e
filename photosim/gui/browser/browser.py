"""The centre of the window: the photos, clusters or unreadable files of a place, or what to do where there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.browser.cluster_page import ClusterPage
from photosim.gui.browser.incoming import IncomingPhotos, photos_of_place
from photosim.gui.browser.marking import Marking
from photosim.gui.browser.selection import GridSelection
from photosim.gui.browser.status import BrowserStatus
from photosim.gui.browser.unreadable import UnreadableModel, UnreadableTable
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.services.loader import PlaceContents, PlaceLoader
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Overview, Place, Query, View
from photosim.gui.state.view_filter import ViewFilter
from photosim.gui.widgets.empty_state import EmptyState
from photosim.library.filters import FilterScope
from photosim.records import Cluster, Photo

if TYPE_CHECKING:
    from photosim.gui.services.thumbnails import ThumbnailLoader

_LOADING_DELAY_MS = 300
"""What takes longer than this says that it is under way; what is quicker just appears."""


class Browser(QStackedWidget):
    """Shows one place at a time; what a place holds is put together in jobs."""

    file_menu_requested = Signal(str, QPoint)
    """The person asked for the menu of an unreadable file, at a point of the screen."""

    loaded = Signal()
    """The place is shown with all it holds."""

    clusters_counted = Signal(int, int)
    """How many clusters there are, and how many photos in none."""

    def __init__(
        self, loader: PlaceLoader, thumbnails: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("centre")
        self._loader = loader
        self._place = Place()
        self._loaded_place: Place | None = None
        self._loaded_filter = self.view_filter
        self.scope = FilterScope()
        """The photos that the filter chooses from."""
        self.photos = PhotoModel(thumbnails, self)
        self._incoming = IncomingPhotos(self.photos)
        self._incoming.added.connect(self._on_photos_added)
        self.unreadable = UnreadableModel()
        self.grid = PhotoGrid(self.photos, self)
        self.grid.setAccessibleName(tr("Photos"))
        self._marking = Marking(self.grid, self.photos)
        self.grid.sticky_headings = True
        self.cluster_page = ClusterPage(thumbnails, self)
        self.clusters, self.cluster_grid = self.cluster_page.model, self.cluster_page.grid
        self.table = UnreadableTable(self.unreadable, self)
        self.empty = EmptyState(self)
        self.status = BrowserStatus(self.empty, self)
        self.selection = GridSelection(self.grid, self.cluster_grid, self._marking)
        for page in (self.grid, self.cluster_page, self.table, self.empty):
            self.addWidget(page)
        self.setCurrentWidget(self.grid)
        self._loading_timer = QTimer(self, interval=_LOADING_DELAY_MS, singleShot=True)
        self._loading_timer.timeout.connect(self._show_loading)
        self.table.menu_requested.connect(self.file_menu_requested)

    # --- what the window sets ----------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """The place that is shown."""
        return self._place

    @property
    def order(self) -> SortOrder:
        """What the photos are sorted by."""
        return self._loader.order

    def show_place(self, place: Place, *, anchor: Query | None = None) -> None:
        """Show a place. `anchor` becomes what likeness is measured from, where photos are sorted by it."""
        moved = anchor is not None and anchor != self._loader.anchor and self.order is SortOrder.SIMILARITY
        self._loader.anchor = anchor or self._loader.anchor
        before, self._place = self._place, place
        if place.is_same_view(before) and self._loader.has_loaded and not (moved and place.shows_photos):
            self._select_query_photo()
            return
        self.reload()
        if self._has_photos_of(place) and self.view_filter == self._loaded_filter:
            self._loading_timer.stop()  # what was here last stays in sight until it is read again
            self.setCurrentWidget(self.grid)
            self.status.clear_count()

    def set_order(self, order: SortOrder) -> None:
        """Sort the photos in another way."""
        if order is not self._loader.order:
            self._loader.order = order
            self._loader.anchor = self._place.selected
            self.reload()

    @property
    def group_by(self) -> GroupBy:
        """What the photos are put under."""
        return self._loader.group_by

    def set_group_by(self, group_by: GroupBy) -> None:
        """Put the photos under other headings."""
        if group_by is not self._loader.group_by:
            self._loader.group_by = group_by
            self.reload()

    @property
    def level(self) -> int:
        """From 0, few large clusters, to FINEST_LEVEL, many small ones."""
        return self._loader.clusters.level

    def set_level(self, level: int) -> None:
        """Group the photos more coarsely or more finely; at once, when that level is known."""
        self._loader.clusters.level = level
        self.cluster_page.show_level(level)
        if self._place.view is not View.CLUSTERS:
            return
        shelf = self._loader.clusters.cached(level)
        if shelf is not None and self._loader.has_loaded and not self.view_filter.is_active:
            self._show_contents(self._loader.contents_of_level(shelf, View.CLUSTERS), None)
        else:
            self.reload()

    def set_threshold(self, threshold: float) -> None:
        """Let matches through down to this similarity."""
        self._loader.threshold = threshold
        if self._place.view is View.SIMILAR:
            self.reload()

    @property
    def view_filter(self) -> ViewFilter:
        """What is left out."""
        return self._loader.view_filter

    def set_view_filter(self, narrowing: ViewFilter) -> None:
        """Leave out what does not fit a filter."""
        before, self._loader.view_filter = self._loader.view_filter, narrowing
        if narrowing != before and (narrowing.is_active or before.is_active):
            self.reload()

    def set_tile_size(self, size: int) -> None:
        """Make the tiles larger or smaller."""
        self.grid.set_tile_size(size)
        self.cluster_grid.set_tile_size(size)

    def set_square(self, square: bool) -> None:
        """Cut the tiles square, or show the photos whole."""
        self.grid.set_square(square)
        self.cluster_grid.set_square(square)

    def set_library(self, overview: Overview, *, indexing: bool) -> None:
        """Tell what the library holds and whether it grows, for what an empty place says."""
        self.status.set_library(overview, indexing=indexing)
        if self.currentWidget() is self.empty and self._loader.has_loaded:
            self._show_empty()

    def reload(self) -> None:
        """Ask again what the place holds; what is the same stays as it is on the screen."""
        self._loading_timer.start()
        self._incoming.clear()  # they are in the library, and are read with it
        shown = self.photos.photo_list if self._place.is_same_view(self._loaded_place) else None
        self._loader.load(
            self._place, self._show_contents, first=not self._has_photos_of(self._place), shown=shown
        )

    def add_indexed(self, photos: Sequence[Photo]) -> None:
        """Photos have just been indexed: those that belong to the place appear in it."""
        if self._loader.has_loaded:
            sources = [source.path for source in self.status.overview.sources]
            self._incoming.add(photos_of_place(photos, self._place, self.view_filter, sources))

    def focus(self) -> None:
        """Give the keyboard to what is shown."""
        page = self.currentWidget()
        if page is not None:
            page.setFocus()

    def selected_photos(self) -> list[Photo]:
        """The selected photos, in the order of the view."""
        if self.currentWidget() is self.grid:
            return self.selection.photos()
        return self.selection.covers() if self.currentWidget() is self.cluster_page else []

    def selected_clusters(self) -> list[Cluster]:
        """The selected clusters, in the order of the view; or the one that is open."""
        if self.currentWidget() is self.cluster_page:
            return self.selection.clusters()
        return [self._place.cluster] if self._place.cluster is not None else []

    def go_to(self, photo: Photo) -> None:
        """Make a photo the current one, if the place shows it."""
        row = self.photos.row_of(photo.file_id)
        if row is not None:
            self.grid.select_row(row)

    def select_together(self, file_ids: Iterable[int]) -> None:
        """Select these photos beside the one in question, now or as soon as the place shows them."""
        self._marking.select_together(file_ids)
        self._select_query_photo()

    # --- helpers -----------------------------------------------------------------------------------------

    def _show_contents(self, contents: PlaceContents | None, error: Exception | None) -> None:
        self._loading_timer.stop()
        if contents is None:
            self.status.show_error(self._place.view, str(error))
            self.setCurrentWidget(self.empty)
            return
        view = self._place.view
        self.status.total, self.scope = contents.total, contents.scope
        if view in (View.CLUSTERS, View.HIDDEN):
            self._show_clusters(contents)
        elif view is View.UNREADABLE:
            self.unreadable.set_files(contents.unreadable)
            self._show_page(self.table, bool(contents.unreadable))
        else:
            mark = self.grid.scroll_anchor() if self._place.is_same_view(self._loaded_place) else None
            self._loaded_place, self._loaded_filter = self._place, self.view_filter
            self._loader.discard(self.photos.set_photos(contents.photos, contents.diff))
            self._show_page(self.grid, bool(contents.photos.photos))
            self.grid.restore_scroll(mark)
            if contents.is_partial:
                self.status.clear_count()
        self._select_query_photo()
        if not contents.is_partial:
            self.loaded.emit()

    def _has_photos_of(self, place: Place) -> bool:
        """Whether the grid holds the photos of this place, be they in sight or not."""
        return place.is_same_view(self._loaded_place) and self.photos.rowCount() > 0

    def _show_clusters(self, contents: PlaceContents) -> None:
        view, shelf = self._place.view, contents.clusters
        same = self._place.is_same_view(self._loaded_place)
        self.cluster_page.show_clusters(view, shelf, contents.matching_counts, same=same)
        self._loaded_place = self._place
        count = contents.total if view is View.CLUSTERS else len(shelf.clusters)
        self.clusters_counted.emit(count, len(shelf.ungrouped))
        there = shelf.hidden if view is View.HIDDEN else shelf.clusters
        # Where the slider or a link leads to clusters, the page stays with its bar.
        leads_on = view is View.CLUSTERS and bool(shelf.hidden or (shelf.ungrouped and self.level > 0))
        self._show_page(self.cluster_page, bool(there) or (leads_on and not contents.total))
        self._loader.preload_levels()

    def _show_page(self, page: QWidget, filled: bool) -> None:
        before = self.currentWidget()
        focused = before is not None and (before.focusProxy() or before).hasFocus()
        if filled:
            self.setCurrentWidget(page)
        else:
            self._show_empty()
        if focused:
            self.focus()
        self._update_count()

    def _update_count(self) -> None:
        page, models = self.currentWidget(), (self.photos, self.clusters, self.unreadable)
        pages = (self.grid, self.cluster_page, self.table)
        shown = [model.rowCount() for one, model in zip(pages, models, strict=True) if one is page]
        self.status.show_count(self._place.view, sum(shown))

    def _show_empty(self) -> None:
        self.status.show_empty(self._place.view, filtered=self.view_filter.is_active)
        self.setCurrentWidget(self.empty)

    def _show_loading(self) -> None:
        self.status.show_loading(self._place.view)
        self.setCurrentWidget(self.empty)

    def _select_query_photo(self) -> None:
        query = self._place.selected
        self._marking.show_query_photo(query.photo if query is not None else None)

    def _on_photos_added(self, count: int, more_follow: bool) -> None:
        self.status.total += count
        self.setCurrentWidget(self.grid)
        if not more_follow:
            self._update_count()
