"""The page of the clusters, and of the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.browser.cluster_bar import ClusterBar
from photosim.gui.browser.cluster_delegate import EventDelegate
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.browser.cluster_rename import RenameDelegate
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.services.cluster_cache import ClusterLevel
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.places import Place, View
from photosim.gui.widgets.empty_state import EmptyState
from photosim.records import Cluster


class ClusterPage(QWidget):
    """Shows the clusters of one level, the hidden ones, or the events."""

    level_changed = Signal(int)
    """The user moved the slider."""

    listing_changed = Signal()
    """The user sorted or searched the clusters."""

    place_requested = Signal(Place)
    """The user clicked the link to the ungrouped photos or to the hidden clusters."""

    rename_requested = Signal(Cluster, str)
    """The user typed a name for a cluster."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ClusterModel(thumbnails, self)
        self.grid = PhotoGrid(self.model, self)
        self._cluster_delegate = RenameDelegate(self.rename_requested.emit, self.grid)
        self._event_delegate = EventDelegate(self.grid)
        self.grid.set_delegate(self._cluster_delegate)
        self.grid.setAccessibleName(tr("Clusters"))
        self.grid.sticky_headings = True
        self.setFocusProxy(self.grid)
        self.bar = ClusterBar(self)
        self.bar.level_changed.connect(self.level_changed)
        self.bar.listing_changed.connect(self._on_listing_changed)
        self.bar.place_requested.connect(self.place_requested)
        self._shown: tuple[View, ClusterLevel, Mapping[int, int] | None] = (
            View.CLUSTERS,
            ClusterLevel(),
            None,
        )
        self._pending_covers: tuple[int, ...] = ()
        self.empty_page = EmptyState(self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.empty_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self._stack, 1)

    def show_level(self, level: int) -> None:
        """Move the slider, without `level_changed`."""
        self.bar.show_level(level)

    def show_clusters(
        self,
        view: View,
        level: ClusterLevel,
        matching_counts: Mapping[int, int] | None = None,
        *,
        keep_selection: bool,
    ) -> None:
        """Show the clusters of a level, or its hidden ones, or events, which are given as the clusters of a level.

        `matching_counts` are the numbers of photos that match the filter by cluster id. With `keep_selection` the
        scroll position stays, and the same cluster is selected, or the one that takes its place.
        """
        self._show_kind(are_events=view is View.EVENTS)
        self._shown = view, level, matching_counts
        if view is View.CLUSTERS:
            clusters = self.bar.listing.arrange(level.clusters, level.keys)
        else:
            clusters = level.hidden if view is View.HIDDEN else level.clusters
        anchor = self.grid.scroll_anchor() if keep_selection else None
        row = self.grid.currentIndex().row() if keep_selection else -1
        cover_id = self.model.cover(row).file_id if row >= 0 else None
        if self.model.set_clusters(clusters, matching_counts):
            self.grid.restore_scroll(anchor)
            self._restore_selection(row, cover_id)
        self.bar.update_links(level)
        self.bar.setVisible(view is View.CLUSTERS)
        if not clusters:
            self._explain_empty(level)
        self._stack.setCurrentWidget(self.grid if clusters else self.empty_page)

    def select_when_shown(self, cover_ids: Iterable[int]) -> None:
        """Select the clusters with these covers, given by file id, when clusters are shown next."""
        self._pending_covers = tuple(cover_ids)

    def _show_kind(self, *, are_events: bool) -> None:
        """Change how tiles are painted and called, where they were clusters and are events, or the other way round."""
        if are_events is not (self._shown[0] is View.EVENTS):
            self.model.set_clusters(())
            self.grid.set_delegate(self._event_delegate if are_events else self._cluster_delegate)
            self.grid.setAccessibleName(tr("Events") if are_events else tr("Clusters"))

    def _restore_selection(self, row: int, cover_id: int | None) -> None:
        pending, self._pending_covers = self._pending_covers, ()
        rows = [row for row in map(self.model.row_of, pending) if row is not None]
        if rows:
            self.grid.select_row(rows[0])
            self.grid.add_to_selection(rows[1:])
        elif cover_id is not None and self.model.rowCount():
            new_row = self.model.row_of(cover_id)
            self.grid.select_row(min(row, self.model.rowCount() - 1) if new_row is None else new_row)

    def _on_listing_changed(self) -> None:
        view, level, matching_counts = self._shown
        self.show_clusters(view, level, matching_counts, keep_selection=True)
        self.listing_changed.emit()

    def _explain_empty(self, level: ClusterLevel) -> None:
        if level.clusters:
            title, text = tr("No matches"), tr("No cluster at this level has such a name.")
        elif level.hidden:
            title, text = tr("All clusters are hidden"), tr("Use the link above to show them.")
        else:
            title, text = tr("No clusters at this level"), tr("Move the slider left for larger clusters.")
        self.empty_page.show_message("clusters", title, text)
