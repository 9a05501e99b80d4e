"""Find the photo files below a folder, with size and modification time.

Only files whose suffix says nothing are opened, to see whether they begin like a photo.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from operator import attrgetter
from pathlib import Path

from photosim.errors import FolderError
from photosim.files.exclusions import ExcludedFolders, is_foreign
from photosim.files.fspaths import file_identity, long_path, plain_path, stamp_of, with_separator
from photosim.files.signatures import is_photo_file
from photosim.files.suffixes import NON_PHOTO_SUFFIXES, PHOTO_ENDINGS, VIDEO_SUFFIXES, is_photo_path
from photosim.paths import real_path
from photosim.records import FileStamp

NOTHING_EXCLUDED = ExcludedFolders()

ErrorReport = Callable[[Path, str], None]
"""Called with a folder or file that cannot be read, and the reason as a sentence."""

BATCH_SIZE = 500
"""The most files of one folder in a batch."""

# An Apple photo library has the photos in these folders and previews in the others.
_APPLE_LIBRARY_SUFFIX = ".photoslibrary"
_APPLE_ORIGINALS = frozenset({"originals", "masters"})

# Windows and macOS can hide a file by an attribute; elsewhere only a leading dot hides it.
_ATTRIBUTES_HIDE = hasattr(os.stat_result, "st_file_attributes") or hasattr(os.stat_result, "st_flags")

# Where the system can keep a folder open, reading its files by name saves resolving the path of each.
_CAN_OPEN_FOLDERS = os.scandir in os.supports_fd

_name_of = attrgetter("name")


def scan(
    folder: Path,
    *,
    skip: Collection[Path] = (),
    excluded: ExcludedFolders = NOTHING_EXCLUDED,
    on_error: ErrorReport | None = None,
    on_video: Callable[[str], None] | None = None,
    on_link: Callable[[str], None] | None = None,
) -> Iterator[list[FileStamp]]:
    """Yield the photo files below `folder` in batches: first those in it, then those behind its symbolic links.

    A file with an unknown suffix, or none, is a photo if it begins like one.

    A batch holds at most BATCH_SIZE files of one folder, sorted by name. Hidden files and folders are skipped, and so
    are the folders `skip` and those `excluded` by the user, with everything below them. Every real folder is listed
    once, whatever leads to it; a link to a file that is listed anyway is skipped. What cannot be read goes to
    `on_error`, what vanishes meanwhile is ignored. Every video goes to `on_video`. With `on_link`, links go to it and
    are not followed: only a scan of the whole source knows whether their targets are listed elsewhere. Paths are
    absolute; names that are not Unicode keep their bytes as surrogate escapes.

    Raises FolderError, before the first batch, if `folder` does not exist or cannot be listed.
    """
    root = plain_path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would replace the user's links
    check_folder(root)
    walk = _Walk(on_error or _ignore_error, on_video or _ignore_path, excluded)
    for path in skip:
        walk.skip(str(path))
    return walk.with_links(root) if on_link is None else walk.without_links(root, on_link)


def check_folder(folder: str | Path, name: str | Path | None = None) -> None:
    """Raise FolderError, which calls it `name`, if this is no folder whose contents can be listed."""
    quoted = _quoted(str(folder if name is None else name))
    try:
        with os.scandir(long_path(str(folder))):
            pass
    except FileNotFoundError as error:
        raise FolderError(f"The folder {quoted} does not exist.") from error
    except NotADirectoryError as error:
        raise FolderError(f"{quoted} is not a folder.") from error
    except (OSError, ValueError) as error:
        raise FolderError(f"The folder {quoted} can't be read: {_reason(error)}.") from error


def folder_to_rescan(
    root: str, path: str, *, is_folder: bool, excluded: ExcludedFolders = NOTHING_EXCLUDED
) -> str | None:
    """Return the folder to scan again after `path` was added, changed or removed; None when no scan lists it.

    `is_folder` tells whether the path is, or was, a folder; the result is `root` or lies below it.
    """
    prefix = with_separator(root)
    if not path.startswith(prefix):
        return root if path == root else None
    *folders, name = path[len(prefix) :].split(os.sep)  # noqa: PTH206 - thousands at once, as text
    hidden = any(part.startswith(".") or is_foreign(part) for part in (*folders, name))
    if hidden or not (is_folder or is_photo_path(path)):
        return None
    if excluded.excludes(path if is_folder else os.path.dirname(path), root):  # noqa: PTH120 - as above
        return None
    for depth, folder in enumerate(folders):
        if folder.lower().endswith(_APPLE_LIBRARY_SUFFIX):
            folders = folders[:depth]  # only a scan of its parent knows which of its folders have photos
            break
    return prefix + os.sep.join(folders) if folders else root  # noqa: PTH118 - as above


_Listing = tuple[list[os.DirEntry[str]], list[str], list[str], list[str]]
"""The photo files of a folder and the paths of its subfolders, links and videos, each sorted by name."""


class _Walk:
    """The state of one scan: the real folders entered so far, and the links to follow after them."""

    def __init__(
        self, on_error: ErrorReport, on_video: Callable[[str], None], excluded: ExcludedFolders
    ) -> None:
        self._on_error, self._on_video, self._excluded = on_error, on_video, excluded
        self._entered: set[object] = set()
        self._linked_files: set[object] = set()
        self._links: deque[str] = deque()

    def with_links(self, root: str) -> Iterator[list[FileStamp]]:
        """Yield the photos below `root`, then those behind links, and behind the links found there."""
        yield from self._below(root)
        while self._links:
            link = self._links.popleft()
            try:
                target = Path(long_path(link)).stat()
            except (OSError, ValueError) as error:
                if getattr(error, "errno", None) == errno.ELOOP:
                    self._on_error(Path(link), "The link leads to itself.")
                continue  # broken: its target may be on a drive that is not mounted
            if stat.S_ISDIR(target.st_mode):
                real = real_path(link)
                excluded = self._excluded.excludes_path(str(real))
                if not (excluded or is_foreign(real.name) or _is_hidden(target)):
                    yield from self._below(link)
            elif self._is_new_photo(link, target):
                yield [(link, *stamp_of(target))]

    def without_links(self, root: str, on_link: Callable[[str], None]) -> Iterator[list[FileStamp]]:
        """Yield the photos below `root`, then pass its links to `on_link`."""
        yield from self._below(root)
        for link in self._links:
            on_link(link)

    def skip(self, folder: str) -> None:
        """Skip this real folder, whatever path leads to it."""
        with suppress(OSError, ValueError):
            self._entered.add(file_identity(folder, os.stat(long_path(folder))))  # noqa: PTH116 - a path as text

    def _below(self, top: str) -> Iterator[list[FileStamp]]:
        pending = [top]
        while pending:
            folder = pending.pop()
            with ExitStack() as stack:
                listing = self._list(folder, stack)
                if listing is None:
                    continue
                files, folders, links, videos = listing
                for start in range(0, len(files), BATCH_SIZE):
                    yield self._stamps(folder, files[start : start + BATCH_SIZE])
            for video in videos:
                self._on_video(video)
            pending.extend(reversed(folders))
            self._links.extend(links)

    def _list(self, folder: str, stack: ExitStack) -> _Listing | None:
        """List a folder and keep it open; return None if it was entered before or cannot be listed."""
        try:
            handle = stack.enter_context(_open_folder(folder))
            identity = file_identity(folder, os.stat(handle))  # noqa: PTH116 - a descriptor, or a path as text
            if identity in self._entered:
                return None
            self._entered.add(identity)
            return _read_listing(folder, handle, self._excluded)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._on_error(Path(folder), f"The folder can't be read: {_reason(error)}.")
            return None

    def _stamps(self, folder: str, files: list[os.DirEntry[str]]) -> list[FileStamp]:
        # The hot loop of a scan: 100,000 files in half a second.
        found: list[FileStamp] = []
        prefix = os.path.join(folder, "")  # noqa: PTH118 - text, with the separator at its end
        for file in files:
            try:
                info = file.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._on_error(Path(prefix + file.name), f"The file can't be read: {_reason(error)}.")
                continue
            if not (_ATTRIBUTES_HIDE and _is_hidden(info)):
                found.append((prefix + file.name, *stamp_of(info)))
        return found

    def _is_new_photo(self, link: str, target: os.stat_result) -> bool:
        """Return whether a link leads to a photo file that is neither listed itself nor behind an earlier link."""
        if not stat.S_ISREG(target.st_mode) or not is_photo_path(link):
            return False
        identity = file_identity(link, target)
        if identity in self._linked_files:
            return False
        self._linked_files.add(identity)
        real = real_path(link)
        try:
            parent = file_identity(str(real.parent), real.parent.stat())
        except OSError:
            return True
        listed = not real.name.startswith(".") and is_photo_path(str(real))
        return not (listed and parent in self._entered)


@contextmanager
def _open_folder(folder: str) -> Iterator[int | str]:
    """Yield what `os.scandir` lists: a descriptor of the folder where the system supports it, else its path."""
    if not _CAN_OPEN_FOLDERS:
        yield long_path(folder)
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)


def _read_listing(folder: str, handle: int | str, excluded: ExcludedFolders) -> _Listing:
    files: list[os.DirEntry[str]] = []
    folders: list[str] = []
    links: list[str] = []
    videos: list[str] = []
    in_apple_library = folder.lower().endswith(_APPLE_LIBRARY_SUFFIX)
    prefix = os.path.join(folder, "")  # noqa: PTH118 - text, with the separator at its end
    with os.scandir(handle) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            suffix = name[name.rfind(".") :]
            if suffix not in PHOTO_ENDINGS:
                suffix = suffix.lower()
            if suffix in PHOTO_ENDINGS and entry.is_file(follow_symlinks=False):
                files.append(entry)
            elif entry.is_symlink():
                if not excluded.excludes_child(prefix + name, name):
                    links.append(name)
            elif entry.is_dir(follow_symlinks=False):
                wanted = name.lower() in _APPLE_ORIGINALS if in_apple_library else not is_foreign(name)
                if (
                    wanted
                    and not _is_hidden_entry(entry)
                    and not excluded.excludes_child(prefix + name, name)
                ):
                    folders.append(name)
            elif entry.is_file(follow_symlinks=False):
                if suffix in VIDEO_SUFFIXES:
                    videos.append(name)
                elif suffix not in NON_PHOTO_SUFFIXES and _begins_like_photo(entry, handle):
                    files.append(entry)
    files.sort(key=_name_of)
    paths = [[prefix + name for name in sorted(names)] for names in (folders, links, videos)]
    return files, paths[0], paths[1], paths[2]


def _begins_like_photo(entry: os.DirEntry[str], handle: int | str) -> bool:
    return is_photo_file(entry.name, handle) if isinstance(handle, int) else is_photo_file(entry.path)


def _is_hidden_entry(entry: os.DirEntry[str]) -> bool:
    try:
        return _is_hidden(entry.stat(follow_symlinks=False))
    except OSError:
        return False  # listing it reports the error


def _is_hidden(info: os.stat_result) -> bool:
    """Return whether the file has the hidden attribute of Windows or macOS."""
    windows = getattr(info, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN
    macos = getattr(info, "st_flags", 0) & getattr(stat, "UF_HIDDEN", 0x8000)
    return bool(windows or macos)


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "permission denied"
    if getattr(error, "errno", None) == errno.ELOOP:
        return "it is a link that leads to itself"
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _quoted(path: str) -> str:
    """Return a path in quotes, as text that can be printed and stored."""
    return f'"{path.encode(errors="surrogateescape").decode(errors="replace")}"'


def _ignore_path(_path: str) -> None:
    pass


def _ignore_error(_path: Path, _reason: str) -> None:
    pass
