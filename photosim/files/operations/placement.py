"""Put the files of one photo into a folder under free names, all or none, and never over other files."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from photosim.errors import PhotoSimError
from photosim.files.fspaths import long_path
from photosim.files.operations import renaming
from photosim.files.operations.copying import TransferProgress, copy_file, part_path
from photosim.files.operations.free_names import candidate_names, distinct_names, fold_name
from photosim.files.operations.operation_log import LogKind, MovedFile, OperationLog, PlannedFile
from photosim.files.state import (
    FileState,
    has_state,
    read_state,
    require_state,
)

_MAX_NAMES = 10_000  # numbers to try before giving up


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file to be moved, or copied, and the state in which it must be, if that is known.

    `origin` and `note` are those of the `PlannedFile`.
    """

    path: str
    name: str
    moves: bool
    expected: FileState | None = None
    origin: str = ""
    note: str = ""


def place(
    files: Sequence[PlacedFile],
    folder: str,
    taken: set[str],
    progress: TransferProgress,
    log: OperationLog,
    kind: LogKind,
    removed: Sequence[PlannedFile] = (),
) -> list[MovedFile]:
    """Copy or move the files of one photo into a folder, under their own names or the next that are free together.

    `taken` are the folded names that are in the folder. `removed` are copies that go when all is done, unless they
    were changed. Raises OSError, PhotoSimError or TransferCancelled, and then
    all files are where they were.
    """
    states = []
    if kind is LogKind.MOVE and any(file.moves and os.path.islink(file.path) for file in files):  # noqa: PTH114
        raise PhotoSimError("This is only a link. Move the photo itself.")
    for file in files:
        state = read_state(file.path, follow_links=not file.moves)
        require_state(file.path, file.expected, follow_links=not file.moves)
        states.append(state)
    for attempt, candidates in enumerate(candidate_names([file.name for file in files])):
        # Only a drive that ignores case needs the names to be distinct without it.
        for names in dict.fromkeys((tuple(candidates), tuple(distinct_names(candidates)))):
            folded = {fold_name(name) for name in names}
            if folded & taken:
                continue
            planned = [
                PlannedFile(
                    old=file.path,
                    new=os.path.join(folder, name),  # noqa: PTH118
                    part=part_path(folder),
                    moves=file.moves,
                    state=state,
                    origin=file.origin,
                    note=file.note,
                )
                for file, name, state in zip(files, names, states, strict=True)
            ]
            try:
                moved = _Placement(planned, folder, progress, log).run(kind, removed)
            except FileExistsError:
                if attempt > _MAX_NAMES:
                    raise
                continue
            taken |= folded
            return moved
    raise AssertionError("unreachable")


class _Placement:
    """Puts the files of one photo under names that are free, or leaves them where they were."""

    def __init__(
        self, files: Sequence[PlannedFile], folder: str, progress: TransferProgress, log: OperationLog
    ) -> None:
        self._files, self._folder, self._progress, self._log = files, folder, progress, log
        self._renamed: list[PlannedFile] = []
        self._parts: list[tuple[PlannedFile, FileState]] = []
        """Files that were copied, and the states of their copies."""
        self._named: list[tuple[PlannedFile, FileState]] = []
        """Those of them whose copies have their names."""
        self._removed: list[PlannedFile] = []
        """Those of them that were removed from their old place."""

    def run(self, kind: LogKind, removed: Sequence[PlannedFile]) -> list[MovedFile]:
        photo = self._log.begin(kind, (*self._files, *removed))
        try:
            for file in self._files:
                if not (file.moves and self._rename(file)):
                    copy_file(file.old, file.part, self._progress)
                    self._parts.append((file, read_state(file.part)))
            if self._parts:
                self._log.copied(photo, {file.new: state for file, state in self._parts})
                self._name_copies()
            moved = [self._moved(file) for file in self._files]
        except BaseException:
            self._roll_back()
            self._log.end(photo)
            raise
        self._log.done(photo)
        for file in removed:
            remove_copy(file)
        return moved

    def _rename(self, file: PlannedFile) -> bool:
        """Rename a file to its new place; return False when that is on another drive."""
        try:
            renaming.rename_new(file.old, file.new)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return False
        self._renamed.append(file)
        # Another program may have replaced it between the check and the renaming.
        require_state(file.new, file.state)
        self._progress.advance(0, file.state.size)
        return True

    def _name_copies(self) -> None:
        """Give the copies their names; only when these are on the disk too, remove what was moved."""
        for file, state in self._parts:
            renaming.rename_new(file.part, file.new)
            self._named.append((file, state))
        moves = [file for file, _ in self._parts if file.moves]
        renaming.sync_folder(self._folder)
        for file in moves:
            require_state(file.old, file.state)
        for file in moves:
            os.remove(long_path(file.old))  # noqa: PTH107
            self._removed.append(file)

    def _moved(self, file: PlannedFile) -> MovedFile:
        return file.moved(read_state(file.new))

    def _roll_back(self) -> None:
        """Undo what was done; where that fails too, no file is lost."""
        for file in reversed(self._renamed):
            with suppress(OSError, PhotoSimError):
                renaming.rename_new(file.new, file.old)
        missing = {file.old for file in self._removed}
        for file in self._removed:
            with suppress(OSError, PhotoSimError):
                copy_back(file.new, file.old)
                missing.remove(file.old)
        named = {file.new for file, _ in self._named}
        for file, state in self._parts:
            if file.new not in named:
                with suppress(OSError):
                    os.remove(long_path(file.part))  # noqa: PTH107
            elif file.old not in missing and has_state(file.new, state):
                with suppress(OSError):
                    os.remove(long_path(file.new))  # noqa: PTH107


def remove_copy(file: PlannedFile, *, after_restart: bool = False) -> None:
    """Remove a copy that PhotoSim made, unless it was changed since."""
    if has_state(file.old, file.state, after_restart=after_restart):
        with suppress(OSError):
            os.remove(long_path(file.old))  # noqa: PTH107


def move_back(source: str, target: str) -> None:
    """Move a file to the place from which it was moved. Raises OSError or PhotoSimError."""
    try:
        renaming.rename_new(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy_back(source, target)
        os.remove(long_path(source))  # noqa: PTH107


def copy_back(source: str, target: str) -> None:
    """Copy a file to a path where nothing exists, durably."""
    folder = os.path.dirname(target)  # noqa: PTH120
    part = part_path(folder)
    copy_file(source, part, TransferProgress())
    try:
        renaming.rename_new(part, target)
    except OSError:
        os.remove(long_path(part))  # noqa: PTH107
        raise
    renaming.sync_folder(folder)
