"""Copies, moves, restores and trashes photos with all their files: all files of a photo or none."""

from __future__ import annotations

import errno
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from photosim.errors import FolderError, PhotoSimError
from photosim.files.bundles import PhotoFiles, list_names, total_size
from photosim.files.copying import TransferCancelled, TransferProgress, copy_or_move, stat_entry
from photosim.files.fspaths import long_path, same_file
from photosim.records import FileEntry

_NUMBERED = re.compile(r" \((\d{1,4})\)$")


@dataclass(frozen=True, slots=True)
class MovedFile:
    """A file that was at `old`; now it, or with `copied` a copy of it, is `entry`.

    `origin` is set for a restored file: its path before it was moved or trashed.
    """

    old: str
    entry: FileEntry
    copied: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class TransferFailure:
    """A photo that was not changed, and why, as a sentence."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What became of photos: for each that is done its moved files, the photo's own file first.

    `unchanged` counts photos that are already in the folder they were to be moved to.
    """

    done: tuple[tuple[MovedFile, ...], ...] = ()
    failed: tuple[TransferFailure, ...] = ()
    unchanged: int = 0
    cancelled: bool = False

    @property
    def moved_files(self) -> list[MovedFile]:
        """The files of all photos that are done."""
        return [file for files in self.done for file in files]


MoveToTrash = Callable[[str], str]
"""Moves a file to the system's trash; returns its path there, or "" where the system does not tell.

Raises OSError or PhotoSimError, and then the file is where it was.
"""

UNAVAILABLE = "The file is unavailable."
"""Why nothing was done with a file that was deleted, or whose drive is not connected."""

_NOT_PERMITTED = "You don't have permission to change it or its folder."


def transfer(
    photos: Sequence[PhotoFiles], folder: Path, progress: TransferProgress, *, move: bool
) -> TransferReport:
    """Copy or move photos into a folder, each under its own name or the next free one, "name (2).jpg".

    Raises FolderError, before anything is done, when the folder does not exist, is read-only or has too little space.
    """
    _check_folder(photos, folder, move=move)
    taken = {_fold(name) for name in list_names(str(folder))}
    return _run_each(
        [(photo.photo, partial(_transfer, photo, folder, taken, progress, move=move)) for photo in photos],
        progress,
    )


def restore(photos: Sequence[Sequence[MovedFile]], progress: TransferProgress) -> TransferReport:
    """Move files back to their old paths, or to the next free name where another file has taken one.

    A side file that was only copied stays where it is.
    """
    moved = [[file for file in files if not file.copied] for files in photos]
    taken: dict[Path, set[str]] = {}
    return _run_each(
        [(files[0].old, partial(_restore, files, taken, progress)) for files in moved if files], progress
    )


def trash(
    photos: Sequence[PhotoFiles], move_to_trash: MoveToTrash, progress: TransferProgress
) -> TransferReport:
    """Move photos to the system's trash, all files of each or none. A file that other photos need too stays."""
    return _run_each(
        [(photo.photo, partial(_trash, photo, move_to_trash, progress)) for photo in photos], progress
    )


def describe_error(error: BaseException) -> str:
    """Why a file could not be copied, moved or trashed, as a sentence."""
    if isinstance(error, PhotoSimError):
        return str(error)
    code = getattr(error, "errno", None)
    return {
        errno.ENOENT: UNAVAILABLE,
        errno.EACCES: _NOT_PERMITTED,
        errno.EPERM: _NOT_PERMITTED,
        errno.EROFS: "The location is read-only.",
        errno.ENOSPC: "The disk is full.",
        getattr(errno, "EDQUOT", errno.ENOSPC): "The disk is full.",
        errno.ENAMETOOLONG: "The file name is too long.",
        errno.EIO: "Disk error.",
    }.get(code, f"{getattr(error, 'strerror', None) or error}.")


_Task = Callable[[], list[MovedFile] | None]
"""Does something with the files of one photo; returns None when nothing had to be done."""


def _run_each(tasks: Sequence[tuple[str, _Task]], progress: TransferProgress) -> TransferReport:
    """Run a task for one photo after the other, each given with its path. A failure affects only its photo."""
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
            failed.append(TransferFailure(path, describe_error(error)))
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
    photo: PhotoFiles, folder: Path, taken: set[str], progress: TransferProgress, *, move: bool
) -> list[MovedFile] | None:
    current = Path(photo.photo).parent
    if move and (current == folder or same_file(str(current), str(folder))):
        return None
    names = [os.path.basename(file) for file in photo.files]  # noqa: PTH119
    return _place(photo.files, names, folder, taken, progress, move=move, shared=photo.shared)


def _restore(
    files: Sequence[MovedFile], taken: dict[Path, set[str]], progress: TransferProgress
) -> list[MovedFile]:
    if not all(file.entry.path for file in files):
        raise PhotoSimError("Restore it from the system's trash.")
    folder = Path(files[0].old).parent
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise PhotoSimError(f"Its folder {folder} no longer exists.") from error
    if folder not in taken:
        taken[folder] = {_fold(name) for name in list_names(str(folder))}
    names = [os.path.basename(file.old) for file in files]  # noqa: PTH119
    paths = [file.entry.path for file in files]
    restored = _place(paths, names, folder, taken[folder], progress, move=True)
    for path in paths:
        _remove_trash_info(path)
    return [replace(new, origin=before.old) for new, before in zip(restored, files, strict=True)]


def _trash(photo: PhotoFiles, move_to_trash: MoveToTrash, progress: TransferProgress) -> list[MovedFile]:
    done: list[MovedFile] = []
    try:
        for file in photo.files:
            if file in photo.shared:
                continue
            entry = stat_entry(file)
            done.append(MovedFile(file, replace(entry, path=move_to_trash(file))))
            progress.advance(0, entry.size)
    except (OSError, PhotoSimError):
        _roll_back(done, move=True)
        raise
    return done


def _place(
    files: Sequence[str],
    names: Sequence[str],
    folder: Path,
    taken: set[str],
    progress: TransferProgress,
    *,
    move: bool,
    shared: frozenset[str] = frozenset(),
) -> list[MovedFile]:
    """Copy or move the files of one photo into a folder under free names, all or none."""
    for candidates in _candidate_names(names):
        if any(_fold(name) in taken for name in candidates):
            continue
        done: list[MovedFile] = []
        try:
            for file, name in zip(files, candidates, strict=True):
                moves = move and file not in shared
                target = os.path.join(folder, name)  # noqa: PTH118
                entry = copy_or_move(file, target, progress, move=moves)
                done.append(MovedFile(file, entry, copied=not moves))
        except FileExistsError:
            _roll_back(done, move=move)
            taken.add(_fold(candidates[len(done)]))
            continue
        except (OSError, PhotoSimError, TransferCancelled):
            _roll_back(done, move=move)
            raise
        taken.update(_fold(name) for name in candidates)
        return done
    raise AssertionError("unreachable")


def _roll_back(done: Sequence[MovedFile], *, move: bool) -> None:
    """Undo the files of a photo of which not all could be done."""
    for file in reversed(done):
        with suppress(OSError, PhotoSimError):
            if move and not file.copied:
                if file.entry.path:
                    copy_or_move(file.entry.path, file.old, TransferProgress(), move=True)
                    _remove_trash_info(file.entry.path)
            elif stat_entry(file.entry.path) == file.entry:
                os.remove(long_path(file.entry.path))  # noqa: PTH107 - our own copy of a moment ago


def _remove_trash_info(path: str) -> None:
    """Remove what a freedesktop.org trash notes about a file, when the file has left it."""
    files = Path(path).parent
    if files.name == "files":
        with suppress(OSError):
            (files.parent / "info" / f"{Path(path).name}.trashinfo").unlink()


def _candidate_names(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names as they are, then with a number that all of them share."""
    yield list(names)
    stem, _ = os.path.splitext(names[0])  # noqa: PTH122
    match = _NUMBERED.search(stem)
    bare = stem[: match.start()] if match else stem
    number = int(match.group(1)) + 1 if match else 2
    while True:
        numbered = f"{bare} ({number})"
        yield [
            numbered + name[len(stem) :]
            if name.casefold().startswith(stem.casefold())
            else _with_number(name, number)
            for name in names
        ]
        number += 1


def _with_number(name: str, number: int) -> str:
    root, suffix = os.path.splitext(name)  # noqa: PTH122
    return f"{root} ({number}){suffix}"


def _fold(name: str) -> str:
    """A name as compared by a drive that ignores case and Unicode normalization."""
    return unicodedata.normalize("NFC", name).casefold()


def _device(path: str) -> int | None:
    try:
        return os.stat(long_path(path)).st_dev  # noqa: PTH116
    except (OSError, ValueError):
        return None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
