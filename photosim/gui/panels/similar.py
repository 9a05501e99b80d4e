"""Similar photos in the details panel, best first, under headings of similarity."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.panels.panel_grid import MARGIN, PanelGrid
from photosim.gui.panels.query_chips import QueryChips
from photosim.gui.panels.strictness import ALL, StrictnessButton
from photosim.gui.services.photo_loader import ThumbnailFetcher
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.similarity import FilteredSimilarity, Search, SimilarityService
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.list_diff import diff_lists
from photosim.gui.state.places import Query, SearchScope, View
from photosim.gui.state.results import FIRST_PAGE, ResultList, Results, list_results, next_count
from photosim.gui.state.text.empty import (
    EmptyAction,
    EmptyMessage,
    LibrarySummary,
    empty_message,
    failure_message,
    no_objects_message,
    no_results_message,
)
from photosim.gui.widgets.empty_state import EmptyState

_BUSY_DELAY_MS = 250
"""A search that takes longer than this is shown as being in progress."""


class SimilarPanel(QWidget):
    """Searches for the photos most similar to a query, and for more of them as one scrolls."""

    show_all_requested = Signal(object)
    """Show the matches of this Query in the main grid."""

    strictness_chosen = Signal(object)
    """Show the results of the query down to this SimilarityBand only."""

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
        self._similarity = similarity
        self._running: Search | None = None
        self._query: Query | None = None
        self._results = Results()
        self._listed_query: Query | None = None
        self._is_searching = False
        self._unfolded = False
        self.shown = ResultList()
        """The results that are shown."""
        self.is_filtered = False
        """Whether a filter may exclude matches."""
        self.model = PhotoModel(thumbnails, self)
        self.grid = PanelGrid(self.model, tr("Similar photos"), self)
        self.grid.sticky_headings = True
        self.empty = EmptyState(self, small=True)
        self._titles = {False: tr("Similar photos"), True: tr("Similar objects")}
        self._in_grid_text = tr("Results are shown in the grid.")
        self._in_grid_label = QLabel(self._in_grid_text, self)
        self._is_in_grid = False
        self._page: QWidget = self.grid
        self.title = QLabel(self._titles[False], self)
        self.chips = QueryChips(jobs, client, thumbnail, self)
        self.strictness = StrictnessButton(self)
        self._busy_timer = QTimer(self, interval=_BUSY_DELAY_MS, singleShot=True)
        self._busy_timer.timeout.connect(self._show_busy)
        self._build()
        self.strictness.chosen.connect(self.strictness_chosen)
        self.chips.strictness_removed.connect(lambda: self.strictness_chosen.emit(ALL))
        self.grid.end_neared.connect(self._load_more)

    def set_shown_in_grid(self, in_grid: bool) -> None:
        """Hide the matches while the main grid shows the same ones."""
        focus = QApplication.focusWidget()
        controls = (self.show_all_button, self.strictness)
        hides_focus = focus in controls or (focus is not None and self.stack.isAncestorOf(focus))
        if in_grid and hides_focus:
            self.focus_handed_over.emit()
        self._is_in_grid = in_grid
        for control in controls:
            control.setVisible(not in_grid)
        self._show_page(self._page)

    def set_unfolded(self, unfolded: bool) -> None:
        """Show the results that are less similar, or only their heading."""
        self._unfolded = unfolded
        self._update_list()

    def show_query(self, query: Query | None, *, reload: bool = False) -> None:
        """Show the matches of a query; `reload` searches again even if the query is the same."""
        if query == self._query and not reload:
            return
        if self._running is not None and (reload or not _is_same_search(query, self._query)):
            self._running.cancel()
        previous, self._query = self._query, query
        self.chips.show_query(query, with_images=query is not None and not query.is_simple)
        self.title.setText(self._titles[query is not None and query.scope is SearchScope.OBJECTS])
        self._busy_timer.stop()
        if query is None:
            self._results = Results()
            self._update_list()
            return
        self.strictness.show_least(query.least)
        if _is_same_search(query, previous) and not reload:
            self._update_list()
            return
        count = FIRST_PAGE
        if query == previous:
            count = max(count, len(self._results.rows))
        elif any(image.photo is None or image.region is not None for image in query.all_images):
            self._busy_timer.start()
        self._search(query, count)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.strictness.update_icons()

    def _build(self) -> None:
        theme.set_font(self.title, bold=True)
        self.show_all_button = QPushButton(tr("Show all"), self)
        self.show_all_button.setObjectName("link")
        self.show_all_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_all_button.setToolTip(tr("Show these photos in the grid"))
        self.show_all_button.clicked.connect(self._show_all)
        title_row = QHBoxLayout()
        title_row.addWidget(self.title)
        title_row.addStretch(1)
        title_row.addWidget(self.strictness)
        title_row.addWidget(self.show_all_button)
        header = QVBoxLayout()
        header.setContentsMargins(MARGIN, 8, MARGIN, 4)
        header.setSpacing(4)
        header.addLayout(title_row)
        header.addWidget(self.chips)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.grid)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._in_grid_label)
        self._in_grid_label.setObjectName("quiet-text")
        self._in_grid_label.setWordWrap(True)
        self._in_grid_label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._in_grid_label.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self.stack, 1)

    def _search(self, query: Query, count: int) -> None:
        self._is_searching = True
        self._running = self._similarity.search(
            query, lambda results, error: self._accept(query, results, error), count
        )

    def _load_more(self) -> None:
        if self._query is not None and self.shown.can_grow and not self._is_searching:
            self._search(self._query, next_count(len(self._results.rows)))

    def _accept(self, query: Query, results: Results | None, error: Exception | None) -> None:
        if self._query is None or not query.is_same_search(self._query):
            return
        self._is_searching = False
        self._busy_timer.stop()
        self._results = results or Results()
        self._update_list()
        if error is not None:
            self._show_message(failure_message(View.SIMILAR, str(error)))
        else:
            self.matches_shown.emit()

    def _update_list(self) -> None:
        least = ALL if self._query is None else self._query.least
        self.shown = list_results(self._results, least, unfolded=self._unfolded)
        photos, listed = self.shown.photos, self._listed_query
        is_same = listed is not None and self._query is not None and listed.is_same_search(self._query)
        # Rows of the same search keep their selection and position.
        self.model.set_photos(photos, diff_lists(self.model.photo_list, photos) if is_same else None)
        self._listed_query = self._query
        if photos.photos or self._query is None:
            self._show_page(self.grid)
        elif self.shown.is_restricted or self.is_filtered:
            self._show_message(no_results_message(restricted=self.shown.is_restricted))
        elif self._query.scope is SearchScope.OBJECTS:
            self._show_message(no_objects_message())
        else:
            self._show_message(empty_message(View.SIMILAR, LibrarySummary()))

    def _show_busy(self) -> None:
        self._show_message(EmptyMessage("search-image", tr("Searching…"), tr("Analyzing image…")))

    def _show_message(self, message: EmptyMessage) -> None:
        callbacks: dict[object, Callable[[], object]] = {
            EmptyAction.SHOW_ALL_RESULTS: lambda: self.strictness_chosen.emit(ALL),
            EmptyAction.CLEAR_FILTER: self.clear_filters_requested.emit,
        }
        buttons = [(label, callbacks[action]) for label, action in message.buttons]
        self.empty.show_message(message.icon, message.title, message.text, *buttons)
        self._show_page(self.empty)

    def _show_page(self, page: QWidget) -> None:
        self._page = page
        # The grid explains why there are no matches.
        self._in_grid_label.setText(self._in_grid_text if page is self.grid else "")
        self.stack.setCurrentWidget(self._in_grid_label if self._is_in_grid else page)

    def _show_all(self) -> None:
        if self._query is not None:
            self.show_all_requested.emit(self._query)


def _is_same_search(query: Query | None, other: Query | None) -> bool:
    return query is not None and other is not None and query.is_same_search(other)
