"""Find the photo files below a folder, with their size and time of change, without opening any of them."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from operator import attrgetter
from pathlib import Path

from photosim.errors import FolderError
from photosim.files.fspaths import file_identity, long_path, plain_path, with_separator
from photosim.records import FileStamp

PHOTO_SUFFIXES: frozenset[str] = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".mpo"}
    | {".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif"}
    | {".avif", ".avifs", ".heic", ".heif", ".heics", ".heifs", ".hif", ".jxl"}
    # RAW files: the names that the makers of cameras give them
    | {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw"}
    | {".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)

VIDEO_SUFFIXES: frozenset[str] = frozenset(
    {".mov", ".mp4", ".m4v", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".mts", ".m2ts", ".3gp"}
    | {".3g2", ".mod", ".tod", ".vob", ".flv", ".ogv", ".insv", ".lrv", ".braw"}
)

ErrorReport = Callable[[Path, str], None]
"""Called with a folder or file that could not be looked at, and the reason in plain words."""

BATCH_SIZE = 500
"""Files of one folder that are told at once, at most."""

# As most names end, so that few must be made lower case.
_PHOTO_ENDINGS = PHOTO_SUFFIXES | {suffix.upper() for suffix in PHOTO_SUFFIXES}

# Folders of systems and programs that hold deleted photos, or small copies of photos found elsewhere.
_FOREIGN_FOLDERS = frozenset(
    {"@eadir", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "$recycle.bin", "__macosx"}
    | {"lost+found", "recycler", "system volume information"}
)
_FOREIGN_SUFFIXES = (".lrdata", ".photolibrary", ".aplibrary")
# An Apple photo library keeps the photos themselves in these folders, and previews in the others.
_APPLE_LIBRARY_SUFFIX = ".photoslibrary"
_APPLE_ORIGINALS = frozenset({"originals", "masters"})

# Windows and macOS can hide a file by an attribute; elsewhere only a name's dot hides it.
_ATTRIBUTES_HIDE = hasattr(os.stat_result, "st_file_attributes") or hasattr(os.stat_result, "st_flags")

# Where folders can be held open, their files are asked for by name: the system need not follow the path to each.
_HOLDS_FOLDERS = os.scandir in os.supports_fd

_by_name = attrgetter("name")


def scan(
    folder: Path,
    *,
    skip: Collection[Path] = (),
    on_error: ErrorReport | None = None,
    on_video: Callable[[str], None] | None = None,
    on_link: Callable[[str], None] | None = None,
) -> Iterator[list[FileStamp]]:
    """List the photo files below `folder`: first what lies there, then what its symbolic links lead to.

    They come in parts, each of one folder and of PART files at most, and within a folder sorted by name. Hidden
    files and folders, and the folders `skip` with all that is below them, are left out. Every real folder is
    listed once, whatever leads to it; a link to a file that is listed by itself is left out. What cannot be
    looked at goes to `on_error`, what vanishes meanwhile is passed over. `on_video` is called with each video, which is left alone. With `on_link` the links are told
    to it and not followed: what they lead to may be listed elsewhere, which only a scan of all of it knows.
    Paths are absolute; names that are not Unicode keep their bytes as surrogate escapes.

    Raises FolderError, before the first file, if `folder` is not there or cannot be listed.
    """
    root = plain_path(os.path.abspath(folder))  # noqa: PTH100 - "resolve" would replace the person's links
    try:
        with os.scandir(long_path(root)):
            pass
    except FileNotFoundError as error:
        raise FolderError(f"The folder {_shown(root)} does not exist.") from error
    except NotADirectoryError as error:
        raise FolderError(f"{_shown(root)} is not a folder.") from error
    except (OSError, ValueError) as error:
        raise FolderError(f"The folder {_shown(root)} cannot be listed: {_reason(error)}.") from error
    walk = _Walk(on_error or _ignore, on_video or _pass_over)
    for path in skip:
        walk.pass_by(str(path))
    return walk.everything(root) if on_link is None else walk.without_links(root, on_link)


def folder_to_rescan(root: str, path: str, *, is_folder: bool) -> str | None:
    """The folder below `root` to scan again when `path` came, changed or went; None when no scan would list it.

    `is_folder` tells whether the path is, or was, a folder.
    """
    prefix = with_separator(root)
    if not path.startswith(prefix):
        return root if path == root else None
    *folders, name = path[len(prefix) :].split(os.sep)  # noqa: PTH206 - thousands in a storm, as text
    hidden = any(one.startswith(".") or _is_foreign(one) for one in (*folders, name))
    if hidden or (not is_folder and _suffix(name) not in PHOTO_SUFFIXES):
        return None
    for depth, folder in enumerate(folders):
        if folder.lower().endswith(_APPLE_LIBRARY_SUFFIX):
            folders = folders[:depth]  # which of its folders hold photos, only a scan from above knows
            break
    return prefix + os.sep.join(folders) if folders else root  # noqa: PTH118 - as above


_Listing = tuple[list[os.DirEntry[str]], list[str], list[str], list[str]]
"""The photo files of a folder, and the paths of its sub-folders, links and videos; each sorted by name."""


class _Walk:
    """One scan: which real folders were entered, and which links wait until all of these are known."""

    def __init__(self, on_error: ErrorReport, on_video: Callable[[str], None]) -> None:
        self._on_error, self._on_video = on_error, on_video
        self._entered: set[object] = set()
        self._linked_files: set[object] = set()
        self._links: deque[str] = deque()

    def everything(self, root: str) -> Iterator[list[FileStamp]]:
        """List the photos below `root`, then those behind links, and behind links found there."""
        yield from self._below(root)
        while self._links:
            link = self._links.popleft()
            try:
                target = Path(long_path(link)).stat()
            except (OSError, ValueError):
                continue  # it leads nowhere, or in a circle
            if stat.S_ISDIR(target.st_mode):
                real_name = Path(link).resolve().name
                if not (_is_foreign(real_name) or _is_hidden(target)):
                    yield from self._below(link)
            elif self._is_new_photo(link, target):
                yield [(link, target.st_size, target.st_mtime_ns)]

    def without_links(self, root: str, on_link: Callable[[str], None]) -> Iterator[list[FileStamp]]:
        """List the photos that lie below `root`, and tell of the links there."""
        yield from self._below(root)
        for link in self._links:
            on_link(link)

    def pass_by(self, folder: str) -> None:
        """Enter this real folder by no path."""
        with suppress(OSError, ValueError):
            self._entered.add(file_identity(folder, os.stat(long_path(folder))))  # noqa: PTH116 - a path as text

    def _below(self, top: str) -> Iterator[list[FileStamp]]:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            with ExitStack() as held:
                listed = self._list(folder, held)
                if listed is None:
                    continue
                files, folders, links, videos = listed
                for start in range(0, len(files), BATCH_SIZE):
                    yield self._looked_at(folder, files[start : start + BATCH_SIZE])
            for video in videos:
                self._on_video(video)
            waiting.extend(reversed(folders))
            self._links.extend(links)

    def _list(self, folder: str, held: ExitStack) -> _Listing | None:
        """What lies in a folder, held open; None for one that was entered before or cannot be listed."""
        try:
            handle = held.enter_context(_opened(folder))
            identity = file_identity(folder, os.stat(handle))  # noqa: PTH116 - it may be open
            if identity in self._entered:
                return None
            self._entered.add(identity)
            return _sorted_out(folder, handle)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._on_error(Path(folder), f"This folder cannot be listed: {_reason(error)}.")
            return None

    def _looked_at(self, folder: str, files: list[os.DirEntry[str]]) -> list[FileStamp]:
        # A hundred thousand files go through here in half a second: nothing is done twice.
        found: list[FileStamp] = []
        prefix = os.path.join(folder, "")  # noqa: PTH118 - text, with the separator at its end
        for file in files:
            try:
                facts = file.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._on_error(Path(prefix + file.name), f"This file cannot be looked at: {_reason(error)}.")
                continue
            if not (_ATTRIBUTES_HIDE and _is_hidden(facts)):
                found.append((prefix + file.name, facts.st_size, facts.st_mtime_ns))
        return found

    def _is_new_photo(self, link: str, target: os.stat_result) -> bool:
        """Whether a link's target is a photo file that no entered folder lists and no earlier link led to."""
        if not stat.S_ISREG(target.st_mode) or _suffix(link) not in PHOTO_SUFFIXES:
            return False
        identity = file_identity(link, target)
        if identity in self._linked_files:
            return False
        self._linked_files.add(identity)
        real = Path(link).resolve()
        try:
            home = file_identity(str(real.parent), real.parent.stat())
        except OSError:
            return True
        listed = not real.name.startswith(".") and _suffix(real.name) in PHOTO_SUFFIXES
        return not (listed and home in self._entered)


@contextmanager
def _opened(folder: str) -> Iterator[int | str]:
    """A folder as `os.scandir` takes it: held open where the system can, else its path."""
    if not _HOLDS_FOLDERS:
        yield long_path(folder)
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)


def _sorted_out(folder: str, handle: int | str) -> _Listing:
    files: list[os.DirEntry[str]] = []
    folders: list[str] = []
    links: list[str] = []
    videos: list[str] = []
    in_apple_library = folder.lower().endswith(_APPLE_LIBRARY_SUFFIX)
    with os.scandir(handle) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            suffix = name[name.rfind(".") :]
            if suffix not in _PHOTO_ENDINGS:
                suffix = suffix.lower()
            if suffix in _PHOTO_ENDINGS and entry.is_file(follow_symlinks=False):
                files.append(entry)
            elif entry.is_symlink():
                links.append(name)
            elif entry.is_dir(follow_symlinks=False):
                wanted = name.lower() in _APPLE_ORIGINALS if in_apple_library else not _is_foreign(name)
                if wanted and not _is_hidden_entry(entry):
                    folders.append(name)
            elif suffix in VIDEO_SUFFIXES and entry.is_file(follow_symlinks=False):
                videos.append(name)
    files.sort(key=_by_name)
    prefix = os.path.join(folder, "")  # noqa: PTH118 - text, with the separator at its end
    paths = [[prefix + name for name in sorted(names)] for names in (folders, links, videos)]
    return files, paths[0], paths[1], paths[2]


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower()


def _is_foreign(name: str) -> bool:
    lower = name.lower()
    return lower in _FOREIGN_FOLDERS or lower.endswith(_FOREIGN_SUFFIXES)


def _is_hidden_entry(entry: os.DirEntry[str]) -> bool:
    try:
        return _is_hidden(entry.stat(follow_symlinks=False))
    except OSError:
        return False  # the attempt to list it says why


def _is_hidden(facts: os.stat_result) -> bool:
    """Whether Windows or macOS hides the file by an attribute."""
    windows = getattr(facts, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN
    macos = getattr(facts, "st_flags", 0) & getattr(stat, "UF_HIDDEN", 0x8000)
    return bool(windows or macos)


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "this user may not read it"
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _shown(path: str) -> str:
    """Quote a path as it can be written to any screen or file."""
    return f'"{path.encode(errors="surrogateescape").decode(errors="replace")}"'


def _pass_over(_path: str) -> None:
    pass


def _ignore(_path: Path, _reason: str) -> None:
    pass
