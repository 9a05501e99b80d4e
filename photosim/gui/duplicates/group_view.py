"""One group: its photos beside each other, what sets them apart, and which of them stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import DuplicateGroup, GroupPhoto
from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.duplicates.decision_bar import DecisionBar
from photosim.gui.duplicates.difference import outline_of
from photosim.gui.duplicates.pair_view import PairMode, PairView
from photosim.gui.duplicates.pane_row import PaneRow
from photosim.gui.duplicates.photo_strip import PhotoStrip
from photosim.gui.services.photo_cache import PhotoCache
from photosim.gui.services.photo_loader import ThumbnailFetcher, edge_for
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.duplicates.keep_marks import KeepMarks, Review
from photosim.gui.state.text.duplicates import group_summary, kind_name
from photosim.gui.viewer.compare_canvas import CompareCanvas
from photosim.gui.viewer.overlay import viewer_button
from photosim.gui.widgets.elided_label import ElidedLabel

_MIN_HEIGHT_WITH_STRIP = 340  # logical pixels

_MAX_AHEAD = 4
"""Photos of the next group that are loaded ahead."""


class GroupView(QWidget):
    """Shows a group; it decides nothing by itself."""

    compare_requested = Signal(object)
    """Open the comparison of these photos, a list of Photo."""

    def __init__(
        self,
        jobs: Jobs,
        client: PhotoClient,
        thumbnail: ThumbnailFetcher,
        thumbnails: ThumbnailLoader,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Group"))
        self.setAutoFillBackground(True)
        palette = QPalette(theme.palette(dark=True))
        palette.setColor(QPalette.ColorRole.Window, theme.VIEWER_BACKGROUND)
        palette.setColor(QPalette.ColorRole.Base, theme.VIEWER_BACKGROUND)
        palette.setColor(QPalette.ColorRole.WindowText, theme.VIEWER_TEXT)
        self.setPalette(palette)  # dark in every theme, as the viewer
        self.group: DuplicateGroup | None = None
        self.marks: KeepMarks | None = None
        self._reviewed: frozenset[int] | None = None  # what the marks were set to at first
        self._current = 0
        self._ahead: DuplicateGroup | None = None
        self.cache = PhotoCache(jobs, client, self)
        self.row = PaneRow(jobs, self.cache, thumbnail, self)
        self.pair = PairView(jobs, self.cache, self)
        self.strip = PhotoStrip(thumbnails, self)
        self.decisions = DecisionBar(self)
        self.title = QLabel(self)
        self.caption = ElidedLabel(self, theme.VIEWER_MUTED_TEXT, Qt.TextElideMode.ElideRight)
        self._stack = QStackedWidget(self)
        self._build()
        self.cache.changed.connect(self._show_loaded)
        self.row.resized.connect(self._show_panes)
        self.row.chosen.connect(self._choose_file)
        self.row.keep_toggled.connect(self.toggle_file)
        self.strip.chosen.connect(self.choose)
        self.pair.caption_changed.connect(self.caption.set_text)

    @property
    def current(self) -> GroupPhoto | None:
        """The chosen photo."""
        return None if self.group is None else self.group.photos[self._current]

    @property
    def active_canvas(self) -> CompareCanvas:
        """The canvas that zoom commands apply to."""
        return self.row.active_canvas if self.pair.mode is PairMode.NONE else self.pair.active_canvas

    def show_group(
        self, group: DuplicateGroup | None, review: Review | None = None, ahead: DuplicateGroup | None = None
    ) -> None:
        """Show a group with the marks of its review; the photos of `ahead`, which follows, are loaded afterwards."""
        self._ahead = ahead
        is_same = group is not None and self.group is not None and group.photos == self.group.photos
        self.group = group
        if group is None:
            self.marks, self._current = None, 0
            self._leave_pair()
            self.row.clear()
            self.cache.clear()
            return
        kept = review.kept if review is not None and not review.is_different else None
        if (
            not is_same or kept != self._reviewed
        ):  # or marks that were set would be lost when the list is loaded again
            self.marks, self._reviewed = KeepMarks(group, kept), kept
        if not is_same:
            assert self.marks is not None
            kept_rows = [row for row, file_id in enumerate(group.file_ids) if file_id in self.marks.kept]
            self._current = kept_rows[0] if kept_rows else 0
            self._leave_pair()
            self.row.reset_view()
        self._show_all()

    def choose(self, row: int) -> None:
        """Choose a photo, which moves the mark to it unless single marks were set."""
        if self.group is None or self.marks is None or not 0 <= row < len(self.group.photos):
            return
        if row != self._current:
            self._current = row
            self.marks.choose(self.group.photos[row].photo.file_id)
            self._show_all()

    def step(self, rows: int) -> None:
        """Choose a photo further on, or back if negative."""
        if self.group is not None:
            self.choose(min(max(self._current + rows, 0), len(self.group.photos) - 1))

    def toggle(self, row: int) -> None:
        """Mark a photo to be kept or to go to the trash."""
        if self.group is not None and 0 <= row < len(self.group.photos):
            self.toggle_file(self.group.photos[row].photo.file_id)

    def toggle_file(self, file_id: int) -> None:
        """Mark a photo by its file id."""
        if self.marks is not None:
            self.marks.toggle(file_id)
            self._show_marks()

    def flick(self) -> None:
        """Show the chosen photo and the one to keep in the same place, in turn."""
        if self.pair.mode is PairMode.FLICK:
            self.pair.flick()
        else:
            self.set_mode(PairMode.FLICK)

    def set_mode(self, mode: PairMode) -> None:
        """Compare the chosen photo with the one to keep, or show all photos beside each other."""
        pair = self._pair()
        if pair is None or mode in (PairMode.NONE, self.pair.mode):
            self._leave_pair()
            return
        self.pair.show_pair(*pair, mode)
        self._stack.setCurrentWidget(self.pair)
        self._show_mode()

    def leave_mode(self) -> bool:
        """Show all photos again; returns whether a pair was shown."""
        was_pair = self.pair.mode is not PairMode.NONE
        self._leave_pair()
        return was_pair

    def open_comparison(self) -> None:
        """Open the photos of the panes in the full comparison."""
        if self.group is not None and len(self.group.photos) > 1:
            shown = [member.photo for member in self.row.members]
            if len(shown) < 2 and (pair := self._pair()) is not None:
                shown = [member.photo for member in pair]
            self.compare_requested.emit(shown)

    def fit(self) -> None:
        """Show the whole photos."""
        self.active_canvas.fit()

    def toggle_link(self) -> None:
        """Link or unlink the zoom of the panes."""
        self.link_button.setChecked(not self.row.is_linked)
        self.row.set_linked(not self.row.is_linked)

    def set_writable(self, can_write: bool) -> None:
        """Enable the decisions while the library may be changed."""
        self.decisions.set_writable(can_write)

    def _build(self) -> None:
        theme.set_font(self.title, bold=True)
        self.title.setObjectName("viewer-text")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.flick_button = self._button("duplicates", tr("Flick between two (Space)"), self.flick)
        self.mode_buttons: dict[PairMode, QToolButton] = {
            PairMode.FLICK: self.flick_button,
            PairMode.WIPE: self._button("wipe", tr("Split view (S)"), lambda: self.set_mode(PairMode.WIPE)),
            PairMode.DIFFERENCE: self._button(
                "difference", tr("Difference (D)"), lambda: self.set_mode(PairMode.DIFFERENCE)
            ),
        }
        self.link_button = self._button("link", tr("Link zoom (L)"), self.toggle_link)
        for button in (*self.mode_buttons.values(), self.link_button):
            button.setCheckable(True)
        self.link_button.setChecked(True)
        self.fit_button = self._button("fit", tr("Fit to window (0)"), self.fit)
        self.compare_button = self._button("compare", tr("Open comparison (Enter)"), self.open_comparison)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title)
        texts.addWidget(self.caption)
        bar = QHBoxLayout()
        bar.setContentsMargins(14, 6, 8, 6)
        bar.setSpacing(2)
        bar.addLayout(texts, 1)
        for button in (*self.mode_buttons.values(), self.link_button, self.fit_button, self.compare_button):
            bar.addWidget(button)
        self.title.setMinimumWidth(40)
        self._stack.addWidget(self.row)
        self._stack.addWidget(self.pair)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.strip)
        decisions = QVBoxLayout()
        decisions.setContentsMargins(12, 8, 12, 10)
        decisions.addWidget(self.decisions)
        layout.addLayout(decisions)

    def _button(self, icon: str, text: str, action: Callable[[], object]) -> QToolButton:
        return viewer_button(self, icon, text, action)

    def _pair(self) -> tuple[GroupPhoto, GroupPhoto] | None:
        """The photo to keep and the chosen one; the next one where that is the same."""
        if self.group is None or len(self.group.photos) < 2:
            return None
        photos = self.group.photos
        keep = next(member for member in photos if member.photo.file_id == self.group.keep)
        current = photos[self._current]
        if current is keep:
            current = next(member for member in photos if member is not keep)
        return keep, current

    def _leave_pair(self) -> None:
        self.pair.clear()
        self._stack.setCurrentWidget(self.row)
        self._show_mode()

    def _show_mode(self) -> None:
        for mode, button in self.mode_buttons.items():
            button.setChecked(mode is self.pair.mode)
        if self.pair.mode is PairMode.NONE and self.group is not None:
            self.caption.set_text(group_summary(self.group))

    def _show_all(self) -> None:
        assert self.group is not None
        self.title.setText(kind_name(self.group.kind))
        self.decisions.set_can_differ(self.group.kind is not DuplicateKind.IDENTICAL)
        self._show_panes()
        pair = self._pair()
        if self.pair.mode is not PairMode.NONE and pair is not None:
            self.pair.show_pair(*pair, self.pair.mode)
        self._show_mode()

    def _show_panes(self) -> None:
        """Show the photos that fit now."""
        if self.group is None:
            return
        self.row.show_group(self.group, self._current)
        is_low = self.height() < _MIN_HEIGHT_WITH_STRIP
        self.strip.setVisible(len(self.row.members) < len(self.group.photos) and not is_low)
        shown = [member.photo for member in self.row.members]
        pair = self._pair() if self.pair.mode is not PairMode.NONE else None
        shown += [member.photo for member in pair or () if member.photo not in shown]
        ahead = (
            [member.photo for member in self._ahead.photos[:_MAX_AHEAD]] if self._ahead is not None else []
        )
        columns = max(len(self.row.members), 1)
        size = QSize(self.width() // columns, self.height())
        self.cache.request(shown, edge_for(size, self.devicePixelRatioF()), ahead)
        self._show_outline()
        self._show_marks()  # of panes and a strip that were not shown before

    def _show_marks(self) -> None:
        if self.group is None or self.marks is None:
            return
        self.row.show_marks(self.marks)
        if self.strip.isVisibleTo(self):
            self.strip.show_members(self.group.photos, self.marks.kept, self._current)
        kept, superfluous = self.marks.kept, len(self.marks.superfluous)
        is_chosen = kept == {self.group.file_ids[self._current]}
        self.decisions.show_counts(len(kept), superfluous, is_chosen=is_chosen)

    def _show_outline(self) -> None:
        """Outline on the photo to keep what the chosen one shows of it."""
        assert self.group is not None
        pair = self._pair()
        corners: Sequence[QPointF] = () if pair is None else outline_of(pair[1].relation)
        self.row.show_outline(self.group.keep, corners)

    def _choose_file(self, file_id: int) -> None:
        if self.group is not None and file_id in self.group.file_ids:
            self.choose(self.group.file_ids.index(file_id))

    def _show_loaded(self, file_id: int) -> None:
        self.row.show_loaded(file_id)
        if self.pair.mode is not PairMode.NONE:
            self.pair.update_images()
