"""The clusters of the library with the slider over them that goes from few large ones to many small ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QStackedWidget, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
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

_SLIDER, _NARROW = 130, 56  # logical pixels: five stops that can be told apart, also in a narrow window


class ClusterPage(QWidget):
    """Shows one level of the clusters, or those that are hidden."""

    level_changed = Signal(int)
    """The person moved the slider."""

    place_requested = Signal(Place)
    """The person follows a link to the photos in no cluster, or to the hidden clusters."""

    rename_requested = Signal(Cluster, str)
    """The person typed a name for a cluster."""

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
        self.slider.setAccessibleName(tr("How finely photos are grouped"))
        self.slider.setToolTip(tr("From few large clusters to many small ones"))
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.ungrouped_link = self._link(tr("Photos in no cluster"), View.UNGROUPED)
        self.hidden_link = self._link(tr("Hidden clusters"), View.HIDDEN)
        self._pending_covers: tuple[int, ...] = ()
        self.empty = EmptyState(self)
        self.bar = self._build_bar()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self._stack, 1)

    def show_level(self, level: int) -> None:
        """Move the slider; nobody is told."""
        self.slider.blockSignals(True)
        self.slider.setValue(level)
        self.slider.blockSignals(False)
        self._describe_level()

    def show_clusters(
        self, view: View, shelf: ClusterLevel, fitting: Mapping[int, int] | None = None, *, same: bool
    ) -> None:
        """Show a level; `same` keeps in sight and selected what is, or what took its place.

        `fitting` says how many photos of a cluster fit the filter, by the cluster's id.
        """
        shown = shelf.hidden if view is View.HIDDEN else shelf.clusters
        hidden, loose = len(shelf.hidden), len(shelf.ungrouped)
        row, mark = (self.grid.currentIndex().row(), self.grid.scroll_anchor()) if same else (-1, None)
        cover = self.model.cover(row).file_id if row >= 0 else None
        if self.model.set_clusters(shown, fitting):
            self.grid.restore_scroll(mark)
            wanted, self._pending_covers = [self.model.row_of(one) for one in self._pending_covers], ()
            there = [one for one in wanted if one is not None]
            if there:
                self.grid.select_row(there[0])
                self.grid.add_to_selection(there[1:])
            elif cover is not None and shown:
                now = self.model.row_of(cover)
                self.grid.select_row(min(row, len(shown) - 1) if now is None else now)
        self.bar.setVisible(view is View.CLUSTERS)
        self.ungrouped_link.setText(
            tr("{photos} in no cluster").format(photos=formatting.count_photos(loose))
        )
        self.ungrouped_link.setVisible(loose > 0)
        self.hidden_link.setText(tr("{count} hidden").format(count=formatting.count_clusters(hidden)))
        self.hidden_link.setVisible(hidden > 0)
        if not shown and hidden:
            text = tr("You have hidden all of these clusters; the link above shows them.")
            self.empty.show_message("clusters", tr("Nothing but hidden clusters"), text)
        elif not shown:
            text = tr("Move the slider to the left: larger clusters take in more photos.")
            self.empty.show_message("clusters", tr("No clusters this small"), text)
        self._stack.setCurrentWidget(self.grid if shown else self.empty)

    def select_when_shown(self, covers: Iterable[int]) -> None:
        """Select the clusters with these covers, given as file ids, when the next ones are shown."""
        self._pending_covers = tuple(covers)

    # --- helpers -----------------------------------------------------------------------------------------

    def _build_bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setObjectName("cluster-bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        scale, parts = QWidget(bar), QWidget(bar)
        few, many = QLabel(tr("few large"), scale), QLabel(tr("many small"), scale)
        line = QHBoxLayout(scale)
        line.setContentsMargins(0, 0, 8, 0)
        line.setSpacing(8)
        for widget in (few, self.slider, many):
            line.addWidget(widget)
        for label in (few, many):
            label.setObjectName("small-text")
            theme.set_font(label, 0.88)
        # In a narrow window the links go under the slider.
        flow = FlowLayout(parts, 4)
        for part in (scale, self.ungrouped_link, self.hidden_link):
            flow.addWidget(part)
        around = QVBoxLayout(bar)
        around.setContentsMargins(16, 7, 14, 7)
        around.addWidget(parts)
        return bar

    def _link(self, text: str, view: View) -> QPushButton:
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
            *(tr("few large clusters"), tr("large clusters"), tr("middling clusters")),
            *(tr("small clusters"), tr("many small clusters")),
        )
        self.slider.setAccessibleDescription(names[self.slider.value()])


class _LevelSlider(QSlider):
    """As wide as its stops need to be told apart, and narrower where there is no room."""

    def sizeHint(self) -> QSize:
        return QSize(_SLIDER, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROW, super().sizeHint().height())
