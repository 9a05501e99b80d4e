"""The page of the duplicates: the groups, the photos of one of them, and what is to go to the trash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import DuplicateGroup
from photosim.gui.base import focus
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.duplicates.basket_bar import BasketBar
from photosim.gui.duplicates.certainty_bar import CertaintyBar
from photosim.gui.duplicates.filter_box import FilterBox
from photosim.gui.duplicates.group_list import GroupList
from photosim.gui.duplicates.group_model import GroupModel
from photosim.gui.duplicates.group_view import GroupView
from photosim.gui.duplicates.review_keys import DECISION_KEYS, key_actions
from photosim.gui.duplicates.side_splitter import MIN_WIDTH, SideSplitter
from photosim.gui.services.photo_loader import ThumbnailFetcher
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.duplicates.keep_marks import Review
from photosim.gui.state.duplicates.listing import ListChange, next_open
from photosim.gui.state.places import View
from photosim.gui.state.text.empty import EmptyMessage, LibrarySummary, done_message, empty_message
from photosim.gui.widgets.empty_state import EmptyState
from photosim.gui.widgets.field_buttons import update_overflow_button

_Key = Qt.Key


class DuplicatesPage(QWidget):
    """Shows the groups of duplicates, or why there are none."""

    action_requested = Signal(object)
    """The user pressed a button of the empty page: its EmptyAction."""

    decided = Signal(object, object)
    """The user decided about a group: the DuplicateGroup and its Review."""

    different_requested = Signal(object, int)
    """One photo is not the same as the others: the DuplicateGroup and the file id."""

    undo_requested = Signal()

    def __init__(
        self,
        jobs: Jobs,
        client: PhotoClient,
        thumbnail: ThumbnailFetcher,
        thumbnails: ThumbnailLoader,
        parent: QWidget | None = None,
        actions: Sequence[QAction] = (),
    ) -> None:
        """`actions` are in the toolbar, which also has the bar of the certainty."""
        super().__init__(parent)
        self.setAccessibleName(tr("Duplicates"))
        self.toolbar = QToolBar(tr("Duplicates"), self)
        self.toolbar.addActions(list(actions))
        self.certainty = CertaintyBar(self)
        self.toolbar.addWidget(self.certainty)
        update_overflow_button(self.toolbar)
        self.model = GroupModel(self)
        self.filters = FilterBox(self)
        self.list = GroupList(self.model, thumbnails, self)
        self.group_view = GroupView(jobs, client, thumbnail, thumbnails, self)
        self.done_page = EmptyState(self)
        self.basket_bar = BasketBar(self)
        self.empty_page = EmptyState(self)
        self._can_write, self._is_deciding = True, False
        self._build()
        self.setFocusProxy(self.list)
        self._pending_row: int | None = None
        self._show_timer = QTimer(self, interval=0, singleShot=True)
        self._show_timer.timeout.connect(self._show_pending)
        self.list.current_changed.connect(self._show_row)
        self.list.clicked.connect(lambda index: self._show_row(index.row()))  # again after the last review
        for controls in (self.filters, self.certainty):
            controls.exited.connect(self.list.setFocus)
        decisions = self.group_view.decisions
        for signal, action in (
            (decisions.keep_requested, self.keep),
            (decisions.keep_all_requested, self.keep_all),
            (decisions.different_requested, self.mark_different),
            (decisions.undo_requested, self.undo_requested.emit),
            (decisions.previous_requested, lambda: self.step(-1)),
            (decisions.next_requested, lambda: self.step(1)),
        ):
            signal.connect(action)
        self.show_empty(LibrarySummary())

    @property
    def current(self) -> DuplicateGroup | None:
        """The group that is shown."""
        self._show_pending()
        return self.group_view.group

    @property
    def is_empty(self) -> bool:
        """Whether the page explains why there are no groups."""
        return self._stack.currentWidget() is self.empty_page

    def prepare(self) -> Iterator[None]:
        """Create and style what the first group needs, in idle steps."""
        for _ in self.group_view.row.prepare():
            yield
        for part in (self.filters, self.group_view, self.basket_bar):  # whose widgets are never deleted
            for widget in part.findChildren(QWidget):
                widget.ensurePolished()
                yield

    def show_empty(self, library: LibrarySummary) -> None:
        """Explain why there are no groups."""
        self._show_message(empty_message(View.DUPLICATES, library))

    def show_loading(self) -> None:
        """Say that the groups are being loaded."""
        self._show_message(EmptyMessage("duplicates", tr("Loading…"), ""))

    def show_failure(self, reason: str) -> None:
        """Say why the groups can't be shown."""
        self._show_message(EmptyMessage("unreadable", tr("Can't show this view"), reason))

    def show_groups(self, change: ListChange, reviews: Mapping[str, Review]) -> None:
        """List groups, and show the same one as before, or the one that is in its place now."""
        current, row = self.current, max(self.list.currentIndex().row(), 0)
        focused = QApplication.focusWidget()
        had_focus = self.is_empty and (focused is None or self.isAncestorOf(focused))
        self.model.show(change, reviews)
        self.filters.show_count(len(change.groups))
        self._stack.setCurrentWidget(self._splitter)
        self.basket_bar.show()
        if had_focus:
            self.list.setFocus()
        same_row = None if current is None else self.model.row_of(current.id)
        if same_row is not None:
            self.list.select_row(same_row)
        elif self.model.groups:
            row = min(row, len(self.model.groups) - 1)
            if self.filters.criteria.is_active and self._next_open(row - 1) is None:
                self.list.select_row(row)  # reviewed groups were asked for
            else:
                self._select_open(row - 1)
        else:
            self._show_row(-1)
        self.toolbar.show()

    def show_review(self, group_id: str, *, select: bool = False) -> None:
        """Show that the review of a group has changed; with `select`, show the group."""
        self.model.update_review(group_id)
        row = self.model.row_of(group_id)
        if row is None:
            return
        if select:
            self.list.select_row(row)
        elif row == self.list.currentIndex().row() and not self._is_deciding:
            self._show_row(row)

    def show_next_open(self) -> None:
        """Show the current group if it is still to be reviewed, else the next one that is."""
        if self.model.groups:
            self._select_open(self.list.currentIndex().row() - 1)

    def show_all_reviews(self) -> None:
        """Show that many reviews have changed."""
        self.model.update_all()
        if not self._is_deciding:
            self._show_row(self.list.currentIndex().row())

    def set_writable(self, can_write: bool) -> None:
        """Enable what changes the library while it may be changed."""
        self._can_write = can_write
        self.group_view.set_writable(can_write)
        self.basket_bar.set_writable(can_write)

    def step(self, rows: int) -> None:
        """Show a group further down, or up if negative."""
        count = len(self.model.groups)
        if count:
            self.list.select_row(min(max(self.list.currentIndex().row() + rows, 0), count - 1))

    def keep(self) -> None:
        """Keep the marked photos, and move the others to the trash later."""
        if self.current is not None and self.group_view.marks is not None:
            self._decide(Review(self.group_view.marks.kept))

    def keep_all(self) -> None:
        """Keep all photos of the group."""
        if self.current is not None:
            self._decide(Review(frozenset(self.current.file_ids)))

    def mark_different(self) -> None:
        """Say that the photos of the group are not the same."""
        if self.current is not None and self.current.kind is not DuplicateKind.IDENTICAL:
            self._decide(Review(is_different=True))

    def mark_one_different(self) -> None:
        """Say that the chosen photo is not the same as the others."""
        group, member = self.current, self.group_view.current
        if group is None or member is None or not self._can_write or group.kind is DuplicateKind.IDENTICAL:
            return
        if len(group.photos) == 2:
            self.mark_different()
        else:
            self.different_requested.emit(group, member.photo.file_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        self._show_pending()
        key = _Key.Key_Return if event.key() == _Key.Key_Enter else event.key()
        action = key_actions(self).get((key, modifiers))
        if event.isAutoRepeat() and key in DECISION_KEYS:
            event.accept()  # a key that is held decides about one group only
        elif self.is_empty or action is None or focus.click_focused_button(event):
            super().keyPressEvent(event)
        else:
            action()

    def _build(self) -> None:
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.addWidget(self.filters)
        column.addWidget(self.list, 1)
        self._right = QStackedWidget(self)
        self._blank = QWidget(self)  # while the list is shown for the first time, which takes a while
        self._right.addWidget(self._blank)
        self._right.addWidget(self.group_view)
        self._right.addWidget(self.done_page)
        self._splitter = SideSplitter(side, self._right, self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty_page)
        self._stack.addWidget(self._splitter)
        layout = QVBoxLayout(self)
        layout.addWidget(self.toolbar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.basket_bar)
        for box in (column, layout):
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(0)
        self.toolbar.hide()
        self.setMinimumSize(MIN_WIDTH, 120)  # or it would widen the window while other views are shown

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            update_overflow_button(self.toolbar)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        is_done = self._right.currentWidget() is self.done_page
        if not self.is_empty and not is_done and self.group_view.group is None:
            self._show_row(self.list.currentIndex().row())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._pending_row = None
            self.group_view.show_group(None)  # frees the photos

    def _decide(self, review: Review) -> None:
        """Report a decision, and show the next group that was not reviewed."""
        group = self.current
        if group is None or not self._can_write:
            return
        row = self.list.currentIndex().row()
        self._is_deciding = True
        self.decided.emit(group, review)
        self._is_deciding = False
        self._select_open(row)

    def _select_open(self, row: int) -> None:
        """Show the next open group after a row; without one, say that all groups are reviewed."""
        following = self._next_open(row)
        if following is not None:
            self.list.select_row(following)
        else:
            self._show_done()

    def _next_open(self, row: int) -> int | None:
        return next_open(self.model.groups, self.model.reviews.keys(), row)

    def _show_done(self) -> None:
        has_focus = self.group_view.isAncestorOf(self.focusWidget() or self)
        self._pending_row = None
        self.group_view.show_group(None)
        self._show_done_message(done_message(is_filtered=self.filters.criteria.is_active))
        if has_focus:
            self.list.setFocus()

    def _show_row(self, row: int) -> None:
        """Show the group in a row once the list is painted: both in one turn would block the window."""
        self._pending_row = row
        self._show_timer.start()

    def _show_pending(self) -> None:
        row, self._pending_row = self._pending_row, None
        self._show_timer.stop()
        if row is None or self.is_empty:
            return
        groups = self.model.groups
        if not 0 <= row < len(groups):
            if groups:
                return
            self.group_view.show_group(None)
            if self.filters.criteria.is_active:
                self._show_done_message(
                    EmptyMessage("filter", tr("No matches"), tr("Try removing a filter."))
                )
            return
        group = groups[row]
        following = self._next_open(row)
        ahead = groups[following] if following is not None and following != row else None
        self.group_view.show_group(group, self.model.reviews.get(group.id), ahead)
        self._right.setCurrentWidget(self.group_view)

    def _show_done_message(self, message: EmptyMessage) -> None:
        is_filtered = self.filters.criteria.is_active
        buttons = [(tr("Clear filters"), self.filters.clear)] if is_filtered else []
        self.done_page.show_message(message.icon, message.title, message.text, *buttons)
        self._right.setCurrentWidget(self.done_page)

    def _show_message(self, message: EmptyMessage) -> None:
        buttons = [
            (label, lambda action=action: self.action_requested.emit(action))
            for label, action in message.buttons
        ]
        self.empty_page.show_message(message.icon, message.title, message.text, *buttons)
        self._stack.setCurrentWidget(self.empty_page)
        self._right.setCurrentWidget(self._blank)
        self.basket_bar.setVisible(self.basket_bar.has_content)
        self.toolbar.hide()
        self.group_view.show_group(None)
