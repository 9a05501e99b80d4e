"""Finish or take back the operation on the files of one photo that a kill or a power cut interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from photosim.errors import PhotoSimError
from photosim.files.fspaths import long_path, same_file
from photosim.files.operations import renaming
from photosim.files.operations.copying import is_part
from photosim.files.operations.operation_log import LogKind, MovedFile, PlannedFile
from photosim.files.operations.placement import move_back, remove_copy
from photosim.files.operations.trash import find_trashed, remove_trash_info
from photosim.files.state import FileState, has_state, read_state


class UnreachableFolderError(Exception):
    """A folder of the operation does not exist: its drive may not be connected."""


@dataclass(frozen=True, slots=True)
class UnfinishedPhoto:
    """What is known of a photo whose operation was begun.

    `copies` are the states of copies by their new paths, `trashed` the paths in the trash by the old ones.
    """

    kind: LogKind
    files: tuple[PlannedFile, ...]
    copies: Mapping[str, FileState] = field(default_factory=dict)
    trashed: Mapping[str, str] = field(default_factory=dict)
    is_done: bool = False

    def new_state(self, file: PlannedFile) -> FileState:
        """Return the state that a file has in its new place."""
        return self.copies.get(file.new, file.state)


def recover_photo(photo: UnfinishedPhoto, since: float) -> list[MovedFile]:
    """Bring the files of a photo together; return them as moved when they are in their new places.

    `since` is the time at which the operation began, in seconds since the epoch. Raises OSError, and
    UnreachableFolderError before anything is done.
    """
    _require_folders(file.old for file in photo.files)
    _require_folders(file.new for file in photo.files if file.new)
    for file in photo.files:
        remove_part(file.part)
    if photo.kind is LogKind.TRASH:
        return _recover_trashed(photo, since)
    removed = [file for file in photo.files if not file.new]
    photo = replace(photo, files=tuple(file for file in photo.files if file.new))
    if not photo.is_done:
        _bring_together(photo)
    moved = [_moved(file, photo) for file in photo.files]
    complete = [file for file in moved if file is not None]
    if len(complete) < len(moved):
        return []
    if photo.kind is LogKind.RESTORE:
        for file in photo.files:
            remove_trash_info(file.old)
        for file in removed:
            remove_copy(file, after_restart=True)
    return complete


def remove_part(part: str) -> None:
    """Remove a file of ours that was not written to its end."""
    if part and is_part(part):
        with suppress(OSError):
            os.remove(long_path(part))  # noqa: PTH107


def _require_folders(paths: Iterable[str]) -> None:
    for folder in {os.path.dirname(path) for path in paths}:  # noqa: PTH120
        if not os.path.isdir(long_path(folder)):  # noqa: PTH112
            raise UnreachableFolderError(folder)


def _bring_together(photo: UnfinishedPhoto) -> None:
    """Finish what was moved when all files are in the new folder, else take all of them back."""
    are_new = {file.new: _has_state(file.new, photo.new_state(file)) for file in photo.files}
    old = [file for file in photo.files if _is_at(file.old, file, is_elsewhere=are_new[file.new])]
    has_left = any(file.moves and are_new[file.new] and file not in old for file in photo.files)
    if all(are_new.values()) and (has_left or photo.kind is LogKind.COPY):
        _finish(photo, old)
        return
    for file in photo.files:
        if not are_new[file.new]:
            _remove_placeholder(file.new, file)
        elif file in old:
            _remove_copy(file, photo)
        elif file.moves:
            with suppress(PhotoSimError, FileExistsError):
                move_back(file.new, file.old)


def _finish(photo: UnfinishedPhoto, old: Iterable[PlannedFile]) -> None:
    """Remove the originals of a move whose copies are complete."""
    for folder in {os.path.dirname(file.new) for file in photo.files}:  # noqa: PTH120
        renaming.sync_folder(folder)
    for file in old:
        if file.moves and _has_state(file.old, file.state):
            os.remove(long_path(file.old))  # noqa: PTH107


def _remove_copy(file: PlannedFile, photo: UnfinishedPhoto) -> None:
    """Remove our copy of a file, or our second name of it, while the file itself is in its old place."""
    is_ours = file.new in photo.copies or same_file(file.old, file.new)
    if is_ours and _has_state(file.old, file.state, follow_links=not file.moves):
        os.remove(long_path(file.new))  # noqa: PTH107


def _is_at(path: str, file: PlannedFile, *, is_elsewhere: bool) -> bool:
    """Return whether anything is at a path but an empty file that a killed recovery left there."""
    if is_elsewhere and file.state.size:
        with suppress(OSError, PhotoSimError):
            if read_state(path).size == 0:
                os.remove(long_path(path))  # noqa: PTH107
    return os.path.lexists(long_path(path))


def _remove_placeholder(path: str, file: PlannedFile) -> None:
    """Remove the empty file that reserves a name on drives that cannot rename without replacing."""
    with suppress(OSError, PhotoSimError):
        is_empty = read_state(path).size == 0
        if is_empty and file.state.size and _has_state(file.old, file.state, follow_links=not file.moves):
            os.remove(long_path(path))  # noqa: PTH107


def _moved(file: PlannedFile, photo: UnfinishedPhoto) -> MovedFile | None:
    """Return a file as moved, None when it is not in its new place, or still in its old one."""
    state = photo.new_state(file)
    if not _has_state(file.new, state) or (file.moves and os.path.lexists(long_path(file.old))):
        return None
    return file.moved(state)


def _recover_trashed(photo: UnfinishedPhoto, since: float) -> list[MovedFile]:
    """Take the files of a photo out of the trash again, and remove our copies, unless all of them are in it."""
    files, copies = (
        [file for file in photo.files if file.moves],
        [file for file in photo.files if not file.moves],
    )
    trashed = {file.old: _find_in_trash(file, photo, since) for file in files}
    old = [file for file in files if _is_at(file.old, file, is_elsewhere=bool(trashed[file.old]))]
    if not old and all(trashed.values()):
        moved = [
            MovedFile(file.old, file.state.entry(trashed[file.old]), state=file.state, note=file.note)
            for file in files
        ]
        return [*moved, *(file for file in (_moved(file, photo) for file in copies) if file is not None)]
    for file in files if old else ():
        path = trashed[file.old]
        if path and file in old and same_file(file.old, path):
            os.remove(long_path(path))  # noqa: PTH107 - a second name of the file
            remove_trash_info(path)
        elif path and file not in old:
            with suppress(PhotoSimError, FileExistsError):
                move_back(path, file.old)
            remove_trash_info(path)
    for file in copies if old else ():
        if _has_state(file.new, photo.new_state(file)):
            _remove_copy(file, photo)
        else:
            _remove_placeholder(file.new, file)
    return []


def _find_in_trash(file: PlannedFile, photo: UnfinishedPhoto, since: float) -> str:
    """Return where a file is in the trash, or ""; remove notes of the trash about a file that did not arrive."""
    found = ""
    for path in dict.fromkeys((photo.trashed.get(file.old, ""), *find_trashed(file.old, since))):
        if path and _has_state(path, file.state):
            found = path
        elif path:
            _remove_placeholder(path, file)
            remove_trash_info(path)
    return found


def _has_state(path: str, expected: FileState, *, follow_links: bool = False) -> bool:
    return has_state(path, expected, follow_links=follow_links, after_restart=True)
