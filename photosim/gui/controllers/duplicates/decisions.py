"""Decisions about groups of duplicates: recorded in jobs, in order, and undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from photosim.duplicates.results import DuplicateGroup
from photosim.gui.base.job_queue import JobQueue
from photosim.gui.base.jobs import CancelToken, Jobs, Work
from photosim.gui.base.translation import tr
from photosim.gui.controllers.library import LibraryController
from photosim.gui.services.undo import UndoHistory
from photosim.gui.state.duplicates.keep_marks import Review

if TYPE_CHECKING:
    from photosim.duplicates.decisions import ReviewChange
    from photosim.library.duplicates import DuplicateService

Decision = tuple[DuplicateGroup, Review]

Reviews = Mapping[str, Review | None]
"""Reviews by group id, None for a group that is open."""


@dataclass(eq=False, slots=True)
class _Entry:
    """Decisions that are undone together; used only in the window's thread."""

    decisions: Sequence[Decision]
    before: Reviews
    changes: Sequence[ReviewChange] = ()


class DecisionRecorder(QObject):
    """Holds the reviews as they are shown: a decision counts at once, and is recorded in a job.

    The jobs run one after the other, in the order of the decisions.
    """

    changed = Signal(object, bool)
    """The Reviews that differ now, and whether their groups should be shown: their decisions were taken back."""

    taken_back = Signal(object)
    """Decisions were taken back: the ids of their groups, which may have to be loaded again."""

    outdated = Signal()
    """The groups have to be loaded again."""

    recorded = Signal()
    """All decisions so far are recorded."""

    def __init__(
        self,
        service: DuplicateService,
        jobs: Jobs,
        undo: UndoHistory,
        library_controller: LibraryController,
    ) -> None:
        super().__init__(library_controller)
        self._service, self._undo = service, undo
        self._library_controller = library_controller
        self.reviews: dict[str, Review] = {}
        """The reviews so far by group id, with those that are still to be recorded."""
        self._pending: dict[str, Review | None] = {}
        self._undo_ids: set[int] = set()
        self._queue = JobQueue(jobs, self.recorded.emit)

    @property
    def is_busy(self) -> bool:
        """Whether any decision is still to be recorded."""
        return self._queue.is_running

    def set_reviews(self, reviews: dict[str, Review]) -> None:
        """Take over the reviews that were loaded; those made meanwhile stay."""
        self.reviews = reviews
        self._apply(self._pending)

    def decide(self, decisions: Sequence[Decision], name: str = "") -> None:
        """Record decisions as one step of Undo, which is called `name`."""
        if decisions and self._library_controller.check_writable():
            before = {group.id: self.reviews.get(group.id) for group, _ in decisions}
            entry = _Entry(decisions, before)
            name = name or (tr("Not the Same") if decisions[0][1].is_different else tr("Review"))
            undo, redo = partial(self._take_back, entry), partial(self._record, entry)
            self._undo_ids.add(self._undo.push(name, undo, redo))
            self._record(entry)

    def mark_one_different(self, group: DuplicateGroup, file_id: int) -> None:
        """Record that one photo is not the same as the others of its group, which splits."""
        if not self._library_controller.check_writable():
            return
        changes: list[ReviewChange] = []

        def mark(_: CancelToken) -> None:
            changes[:] = [self._service.mark_different(group, [file_id])]

        def take_back(_: CancelToken) -> None:
            for change in changes:
                self._service.take_back(change)

        def finish(_: None, error: Exception | None) -> None:
            if error is not None:
                self._show_error(error)
            self.outdated.emit()

        undo_id = self._undo.push(
            tr("Not the Same"),
            undo=lambda: self.enqueue(take_back, finish),
            redo=lambda: self.enqueue(mark, finish),
        )
        self._undo_ids.add(undo_id)
        self.enqueue(mark, finish)

    def undo_last(self) -> None:
        """Undo the last decision, if nothing else was done since."""
        if self._undo.next_undo in self._undo_ids:
            self._undo.undo()
        else:
            self._library_controller.message.emit(tr("No decision to undo."))

    def enqueue(self, work: Work, done: Callable[[Any, Exception | None], None]) -> None:
        """Run `work` in a job once all before it have finished."""
        self._queue.add(work, done)

    def _record(self, entry: _Entry) -> None:
        """Show and record the decisions of an entry, for the first time or again."""
        reviews: Reviews = {group.id: review for group, review in entry.decisions}
        self._show(reviews)
        work = partial(_decide, self._service, entry.decisions)
        self.enqueue(work, partial(self._finish_record, entry, reviews))

    def _finish_record(
        self,
        entry: _Entry,
        reviews: Reviews,
        changes: Sequence[ReviewChange] | None,
        error: Exception | None,
    ) -> None:
        entry.changes = changes or ()
        self._forget_pending(reviews)
        if changes is None:
            self._show(entry.before)
            self._forget_pending(entry.before)
            self._show_error(error)

    def _take_back(self, entry: _Entry) -> None:
        self._show(entry.before, select=True)

        def work(_: CancelToken) -> None:
            for change in reversed(entry.changes):
                self._service.take_back(change)

        def finish(_: None, error: Exception | None) -> None:
            self._forget_pending(entry.before)
            if error is not None:
                self._show_error(error)
                self.outdated.emit()
            else:
                self.taken_back.emit(tuple(entry.before))

        self.enqueue(work, finish)

    def _show(self, reviews: Reviews, *, select: bool = False) -> None:
        """Show reviews before they are recorded."""
        self._pending.update(reviews)
        self._apply(reviews)
        self.changed.emit(reviews, select)

    def _apply(self, reviews: Reviews) -> None:
        for group_id, review in reviews.items():
            if review is None:
                self.reviews.pop(group_id, None)
            else:
                self.reviews[group_id] = review

    def _forget_pending(self, reviews: Reviews) -> None:
        """Note that these reviews are recorded, unless others were made of the same groups meanwhile."""
        for group_id, review in reviews.items():
            if self._pending.get(group_id) is review:
                self._pending.pop(group_id, None)

    def _show_error(self, error: Exception | None) -> None:
        self._library_controller.show_error(error or RuntimeError("The review has no result."))


def _decide(service: DuplicateService, decisions: Sequence[Decision], _: CancelToken) -> list[ReviewChange]:
    kept = [(group, review.kept) for group, review in decisions if not review.is_different]
    changes = [service.decide_all(kept)] if kept else []
    return changes + [service.mark_different(group) for group, review in decisions if review.is_different]
