"""The trash of Linux desktops, as the freedesktop.org Trash specification 1.0 describes it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from photosim.errors import NoTrashError
from photosim.files.operations.free_names import MAX_NAME_BYTES, candidate_names, shorten_stem
from photosim.files.operations.renaming import rename_new
from photosim.paths import read_regular

_HEADER = b"[Trash Info]"
_INFO_SUFFIX = ".trashinfo"
_MAX_INFO_BYTES = 64_000
_CLOCK_TOLERANCE_S = 3.0  # drives round times to two seconds


def move_to_trash(path: str) -> str:
    """Move a file to the trash of its drive, whatever its name is; return its path there.

    In the trash a name that leaves no room for ".trashinfo" is shortened: the note beside it tells the full path.
    Raises OSError, or NoTrashError where no folder for it exists or may be created.
    """
    path = _real_path(path)
    failure: OSError | None = None
    for trash, top in _trash_folders(path):
        try:
            if _create(trash, in_home=not top):
                return _move_into(trash, top, path)
        except PermissionError as error:
            if os.path.lexists(trash / "files"):
                failure = failure or error
        except OSError as error:
            failure = failure or error
    raise failure or NoTrashError("Couldn't move it to the trash: its drive has no trash.")


def find_trashed(path: str, since: float) -> list[str]:
    """Return where the trash has, or was about to get, the file that was at `path`; only of notes since that time.

    A note that was never written counts by its name.
    """
    found = []
    paths = {os.fsencode(path), os.fsencode(_real_path(path))}
    for trash, top in _trash_folders(_real_path(path)):
        with suppress(OSError):
            notes = os.scandir(trash / "info") if _is_own(trash, in_home=not top) else ()
            for note in notes:
                if note.stat().st_mtime < since - _CLOCK_TOLERANCE_S or not note.name.endswith(_INFO_SUFFIX):
                    continue
                noted = _noted_path(Path(note.path), top)
                is_cut = not note.stat().st_size and note.name.startswith(_name_in_trash(path)[0])
                if is_cut or noted in paths:
                    found.append(str(trash / "files" / note.name.removesuffix(_INFO_SUFFIX)))
    return found


def original_path(path: str) -> str:
    """Return where a file in the trash was, as the note beside it tells, or ""."""
    trash = Path(path).parents[1]
    top = trash.parents[1] if trash.parent.name == ".Trash" else trash.parent
    noted = _noted_path(trash / "info" / f"{Path(path).name}{_INFO_SUFFIX}", str(top))
    return os.fsdecode(noted or b"")


def remove_trash_info(path: str) -> None:
    """Remove what a trash notes about a file that has left it; do nothing for a file that was elsewhere."""
    files = Path(path).parent
    info = files.parent / "info" / f"{Path(path).name}{_INFO_SUFFIX}"
    if files.name != "files" or os.path.lexists(path):
        return
    with suppress(OSError):
        note = read_regular(info)
        if not note or note.lstrip().startswith(_HEADER):
            info.unlink()


def _move_into(trash: Path, top: str, path: str) -> str:
    noted = path if not top else os.path.relpath(path, top)
    note = b"%s\nPath=%s\nDeletionDate=%s\n" % (
        _HEADER,
        quote(os.fsencode(noted), safe="/").encode(),
        datetime.now().isoformat(timespec="seconds").encode(),
    )
    for [name] in candidate_names(["".join(_name_in_trash(path))]):
        info = trash / "info" / f"{name}{_INFO_SUFFIX}"
        target = trash / "files" / name
        try:
            descriptor = os.open(info, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            continue
        try:
            with open(descriptor, "wb", buffering=0) as file:  # noqa: PTH123
                file.write(note)
            rename_new(path, str(target))
        except FileExistsError:
            info.unlink()
            continue
        except BaseException:
            with suppress(OSError):
                info.unlink()
            raise
        return str(target)
    raise AssertionError("unreachable")


def _name_in_trash(path: str) -> tuple[str, str]:
    """Return stem and suffix of a name that leaves room for a number and the suffix of its note."""
    stem, suffix = os.path.splitext(os.path.basename(path))  # noqa: PTH119, PTH122
    return shorten_stem(stem, suffix, MAX_NAME_BYTES - len(_INFO_SUFFIX) - len(" (9999)")), suffix


def _create(trash: Path, *, in_home: bool) -> bool:
    """Create the folders of a trash; return whether they are the user's own: another could read or lose the files."""
    for folder in (trash, trash / "files", trash / "info"):
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_own(folder, in_home=in_home):
            return False
    return True


def _is_own(folder: Path, *, in_home: bool) -> bool:
    """Return whether this is a folder of this user; outside the home folder a link is none. Raises OSError."""
    found = folder.stat() if in_home else folder.lstat()
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())


def _trash_folders(path: str) -> Iterator[tuple[Path, str]]:
    """Yield the trash folders that may hold a file, each with the folder that its notes are relative to, or ""."""
    data = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):  # noqa: PTH117 - the specification wants relative ones ignored
        data = os.path.expanduser("~/.local/share")  # noqa: PTH111
    home = Path(data, "Trash")
    device = _device(os.path.dirname(path))  # noqa: PTH120
    if _device(_existing(str(home))) == device:
        yield home, ""
    top = _mount_point(path)
    user = os.getuid() if hasattr(os, "getuid") else 0
    shared = Path(top, ".Trash")
    with suppress(OSError):
        mode = os.lstat(shared).st_mode
        if stat.S_ISDIR(mode) and mode & stat.S_ISVTX:
            yield shared / str(user), top
    yield Path(top, f".Trash-{user}"), top


def _real_path(path: str) -> str:
    """Return the path of a file or of a link itself, behind the links among its folders: they may lead elsewhere."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118


def _noted_path(info: Path, top: str) -> bytes | None:
    with suppress(OSError):
        for line in read_regular(info, _MAX_INFO_BYTES).splitlines():
            if line.startswith(b"Path="):
                return os.path.normpath(os.path.join(os.fsencode(top), unquote_to_bytes(line[5:])))  # noqa: PTH118
    return None


def _existing(path: str) -> str:
    """Return the nearest folder above a path that exists."""
    while not os.path.exists(path) and os.path.dirname(path) != path:  # noqa: PTH110, PTH120
        path = os.path.dirname(path)  # noqa: PTH120
    return path


def _mount_point(path: str) -> str:
    folder = _existing(os.path.dirname(path))  # noqa: PTH120
    while not os.path.ismount(folder) and os.path.dirname(folder) != folder:  # noqa: PTH120
        folder = os.path.dirname(folder)  # noqa: PTH120
    return folder


def _device(path: str) -> int | None:
    with suppress(OSError):
        return os.stat(path).st_dev  # noqa: PTH116
    return None
