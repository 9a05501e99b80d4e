"""The photos that look like the one in question, best first, as far as the threshold slider reaches."""

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
from photosim.gui.panels.query_chips import QueryChips, ThumbnailFetcher
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
    SimilarityBand,
    slider_position,
    threshold_at,
)
from photosim.records import Photo

_TILE_EDGE = 104  # logical pixels of a tile: three in a line at the panel's usual width
_MARGIN = 14
_MIN_GRID_HEIGHT = 48  # logical pixels of the results in a low window

_BUSY_DELAY_MS = 250
"""What takes longer than this says that it is under way."""


class SimilarPanel(QWidget):
    """Asks for matches, filters them by closeness without asking again, and shows them under headings."""

    photo_selected = Signal(Photo)
    """The person clicked a match: it becomes the query."""

    open_requested = Signal(object, int)
    """The person wants to look at a match: the photos in order, and its place among them."""

    menu_requested = Signal(object, QPoint)
    """The person asked for the menu of these photos, at a point of the screen."""

    show_all_requested = Signal(object)
    """The person wants to see the matches of this Query in the centre."""

    threshold_changed = Signal(float)

    focus_handed_over = Signal()
    """What has the keyboard here is about to be shown in the centre instead."""

    matches_shown = Signal()
    """The matches of the query are shown."""

    clear_filters_requested = Signal()
    """The person wants the matches that the filter leaves out."""

    def __init__(
        self,
        likeness: SimilarityService | FilteredSimilarity,
        thumbnails: ThumbnailLoader,
        jobs: Jobs,
        thumbnail: ThumbnailFetcher,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._similarity, self._jobs = likeness, jobs
        self._job: int | None = None
        self._query: Query | None = None
        self._matches: Matches = []
        self.is_filtered = False
        """Whether a filter leaves matches out."""
        self.model = PhotoModel(thumbnails, self)
        self.grid = PhotoGrid(self.model, self, margin=_MARGIN)
        self.grid.set_tile_size(_TILE_EDGE)
        self.grid.setMinimumHeight(_MIN_GRID_HEIGHT)
        self.grid.setAccessibleName(tr("Photos that look like this one"))
        self.empty = EmptyState(self, small=True)
        self._in_grid_text = tr(
            "They are shown in the centre. Click one there to see what looks like that one."
        )
        self._in_grid_label = QLabel(self._in_grid_text, self)
        self._is_in_grid = False
        self._page: QWidget = self.grid
        self.chips = QueryChips(jobs, thumbnail, self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider_labels = SliderLabels(tr("only the same"), tr("loosely related"), self)
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
        """The lowest similarity that is shown."""
        return threshold_at(self.slider.value())

    def set_threshold(self, threshold: float) -> None:
        """Move the slider."""
        self.slider.setValue(slider_position(threshold))

    def set_shown_in_grid(self, in_centre: bool) -> None:
        """Show the matches, or, while the centre shows the very same ones, nothing but how far they reach."""
        focus = QApplication.focusWidget()
        if (
            in_centre
            and focus is not None
            and (focus is self.show_all_button or self.stack.isAncestorOf(focus))
        ):
            self.focus_handed_over.emit()
        self._is_in_grid = in_centre
        self.show_all_button.setVisible(not in_centre)
        self._show_page(self._page)

    def show_query(self, query: Query | None, *, reload: bool = False) -> None:
        """Show what looks like this; `again` asks even when the query is the same."""
        if query == self._query and not reload:
            return
        self._jobs.cancel(self._job)
        same, self._query = query == self._query, query
        refined = query is not None and not query.is_simple
        self.chips.show_query(query if refined else None)  # one whole photo stands above already
        self.chips.setVisible(refined)
        self._busy_timer.stop()
        if query is None:
            self._matches = []
            self._update_matches()
            return
        if not same and any(part.photo is None or part.region is not None for part in query.all_images):
            self._busy_timer.start()
        self._job = self._similarity.search(
            query, lambda value, error: self._accept_matches(query, value, error)
        )

    # --- helpers -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.slider.setRange(0, SLIDER_MAX)
        self.slider.setPageStep(STEPS_PER_BAND)
        self.slider.setAccessibleName(tr("How close the photos must be"))
        self.slider.setToolTip(tr("How close the photos must be: only the same, or loosely related too"))
        title = QLabel(tr("Looks like this"), self)
        theme.set_font(title, bold=True)
        self.show_all_button = QPushButton(tr("Show large"), self)
        self.show_all_button.setObjectName("link")
        self.show_all_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_all_button.setToolTip(tr("Show these photos in the centre"))
        self.show_all_button.clicked.connect(self._show_all)
        policy = self.show_all_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the slider stays where it is
        self.show_all_button.setSizePolicy(policy)
        line = QHBoxLayout()
        line.addWidget(title)
        line.addStretch(1)
        line.addWidget(self.show_all_button)
        head = QVBoxLayout()
        head.setContentsMargins(_MARGIN, 12, _MARGIN, 6)
        head.setSpacing(4)
        head.addLayout(line)
        head.addWidget(self.chips)
        head.addWidget(self.slider)
        head.addWidget(self.slider_labels)
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
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)

    def _accept_matches(self, query: Query, matches: Matches | None, error: Exception | None) -> None:
        if query != self._query:
            return
        self._busy_timer.stop()
        if error is not None:
            self.model.set_photos(PhotoList())
            self._show_message("unreadable", tr("This search did not work"), str(error))
            return
        self._matches = matches or []
        self._update_matches()
        self.matches_shown.emit()

    def _apply_threshold(self) -> None:
        self.slider_labels.set_value_text(formatting.threshold_name(self.threshold))
        self._update_matches()
        self.threshold_changed.emit(self.threshold)

    def _update_matches(self) -> None:
        listing = ranked_list(self._matches, self.threshold)
        self.model.set_photos(listing)
        if listing.photos or self._query is None:
            self._show_page(self.grid)
        elif self._matches:
            self._show_message(
                "similar",
                tr("No photo is this close"),
                tr("The closest one is less alike than the slider allows."),
                (tr("Show the closest"), self._lower_threshold_to_best),
            )
        elif self.is_filtered:
            self._show_message(
                "filter",
                tr("No similar photo fits the filter"),
                tr("Among the photos that are most alike there is none."),
                (tr("Clear the filter"), self.clear_filters_requested.emit),
            )
        else:
            text = tr("Add more photos, and those that look like it appear here.")
            self._show_message("similar", tr("No similar photos"), text)

    def _show_busy(self) -> None:
        self._show_message("search-image", tr("Searching…"), tr("The model is reading the image."))

    def _lower_threshold_to_best(self) -> None:
        best = self._matches[0][1] if self._matches else 0.0
        below = [place for place in range(SLIDER_MAX + 1) if threshold_at(place) <= best]
        self.slider.setValue(below[0] if below else SLIDER_MAX)

    def _show_message(
        self, glyph: str, title: str, text: str, *buttons: tuple[str, Callable[[], object]]
    ) -> None:
        self.empty.show_message(glyph, title, text, *buttons)
        self._show_page(self.empty)

    def _show_page(self, page: QWidget) -> None:
        self._page = page
        self._in_grid_label.setText(
            self._in_grid_text if page is self.grid else ""
        )  # the centre says why there is none
        self.stack.setCurrentWidget(self._in_grid_label if self._is_in_grid else page)

    def _select(self, index: QModelIndex, by_keyboard: bool) -> None:
        # Moving with the keys must not change the list that one moves in: Enter chooses.
        if not by_keyboard:
            self._clicked = (tuple(self.model.photos), index.row())
            self.photo_selected.emit(self.model.photo(index.row()))

    def _open(self, index: QModelIndex) -> None:
        self.open_requested.emit(tuple(self.model.photos), index.row())

    def _show_all(self) -> None:
        if self._query is not None:
            self.show_all_requested.emit(self._query)

    def _open_clicked(self) -> None:
        """The second click of a double click: the first one has made the match the query."""
        if self._clicked is not None:
            self.open_requested.emit(*self._clicked)

    def _request_menu(self, point: QPoint) -> None:
        index = self.grid.indexAt(point)
        if index.isValid():
            photos = [self.model.photo(index.row())]
            self.menu_requested.emit(photos, self.grid.viewport().mapToGlobal(point))
