"""The certainty of duplicates: where the line is, what it means, and deciding together what is certain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from photosim.duplicates.results import DuplicateGroup
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.duplicates.decisions import Decision
from photosim.gui.controllers.duplicates.review import DuplicatesController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.duplicates.certain_dialog import CertainDialog
from photosim.gui.duplicates.page import DuplicatesPage
from photosim.gui.state.duplicates.certain_groups import (
    LineText,
    certain_groups,
    line_text,
    sample_groups,
    share_above,
)
from photosim.gui.state.duplicates.keep_marks import KeepMarks, Review
from photosim.gui.state.duplicates.listing import GroupFilter
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import View

if TYPE_CHECKING:
    from photosim.library import Library

_DELAY_MS = 500
"""While decisions follow each other, the sentence about the line is not computed anew."""

MakeDialog = Callable[[QWidget, Sequence[DuplicateGroup], int], CertainDialog]
"""Makes the dialog that shows groups of a larger number."""


@dataclass(frozen=True, slots=True)
class _Certain:
    decisions: list[Decision]
    sample: list[DuplicateGroup]


class DuplicateCertaintyController(QObject):
    """Connects the bar of the certainty with the list of groups, and runs the review of what is certain."""

    def __init__(
        self,
        page: DuplicatesPage,
        library: Library,
        jobs: Jobs,
        duplicates: DuplicatesController,
        library_controller: LibraryController,
        *,
        actions: Actions,
        navigator: Navigator,
        make_dialog: MakeDialog,
    ) -> None:
        super().__init__(page)
        self._page, self._library, self._jobs = page, library, jobs
        self._duplicates, self._library_controller = duplicates, library_controller
        self._navigator, self._make_dialog = navigator, make_dialog
        self._sentence_job: int | None = None
        self._certain_job: int | None = None
        self.dialog: CertainDialog | None = None
        self._timer = QTimer(self, interval=_DELAY_MS, singleShot=True)
        self._timer.timeout.connect(self._load_sentence)
        bar, filters = page.certainty, page.filters
        bar.line_changed.connect(filters.set_min_confidence)
        bar.useful_first_changed.connect(filters.set_useful_first)
        filters.filter_changed.connect(self._show_filter)
        duplicates.reviewed.connect(self._timer.start)
        navigator.place_changed.connect(lambda _place, _anchor: self._load_sentence())
        connect(((actions.review_certain, self.review),))

    def review(self) -> None:
        """Show some of the groups that are certain, and decide all of them if the user agrees."""
        if self.dialog is not None or not self._library_controller.check_writable():
            return
        self._jobs.cancel(self._certain_job)
        self._certain_job = self._jobs.start(partial(_find_certain, self._library), self._ask, Priority.HIGH)

    def _ask(self, certain: _Certain | None, error: Exception | None) -> None:
        if certain is None:
            self._library_controller.show_error(error or RuntimeError("The groups have no result."))
        elif not certain.sample:
            self._library_controller.message.emit(tr("No groups are certain enough. Review them one by one."))
        else:
            window = self._page.window()
            self.dialog = dialog = self._make_dialog(window, certain.sample, len(certain.decisions))
            dialog.accepted.connect(partial(self._decide, certain.decisions))
            dialog.group_rejected.connect(self._show_rejected)
            dialog.finished.connect(self._release_dialog)
            dialog.open()

    def _decide(self, decisions: Sequence[Decision]) -> None:
        self._duplicates.decide(decisions, tr("Review Certain Groups"))
        self._page.show_next_open()
        self._library_controller.message.emit(tr("%Ln group(s) reviewed.", "", len(decisions)))

    def _show_rejected(self, group: DuplicateGroup) -> None:
        self._page.show_review(group.id, select=True)
        self._library_controller.message.emit(
            tr("Stopped. No group was decided. Review this one, or change the keep rules.")
        )

    def _release_dialog(self) -> None:
        self.dialog = None

    def _show_filter(self, criteria: GroupFilter) -> None:
        bar = self._page.certainty
        bar.show_line(criteria.min_confidence)
        bar.show_useful_first(criteria.useful_first)
        self._load_sentence()

    def _load_sentence(self) -> None:
        if self._navigator.current.view is View.DUPLICATES:
            self._jobs.cancel(self._sentence_job)
            work = partial(_sentence, self._library, self._page.certainty.line)
            self._sentence_job = self._jobs.start(work, self._show_sentence, Priority.LOW)

    def _show_sentence(self, text: LineText | None, _: Exception | None) -> None:
        self._page.certainty.show_sentence(text or LineText("", ""))  # an error is told by the page


def _find_certain(library: Library, cancel: CancelToken) -> _Certain:
    service = library.duplicates
    calibration = service.calibration()
    groups = certain_groups(service.groups(), service.reviews(), calibration)
    cancel.check()
    decisions = [(group, Review(KeepMarks(group).kept)) for group in groups]
    return _Certain(decisions, sample_groups(groups, calibration.verdicts))


def _sentence(library: Library, line: float, cancel: CancelToken) -> LineText:
    cancel.check()
    calibration = library.duplicates.calibration()
    return line_text(share_above(library.duplicates.groups(), calibration, line), calibration.verdicts)
