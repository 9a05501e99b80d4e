"""Similar photos in the details panel, best first, down to the threshold of a slider."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.panels.query_chips import QueryChips
from photosim.gui.services.photo_client import PhotoClient
from photosim.gui.services.photo_loader import ThumbnailFetcher
from photosim.gui.services.similarity import FilteredSimilarity, Matches, SimilarityService
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import PhotoList, ranked_list
from photosim.gui.state.places import Query
from photosim.gui.widgets.empty_state import EmptyState
from photosim.gui.widgets.slider_labels import SliderLabels
from photosim.ml.closeness import (
    BAND_THRESHOLDS,
    SLIDER_MAX,
    STEPS_PER_BAND,
    slider_position,
    threshold_at,
)
from photosim.records import Photo, SimilarityBand

_TILE_EDGE = 104  # logical pixels of a tile: three in a line at the panel's usual width
_MARGIN = 14
_MIN_GRID_HEIGHT = 48  # logical pixels of the results in a low window

_BUSY_DELAY_MS = 250
"""A search that takes longer than this is shown as being in progress."""


class SimilarPanel(QWidget):
    """Searches for the matches of a query and shows those above the threshold, grouped by similarity."""

    photo_selected = Signal(Photo)
    """A match was clicked: it becomes the query."""

    open_requested = Signal(object, int)
    """Open a match in the viewer: the photos in order, and its index."""

    menu_requested = Signal(object, QPoint)
    """Show the context menu of these photos at a global position."""

    show_all_requested = Signal(object)
    """Show the matches of this Query in the main grid."""

    threshold_changed = Signal(float)

    focus_handed_over = Signal()
    """The widget with the focus is about to be hidden: move the focus to the main grid."""

    matches_shown = Signal()

    clear_filters_requested = Signal()

    def __init__(
        self,
        similarity: SimilarityService | FilteredSimilarity,
        thumbnails: ThumbnailLoader,
        jobs: Jobs,
        client: PhotoClient,
        thumbnail: ThumbnailFetcher,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._similarity, self._jobs = similarity, jobs
        self._job: int | None = None
        self._query: Query | None = None
        self._matches: Matches = []
        self.is_filtered = False
        """Whether a filter may exclude matches."""
        self.model = PhotoModel(thumbnails, self)
        self.grid = PhotoGrid(self.model, self, margin=_MARGIN)
        self.grid.set_tile_size(_TILE_EDGE)
        self.grid.setMinimumHeight(_MIN_GRID_HEIGHT)
        self.grid.setAccessibleName(tr("Similar photos"))
        self.empty = EmptyState(self, small=True)
        self._in_grid_text = tr("Results are shown in the grid.")
        self._in_grid_label = QLabel(self._in_grid_text, self)
        self._is_in_grid = False
        self._page: QWidget = self.grid
        self.chips = QueryChips(jobs, client, thumbnail, self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider_labels = SliderLabels(tr("Strict"), tr("Loose"), self)
        self._busy_timer = QTimer(self, interval=_BUSY_DELAY_MS, singleShot=True)
        self._busy_timer.timeout.connect(self._show_busy)
        self._build()
        self.slider.valueChanged.connect(self._apply_threshold)
        self.grid.tile_selected.connect(self._select)
        self.grid.enter_opens = False
        self.grid.enter_pressed.connect(lambda index: self._select(index, False))
        self.grid.tile_opened.connect(self._open)
        self.grid.stale_double_click.connect(self._open_clicked)
        self._clicked: tuple[tuple[Photo, ...], int] | None = None
        self.grid.customContextMenuRequested.connect(self._request_menu)
        self.set_threshold(BAND_THRESHOLDS[SimilarityBand.SIMILAR])
        self.slider_labels.set_value_text(formatting.threshold_name(self.threshold))

    @property
    def threshold(self) -> float:
        """The lowest similarity of the matches that are shown."""
        return threshold_at(self.slider.value())

    def set_threshold(self, threshold: float) -> None:
        """Move the slider."""
        self.slider.setValue(slider_position(threshold))

    def set_shown_in_grid(self, in_grid: bool) -> None:
        """Hide the matches while the main grid shows the same ones; the slider stays."""
        focus = QApplication.focusWidget()
        hides_focus = focus is self.show_all_button or (focus is not None and self.stack.isAncestorOf(focus))
        if in_grid and hides_focus:
            self.focus_handed_over.emit()
        self._is_in_grid = in_grid
        self.show_all_button.setVisible(not in_grid)
        self._show_page(self._page)

    def show_query(self, query: Query | None, *, reload: bool = False) -> None:
        """Show the matches of a query; `reload` searches again even if the query is the same."""
        if query == self._query and not reload:
            return
        self._jobs.cancel(self._job)
        is_same, self._query = query == self._query, query
        is_refined = query is not None and not query.is_simple
        self.chips.show_query(query if is_refined else None)  # a single photo is shown in the preview
        self.chips.setVisible(is_refined)
        self._busy_timer.stop()
        if query is None:
            self._matches = []
            self._update_matches()
            return
        must_embed = any(image.photo is None or image.region is not None for image in query.all_images)
        if must_embed and not is_same:
            self._busy_timer.start()
        self._job = self._similarity.search(
            query, lambda matches, error: self._accept_matches(query, matches, error)
        )

    def _build(self) -> None:
        self.slider.setRange(0, SLIDER_MAX)
        self.slider.setPageStep(STEPS_PER_BAND)
        self.slider.setAccessibleName(tr("Similarity"))
        self.slider.setToolTip(tr("Similarity of the photos that are shown"))
        title = QLabel(tr("Similar photos"), self)
        theme.set_font(title, bold=True)
        self.show_all_button = QPushButton(tr("Show all"), self)
        self.show_all_button.setObjectName("link")
        self.show_all_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_all_button.setToolTip(tr("Show these photos in the grid"))
        self.show_all_button.clicked.connect(self._show_all)
        policy = self.show_all_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # keeps the slider in place
        self.show_all_button.setSizePolicy(policy)
        title_row = QHBoxLayout()
        title_row.addWidget(title)
        title_row.addStretch(1)
        title_row.addWidget(self.show_all_button)
        header = QVBoxLayout()
        header.setContentsMargins(_MARGIN, 12, _MARGIN, 6)
        header.setSpacing(4)
        header.addLayout(title_row)
        header.addWidget(self.chips)
        header.addWidget(self.slider)
        header.addWidget(self.slider_labels)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.grid)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._in_grid_label)
        self._in_grid_label.setObjectName("quiet-text")
        self._in_grid_label.setWordWrap(True)
        self._in_grid_label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._in_grid_label.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self.stack, 1)

    def _accept_matches(self, query: Query, matches: Matches | None, error: Exception | None) -> None:
        if query != self._query:
            return
        self._busy_timer.stop()
        if error is not None:
            self.model.set_photos(PhotoList())
            self._show_message("unreadable", tr("Search failed"), str(error))
            return
        self._matches = matches or []
        self._update_matches()
        self.matches_shown.emit()

    def _apply_threshold(self) -> None:
        self.slider_labels.set_value_text(formatting.threshold_name(self.threshold))
        self._update_matches()
        self.threshold_changed.emit(self.threshold)

    def _update_matches(self) -> None:
        matches = ranked_list(self._matches, self.threshold)
        self.model.set_photos(matches)
        if matches.photos or self._query is None:
            self._show_page(self.grid)
        elif self._matches:
            self._show_message(
                "similar",
                tr("No close matches"),
                tr("Show less similar photos?"),
                (tr("Show more"), self._lower_threshold_to_best),
            )
        elif self.is_filtered:
            self._show_message(
                "filter",
                tr("No matches"),
                tr("None of the similar photos match the current filters."),
                (tr("Clear filters"), self.clear_filters_requested.emit),
            )
        else:
            text = tr("Similar photos will appear here as you add more.")
            self._show_message("similar", tr("No similar photos"), text)

    def _show_busy(self) -> None:
        self._show_message("search-image", tr("Searching…"), tr("Analyzing image…"))

    def _lower_threshold_to_best(self) -> None:
        best = self._matches[0][1] if self._matches else 0.0
        positions = (position for position in range(SLIDER_MAX + 1) if threshold_at(position) <= best)
        self.slider.setValue(next(positions, SLIDER_MAX))

    def _show_message(
        self, icon: str, title: str, text: str, *buttons: tuple[str, Callable[[], object]]
    ) -> None:
        self.empty.show_message(icon, title, text, *buttons)
        self._show_page(self.empty)

    def _show_page(self, page: QWidget) -> None:
        self._page = page
        # The grid explains why there are no matches.
        self._in_grid_label.setText(self._in_grid_text if page is self.grid else "")
        self.stack.setCurrentWidget(self._in_grid_label if self._is_in_grid else page)

    def _select(self, index: QModelIndex, by_keyboard: bool) -> None:
        # Arrow keys must not replace the list they move in: only a click or Enter selects.
        if not by_keyboard:
            self._clicked = (tuple(self.model.photos), index.row())
            self.photo_selected.emit(self.model.photo(index.row()))

    def _open(self, index: QModelIndex) -> None:
        self.open_requested.emit(tuple(self.model.photos), index.row())

    def _show_all(self) -> None:
        if self._query is not None:
            self.show_all_requested.emit(self._query)

    def _open_clicked(self) -> None:
        """Open the match of a double click, whose first click has already replaced the list."""
        if self._clicked is not None:
            self.open_requested.emit(*self._clicked)

    def _request_menu(self, point: QPoint) -> None:
        index = self.grid.indexAt(point)
        if index.isValid():
            photos = [self.model.photo(index.row())]
            self.menu_requested.emit(photos, self.grid.viewport().mapToGlobal(point))
