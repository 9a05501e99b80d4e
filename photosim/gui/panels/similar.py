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
from photosim.gui.panels.query_chips import Fetch, QueryChips
from photosim.gui.services.similarity import FilteredSimilarity, Matches, SimilarityService
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import PhotoList, ranked_list
from photosim.gui.state.places import Query
from photosim.gui.widgets.empty_state import EmptyState
from photosim.gui.widgets.slider_labels import SliderLabels
from photosim.ml.closeness import LOWEST, SCALE_END, STOP, SimilarityBand, position_of, threshold_at
from photosim.records import Photo

_EDGE = 104  # logical pixels of a tile: three in a line at the panel's usual width
_MARGIN = 14
_LOWEST = 48  # logical pixels of the results in a low window

_PATIENCE_MS = 250
"""What takes longer than this says that it is under way."""


class SimilarPanel(QWidget):
    """Asks for matches, filters them by closeness without asking again, and shows them under headings."""

    chosen = Signal(Photo)
    """The person clicked a match: it becomes the query."""

    opened = Signal(object, int)
    """The person wants to look at a match: the photos in order, and its place among them."""

    menu_wanted = Signal(object, QPoint)
    """The person asked for the menu of these photos, at a point of the screen."""

    enlarged = Signal(object)
    """The person wants to see the matches of this Query in the centre."""

    threshold_changed = Signal(float)

    left = Signal()
    """What has the keyboard here is about to be shown in the centre instead."""

    answered = Signal()
    """The matches of the query are shown."""

    filter_cleared = Signal()
    """The person wants the matches that the filter leaves out."""

    def __init__(
        self,
        likeness: SimilarityService | FilteredSimilarity,
        thumbnails: ThumbnailLoader,
        jobs: Jobs,
        thumbnail: Fetch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._likeness, self._jobs = likeness, jobs
        self._job: int | None = None
        self._query: Query | None = None
        self._matches: Matches = []
        self.narrowed = False
        """Whether a filter leaves matches out."""
        self.model = PhotoModel(thumbnails, self)
        self.grid = PhotoGrid(self.model, self, margin=_MARGIN)
        self.grid.set_tile_size(_EDGE)
        self.grid.setMinimumHeight(_LOWEST)
        self.grid.setAccessibleName(tr("Photos that look like this one"))
        self.empty = EmptyState(self, small=True)
        self._where = tr("They are shown in the centre. Click one there to see what looks like that one.")
        self._elsewhere = QLabel(self._where, self)
        self._in_centre = False
        self._page: QWidget = self.grid
        self.chips = QueryChips(jobs, thumbnail, self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.reach = SliderLabels(tr("only the same"), tr("loosely related"), self)
        self._patience = QTimer(self, interval=_PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self._say_looking)
        self._build()
        self.slider.valueChanged.connect(self._slide)
        self.grid.tile_selected.connect(self._choose)
        self.grid.enter_opens = False
        self.grid.enter_pressed.connect(lambda index: self._choose(index, False))
        self.grid.tile_opened.connect(self._open)
        self.grid.stale_double_click.connect(self._open_left)
        self._left: tuple[tuple[Photo, ...], int] | None = None
        self.grid.customContextMenuRequested.connect(self._ask_menu)
        self.set_threshold(LOWEST[SimilarityBand.SIMILAR])
        self.reach.set_value_text(formatting.threshold_name(self.threshold))

    @property
    def threshold(self) -> float:
        """The lowest similarity that is shown."""
        return threshold_at(self.slider.value())

    def set_threshold(self, threshold: float) -> None:
        """Move the slider."""
        self.slider.setValue(position_of(threshold))

    def give_way(self, in_centre: bool) -> None:
        """Show the matches, or, while the centre shows the very same ones, nothing but how far they reach."""
        focus = QApplication.focusWidget()
        if in_centre and focus is not None and (focus is self.enlarge or self.stack.isAncestorOf(focus)):
            self.left.emit()
        self._in_centre = in_centre
        self.enlarge.setVisible(not in_centre)
        self._turn_to(self._page)

    def ask(self, query: Query | None, *, again: bool = False) -> None:
        """Show what looks like this; `again` asks even when the query is the same."""
        if query == self._query and not again:
            return
        self._jobs.cancel(self._job)
        same, self._query = query == self._query, query
        refined = query is not None and not query.is_simple
        self.chips.show_query(query if refined else None)  # one whole photo stands above already
        self.chips.setVisible(refined)
        self._patience.stop()
        if query is None:
            self._matches = []
            self._refilter()
            return
        if not same and any(part.photo is None or part.region is not None for part in query.all_images):
            self._patience.start()
        self._job = self._likeness.search(query, lambda value, error: self._take(query, value, error))

    # --- helpers -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.slider.setRange(0, SCALE_END)
        self.slider.setPageStep(STOP)
        self.slider.setAccessibleName(tr("How close the photos must be"))
        self.slider.setToolTip(tr("How close the photos must be: only the same, or loosely related too"))
        title = QLabel(tr("Looks like this"), self)
        theme.set_font(title, bold=True)
        self.enlarge = QPushButton(tr("Show large"), self)
        self.enlarge.setObjectName("link")
        self.enlarge.setCursor(Qt.CursorShape.PointingHandCursor)
        self.enlarge.setToolTip(tr("Show these photos in the centre"))
        self.enlarge.clicked.connect(self._enlarge)
        policy = self.enlarge.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the slider stays where it is
        self.enlarge.setSizePolicy(policy)
        line = QHBoxLayout()
        line.addWidget(title)
        line.addStretch(1)
        line.addWidget(self.enlarge)
        head = QVBoxLayout()
        head.setContentsMargins(_MARGIN, 12, _MARGIN, 6)
        head.setSpacing(4)
        head.addLayout(line)
        head.addWidget(self.chips)
        head.addWidget(self.slider)
        head.addWidget(self.reach)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.grid)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._elsewhere)
        self._elsewhere.setObjectName("quiet-text")
        self._elsewhere.setWordWrap(True)
        self._elsewhere.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._elsewhere.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)

    def _take(self, query: Query, matches: Matches | None, error: Exception | None) -> None:
        if query != self._query:
            return
        self._patience.stop()
        if error is not None:
            self.model.set_photos(PhotoList())
            self._say("unreadable", tr("This search did not work"), str(error))
            return
        self._matches = matches or []
        self._refilter()
        self.answered.emit()

    def _slide(self) -> None:
        self.reach.set_value_text(formatting.threshold_name(self.threshold))
        self._refilter()
        self.threshold_changed.emit(self.threshold)

    def _refilter(self) -> None:
        listing = ranked_list(self._matches, self.threshold)
        self.model.set_photos(listing)
        if listing.photos or self._query is None:
            self._turn_to(self.grid)
        elif self._matches:
            self._say(
                "similar",
                tr("No photo is this close"),
                tr("The closest one is less alike than the slider allows."),
                (tr("Show the closest"), self._reach_closest),
            )
        elif self.narrowed:
            self._say(
                "filter",
                tr("No similar photo fits the filter"),
                tr("Among the photos that are most alike there is none."),
                (tr("Clear the filter"), self.filter_cleared.emit),
            )
        else:
            text = tr("Add more photos, and those that look like it appear here.")
            self._say("similar", tr("No similar photos"), text)

    def _say_looking(self) -> None:
        self._say("search-image", tr("Searching…"), tr("The model is reading the image."))

    def _reach_closest(self) -> None:
        best = self._matches[0][1] if self._matches else 0.0
        below = [place for place in range(SCALE_END + 1) if threshold_at(place) <= best]
        self.slider.setValue(below[0] if below else SCALE_END)

    def _say(self, glyph: str, title: str, text: str, *buttons: tuple[str, Callable[[], object]]) -> None:
        self.empty.show_message(glyph, title, text, *buttons)
        self._turn_to(self.empty)

    def _turn_to(self, page: QWidget) -> None:
        self._page = page
        self._elsewhere.setText(self._where if page is self.grid else "")  # the centre says why there is none
        self.stack.setCurrentWidget(self._elsewhere if self._in_centre else page)

    def _choose(self, index: QModelIndex, by_keyboard: bool) -> None:
        # Moving with the keys must not change the list that one moves in: Enter chooses.
        if not by_keyboard:
            self._left = (tuple(self.model.photos), index.row())
            self.chosen.emit(self.model.photo(index.row()))

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(tuple(self.model.photos), index.row())

    def _enlarge(self) -> None:
        if self._query is not None:
            self.enlarged.emit(self._query)

    def _open_left(self) -> None:
        """The second click of a double click: the first one has made the match the query."""
        if self._left is not None:
            self.opened.emit(*self._left)

    def _ask_menu(self, point: QPoint) -> None:
        index = self.grid.indexAt(point)
        if index.isValid():
            photos = [self.model.photo(index.row())]
            self.menu_wanted.emit(photos, self.grid.viewport().mapToGlobal(point))
