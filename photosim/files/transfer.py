"""Copy, move and throw away photos with all their files: whole photos or nothing of them."""

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
    """A file that lay at `old`; now it, or with `copied` a copy of it, is `entry`.

    `origin` is set for a file that was put back: where it lay before it was moved or thrown away.
    """

    old: str
    entry: FileEntry
    copied: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class TransferFailure:
    """A photo that stayed as it was, and why in plain words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What became of photos: those done as their placed files, the first that of the photo itself.

    `idle` counts photos that lie already where they were to be moved.
    """

    done: tuple[tuple[MovedFile, ...], ...] = ()
    failed: tuple[TransferFailure, ...] = ()
    unchanged: int = 0
    cancelled: bool = False

    @property
    def moved_files(self) -> list[MovedFile]:
        """The files of all photos that were done."""
        return [one for photo in self.done for one in photo]


Throw = Callable[[str], str]
"""Puts a file in the system's trash; returns its path there, or "" where the system does not tell.

Raises OSError or PhotoSimError, and then the file lies where it lay.
"""


def transfer(
    bundles: Sequence[PhotoFiles], folder: Path, watch: TransferProgress, *, move: bool
) -> TransferReport:
    """Copy or move photos into a folder, each under its own name or the next free one, "name (2).jpg".

    Raises FolderError, before anything is done, when the folder is not there, cannot be written or has too little
    room.
    """
    _check(bundles, folder, move=move)
    taken = {_folded(name) for name in list_names(str(folder))}
    deeds = [(one.photo, partial(_into, one, folder, taken, watch, move=move)) for one in bundles]
    return _each(deeds, watch)


def restore(photos: Sequence[Sequence[MovedFile]], watch: TransferProgress) -> TransferReport:
    """Move files back to where they lay; where something else lies now, under the next free name.

    A side file that was only copied stays where it is.
    """
    moved = [[one for one in photo if not one.copied] for photo in photos]
    taken: dict[Path, set[str]] = {}
    return _each([(photo[0].old, partial(_back, photo, taken, watch)) for photo in moved if photo], watch)


def trash(bundles: Sequence[PhotoFiles], throw: Throw, watch: TransferProgress) -> TransferReport:
    """Put photos in the system's trash, all files of each or none. A file that other photos need too stays."""
    return _each([(one.photo, partial(_away, one, throw, watch)) for one in bundles], watch)


def reason(error: BaseException) -> str:
    """Why a file could not be copied, moved or thrown away, in plain words."""
    if isinstance(error, PhotoSimError):
        return str(error)
    code = getattr(error, "errno", None)
    return {
        errno.ENOENT: AWAY,
        errno.EACCES: "It may not be changed by you, or its folder may not.",
        errno.EPERM: "It may not be changed by you, or its folder may not.",
        errno.EROFS: "It lies where nothing can be written.",
        errno.ENOSPC: "The disk is full.",
        getattr(errno, "EDQUOT", errno.ENOSPC): "The disk is full.",
        errno.ENAMETOOLONG: "Its name is too long for this folder.",
        errno.EIO: "The disk does not answer as it should.",
    }.get(code, f"{getattr(error, 'strerror', None) or error}.")


AWAY = "It is not there just now."
"""Why nothing was done to a file that was deleted, or whose drive is away."""

# --- helpers --------------------------------------------------------------------------------------------------


_Deed = Callable[[], list[MovedFile] | None]
"""Does something to one photo; None: nothing had to be done."""


def _each(deeds: Sequence[tuple[str, _Deed]], watch: TransferProgress) -> TransferReport:
    """Do something to one photo after the other, each given with its path; one that fails costs only itself."""
    done: list[tuple[MovedFile, ...]] = []
    failed: list[TransferFailure] = []
    idle = 0
    for photo, do in deeds:
        if watch.is_cancelled():
            return TransferReport(tuple(done), tuple(failed), idle, cancelled=True)
        try:
            placed = do()
        except TransferCancelled:
            return TransferReport(tuple(done), tuple(failed), idle, cancelled=True)
        except (OSError, ValueError, PhotoSimError) as error:
            failed.append(TransferFailure(photo, reason(error)))
        else:
            if placed is None:
                idle += 1
            else:
                done.append(tuple(placed))
        watch.advance(1, 0)
    return TransferReport(tuple(done), tuple(failed), idle)


def _check(bundles: Sequence[PhotoFiles], folder: Path, *, move: bool) -> None:
    nothing = "Nothing was moved." if move else "Nothing was copied."
    if not folder.is_dir():
        raise FolderError(f"The folder {folder} is not there. {nothing}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderError(f"Nothing can be written into the folder {folder}. {nothing}")
    device = folder.stat().st_dev
    copied = [one for one in bundles if not move or _device(one.photo) != device]
    needed, free = total_size(copied), shutil.disk_usage(folder).free
    if needed > free:
        raise FolderError(
            f"There is too little room in {folder}: {_megabytes(needed)} are needed and {_megabytes(free)} are free. "
            f"{nothing}"
        )


def _into(
    one: PhotoFiles, folder: Path, taken: set[str], watch: TransferProgress, *, move: bool
) -> list[MovedFile] | None:
    home = Path(one.photo).parent
    if move and (home == folder or same_file(str(home), str(folder))):
        return None
    names = [os.path.basename(file) for file in one.files]  # noqa: PTH119
    return _place(one.files, names, folder, taken, watch, move=move, shared=one.shared)


def _back(
    photo: Sequence[MovedFile], taken: dict[Path, set[str]], watch: TransferProgress
) -> list[MovedFile]:
    if not all(one.entry.path for one in photo):
        raise PhotoSimError("It lies in the system's trash: please restore it there.")
    folder = Path(photo[0].old).parent
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise PhotoSimError(f"Its folder {folder} is no longer there.") from error
    if folder not in taken:
        taken[folder] = {_folded(name) for name in list_names(str(folder))}
    names = [os.path.basename(one.old) for one in photo]  # noqa: PTH119
    done = _place([one.entry.path for one in photo], names, folder, taken[folder], watch, move=True)
    for one in photo:
        _forget_in_trash(one.entry.path)
    return [replace(now, origin=before.old) for now, before in zip(done, photo, strict=True)]


def _away(one: PhotoFiles, throw: Throw, watch: TransferProgress) -> list[MovedFile]:
    done: list[MovedFile] = []
    try:
        for file in one.files:
            if file in one.shared:
                continue
            entry = stat_entry(file)
            done.append(MovedFile(file, replace(entry, path=throw(file))))
            watch.advance(0, entry.size)
    except (OSError, PhotoSimError):
        _undo(done, move=True)
        raise
    return done


def _place(
    files: Sequence[str],
    names: Sequence[str],
    folder: Path,
    taken: set[str],
    watch: TransferProgress,
    *,
    move: bool,
    shared: frozenset[str] = frozenset(),
) -> list[MovedFile]:
    """Put the files of one photo into a folder under names that are free, all or none."""
    for chosen in _choices(names):
        if any(_folded(name) in taken for name in chosen):
            continue
        done: list[MovedFile] = []
        try:
            for file, name in zip(files, chosen, strict=True):
                moves = move and file not in shared
                target = os.path.join(folder, name)  # noqa: PTH118
                done.append(MovedFile(file, copy_or_move(file, target, watch, move=moves), copied=not moves))
        except FileExistsError:
            _undo(done, move=move)
            taken.add(_folded(chosen[len(done)]))
            continue
        except (OSError, PhotoSimError, TransferCancelled):
            _undo(done, move=move)
            raise
        taken.update(_folded(name) for name in chosen)
        return done
    raise AssertionError("unreachable")


def _undo(done: Sequence[MovedFile], *, move: bool) -> None:
    """Take back the files of a photo that could not be done as a whole."""
    for one in reversed(done):
        with suppress(OSError, PhotoSimError):
            if move and not one.copied:
                if one.entry.path:
                    copy_or_move(one.entry.path, one.old, TransferProgress(), move=True)
                    _forget_in_trash(one.entry.path)
            elif stat_entry(one.entry.path) == one.entry:
                os.remove(long_path(one.entry.path))  # noqa: PTH107 - our own copy of a moment ago


def _forget_in_trash(path: str) -> None:
    """Take away the note that a freedesktop.org trash keeps of a file that has left it."""
    files = Path(path).parent
    if files.name == "files":
        with suppress(OSError):
            (files.parent / "info" / f"{Path(path).name}.trashinfo").unlink()


def _choices(names: Sequence[str]) -> Iterator[list[str]]:
    """The names as they are, then with a number that all of them share."""
    yield list(names)
    stem, _ = os.path.splitext(names[0])  # noqa: PTH122
    found = _NUMBERED.search(stem)
    bare = stem[: found.start()] if found else stem
    number = int(found.group(1)) + 1 if found else 2
    while True:
        numbered = f"{bare} ({number})"
        yield [
            numbered + name[len(stem) :]
            if name.casefold().startswith(stem.casefold())
            else _with(name, number)
            for name in names
        ]
        number += 1


def _with(name: str, number: int) -> str:
    root, suffix = os.path.splitext(name)  # noqa: PTH122
    return f"{root} ({number}){suffix}"


def _folded(name: str) -> str:
    """A name as a drive may see it that tells neither case nor the forms of Unicode apart."""
    return unicodedata.normalize("NFC", name).casefold()


def _device(path: str) -> int | None:
    try:
        return os.stat(long_path(path)).st_dev  # noqa: PTH116
    except (OSError, ValueError):
        return None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
