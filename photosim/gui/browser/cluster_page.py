"""The page of the clusters, with a slider for their size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QStackedWidget, QVBoxLayout, QWidget

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.browser.cluster_rename import RenameDelegate
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.services.cluster_cache import ClusterLevel
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.places import Place, View
from photosim.gui.widgets.empty_state import EmptyState
from photosim.gui.widgets.flow_layout import FlowLayout
from photosim.records import FINEST_LEVEL, Cluster

_SLIDER_WIDTH, _MIN_SLIDER_WIDTH = 130, 56  # logical pixels


class ClusterPage(QWidget):
    """Shows the clusters of one level, or the hidden ones."""

    level_changed = Signal(int)
    """The user moved the slider."""

    place_requested = Signal(Place)
    """The user clicked the link to the ungrouped photos or to the hidden clusters."""

    rename_requested = Signal(Cluster, str)
    """The user typed a name for a cluster."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ClusterModel(thumbnails, self)
        self.grid = PhotoGrid(self.model, self)
        self.grid.set_delegate(RenameDelegate(self.rename_requested.emit, self.grid))
        self.grid.setAccessibleName(tr("Clusters"))
        self.setFocusProxy(self.grid)
        self.slider = _LevelSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, FINEST_LEVEL)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName(tr("Group size"))
        self.slider.setToolTip(tr("Group size"))
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.ungrouped_link = self._make_link(tr("Ungrouped photos"), View.UNGROUPED)
        self.hidden_link = self._make_link(tr("Hidden clusters"), View.HIDDEN)
        self._pending_covers: tuple[int, ...] = ()
        self.empty_page = EmptyState(self)
        self.bar = self._make_bar()
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
        with QSignalBlocker(self.slider):
            self.slider.setValue(level)
        self._describe_level()

    def show_clusters(
        self,
        view: View,
        level: ClusterLevel,
        matching_counts: Mapping[int, int] | None = None,
        *,
        keep_selection: bool,
    ) -> None:
        """Show the clusters of a level, or its hidden ones.

        `matching_counts` are the numbers of photos that match the filter by cluster id. With `keep_selection` the
        scroll position stays, and the same cluster is selected, or the one that takes its place.
        """
        clusters = level.hidden if view is View.HIDDEN else level.clusters
        anchor = self.grid.scroll_anchor() if keep_selection else None
        row = self.grid.currentIndex().row() if keep_selection else -1
        cover_id = self.model.cover(row).file_id if row >= 0 else None
        if self.model.set_clusters(clusters, matching_counts):
            self.grid.restore_scroll(anchor)
            self._restore_selection(row, cover_id)
        self._update_links(level)
        self.bar.setVisible(view is View.CLUSTERS)
        if not clusters:
            self._explain_empty(level)
        self._stack.setCurrentWidget(self.grid if clusters else self.empty_page)

    def select_when_shown(self, cover_ids: Iterable[int]) -> None:
        """Select the clusters with these covers, given by file id, when clusters are shown next."""
        self._pending_covers = tuple(cover_ids)

    def _restore_selection(self, row: int, cover_id: int | None) -> None:
        pending, self._pending_covers = self._pending_covers, ()
        rows = [row for row in map(self.model.row_of, pending) if row is not None]
        if rows:
            self.grid.select_row(rows[0])
            self.grid.add_to_selection(rows[1:])
        elif cover_id is not None and self.model.rowCount():
            new_row = self.model.row_of(cover_id)
            self.grid.select_row(min(row, self.model.rowCount() - 1) if new_row is None else new_row)

    def _update_links(self, level: ClusterLevel) -> None:
        ungrouped, hidden = len(level.ungrouped), len(level.hidden)
        self.ungrouped_link.setText(tr("%Ln ungrouped photo(s)", "", ungrouped))
        self.ungrouped_link.setVisible(ungrouped > 0)
        self.hidden_link.setText(tr("%Ln hidden cluster(s)", "", hidden))
        self.hidden_link.setVisible(hidden > 0)

    def _explain_empty(self, level: ClusterLevel) -> None:
        if level.hidden:
            title, text = tr("All clusters are hidden"), tr("Use the link above to show them.")
        else:
            title, text = tr("No clusters at this level"), tr("Move the slider left for larger clusters.")
        self.empty_page.show_message("clusters", title, text)

    def _make_bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setObjectName("cluster-bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        flow_widget = QWidget(bar)
        slider_row = QWidget(flow_widget)
        min_label, max_label = (
            QLabel(tr("Fewer, larger"), slider_row),
            QLabel(tr("More, smaller"), slider_row),
        )
        slider_layout = QHBoxLayout(slider_row)
        slider_layout.setContentsMargins(0, 0, 8, 0)
        slider_layout.setSpacing(8)
        for widget in (min_label, self.slider, max_label):
            slider_layout.addWidget(widget)
        for label in (min_label, max_label):
            label.setObjectName("small-text")
            theme.set_font(label, 0.88)
        # The links wrap below the slider where there is no room for both.
        flow = FlowLayout(flow_widget, 4)
        for item in (slider_row, self.ungrouped_link, self.hidden_link):
            flow.addWidget(item)
        layout = QVBoxLayout(bar)
        layout.setContentsMargins(16, 7, 14, 7)
        layout.addWidget(flow_widget)
        return bar

    def _make_link(self, text: str, view: View) -> QPushButton:
        link = QPushButton(text, self)
        link.setObjectName("link")
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.clicked.connect(lambda: self.place_requested.emit(Place(view)))
        return link

    def _on_slider_moved(self, level: int) -> None:
        self._describe_level()
        self.level_changed.emit(level)

    def _describe_level(self) -> None:
        names = (
            tr("Very large clusters"),
            tr("Large clusters"),
            tr("Medium clusters"),
            tr("Small clusters"),
            tr("Very small clusters"),
        )
        self.slider.setAccessibleDescription(names[self.slider.value()])


class _LevelSlider(QSlider):
    """A slider that is just wide enough to tell its steps apart, and narrower where there is no room."""

    def sizeHint(self) -> QSize:
        return QSize(_SLIDER_WIDTH, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_MIN_SLIDER_WIDTH, super().sizeHint().height())
