"""The page of a folder that was compared with the library or another folder: a list for each state."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QDateTime, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from photosim.duplicates.comparison import ComparedPhoto, ComparedState, Comparison
from photosim.gui.base import formatting, theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.comparison.model import ComparedRow, tile_id
from photosim.gui.comparison.photo_list import MARGIN, TILE_GAP, TILE_WIDTH, ComparisonList
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.text.comparison import STATES, empty_text, notes_text, state_name
from photosim.gui.widgets.empty_state import EmptyState

ReadDigests = Callable[[Collection[bytes]], Mapping[bytes, bytes]]
"""Returns the thumbnails of photos as JPEG bytes, by their digests; called in jobs."""

_NEW_TAB = STATES.index(ComparedState.NEW)

_MAX_BUTTON_WIDTH, _BUTTON_MARGINS = 280, 60
"""Of the button with the name of the other folder, logical pixels."""

_BUDGET_BYTES = 32 * 1024**2
"""Pixels of tiles kept: some hundred rows."""


@dataclass(frozen=True, slots=True)
class ComparisonListing:
    """A result as it is listed: the photos in each state of STATES, then the unreadable files, and digests by tile."""

    result: Comparison
    lists: tuple[list[ComparedRow], ...]
    digests: Mapping[int, bytes]
    notes: str

    @classmethod
    def of(cls, result: Comparison) -> ComparisonListing:
        """List a result; of a large folder that takes a while."""
        lists: list[list[ComparedRow]] = [
            [photo for photo in result.photos if photo.state is state] for state in STATES
        ]
        digests = (digest for photo in result.photos for digest in (photo.digest, photo.match_digest))
        return cls(
            result,
            (*lists, list(result.unreadable)),
            {tile_id(digest): digest for digest in digests if digest is not None},
            notes_text(result),
        )


class ComparisonPage(QWidget):
    """Shows which photos of a folder are new, better or in the library, and offers to copy them."""

    copy_requested = Signal(object, bool)
    """Copy these ComparedPhotos, and add them to the library."""

    again_requested = Signal()
    compare_requested = Signal(object)
    """Show this ComparedPhoto and its match side by side."""

    menu_requested = Signal(QPoint)
    library_chosen = Signal()
    """Compare with the library."""
    other_requested = Signal()
    """Compare with another folder, which the user chooses."""

    def __init__(self, jobs: Jobs, read: ReadDigests, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.listing: ComparisonListing | None = None
        self._read = read
        self.tiles = ThumbnailLoader(
            lambda tile_id: self._read_tiles([tile_id]).get(tile_id),
            jobs,
            _BUDGET_BYTES,
            self,
            read_cached=self._read_tiles,
        )
        self.folder = QLabel(self)
        theme.set_font(self.folder, 1.2, bold=True)
        self.details = QLabel(self)
        self.details.setObjectName("quiet-text")
        for label in (self.folder, self.details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.with_button = QPushButton(self)
        self.with_menu = QMenu(self.with_button)
        self.with_library = self.with_menu.addAction(tr("&Library"), self.library_chosen.emit)
        self.with_other = self.with_menu.addAction(tr("&Another folder…"), self.other_requested.emit)
        self.with_button.setMenu(self.with_menu)
        self.again_button = QPushButton(tr("Compare again"), self)
        self.copy_button = QPushButton(self)
        self.add_button = QPushButton(tr("Copy and add to library…"), self)
        self.add_button.setObjectName("primary")
        self.tabs = QTabBar(self)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(tr("State"))
        for name in self._names(""):
            self.tabs.addTab(name)
        self.photos = ComparisonList(self.tiles, self)
        self._there = QLabel(self)
        self.empty = EmptyState(self)
        self._listed = self._with_headings(self.photos)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._listed)
        self._stack.addWidget(self.empty)
        self._lay_out()
        self._show_folders("", "")
        self._update_buttons()
        self.tabs.currentChanged.connect(lambda _: self._show_list())
        self.photos.selectionModel().selectionChanged.connect(lambda *_: self._update_buttons())
        self.photos.opened.connect(self.compare_requested)
        self.photos.menu_requested.connect(self.menu_requested)
        self.again_button.clicked.connect(self.again_requested)
        self.copy_button.clicked.connect(lambda: self.copy_requested.emit(self.to_copy, False))
        self.add_button.clicked.connect(lambda: self.copy_requested.emit(self.to_copy, True))

    @property
    def result(self) -> Comparison | None:
        """The result that is shown."""
        return None if self.listing is None else self.listing.result

    @property
    def selected(self) -> list[ComparedPhoto]:
        """The selected photos."""
        return [row for row in self.photos.selected_rows if isinstance(row, ComparedPhoto)]

    @property
    def to_copy(self) -> list[ComparedPhoto]:
        """The photos that the buttons copy: the selected ones, or all new ones if none is selected."""
        if self.photos.selected_count or self.listing is None:
            return self.selected
        return [row for row in self.listing.lists[_NEW_TAB] if isinstance(row, ComparedPhoto)]

    def show_result(self, listing: ComparisonListing, *, select_first: bool) -> None:
        """Show a result; with `select_first` the first list that has any photo."""
        self.listing, result = listing, listing.result
        self.tiles.forget_missing()
        self._show_folders(result.folder, result.other)
        when = tr("Compared {date}").format(date=formatting.format_timestamp(_local(result.compared_at)))
        self.details.setText("  ·  ".join(text for text in (when, listing.notes) if text))
        for tab, (name, rows) in enumerate(zip(self._names(result.other), listing.lists, strict=True)):
            self.tabs.setTabText(tab, f"{name} ({formatting.format_number(len(rows))})")
        self.tabs.setTabVisible(len(STATES), bool(result.unreadable))
        if select_first:
            self.tabs.setCurrentIndex(next((tab for tab, rows in enumerate(listing.lists) if rows), 0))
        self._show_list()

    def show_running(self, folder: str, other: str = "") -> None:
        """Show that a folder is being compared for the first time, with the library or the folder `other`."""
        self.listing = None
        self._show_folders(folder, other)
        self.details.setText("")
        self.photos.show_rows([])
        text = (
            tr("The result appears here. The folders are only read.")
            if other
            else tr("The result appears here. The folder is only read.")
        )
        self.empty.show_message("compare", tr("Comparing…"), text)
        self._stack.setCurrentWidget(self.empty)
        self._update_buttons()

    def show_none(self, folder: str, other: str = "") -> None:
        """Show that there is no result: the comparison was stopped or failed."""
        self.show_running(folder, other)
        self.empty.show_message(
            "compare",
            tr("Not compared yet"),
            tr("What was read so far is kept."),
            (tr("Compare"), self.again_requested.emit),
        )

    def set_busy(self, busy: bool) -> None:
        """Disable what can't be done while the folder is being compared."""
        for button in (self.again_button, self.with_button):
            button.setEnabled(not busy)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.again_button, self.copy_button, self.add_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        label = QLabel(tr("Compared with"), self)
        self.with_button.setMaximumWidth(_MAX_BUTTON_WIDTH)
        compared = QHBoxLayout()
        compared.setSpacing(8)
        compared.addWidget(label)
        compared.addWidget(self.with_button)
        compared.addSpacing(8)
        compared.addWidget(self.details, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 0)
        layout.setSpacing(8)
        layout.addWidget(self.folder)
        layout.addLayout(compared)
        layout.addLayout(buttons)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self.photos)

    @staticmethod
    def _names(other: str) -> list[str]:
        """The names of the lists of a comparison with `other`."""
        return [*(state_name(state, other) for state in STATES), tr("Unreadable")]

    def _show_folders(self, folder: str, other: str) -> None:
        """Show what is compared: a folder with the library, or with the folder `other`."""
        self.folder.setText(formatting.display_path(folder))
        there = formatting.display_path(other) if other else tr("Library")
        room = _MAX_BUTTON_WIDTH - _BUTTON_MARGINS
        elided = self.with_button.fontMetrics().elidedText(there, Qt.TextElideMode.ElideMiddle, room)
        self.with_button.setText(elided.replace("&", "&&"))
        self.with_button.setToolTip(formatting.plain_tooltip(there) if other else "")
        self.with_button.setAccessibleName(tr("Compared with {there}").format(there=there))
        self.with_library.setVisible(bool(other))
        self._there.setText(tr("Other folder") if other else tr("Library"))

    def _with_headings(self, photos: ComparisonList) -> QWidget:
        """The list under headings of its two columns of tiles."""
        area = QWidget(self)
        headings = QHBoxLayout()
        headings.setContentsMargins(MARGIN, 0, 0, 0)
        headings.setSpacing(TILE_GAP)
        for label in (QLabel(tr("This folder"), area), self._there):
            label.setObjectName("quiet-text")
            label.setFixedWidth(TILE_WIDTH)
            headings.addWidget(label)
        headings.addStretch(1)
        column = QVBoxLayout(area)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(headings)
        column.addWidget(photos, 1)
        return area

    def _show_list(self) -> None:
        tab = max(self.tabs.currentIndex(), 0)
        if self.listing is None:
            return
        rows, other = self.listing.lists[tab], self.listing.result.other
        self.photos.show_rows(rows, other)
        if not rows:
            text = empty_text(STATES[tab], other) if tab < len(STATES) else ""
            if not self.listing.result.photos:
                text = tr("No photos found in this folder.")
            self.empty.show_message("compare", text, "")
        self._stack.setCurrentWidget(self._listed if rows else self.empty)
        self._update_buttons()

    def _update_buttons(self) -> None:
        new = 0 if self.listing is None else len(self.listing.lists[_NEW_TAB])
        is_photo = self.tabs.currentIndex() < len(STATES)
        selected = self.photos.selected_count if is_photo else 0
        if selected:
            self.copy_button.setText(tr("Copy %Ln photo(s) to…", "", selected))
        else:
            self.copy_button.setText(tr("Copy %Ln new photo(s) to…", "", new))
        self.copy_button.setVisible(bool(selected or new))
        # Those that are new to another folder may well be in the library.
        self.add_button.setVisible(bool(selected or new) and not (self.result and self.result.other))
        for widget in (self.again_button, self.tabs):
            widget.setVisible(self.listing is not None)

    def _read_tiles(self, tile_ids: Iterable[int]) -> Mapping[int, bytes]:
        """Read the thumbnails of tiles; called in jobs."""
        digests: Mapping[int, bytes] = {} if self.listing is None else self.listing.digests
        wanted = {tile_id: digests[tile_id] for tile_id in tile_ids if tile_id in digests}
        jpegs = self._read(set(wanted.values()))
        return {tile_id: jpegs[digest] for tile_id, digest in wanted.items() if digest in jpegs}


def _local(utc: str) -> str:
    """A time in UTC as ISO 8601, in the zone of the user."""
    return QDateTime.fromString(utc, Qt.DateFormat.ISODate).toLocalTime().toString(Qt.DateFormat.ISODate)
