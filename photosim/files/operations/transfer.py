"""Copy, move and restore photos: an operation applies to all files of a photo or to none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photosim.errors import FolderError, NoTrashError, PhotoSimError
from photosim.files.bundles import PhotoFiles, list_names, total_size
from photosim.files.fspaths import long_path, same_file
from photosim.files.operations.copying import TransferCancelled, TransferProgress
from photosim.files.operations.failures import describe_error
from photosim.files.operations.free_names import fold_name
from photosim.files.operations.operation_log import LogKind, MovedFile, OperationLog, PlannedFile
from photosim.files.operations.placement import PlacedFile, place
from photosim.files.operations.present_files import PresentFiles
from photosim.files.operations.renaming import sync_folder
from photosim.files.operations.trash import remove_trash_info
from photosim.files.state import CHANGED, FileState, require_state


@dataclass(frozen=True, slots=True)
class TransferFailure:
    """A photo that could not be transferred; `reason` is a sentence for the user.

    With `no_trash` the reason is that its drive has no trash.
    """

    path: str
    reason: str
    no_trash: bool = False


@dataclass(frozen=True, slots=True)
class TransferReport:
    """The result of a transfer: `done` has the files of each transferred photo, its main file first.

    `unchanged` counts the photos that were already in the target folder.
    """

    done: tuple[tuple[MovedFile, ...], ...] = ()
    failed: tuple[TransferFailure, ...] = ()
    unchanged: int = 0
    cancelled: bool = False

    @property
    def moved_files(self) -> list[MovedFile]:
        """The files of all transferred photos."""
        return [file for files in self.done for file in files]


NO_STATES: Mapping[str, FileState] = {}
NO_SUBFOLDERS: Mapping[str, str] = {}


def transfer(
    photos: Sequence[PhotoFiles],
    folder: Path,
    progress: TransferProgress,
    *,
    move: bool,
    expected: Mapping[str, FileState] = NO_STATES,
    log: OperationLog | None = None,
    subfolders: Mapping[str, str] = NO_SUBFOLDERS,
    skip_present: bool = False,
) -> TransferReport:
    """Copy or move photos into a folder, each under its own name or the next free one, "name (2).jpg".

    `expected` maps paths to earlier file states: a photo with a file that has changed since then fails. Photos with a path
    in `subfolders` go into that subfolder, which is created if necessary. With `skip_present` a photo is not copied again
    where files with the same bytes as all of its files are there, under any name. Raises FolderError, before any file is
    touched, when the folder does not exist, is read-only or has too little space.
    """
    present = PresentFiles() if skip_present else None
    _check_folder(
        [
            photo
            for photo in photos
            if present is None or not present.may_have(photo, folder / subfolders.get(photo.photo, ""))
        ],
        folder,
        move=move,
    )
    taken: dict[Path, set[str]] = {}
    report = run_each(
        [
            (
                photo.photo,
                partial(
                    _transfer,
                    photo,
                    folder / subfolders.get(photo.photo, ""),
                    taken,
                    progress,
                    log or OperationLog(),
                    move=move,
                    expected=expected,
                    present=present,
                ),
            )
            for photo in photos
        ],
        progress,
    )
    sync_folders(report)
    return report


def restore(
    photos: Sequence[Sequence[MovedFile]],
    progress: TransferProgress,
    log: OperationLog | None = None,
    *,
    remove_copies: bool = False,
) -> TransferReport:
    """Move files back to their old paths, or to the next free name if a path is taken.

    A file that was replaced after the move is not touched. A companion file that was only copied stays where it is,
    and with `remove_copies` it is removed unless it was changed since.
    """
    moved = [[file for file in files if not file.copied] for files in photos]
    copies = [[file for file in files if file.copied and remove_copies] for files in photos]
    taken: dict[Path, set[str]] = {}
    report = run_each(
        [
            (files[0].old, partial(_restore, files, copied, taken, progress, log or OperationLog()))
            for files, copied in zip(moved, copies, strict=True)
            if files
        ],
        progress,
    )
    sync_folders(report)
    return report


Task = Callable[[], list[MovedFile] | None]
"""Transfers the files of one photo; returns them, or None if the photo is already in the target folder."""


def run_each(tasks: Sequence[tuple[str, Task]], progress: TransferProgress) -> TransferReport:
    """Run the task of each photo, given as (path, task), one after the other; a failure affects only its photo."""
    done: list[tuple[MovedFile, ...]] = []
    failed: list[TransferFailure] = []
    unchanged = 0
    for path, task in tasks:
        if progress.is_cancelled():
            return TransferReport(tuple(done), tuple(failed), unchanged, cancelled=True)
        try:
            files = task()
        except TransferCancelled:
            return TransferReport(tuple(done), tuple(failed), unchanged, cancelled=True)
        except (OSError, ValueError, PhotoSimError) as error:
            no_trash = isinstance(error, NoTrashError)
            failed.append(TransferFailure(path, describe_error(error), no_trash=no_trash))
        else:
            if files is None:
                unchanged += 1
            else:
                done.append(tuple(files))
        progress.advance(1, 0)
    return TransferReport(tuple(done), tuple(failed), unchanged)


def _check_folder(photos: Sequence[PhotoFiles], folder: Path, *, move: bool) -> None:
    nothing = "Nothing was moved." if move else "Nothing was copied."
    if not folder.is_dir():
        raise FolderError(f"The folder {folder} does not exist. {nothing}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderError(f"The folder {folder} is read-only. {nothing}")
    device = folder.stat().st_dev
    copied = [photo for photo in photos if not move or _device(photo.photo) != device]
    needed, free = total_size(copied), shutil.disk_usage(folder).free
    if needed > free:
        raise FolderError(
            f"Not enough space in {folder}: {_megabytes(needed)} needed, {_megabytes(free)} free. {nothing}"
        )


def _transfer(
    photo: PhotoFiles,
    folder: Path,
    taken: dict[Path, set[str]],
    progress: TransferProgress,
    log: OperationLog,
    *,
    move: bool,
    expected: Mapping[str, FileState],
    present: PresentFiles | None,
) -> list[MovedFile] | None:
    current = Path(photo.photo).parent
    if move and (current == folder or same_file(str(current), str(folder))):
        return None
    if present is not None and present.have(photo, folder):
        return None
    if folder not in taken:
        _create_folder(folder)
        taken[folder] = {fold_name(name) for name in list_names(str(folder))}
    files = [
        PlacedFile(
            path=file,
            name=os.path.basename(file),  # noqa: PTH119
            moves=move and file not in photo.shared,
            expected=expected.get(file),
        )
        for file in photo.files
    ]
    return place(files, str(folder), taken[folder], progress, log, LogKind.MOVE if move else LogKind.COPY)


def _create_folder(folder: Path) -> None:
    """Create a folder and its parents where they are missing."""
    if not folder.is_dir():
        _create_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(str(folder.parent))


def _restore(
    files: Sequence[MovedFile],
    copies: Sequence[MovedFile],
    taken: dict[Path, set[str]],
    progress: TransferProgress,
    log: OperationLog,
) -> list[MovedFile]:
    if not all(file.entry.path for file in files):
        raise PhotoSimError("PhotoSim can't find it in the trash. Restore it from the system's trash.")
    for file in files:
        _require_moved_file(file)
    folder = Path(files[0].old).parent
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise PhotoSimError(f"Its folder {folder} no longer exists.") from error
    if folder not in taken:
        taken[folder] = {fold_name(name) for name in list_names(str(folder))}
    to_place = [
        PlacedFile(
            path=file.entry.path,
            name=os.path.basename(file.old),  # noqa: PTH119
            moves=True,
            expected=file.state,
            origin=file.old,
            note=file.note,
        )
        for file in files
    ]
    removed = [
        PlannedFile(file.entry.path, "", "", moves=False, state=file.state)
        for file in copies
        if file.state is not None
    ]
    restored = place(to_place, str(folder), taken[folder], progress, log, LogKind.RESTORE, removed)
    for file in files:
        remove_trash_info(file.entry.path)
    return restored


def _require_moved_file(file: MovedFile) -> None:
    """Raise PhotoSimError unless the file at the new path is the one that was moved, and OSError if it is missing."""
    require_state(file.entry.path, file.state)
    if file.state is None:
        raise PhotoSimError(CHANGED)


def sync_folders(report: TransferReport) -> None:
    """Flush the folders of transferred files to disk: the new folders first, so that no file loses both names."""
    paths = [
        *(file.entry.path for file in report.moved_files if file.entry.path),
        *(file.old for file in report.moved_files if not file.copied),
    ]
    for folder in dict.fromkeys(os.path.dirname(path) for path in paths):  # noqa: PTH120
        sync_folder(folder)


def _device(path: str) -> int | None:
    try:
        return os.stat(long_path(path)).st_dev  # noqa: PTH116
    except (OSError, ValueError):
        return None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
