"""Move photos to the system's trash: all files of a photo or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from photosim.errors import PhotoSimError
from photosim.files.bundles import PhotoFiles, side_file_copies
from photosim.files.fspaths import long_path
from photosim.files.operations import renaming
from photosim.files.operations.copying import TransferProgress, copy_file, part_path
from photosim.files.operations.failures import KEPT_CHANGED, KEPT_UNAVAILABLE
from photosim.files.operations.operation_log import LogKind, MovedFile, OperationLog, PlannedFile
from photosim.files.operations.placement import move_back
from photosim.files.operations.transfer import NO_STATES, TransferReport, run_each, sync_folders
from photosim.files.operations.trash import original_path, remove_trash_info
from photosim.files.state import CHANGED, FileState, has_state, is_same_state, read_state, require_state

MoveToTrash = Callable[[str], str]
"""Moves a file to the system's trash; returns its path there, or "" if the system does not report it.

Raises OSError or PhotoSimError, and then the file has not been moved.
"""


@dataclass(frozen=True, slots=True)
class Replacement:
    """The photos that stay in the place of one that goes to the trash.

    It stays too unless every file of `kept`, by path, still is in its state. `heir` is the one of them that gets copies
    of its side files, of each kind that it has not; None for none. `note` is logged with the photo.
    """

    kept: Mapping[str, FileState] = field(default_factory=dict)
    heir: PhotoFiles | None = None
    note: str = ""


NO_REPLACEMENTS: Mapping[str, Replacement] = {}


def delete_permanently(path: str) -> str:
    """Delete a file in place of a MoveToTrash, where there is no trash. Raises OSError."""
    Path(long_path(path)).unlink()
    return ""


def trash(
    photos: Sequence[PhotoFiles],
    move_to_trash: MoveToTrash,
    progress: TransferProgress,
    *,
    expected: Mapping[str, FileState] = NO_STATES,
    replacements: Mapping[str, Replacement] = NO_REPLACEMENTS,
    log: OperationLog | None = None,
) -> TransferReport:
    """Move photos to the system's trash; a file that also belongs to other photos stays.

    `expected` maps paths to earlier file states: a photo with a file that has changed since then fails.
    `replacements` tells, by the paths of photos, what must stay in their place.
    """

    def task(photo: PhotoFiles) -> list[MovedFile]:
        replacement = replacements.get(photo.photo, Replacement())
        return _Trashing(photo, replacement, expected, progress, log or OperationLog()).run(move_to_trash)

    report = run_each([(photo.photo, partial(task, photo)) for photo in photos], progress)
    sync_folders(report)
    return report


class _Trashing:
    """Moves the files of one photo to the trash, or leaves them where they were."""

    def __init__(
        self,
        photo: PhotoFiles,
        replacement: Replacement,
        expected: Mapping[str, FileState],
        progress: TransferProgress,
        log: OperationLog,
    ) -> None:
        self._photo, self._replacement, self._expected = photo, replacement, expected
        self._progress, self._log = progress, log
        self._copied: list[tuple[PlannedFile, FileState]] = []
        self._named: list[PlannedFile] = []
        self._trashed: list[tuple[PlannedFile, str]] = []

    def run(self, move_to_trash: MoveToTrash) -> list[MovedFile]:
        files = [
            PlannedFile(
                file,
                "",
                "",
                moves=True,
                state=read_state(file),
                note=self._replacement.note if file == self._photo.photo else "",
            )
            for file in self._photo.files
            if file not in self._photo.shared
        ]
        for file in files:
            require_state(file.old, self._expected.get(file.old))
        for path, state in self._replacement.kept.items():
            _require_kept(path, state)
        copies = self._planned_copies()
        number = self._log.begin(LogKind.TRASH, (*files, *copies))
        try:
            if copies:
                self._copy(copies, number)
            moved = [self._move(file, move_to_trash, number) for file in files]
        except BaseException:
            self._roll_back()
            self._log.end(number)
            raise
        self._log.done(number)
        return [*moved, *(_copied_file(file) for file in copies)]

    def _planned_copies(self) -> list[PlannedFile]:
        """Return the side files to copy to the name of the photo that stays."""
        heir = self._replacement.heir
        if heir is None:
            return []
        return [
            PlannedFile(old, new, part_path(os.path.dirname(new)), moves=False, state=read_state(old))  # noqa: PTH120
            for old, new in side_file_copies(self._photo, heir)
        ]

    def _copy(self, copies: Sequence[PlannedFile], number: int) -> None:
        """Copy the side files; only when the copies have their names on the disk, the photo may go."""
        for file in copies:
            copy_file(file.old, file.part, self._progress)
            self._copied.append((file, read_state(file.part)))
        self._log.copied(number, {file.new: state for file, state in self._copied})
        for file in copies:
            renaming.rename_new(file.part, file.new)
            self._named.append(file)
        for folder in {os.path.dirname(file.new) for file in copies}:  # noqa: PTH120
            renaming.sync_folder(folder)

    def _move(self, file: PlannedFile, move_to_trash: MoveToTrash, number: int) -> MovedFile:
        path = move_to_trash(file.old)
        if path and not os.path.lexists(long_path(path)):
            path = ""  # not a path in the file system, so of no use for restoring
        self._trashed.append((file, path))
        self._log.trashed(number, file.old, path)
        if path and not is_same_state(path, file.state):
            raise PhotoSimError(CHANGED)
        state = read_state(path) if path else None
        self._progress.advance(0, file.state.size)
        return MovedFile(file.old, (state or file.state).entry(path), state=state, note=file.note)

    def _roll_back(self) -> None:
        for file, path in reversed(self._trashed):
            _take_out_of_trash(path, file)
        for file, state in self._copied:
            path = file.new if file in self._named else file.part
            if has_state(path, state) and os.path.lexists(long_path(file.old)):
                with suppress(OSError):
                    os.remove(long_path(path))  # noqa: PTH107


def _require_kept(path: str, state: FileState) -> None:
    """Raise PhotoSimError unless a photo that is kept in the place of another one is there, unchanged."""
    try:
        is_kept = is_same_state(path, state, follow_links=True)
    except (OSError, ValueError) as error:
        raise PhotoSimError(KEPT_UNAVAILABLE) from error
    if not is_kept:
        raise PhotoSimError(KEPT_CHANGED)


def _copied_file(file: PlannedFile) -> MovedFile:
    state = read_state(file.new)
    return MovedFile(file.old, state.entry(file.new), copied=True, state=state, original=file.state)


def _take_out_of_trash(path: str, file: PlannedFile) -> None:
    """Move a just-trashed file back to its old path, without checking its state."""
    with suppress(OSError, PhotoSimError):
        if path:
            move_back(path, original_path(path) or file.old)
            remove_trash_info(path)
