"""Copies, moves, trashes and restores photo files: on the disk first, then in the catalog."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from photosim.errors import PhotoSimError
from photosim.files.bundles import PhotoFiles, collect_photo_files, total_size
from photosim.files.fspaths import long_path, same_file
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.failures import UNAVAILABLE
from photosim.files.operations.journal import OperationJournal, recover_operations
from photosim.files.operations.operation_log import LogKind, MovedFile, OperationLog
from photosim.files.operations.transfer import TransferFailure, TransferReport, restore, transfer
from photosim.files.operations.trashing import MoveToTrash, Replacement, delete_permanently, trash
from photosim.files.state import FileState, has_state, read_state
from photosim.library.duplicates.trash_notes import TrashNotes
from photosim.library.files.last_copies import LastCopies
from photosim.library.files.operations import FileOperation, OperationKind, OperationResult, PhotoChanges
from photosim.records import Photo
from photosim.store.catalog import Catalog
from photosim.store.files.file_moves import FileMove
from photosim.store.thumbnails import ThumbnailCache

_log = logging.getLogger(__name__)


class FileOperations:
    """Runs file operations and records each in one transaction. Thread-safe.

    Does not wait for a running indexing, which then finds the files in their new places.
    """

    def __init__(self, folder: Path, catalog: Catalog, thumbnails: ThumbnailCache, notes: TrashNotes) -> None:
        self._folder, self._catalog, self._thumbnails = folder, catalog, thumbnails
        self._notes = notes
        self.last_copies = LastCopies(catalog)

    def recover(self) -> Mapping[LogKind, int]:
        """Finish or take back the operations of a process that was killed, and record what they did.

        Returns the numbers of files that are in their new places, by what was done with them.
        """
        recovered: Counter[LogKind] = Counter()

        def record(kind: LogKind, files: Sequence[MovedFile]) -> None:
            self._record_recovered(kind, files)
            recovered[kind] += len(files)

        try:
            recover_operations(self._folder, record)
        except (OSError, PhotoSimError) as error:
            _log.warning("Interrupted operations cannot be recovered yet: %s", error)
        return recovered

    def run(
        self, operation: FileOperation, move_to_trash: MoveToTrash, progress: TransferProgress
    ) -> OperationResult:
        """Run an operation. Raises ReadOnlyLibraryError, or FolderError, before anything is done.

        Nothing is trashed while the last of several known copies of a photo are not among the confirmed ones.
        """
        if operation.kind is not OperationKind.COPY:
            self._catalog.database.check_writable()
        if not operation.files:
            shots = ((photo.path, photo.raw_files) for photo in operation.photos)
            operation = replace(operation, files=tuple(collect_photo_files(shots)))
        if operation.kind is OperationKind.TRASH:
            return self._trash(operation, move_to_trash, progress)
        if operation.kind is OperationKind.DELETE:
            confirmed = replace(operation, confirmed=frozenset(operation.files))
            return self._trash(confirmed, delete_permanently, progress)
        progress.set_total(total_size(operation.files))
        moves = operation.kind is OperationKind.MOVE
        with self.journal() as log:
            report = transfer(
                operation.files,
                operation.folder,
                progress,
                move=moves,
                expected=operation.expected,
                log=log,
                subfolders=operation.subfolders,
                skip_present=operation.skip_present,
            )
            operation = replace(operation, expected={})
            return self._record(operation, report, self._moved if moves else self._copied)

    def undo(
        self,
        operation: FileOperation,
        done: Sequence[tuple[MovedFile, ...]],
        move_to_trash: MoveToTrash,
        progress: TransferProgress,
    ) -> OperationResult:
        """Undo what an operation did: restore moved and trashed files, trash copies.

        A file that was changed or replaced since is not touched. No copy is trashed while copies whose originals are
        gone are not among the confirmed ones.
        """
        if operation.kind is OperationKind.COPY:
            return self._undo_copy(operation, done, move_to_trash, progress)
        self._catalog.database.check_writable()
        progress.set_total(sum(file.entry.size for files in done for file in files))
        with self.journal() as log:
            report = restore(done, progress, log, remove_copies=operation.kind is OperationKind.TRASH)
            restored = replace(
                operation,
                photos=(),
                files=tuple(_files_of(files) for files in report.done),
                expected=_states_of(report),
                replacements=_restored_replacements(operation, report),
            )
            result = self._record(restored, report, self._moved)
        return replace(result, remaining=_remaining(done, result.report))

    def delete_trashed(self) -> None:
        """Delete what is kept of files that were trashed or moved out of the library, so that undo can restore it."""
        if not self._catalog.file_moves.delete_parked():
            return
        self._thumbnails.remove(self._catalog.delete_orphans())

    def _trash(
        self, operation: FileOperation, move_to_trash: MoveToTrash, progress: TransferProgress
    ) -> OperationResult:
        last = [
            photo
            for photo in self.last_copies.of_several(operation.files)
            if photo not in operation.confirmed and photo.photo not in operation.replacements
        ]
        unconfirmed = tuple(photo for photo in last if photo.exists())
        if unconfirmed:
            expected = dict(operation.expected)
            for path in (path for photo in unconfirmed for path in photo.files if path not in expected):
                with suppress(OSError, ValueError, PhotoSimError):
                    expected[path] = read_state(path)  # the answer is about these files and no others
            operation = replace(operation, expected=expected)
            kept = self.last_copies.one_of_each(unconfirmed)
            return OperationResult(operation, unconfirmed=unconfirmed, kept=kept, total=len(operation.files))
        progress.set_total(total_size(operation.files))
        # Unavailable files need no confirmation, and stay even if they become available just now.
        photos = [photo for photo in operation.files if photo not in last]
        with self.journal() as log:
            report = trash(
                photos,
                move_to_trash,
                progress,
                expected=operation.expected,
                replacements=operation.replacements,
                log=log,
            )
            unavailable = tuple(TransferFailure(photo.photo, UNAVAILABLE) for photo in last)
            report = replace(report, failed=(*report.failed, *unavailable))
            operation = replace(operation, confirmed=frozenset())
            return self._record(operation, report, self._trashed)

    def _undo_copy(
        self,
        operation: FileOperation,
        done: Sequence[tuple[MovedFile, ...]],
        move_to_trash: MoveToTrash,
        progress: TransferProgress,
    ) -> OperationResult:
        copies = [_files_of(files) for files in done]
        last = set(self.last_copies.of(copies))
        unconfirmed = tuple(
            copy
            for copy, files in zip(copies, done, strict=True)
            if copy in last and copy not in operation.confirmed and _is_only_copy(files)
        )
        if unconfirmed:
            kept = frozenset(unconfirmed)
            return OperationResult(operation, unconfirmed=unconfirmed, kept=kept, total=len(done))
        expected = {file.entry.path: file.state for files in done for file in files if file.state is not None}
        with self.journal() as log:
            report = trash(copies, move_to_trash, progress, expected=expected, log=log)
            result = self._record(replace(operation, confirmed=frozenset()), report, self._trashed)
        return replace(result, remaining=_remaining(done, result.report))

    @contextmanager
    def journal(self) -> Iterator[OperationLog]:
        """Open a journal for what is about to be written."""
        try:
            journal = OperationJournal(self._folder)
        except (OSError, TimeoutError) as error:  # a read-only library: only copies are made then
            _log.warning("No journal of the operation can be written: %s", error)
            yield OperationLog()
            return
        with journal:
            yield journal

    def _record_recovered(self, kind: LogKind, files: Sequence[MovedFile]) -> None:
        """Record what a killed operation did, as far as the files are still there."""
        if kind is LogKind.COPY:
            self._copied(files)
        else:
            # A scan since then may have found other files at the old paths.
            gone = [file for file in files if not os.path.lexists(long_path(file.old))]
            if kind is LogKind.TRASH:
                self._trashed(gone)
            else:
                self._moved(gone)
        self._catalog.raw_pairs.update()

    def _record(
        self,
        operation: FileOperation,
        report: TransferReport,
        record: Callable[[Sequence[MovedFile]], Mapping[str, str] | None],
    ) -> OperationResult:
        """Record in the catalog what was done on the disk.

        `record` may return other notes for files, by their old paths.
        """
        before = self._find(files[0].old for files in report.done if not files[0].copied)
        try:
            notes = record(report.moved_files) or {}
            self._catalog.raw_pairs.update()
        except PhotoSimError as error:
            return OperationResult(operation, report, catalog_error=error)
        after = self._find(files[0].entry.path for files in report.done)
        photo_ids = {photo.photo_id for photo in (*before.values(), *after.values())}
        photo_ids.update(self._notes.heirs(report.moved_files))
        copies = self._catalog.files_by_photo(sorted(photo_ids)).values()
        changes = PhotoChanges(
            removed=frozenset(before.keys() - after.keys()),
            updated={file_id: photo for file_id, photo in after.items() if file_id in before},
            added=tuple(photo for file_id, photo in after.items() if file_id not in before),
            recounted=tuple(photo for files in copies for photo in files if photo.file_id not in after),
        )
        return OperationResult(operation, _with_notes(report, notes), changes)

    def _moved(self, files: Iterable[MovedFile]) -> None:
        moved = [file for file in files if not file.copied]
        with self._catalog.database.transaction():
            self._catalog.file_moves.move(FileMove(file.old, file.entry, file.origin) for file in moved)
            self._notes.take_back(moved)

    def _copied(self, files: Iterable[MovedFile]) -> None:
        self._catalog.file_moves.copy([(file.old, file.entry) for file in files])

    def _trashed(self, files: Iterable[MovedFile]) -> Mapping[str, str]:
        """What is known of the files is kept, since they may be restored; returns what to take back then."""
        trashed = [file for file in files if not file.copied]
        with self._catalog.database.transaction():
            notes = self._notes.pass_on(trashed)
            self._catalog.file_moves.park([file.old for file in trashed])
        return notes

    def _find(self, paths: Iterable[str]) -> dict[int, Photo]:
        found = (self._catalog.find(path) for path in paths)
        return {photo.file_id: photo for photo in found if photo is not None}


def _files_of(moved: Sequence[MovedFile]) -> PhotoFiles:
    return PhotoFiles(tuple(file.entry.path for file in moved))


def _with_notes(report: TransferReport, notes: Mapping[str, str]) -> TransferReport:
    done = tuple(
        tuple(replace(file, note=notes.get(file.old, file.note)) for file in files) for files in report.done
    )
    return replace(report, done=done) if notes else report


def _restored_replacements(operation: FileOperation, report: TransferReport) -> dict[str, Replacement]:
    """Return what stays in the place of restored photos, by their present paths."""
    found = ((files[0].entry.path, operation.replacements.get(files[0].origin)) for files in report.done)
    return {path: replacement for path, replacement in found if replacement is not None}


def _states_of(report: TransferReport) -> dict[str, FileState]:
    return {file.entry.path: file.state for file in report.moved_files if file.state is not None}


def _is_only_copy(files: Sequence[MovedFile]) -> bool:
    """Return whether the copies are as they were made, and the original of one of them is not."""
    return all(file.state is not None and has_state(file.entry.path, file.state) for file in files) and any(
        file.original is None
        or not has_state(file.old, file.original, follow_links=True)
        or same_file(file.old, file.entry.path)
        for file in files
    )


def _remaining(
    done: Sequence[tuple[MovedFile, ...]], report: TransferReport
) -> tuple[tuple[MovedFile, ...], ...]:
    """What a cancelled undo left undone; what failed would fail again."""
    if not report.cancelled:
        return ()
    handled = {file.old for file in report.moved_files} | {failure.path for failure in report.failed}
    return tuple(
        files
        for files in done
        if handled.isdisjoint(path for file in files for path in (file.old, file.entry.path))
    )
