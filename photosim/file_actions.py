"""Copy, move and throw away photo files: whole photos or nothing of them, and never over another file."""

from __future__ import annotations

import errno
import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from xxhash import xxh3_128

from photosim.core.long_paths import long_path
from photosim.core.records import FileEntry
from photosim.core.scan import PHOTO_SUFFIXES
from photosim.errors import FolderError, PhotoSimError

SIDE_SUFFIXES = frozenset({".xmp", ".aae", ".pp3", ".dop", ".thm", ".on1", ".cos", ".vrd"})
"""Files that other programs keep beside a photo, named like it, with what belongs to it."""

_CHUNK = 4 << 20  # bytes copied between two looks at whether to go on
_PART = ".photosim-{name}.part"
_NUMBERED = re.compile(r" \((\d{1,4})\)$")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files that are one photo for the person: the photo first, then its RAW files and side files.

    Of the files in `shared` other photos need one too: these are copied, never moved.
    """

    files: tuple[str, ...]
    shared: frozenset[str] = frozenset()

    @property
    def photo(self) -> str:
        """The path of the photo itself."""
        return self.files[0]


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that lay at `old`; now it, or with `copied` a copy of it, is `entry`.

    `origin` is set for a file that was put back: where it lay before it was moved or thrown away.
    """

    old: str
    entry: FileEntry
    copied: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo that stayed as it was, and why in plain words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of photos: those done as their placed files, the first that of the photo itself.

    `idle` counts photos that lie already where they were to be moved.
    """

    done: tuple[tuple[Placed, ...], ...] = ()
    failed: tuple[Failure, ...] = ()
    idle: int = 0
    cancelled: bool = False

    @property
    def placed(self) -> list[Placed]:
        """The files of all photos that were done."""
        return [one for photo in self.done for one in photo]


class Watch:
    """Told of the way, and asked whether to go on; both from the thread that does the work."""

    def went(self, photos: int, size: int) -> None:
        """So many photos are done, with so many bytes."""

    def is_cancelled(self) -> bool:
        """Whether to stop; what is done stays done."""
        return False


class _Stopped(Exception):  # noqa: N818 - nothing is wrong
    """The person wants no more, in the middle of a photo."""


Throw = Callable[[str], str]
"""Puts a file in the system's trash; returns its path there, or "" where the system does not tell.

Raises OSError or PhotoSimError, and then the file lies where it lay.
"""


# --- what belongs together ------------------------------------------------------------------------------------


def bundle(photo: str, raw_files: Sequence[str] = ()) -> Bundle:
    """A photo with its RAW files and what lies beside them as side files."""
    return bundles([(photo, raw_files)])[0]


def bundles(shots: Iterable[tuple[str, Sequence[str]]]) -> list[Bundle]:
    """As `bundle`, for photos each given with its RAW files; every folder is looked at once."""
    known: dict[str, dict[str, list[str]]] = {}
    found = []
    for photo, raw_files in shots:
        folder = os.path.dirname(photo)  # noqa: PTH120 - thousands, as text
        if folder not in known:
            known[folder] = _by_root(folder)
        found.append(_bundle((photo, *raw_files), folder, known[folder]))
    return found


def _bundle(files: tuple[str, ...], folder: str, by_root: Mapping[str, Sequence[str]]) -> Bundle:
    names = {os.path.basename(file).casefold() for file in files}  # noqa: PTH119
    stem = _stem(files[0])
    beside, others = [], False  # others: say a PNG of the same name, which stays
    for root in (stem, *names):
        for name in by_root.get(root, ()):
            suffix = os.path.splitext(name)[1].casefold()  # noqa: PTH122
            if suffix in SIDE_SUFFIXES:
                beside.append(os.path.join(folder, name))  # noqa: PTH118
            elif name.casefold() not in names and root == stem and suffix in PHOTO_SUFFIXES:
                others = True
    shared = frozenset(path for path in beside if others and _stem(path) == stem)
    return Bundle((*files, *sorted(beside)), shared)


def _by_root(folder: str) -> dict[str, list[str]]:
    """The names in a folder by what stands before their suffix, in any case."""
    found: dict[str, list[str]] = {}
    for name in _listed(folder):
        found.setdefault(_stem(name), []).append(name)
    return found


# --- copying and moving ---------------------------------------------------------------------------------------


def transfer(bundles: Sequence[Bundle], folder: Path, watch: Watch, *, move: bool) -> Report:
    """Copy or move photos into a folder, each under its own name or the next free one, "name (2).jpg".

    Raises FolderError, before anything is done, when the folder is not there, cannot be written or has too little
    room.
    """
    _check(bundles, folder, move=move)
    taken = {_folded(name) for name in _listed(str(folder))}
    deeds = [(one.photo, partial(_into, one, folder, taken, watch, move=move)) for one in bundles]
    return _each(deeds, watch)


def put_back(photos: Sequence[Sequence[Placed]], watch: Watch) -> Report:
    """Move files back to where they lay; where something else lies now, under the next free name.

    A side file that was only copied stays where it is.
    """
    moved = [[one for one in photo if not one.copied] for photo in photos]
    taken: dict[Path, set[str]] = {}
    return _each([(photo[0].old, partial(_back, photo, taken, watch)) for photo in moved if photo], watch)


def throw_away(bundles: Sequence[Bundle], throw: Throw, watch: Watch) -> Report:
    """Put photos in the system's trash, all files of each or none. A file that other photos need too stays."""
    return _each([(one.photo, partial(_away, one, throw, watch)) for one in bundles], watch)


def size_of(bundles: Iterable[Bundle]) -> int:
    """The bytes of all files, as far as they are there."""
    total = 0
    for one in bundles:
        for file in one.files:
            with suppress(OSError, ValueError):
                total += os.stat(long_path(file)).st_size  # noqa: PTH116
    return total


def reason(error: BaseException) -> str:
    """Why a file could not be copied, moved or thrown away, in plain words."""
    if isinstance(error, PhotoSimError):
        return str(error)
    code = getattr(error, "errno", None)
    return {
        errno.ENOENT: "It is no longer there.",
        errno.EACCES: "It may not be changed by you, or its folder may not.",
        errno.EPERM: "It may not be changed by you, or its folder may not.",
        errno.EROFS: "It lies where nothing can be written.",
        errno.ENOSPC: "The disk is full.",
        getattr(errno, "EDQUOT", errno.ENOSPC): "The disk is full.",
        errno.ENAMETOOLONG: "Its name is too long for this folder.",
        errno.EIO: "The disk does not answer as it should.",
    }.get(code, f"{getattr(error, 'strerror', None) or error}.")


# --- helpers --------------------------------------------------------------------------------------------------


_Deed = Callable[[], list[Placed] | None]
"""Does something to one photo; None: nothing had to be done."""


def _each(deeds: Sequence[tuple[str, _Deed]], watch: Watch) -> Report:
    """Do something to one photo after the other, each given with its path; one that fails costs only itself."""
    done: list[tuple[Placed, ...]] = []
    failed: list[Failure] = []
    idle = 0
    for photo, do in deeds:
        if watch.is_cancelled():
            return Report(tuple(done), tuple(failed), idle, cancelled=True)
        try:
            placed = do()
        except _Stopped:
            return Report(tuple(done), tuple(failed), idle, cancelled=True)
        except (OSError, ValueError, PhotoSimError) as error:
            failed.append(Failure(photo, reason(error)))
        else:
            if placed is None:
                idle += 1
            else:
                done.append(tuple(placed))
        watch.went(1, 0)
    return Report(tuple(done), tuple(failed), idle)


def _check(bundles: Sequence[Bundle], folder: Path, *, move: bool) -> None:
    nothing = "Nothing was moved." if move else "Nothing was copied."
    if not folder.is_dir():
        raise FolderError(f"The folder {folder} is not there. {nothing}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderError(f"Nothing can be written into the folder {folder}. {nothing}")
    device = folder.stat().st_dev
    copied = [one for one in bundles if not move or _device(one.photo) != device]
    needed, free = size_of(copied), shutil.disk_usage(folder).free
    if needed > free:
        raise FolderError(
            f"There is too little room in {folder}: {_megabytes(needed)} are needed and {_megabytes(free)} are free. "
            f"{nothing}"
        )


def _into(one: Bundle, folder: Path, taken: set[str], watch: Watch, *, move: bool) -> list[Placed] | None:
    home = Path(one.photo).parent
    if move and (home == folder or _is_same(home, folder)):
        return None
    names = [os.path.basename(file) for file in one.files]  # noqa: PTH119
    return _place(one.files, names, folder, taken, watch, move=move, shared=one.shared)


def _back(photo: Sequence[Placed], taken: dict[Path, set[str]], watch: Watch) -> list[Placed]:
    if not all(one.entry.path for one in photo):
        raise PhotoSimError("It lies in the system's trash: please restore it there.")
    folder = Path(photo[0].old).parent
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise PhotoSimError(f"Its folder {folder} is no longer there.") from error
    if folder not in taken:
        taken[folder] = {_folded(name) for name in _listed(str(folder))}
    names = [os.path.basename(one.old) for one in photo]  # noqa: PTH119
    done = _place([one.entry.path for one in photo], names, folder, taken[folder], watch, move=True)
    for one in photo:
        _forget_in_trash(one.entry.path)
    return [replace(now, origin=before.old) for now, before in zip(done, photo, strict=True)]


def _away(one: Bundle, throw: Throw, watch: Watch) -> list[Placed]:
    done: list[Placed] = []
    try:
        for file in one.files:
            if file in one.shared:
                continue
            entry = _entry(file)
            done.append(Placed(file, replace(entry, path=throw(file))))
            watch.went(0, entry.size)
    except (OSError, PhotoSimError):
        _undo(done, move=True)
        raise
    return done


def _place(
    files: Sequence[str],
    names: Sequence[str],
    folder: Path,
    taken: set[str],
    watch: Watch,
    *,
    move: bool,
    shared: frozenset[str] = frozenset(),
) -> list[Placed]:
    """Put the files of one photo into a folder under names that are free, all or none."""
    for chosen in _choices(names):
        if any(_folded(name) in taken for name in chosen):
            continue
        done: list[Placed] = []
        try:
            for file, name in zip(files, chosen, strict=True):
                moves = move and file not in shared
                target = os.path.join(folder, name)  # noqa: PTH118
                done.append(Placed(file, _put(file, target, watch, move=moves), copied=not moves))
        except FileExistsError:
            _undo(done, move=move)
            taken.add(_folded(chosen[len(done)]))
            continue
        except (OSError, PhotoSimError, _Stopped):
            _undo(done, move=move)
            raise
        taken.update(_folded(name) for name in chosen)
        return done
    raise AssertionError("unreachable")


def _put(source: str, target: str, watch: Watch, *, move: bool) -> FileEntry:
    """Copy or move one file to a path where nothing is. Raises FileExistsError where something is."""
    before = _entry(source)
    if move and os.path.islink(source):  # noqa: PTH114
        raise PhotoSimError("It is only a link to a photo: move the photo itself.")
    here, there = long_path(source), long_path(target)
    # The name is taken first: what moves onto it replaces our own empty file and never another's.
    os.close(os.open(there, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    may_go = True  # what lies at the target, while the source is still there
    try:
        if move and _rename(here, there):
            may_go = False
            watch.went(0, before.size)
        else:
            _copy(here, there, watch)
            if move:
                if _entry(source) != before:
                    raise PhotoSimError("It was changed just now.")
                os.remove(here)  # noqa: PTH107
                may_go = False
        return _entry(target)
    except (OSError, PhotoSimError, _Stopped):
        if may_go:
            with suppress(OSError):
                os.remove(there)  # noqa: PTH107
        raise


def _rename(source: str, target: str) -> bool:
    """Move a file onto one that is ours; False when they lie on two drives."""
    try:
        os.replace(source, target)  # noqa: PTH105
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _copy(source: str, target: str, watch: Watch) -> None:
    """Copy a file over one that is ours, with its times, and compare; the target is whole or untouched."""
    part = os.path.join(os.path.dirname(target), _PART.format(name=uuid.uuid4().hex))  # noqa: PTH118, PTH120
    try:
        with open(source, "rb") as old, open(part, "xb") as new:  # noqa: PTH123
            written = xxh3_128()
            for chunk in _chunks(old):
                if watch.is_cancelled():
                    raise _Stopped
                written.update(chunk)
                new.write(chunk)
                watch.went(0, len(chunk))
            new.flush()
            os.fsync(new.fileno())
        with suppress(OSError):  # a drive without rights or times of its own keeps the bytes all the same
            shutil.copystat(source, part)
        with open(part, "rb") as new:  # noqa: PTH123
            there = xxh3_128()
            for chunk in _chunks(new):
                there.update(chunk)
        if there.digest() != written.digest():
            raise PhotoSimError("The copy was not the same as the file: the disk may be failing.")
        os.replace(part, target)  # noqa: PTH105
    except (OSError, PhotoSimError, _Stopped):
        with suppress(OSError):
            os.remove(part)  # noqa: PTH107
        raise


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _undo(done: Sequence[Placed], *, move: bool) -> None:
    """Take back the files of a photo that could not be done as a whole."""
    for one in reversed(done):
        with suppress(OSError, PhotoSimError):
            if move and not one.copied:
                if one.entry.path:
                    _put(one.entry.path, one.old, Watch(), move=True)
                    _forget_in_trash(one.entry.path)
            elif _entry(one.entry.path) == one.entry:
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


def _entry(path: str) -> FileEntry:
    stat = os.stat(long_path(path))  # noqa: PTH116
    return FileEntry(path, stat.st_size, stat.st_mtime_ns)


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(long_path(folder))  # noqa: PTH208
    except OSError:
        return []


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0].casefold()  # noqa: PTH119, PTH122


def _folded(name: str) -> str:
    """A name as a drive may see it that tells neither case nor the forms of Unicode apart."""
    return unicodedata.normalize("NFC", name).casefold()


def _device(path: str) -> int | None:
    try:
        return os.stat(long_path(path)).st_dev  # noqa: PTH116
    except (OSError, ValueError):
        return None


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
