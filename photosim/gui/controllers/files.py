"""Copying and moving photos to folders, throwing them away, and taking that back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from photosim.errors import FolderError
from photosim.files.bundles import PhotoFiles
from photosim.files.transfer import TransferFailure, TransferReport
from photosim.gui.base import formatting
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.operation_queue import OperationQueue, QueuedOperation
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.dialogs.last_copy import LastCopyAnswer, LastCopyQuestion
from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.services.file_operations import (
    FileOperation,
    Kind,
    OperationProgress,
    OperationResult,
    bring_back,
    drop_copies,
    place,
    throw,
)
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.gui.services.undo import UndoHistory
    from photosim.library.library import Library

_log = logging.getLogger(__name__)


class FileController(QObject):
    """What the person does to photo files; the work runs in jobs, one after the other."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        targets: ActionTargets,
        undo: UndoHistory,
        actions: Actions,
        strip: FileStrip,
        library_controller: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._targets, self._undo = window, library, targets, undo
        self._library_controller = library_controller
        self._jobs = jobs
        self._strip = strip
        self.queue = OperationQueue(jobs, strip)
        self.question: LastCopyQuestion | None = None
        self._problems: tuple[str, str] = ("", "")
        strip.details_requested.connect(lambda: self._library_controller.tell_failure(*self._problems))
        menus.contribute(
            MenuSection.TRANSFER,
            lambda context: (actions.copy_to, actions.move_to, actions.trash) if context.photos else (),
        )
        connect(
            (
                (actions.copy_to, lambda: self.copy(targets.photos())),
                (actions.move_to, lambda: self.move(targets.photos())),
                (actions.trash, lambda: self.trash(targets.photos())),
            )
        )

    def start(self) -> None:
        """Forget what was thrown away when the window was open before: that can no longer be undone."""
        if self._library_controller.guard.can_write:
            self._jobs.start(lambda _: self._library.file_moves.forget_trashed(), _tidied, Priority.LOW)

    # --- what the person does ------------------------------------------------------------------------------

    def copy(self, photos: Sequence[Photo]) -> None:
        """Ask for a folder and copy photos into it."""
        if photos and (folder := self._ask_folder(tr("Copy {photos} to"), photos)):
            self.transfer(photos, Path(folder), move=False)

    def move(self, photos: Sequence[Photo]) -> None:
        """Ask for a folder and move photos into it."""
        if (
            photos
            and self._library_controller.check_writable()
            and (folder := self._ask_folder(tr("Move {photos} to"), photos))
        ):
            self.transfer(photos, Path(folder), move=True)

    def transfer(self, photos: Sequence[Photo], folder: Path, *, move: bool) -> None:
        """Copy or move photos into a folder."""
        if folder.resolve().is_relative_to(self._library.folder.resolve()):
            text = tr("PhotoSim keeps its own files in {folder}: please choose another folder.")
            self._library_controller.show_error(FolderError(text.format(folder=folder)))
            return
        text = tr("moving {photos}") if move else tr("copying {photos}")
        deed = FileOperation(
            Kind.MOVE if move else Kind.COPY,
            text.format(photos=formatting.count_photos(len(photos))),
            [],
            folder,
        )
        self._transfer(deed, photos, push=True)

    def trash(self, photos: Sequence[Photo]) -> None:
        """Move photos to the system's trash; of last copies the person is asked."""
        if photos and self._library_controller.check_writable():
            self._throw(FileOperation(Kind.TRASH, self._throwing(len(photos)), []), photos, push=True)

    # --- the errands ---------------------------------------------------------------------------------------

    def _transfer(self, deed: FileOperation, photos: Sequence[Photo], *, push: bool) -> None:
        move = deed.kind is Kind.MOVE
        work = partial(place, self._library, deed, photos)
        into = formatting.display_name(str(deed.folder))
        text = tr("Moving to “{folder}”") if move else tr("Copying to “{folder}”")
        told = tr("{photos} moved to “{folder}”.") if move else tr("{photos} copied to “{folder}”.")
        self._run(
            text.format(folder=into), deed, photos, work, partial(_fill_in, told, folder=into), push=push
        )

    def _throw(
        self,
        deed: FileOperation,
        photos: Sequence[Photo],
        *,
        push: bool,
        sure: frozenset[PhotoFiles] = frozenset(),
    ) -> None:
        work = partial(throw, self._library, deed, photos, sure)

        def asked(outcome: OperationResult) -> bool:
            if outcome.last:
                self._ask(deed, photos, outcome.last, push=push)
            return bool(outcome.last)

        told = tr("{photos} moved to the trash.")
        self._run(
            tr("Moving to the trash"),
            deed,
            photos,
            work,
            partial(_fill_in, told),
            push=push,
            instead=asked,
        )

    def _ask(
        self, deed: FileOperation, photos: Sequence[Photo], last: tuple[PhotoFiles, ...], *, push: bool
    ) -> None:
        """The second question, before photos of which no copy would be left go."""
        self._strip.hide()

        def answered(answer: LastCopyAnswer) -> None:
            self.question = None
            if answer is LastCopyAnswer.ALL:
                self._throw(deed, photos, push=push, sure=frozenset(last))
            elif answer is LastCopyAnswer.DUPLICATES:
                deed.bundles = [one for one in deed.bundles if one not in last]
                deed.text = self._throwing(len(deed.bundles))
                self._throw(deed, (), push=push)

        self.question = LastCopyQuestion(
            [one.photo for one in last], len(deed.bundles), answered, self._window
        )
        self.question.open()

    def _take_back(self, deed: FileOperation) -> None:
        """Undo: files that were moved or thrown away come back, copies go to the trash."""
        copied = deed.kind is Kind.COPY
        told = tr("{photos} moved to the trash again.") if copied else tr("{photos} brought back.")
        text = tr("Undoing {what}").format(what=deed.text)
        work = partial(drop_copies if copied else bring_back, self._library, deed)
        self._run(text, deed, (), work, partial(_fill_in, told), push=False)

    def _do_again(self, deed: FileOperation) -> None:
        (self._throw if deed.kind is Kind.TRASH else self._transfer)(deed, (), push=False)

    # --- what came of it -----------------------------------------------------------------------------------

    def _run(
        self,
        text: str,
        deed: FileOperation,
        photos: Sequence[Photo],
        work: Callable[[OperationProgress], OperationResult],
        told: Callable[[int], str],
        *,
        push: bool,
        instead: Callable[[OperationResult], bool] = lambda _: False,
    ) -> None:
        count = len(photos) or len(deed.bundles)
        done = partial(self._finish, deed, told, push=push, instead=instead)
        self.queue.add(QueuedOperation(text, count, work, done))

    def _finish(
        self,
        deed: FileOperation,
        told: Callable[[int], str],
        outcome: OperationResult | None,
        error: Exception | None,
        *,
        push: bool,
        instead: Callable[[OperationResult], bool],
    ) -> None:
        if outcome is None:
            self._strip.hide()
            if error is not None:
                self._library_controller.show_error(error)
            return
        if instead(outcome):
            return
        report = outcome.report
        deed.done = () if outcome.undone else report.done
        if report.done and push:
            text = deed.text
            self._undo.push(text, partial(self._take_back, deed), partial(self._do_again, deed))
        if outcome.untold is not None:
            self._library_controller.show_error(outcome.untold)
        if outcome.rest:
            left = replace(deed, done=outcome.rest, bundles=[])
            self._undo.push(left.text, partial(self._take_back, left), partial(self._do_again, left))
        self._tell(report, told, undoes=deed.text if push and report.done else "")
        if report.done:
            self._targets.after_change(outcome.before, outcome.photos)
            self._library_controller.photos_changed.emit()

    def _tell(self, report: TransferReport, told: Callable[[int], str], *, undoes: str) -> None:
        parts = [told(len(report.done))] if report.done else []
        if report.unchanged:
            text = tr("{photos} were there already.")
            parts.append(text.format(photos=formatting.count_photos(report.unchanged)))
        if report.cancelled:
            parts.append(tr("Stopped; the others stay where they are."))
        if report.failed:
            first = report.failed[0]
            self._problems = self._problem(report.failed)
            parts.append(self._problems[0] if len(report.failed) > 1 else _sentence(first))
        parts = parts or [tr("Nothing was changed.")]
        self._strip.show_result(" ".join(parts), undoes=undoes, failed=len(report.failed) > 1)

    def _problem(self, failed: Sequence[TransferFailure]) -> tuple[str, str]:
        text = tr("{photos} stay as they are: {reason}").format(
            photos=formatting.count_photos(len(failed)), reason=failed[0].reason
        )
        return text, "\n".join(f"{formatting.display_path(one.path)}: {one.reason}" for one in failed)

    # --- helpers -------------------------------------------------------------------------------------------

    def _throwing(self, count: int) -> str:
        return tr("moving {photos} to the trash").format(photos=formatting.count_photos(count))

    def _ask_folder(self, title: str, photos: Sequence[Photo]) -> str:
        start = str(Path(photos[0].path).parent)
        title = title.format(photos=formatting.count_photos(len(photos)))
        return QFileDialog.getExistingDirectory(self._window, title, start)


def _tidied(_: object, error: Exception | None) -> None:
    if error is not None:
        _log.warning("What was thrown away could not be forgotten: %s", error)


def _fill_in(text: str, count: int, **more: str) -> str:
    return text.format(photos=formatting.count_photos(count), **more)


def _sentence(failure: TransferFailure) -> str:
    return tr("“{name}” stays as it is: {reason}").format(
        name=formatting.display_name(failure.path), reason=failure.reason
    )
