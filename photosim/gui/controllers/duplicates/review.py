"""Reviewing duplicates: lists the groups, and records what is decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from photosim.duplicates.results import Basket, DuplicateGroup
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.long_lists import FREE_CHUNK_SIZE, free_in_steps
from photosim.gui.controllers.duplicates.decisions import Decision, DecisionRecorder, Reviews
from photosim.gui.controllers.files import FileController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.duplicates.basket_bar import BasketSummary
from photosim.gui.duplicates.page import DuplicatesPage
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.services.undo import UndoHistory
from photosim.gui.state.duplicates.certain_groups import most_useful_first
from photosim.gui.state.duplicates.keep_marks import Review
from photosim.gui.state.duplicates.listing import (
    GroupFilter,
    ListChange,
    list_change,
    matching_groups,
    years_of,
)
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import View
from photosim.gui.state.text.duplicates import trash_result_text
from photosim.gui.state.text.empty import LibrarySummary
from photosim.gui.viewer.compare import CompareView
from photosim.library.files.operations import OperationResult
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library import Library
    from photosim.library.duplicates import DuplicateService


@dataclass(frozen=True, slots=True)
class _Listing:
    groups: list[DuplicateGroup]
    reviews: dict[str, Review]
    change: ListChange
    years: list[str]


class DuplicatesController(QObject):
    """Connects the page of the duplicates with the library: loads the groups and the basket."""

    reviewed = Signal()
    """Decisions were recorded, or taken back: counts may have changed."""

    def __init__(
        self,
        page: DuplicatesPage,
        library: Library,
        jobs: Jobs,
        undo: UndoHistory,
        *,
        navigator: Navigator,
        monitor: LibraryMonitor,
        index_process: IndexProcess,
        library_controller: LibraryController,
        files: FileController,
        compare: CompareView,
    ) -> None:
        super().__init__(page)
        self._page, self._library, self._jobs = page, library, jobs
        self._navigator, self._monitor = navigator, monitor
        self._index_process, self._library_controller = index_process, library_controller
        self._files = files
        self._groups: list[DuplicateGroup] = []
        self._recorder = DecisionRecorder(library.duplicates, jobs, undo, library_controller)
        self._criteria = GroupFilter()  # of what was loaded last
        self._has_loaded, self._is_stale = False, True
        self._basket = Basket()
        self._filter_job: int | None = None
        self._basket_job: int | None = None
        page.action_requested.connect(lambda _: library_controller.add_folder())
        page.decided.connect(lambda group, review: self.decide([(group, review)]))
        page.different_requested.connect(self._recorder.mark_one_different)
        page.undo_requested.connect(self._recorder.undo_last)
        self._recorder.changed.connect(self._show_reviews)
        self._recorder.taken_back.connect(self._reload_missing)
        self._recorder.outdated.connect(self.reload)
        self._recorder.recorded.connect(self._load_basket)
        self._recorder.recorded.connect(self.reviewed)
        page.basket_bar.trash_requested.connect(self._trash)
        page.group_view.compare_requested.connect(compare.open)
        page.filters.filter_changed.connect(self._apply_filter)
        page.group_view.row.show_in_folder_requested.connect(
            lambda photo: library_controller.show_in_folder(photo.path)
        )
        page.set_writable(library_controller.guard.can_write)
        library_controller.guard.changed.connect(page.set_writable)
        navigator.place_changed.connect(lambda _place, _anchor: self._load_if_shown())
        for changed in (
            library_controller.photos_changed,
            library_controller.files_changed,
            library_controller.library_changed,
            index_process.finished,
        ):
            changed.connect(lambda *_: self.reload())
        monitor.overview_changed.connect(lambda _: self._show_state())
        index_process.state_changed.connect(lambda _: self._show_state())

    @property
    def service(self) -> DuplicateService:
        """The duplicates of the library."""
        return self._library.duplicates

    @property
    def groups(self) -> Sequence[DuplicateGroup]:
        """All groups that are loaded, whatever the filter of the page."""
        return self._groups

    def reload(self) -> None:
        """Load the groups again: now if they are shown, else when they are."""
        self._is_stale = True
        self._load_if_shown()

    def decide(self, decisions: Sequence[Decision], name: str = "") -> None:
        """Record decisions as one step of Undo, which is called `name`."""
        self._recorder.decide(decisions, name)

    def _show_reviews(self, reviews: Reviews, select: bool) -> None:
        page = self._page
        if len(reviews) == 1:
            for group_id in reviews:
                page.show_review(group_id, select=select)
        else:
            page.show_all_reviews()

    def _reload_missing(self, group_ids: Sequence[str]) -> None:
        """Load the groups again where one of these is not listed: all of its photos were kept, for instance."""
        if any(self._page.model.row_of(group_id) is None for group_id in group_ids):
            self.reload()

    def _load_if_shown(self) -> None:
        if not self._is_stale or self._navigator.current.view is not View.DUPLICATES:
            return
        self._is_stale = False
        if not self._has_loaded:
            self._page.show_loading()
        criteria, shown = self._page.filters.criteria, self._page.model.groups
        self._criteria = criteria
        self._jobs.cancel(self._filter_job)
        # After the decisions so far, so that what is loaded has them.
        work = partial(_load, self.service, criteria, shown)
        self._recorder.enqueue(work, partial(self._show, criteria, shown))

    def _show(
        self,
        criteria: GroupFilter,
        shown: Sequence[DuplicateGroup],
        listing: _Listing | None,
        error: Exception | None,
    ) -> None:
        if listing is None:
            self._page.show_failure(str(error))
            return
        self._has_loaded = True
        self._jobs.cancel(self._filter_job)
        self._free(self._groups)
        self._groups = listing.groups
        self._recorder.set_reviews(listing.reviews)
        self._page.filters.show_years(listing.years)
        self._show_list(shown, listing.change)
        if criteria != self._page.filters.criteria and not self._is_stale:
            self._apply_filter(self._page.filters.criteria)  # it was changed meanwhile

    def _apply_filter(self, criteria: GroupFilter) -> None:
        if _loaded_by(criteria) != _loaded_by(self._criteria):
            self.reload()
            return
        self._criteria = criteria
        self._jobs.cancel(self._filter_job)
        shown, groups, reviews = self._page.model.groups, self._groups, dict(self._recorder.reviews)

        def work(cancel: CancelToken) -> ListChange:
            cancel.check()
            return list_change(shown, matching_groups(groups, reviews, criteria))

        def show(change: ListChange | None, error: Exception | None) -> None:
            if change is not None:
                self._show_list(shown, change)
            elif error is not None:
                self._library_controller.show_error(error)

        self._filter_job = self._jobs.start(work, show, Priority.HIGH)

    def _show_list(self, shown: Sequence[DuplicateGroup], change: ListChange) -> None:
        if shown is not self._page.model.groups:  # another list was shown meanwhile
            change = ListChange(change.groups)
        before = self._page.model.groups
        self._page.show_groups(change, self._recorder.reviews)
        self._free(before)
        self._show_state()

    def _free(self, groups: list[DuplicateGroup]) -> None:
        """Free a list that is not shown any more, in a job: thousands of groups take a while."""
        if len(groups) >= FREE_CHUNK_SIZE:
            self._jobs.start(lambda _: free_in_steps(groups), lambda _value, _error: None, Priority.LOW)

    def _show_state(self) -> None:
        """Explain why there are no groups, where there are none."""
        if self._groups or self._page.filters.criteria.is_active or not self._has_loaded:
            return
        self._page.show_empty(LibrarySummary(self._monitor.overview, not self._index_process.is_idle))

    def _load_basket(self) -> None:
        self._jobs.cancel(self._basket_job)

        def work(_: CancelToken) -> tuple[Basket, BasketSummary]:
            basket = self.service.basket()
            return basket, BasketSummary.of(basket)

        def show(loaded: tuple[Basket, BasketSummary] | None, _: Exception | None) -> None:
            self._basket_job = None
            if loaded is not None:
                self._basket, summary = loaded
                self._page.basket_bar.show_basket(summary)

        self._basket_job = self._jobs.start(work, show, Priority.NORMAL)

    def _trash(self, inherit: bool) -> None:
        """Move the basket to the trash, and say what became of it."""
        basket = self._basket

        def finish(result: OperationResult | None) -> None:
            self._page.basket_bar.set_busy(False)
            if result is not None:
                self._page.basket_bar.show_result(trash_result_text(basket, result.report))

        # While decisions are being recorded, the basket is not what the button says any more.
        is_current = not self._recorder.is_busy and self._basket_job is None
        if is_current and basket.groups and self._library_controller.check_writable():
            self._page.basket_bar.set_busy(True)
            self._files.trash_basket(basket, inherit=inherit, finished=finish)


def _loaded_by(criteria: GroupFilter) -> tuple[object, ...]:
    """The part of a filter that decides which groups are loaded, and in which order."""
    return criteria.kind, criteria.min_confidence, criteria.useful_first


def _load(
    service: DuplicateService, criteria: GroupFilter, shown: Sequence[DuplicateGroup], cancel: CancelToken
) -> _Listing:
    with gc_paused():
        options: dict[str, Any] = {}
        if criteria.kind is not None:
            options["kinds"] = [criteria.kind]
        if criteria.min_confidence:
            options["min_confidence"] = criteria.min_confidence
        groups = list(service.groups(**options))
        cancel.check()
        if criteria.useful_first:
            groups = most_useful_first(groups, service.calibration())
        reviews = {group_id: Review(frozenset(kept)) for group_id, kept in service.reviews().items()}
        change = list_change(shown, matching_groups(groups, reviews, criteria))
        cancel.check()
        return _Listing(groups, reviews, change, years_of(groups))
