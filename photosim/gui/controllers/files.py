"""Controller for copying, moving and trashing photos, with undo and redo."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from photosim.errors import FolderError
from photosim.files.bundles import PhotoFiles
from photosim.files.operations.operation_log import LogKind, MovedFile
from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.operation_queue import OperationQueue, QueuedOperation, Work
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.dialogs.trash_questions import LastCopyAnswer, LastCopyQuestion, NoTrashQuestion
from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.services import file_operations
from photosim.gui.state.text.operations import (
    failure_texts,
    operation_name,
    recovered_text,
    result_text,
    running_text,
    undo_text,
)
from photosim.library.files.operations import FileOperation, OperationKind, OperationResult
from photosim.paths import real_path
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.duplicates.results import Basket
    from photosim.gui.services.undo import UndoHistory
    from photosim.library import Library

_log = logging.getLogger(__name__)


@dataclass
class _Entry:
    """An operation in the undo history; used only in the GUI thread."""

    operation: FileOperation
    done: tuple[tuple[MovedFile, ...], ...] = ()
    """The transferred files of each photo, which Undo reverts; empty after an undo."""

    undo_id: int | None = None
    """The id of the entry in the undo history; None until it is added."""

    first_run: Work | None = None
    """What to do the first time, where that is more than the operation; it makes the operation."""

    finished: Callable[[OperationResult | None], object] | None = None
    """Called after the first run with its result, None after an error."""


class FileController(QObject):
    """Runs file operations one at a time in the background, shows their results and refreshes the window."""

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
        self._window, self._library, self._targets, self._undo_history = window, library, targets, undo
        self._library_controller = library_controller
        self._jobs = jobs
        self._strip = strip
        self.queue = OperationQueue(jobs, strip)
        self.question: LastCopyQuestion | None = None
        self._failure: tuple[str, str] = ("", "")
        strip.details_requested.connect(lambda: library_controller.show_failure(*self._failure))
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
        """Recover interrupted operations, and delete the library data kept to undo those of an earlier session."""

        def clean_up(_: CancelToken) -> Mapping[LogKind, int]:
            recovered = self._library.file_moves.recover()
            self._library.file_moves.delete_trashed()
            return recovered

        if self._library_controller.guard.can_write:
            self._jobs.start(clean_up, self._show_recovered, Priority.LOW)

    def copy(self, photos: Sequence[Photo]) -> None:
        """Ask for a folder and copy photos into it."""
        title = tr("Copy %Ln photo(s) to", "", len(photos))
        if photos and (folder := self._ask_folder(title, photos)):
            self.transfer(photos, Path(folder), move=False)

    def move(self, photos: Sequence[Photo]) -> None:
        """Ask for a folder and move photos into it."""
        title = tr("Move %Ln photo(s) to", "", len(photos))
        if (
            photos
            and self._library_controller.check_writable()
            and (folder := self._ask_folder(title, photos))
        ):
            self.transfer(photos, Path(folder), move=True)

    def transfer(self, photos: Sequence[Photo], folder: Path, *, move: bool) -> None:
        """Copy or move photos into a folder."""
        kind = OperationKind.MOVE if move else OperationKind.COPY
        self.run(FileOperation(kind, tuple(photos), folder=folder))

    def run(
        self,
        operation: FileOperation,
        finished: Callable[[OperationResult | None], object] | None = None,
    ) -> None:
        """Copy or move photos as an operation says; `finished` is as in `trash_basket`."""
        folder = operation.folder
        if real_path(folder).is_relative_to(real_path(self._library.folder)):
            text = tr("PhotoSim keeps its own files in {folder}. Choose another folder.")
            name = formatting.display_path(str(folder))
            self._library_controller.show_error(FolderError(text.format(folder=name)))
            return
        self._run(_Entry(operation, finished=finished))

    def trash(self, photos: Sequence[Photo]) -> None:
        """Move photos to the system's trash; ask first where all copies of one that has several are among them."""
        if photos and self._library_controller.check_writable():
            self._run(_Entry(FileOperation(OperationKind.TRASH, tuple(photos))))

    def trash_basket(
        self,
        basket: Basket,
        *,
        inherit: bool = False,
        finished: Callable[[OperationResult | None], object] | None = None,
    ) -> None:
        """Move the photos of a basket of duplicates to the trash, as one step of the undo history.

        With `inherit`, what they know goes to the photos to keep. `finished` is called once, with the result, whose report
        has the photos that stayed among its failures, or with None after an error, which has been shown.
        """
        if basket.groups and self._library_controller.check_writable():
            work = partial(
                self._library.duplicate_trash.run, basket, file_operations.move_to_trash, inherit=inherit
            )
            operation = FileOperation(OperationKind.TRASH, basket.photos)
            self._run(_Entry(operation, first_run=work, finished=finished))

    def _show_recovered(self, recovered: Mapping[LogKind, int] | None, error: Exception | None) -> None:
        if error is not None:
            _log.warning("Cleaning up after earlier file operations failed: %s", error)
        elif recovered:
            self._strip.show_message(recovered_text(recovered))
            self._library_controller.photos_changed.emit()

    def _run(self, entry: _Entry) -> None:
        """Run the operation of an entry; its first success adds the entry to the undo history."""

        def prepare() -> Work:
            if entry.first_run is not None:
                return entry.first_run
            return partial(self._library.file_moves.run, entry.operation, file_operations.move_to_trash)

        text, count = running_text(entry.operation), entry.operation.photo_count
        done, dropped = partial(self._finish_run, entry), partial(_finish_first_run, entry, None)
        self.queue.add(QueuedOperation(text, count, prepare, done, dropped))

    def _undo(self, entry: _Entry) -> None:
        def prepare() -> Work:
            return partial(
                self._library.file_moves.undo, entry.operation, entry.done, file_operations.move_to_trash
            )

        text, done = undo_text(entry.operation.kind), partial(self._finish_undo, entry)
        self.queue.add(QueuedOperation(text, len(entry.done), prepare, done))

    def _finish_run(self, entry: _Entry, result: OperationResult | None, error: Exception | None) -> None:
        if result is None:
            self._show_failure(error)
        else:
            self._finish_operation(entry, result)
        _finish_first_run(entry, result)

    def _finish_operation(self, entry: _Entry, result: OperationResult) -> None:
        entry.operation = result.operation
        if result.unconfirmed:
            self._confirm(entry, result)
            return
        entry.done = result.report.done
        new_id = None
        if entry.done and entry.undo_id is None and entry.operation.kind is not OperationKind.DELETE:
            new_id = self._push(entry)
        self._show_result(result, result_text(result.operation, len(entry.done)), undo_id=new_id)
        self._refresh(result)
        no_trash = {failure.path for failure in result.report.failed if failure.no_trash}
        if no_trash:
            self._ask_to_delete(result.operation, no_trash)

    def _finish_undo(self, entry: _Entry, result: OperationResult | None, error: Exception | None) -> None:
        if result is None:
            self._show_failure(error)
            return
        if result.unconfirmed:
            self._confirm_undo(entry, result)
            return
        entry.operation, entry.done = result.operation, ()
        if result.remaining:
            self._push(_Entry(replace(result.operation, files=()), result.remaining))
        count = len(result.report.done)
        if entry.operation.kind is OperationKind.COPY:
            text = tr("%Ln (copy|copies) moved to trash.", "", count)
        else:
            text = tr("%Ln photo(s) restored.", "", count)
        self._show_result(result, text)
        # Duplicates come back as groups, not as photos to go on with.
        select = entry.operation.kind is not OperationKind.COPY and not entry.operation.replacements
        self._refresh(result, select=select)

    def _push(self, entry: _Entry) -> int:
        name = operation_name(entry.operation.kind)
        entry.undo_id = self._undo_history.push(name, partial(self._undo, entry), partial(self._run, entry))
        return entry.undo_id

    def _confirm(self, entry: _Entry, result: OperationResult) -> None:
        """Ask before moving all copies of photos that have several to the trash."""
        operation, last_copies = entry.operation, result.unconfirmed

        def handle(answer: LastCopyAnswer) -> None:
            if answer is LastCopyAnswer.ALL:
                entry.operation = replace(operation, confirmed=frozenset(last_copies))
                self._run(entry)
            elif answer is LastCopyAnswer.KEEP_ONE:
                others = tuple(photo for photo in operation.files if photo not in result.kept)
                entry.operation = replace(operation, photos=(), files=others)
                self._run(entry)

        self._ask(result, handle)

    def _confirm_undo(self, entry: _Entry, result: OperationResult) -> None:
        """Ask before moving copies whose originals are gone to the trash; those that are kept can be undone later."""
        operation, done = entry.operation, entry.done
        last_copies = {photo.photo for photo in result.unconfirmed}

        def handle(answer: LastCopyAnswer) -> None:
            if answer is LastCopyAnswer.ALL:
                entry.operation = replace(operation, confirmed=frozenset(result.unconfirmed))
                self._undo(entry)
                return
            kept = done
            entry.done = ()
            if answer is LastCopyAnswer.KEEP_ONE:
                kept = tuple(files for files in done if files[0].entry.path in last_copies)
                entry.done = tuple(files for files in done if files not in kept)
                self._undo(entry)
            self._push(_Entry(replace(operation, photos=(), files=_originals(kept)), kept))

        self._ask(result, handle)

    def _ask(self, result: OperationResult, handle: Callable[[LastCopyAnswer], None]) -> None:
        self._strip.hide()

        def answered(answer: LastCopyAnswer) -> None:
            self.question = None
            handle(answer)

        paths, kept = [photo.photo for photo in result.unconfirmed], len(result.kept)
        self.question = LastCopyQuestion(paths, kept, result.total, answered, self._window)
        self.question.open()

    def _ask_to_delete(self, operation: FileOperation, paths: Collection[str]) -> None:
        """Ask whether to delete photos of an operation permanently that are where there is no trash."""
        files = tuple(photo for photo in operation.files if photo.photo in paths)
        deleting = replace(operation, kind=OperationKind.DELETE, photos=(), files=files)
        NoTrashQuestion(
            [photo.photo for photo in files], lambda: self._run(_Entry(deleting)), self._window
        ).open()

    def _refresh(self, result: OperationResult, *, select: bool = False) -> None:
        """Update the window; with `select`, select the photos that were restored."""
        if result.report.done:
            self._targets.after_change(result.changes, select=select)
            self._library_controller.files_changed.emit(result.changes)

    def _show_failure(self, error: Exception | None) -> None:
        self._strip.hide()
        if error is not None:
            self._library_controller.show_error(error)

    def _show_result(self, result: OperationResult, text: str, *, undo_id: int | None = None) -> None:
        report = result.report
        if result.catalog_error is not None:
            self._library_controller.show_error(result.catalog_error)
        sentences = [text] if report.done else []
        if report.unchanged:
            sentences.append(tr("%Ln photo(s) (is|are) already there.", "", report.unchanged))
        if report.cancelled:
            sentences.append(tr("Stopped. The remaining photos weren't changed."))
        if report.failed:
            self._failure = failure_texts(report)
            sentences.append(self._failure[0])
        sentences = sentences or [tr("No photos were changed.")]
        self._strip.show_result(" ".join(sentences), undo_id=undo_id, failed=len(report.failed) > 1)

    def _ask_folder(self, title: str, photos: Sequence[Photo]) -> str:
        return self._library_controller.ask_folder(title, str(Path(photos[0].path).parent))


def _finish_first_run(entry: _Entry, result: OperationResult | None) -> None:
    finished, entry.first_run, entry.finished = entry.finished, None, None
    if finished is not None:
        finished(result)


def _originals(done: Sequence[tuple[MovedFile, ...]]) -> tuple[PhotoFiles, ...]:
    """Return the original files of copied photos, for redo."""
    return tuple(PhotoFiles(tuple(file.old for file in files)) for files in done)
