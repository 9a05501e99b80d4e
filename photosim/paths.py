"""The folders of the program, the command that starts it, paths as text, and the atomic write of a file."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from photosim import APP_NAME

# Control characters, line separators, marks that change the direction of text, and undecodable bytes that a terminal
# may take for control characters.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udc9f\udd00-\udfff]"
)
_UNDECODABLE = re.compile("[\udc80-\udcff]")
JSON_ARGUMENTS = "--json-arguments"
"""In the first place: each of the following arguments is a JSON text."""

_MAX_READ_BYTES = 64 << 20
_NO_LINK, _NO_WAIT = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_NONBLOCK", 0)

_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
"""Permissions of what only its owner can use; Windows ignores them, where the user's own folders are private."""


def resource_path(*parts: str) -> Path:
    """Return a path in the `resources` folder of a source tree, an installed package or a frozen build."""
    frozen_root = getattr(sys, "_MEIPASS", None)
    if frozen_root is not None:
        return Path(frozen_root, "resources", *parts)
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    root = installed if installed.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)


def default_library() -> Path:
    """Return the folder of the default library, below the platform's user-data folder."""
    return _data_folder() / "library"


def models_folder() -> Path:
    """Return the folder of downloaded models and of the user's own, shared by all libraries."""
    return _data_folder() / "models"


def cache_folder() -> Path:
    """Return the folder of files that the program can create again at any time."""
    import platformdirs

    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def reports_folder() -> Path:
    """Return the folder of reports about unexpected errors."""
    import platformdirs

    return Path(platformdirs.user_log_dir(APP_NAME, appauthor=False))


def _data_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def absolute_path(path: str | Path) -> Path:
    """Return the absolute path, with `~` replaced by the home folder where there is one; links stay."""
    return Path(os.path.expanduser(path)).absolute()  # noqa: PTH111 - Path's raises RuntimeError without a home


def real_path(path: str | Path) -> Path:
    """Return the absolute path behind all links; a link that leads to itself stays."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return Path(path).absolute()


def is_file(path: str | Path) -> bool:
    """Return whether a path leads to a file; False, too, where the system gives no answer."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file() raises errors


def is_folder(path: str | Path) -> bool:
    """Return whether a path leads to a folder; False, too, where the system gives no answer."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir() raises errors


def printable(text: str) -> str:
    """Escape what must not reach a terminal: control characters and marks that reorder text.

    Other undecodable bytes of a name stay, so that the name can be passed on.
    """
    return text if text.isprintable() else _UNPRINTABLE.sub(_escape, text)


def valid_text(text: str) -> str:
    """Escape like `printable`, and undecodable bytes too, for what takes valid Unicode only."""
    return text if text.isprintable() else _UNDECODABLE.sub(_escape, printable(text))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte
        code -= 0xDC00
    return _SHORT_ESCAPES.get(match[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def program_command() -> list[str]:
    """Return the command that starts this program again: the frozen executable, or Python with this very package.

    With `-P` Python searches neither the current folder nor the script's, so another `photosim` there is never
    imported; `__main__.py` finds the package by its own path, installed or not.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", str(Path(__file__).resolve().with_name("__main__.py"))]


def make_private_folder(folder: Path) -> None:
    """Create a folder and its missing parents, for the owner alone; an existing one stays as it is. Raises OSError."""
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for new in reversed(missing):
        new.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)


def make_private(path: Path) -> None:
    """Take a file or folder of this user from everyone else; do nothing if that is not possible."""
    mode = _PRIVATE_FOLDER if path.is_dir() else _PRIVATE_FILE
    with suppress(OSError):
        if path.stat().st_mode & 0o077 and not path.is_symlink():
            path.chmod(mode)


def private_opener(path: str, flags: int) -> int:
    """Open a file that is created, if it does not exist, for the owner alone; to be passed to `open`.

    Raises OSError for a link, which may lead to a file of somebody else, and for what is no file.
    """
    descriptor = os.open(path, flags | _NO_LINK | _NO_WAIT, _PRIVATE_FILE)
    try:
        _check_regular(os.fstat(descriptor), path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def create_private(path: Path) -> None:
    """Create an empty file for the owner alone, unless it exists. Raises OSError, also for a link and for no file."""
    with open(path, "ab", opener=private_opener):
        pass


def require_regular(path: str | Path, *, follow_links: bool = True) -> None:
    """Raise OSError for what is no file, or a link to nothing; opening a pipe may wait for ever.

    Do nothing where nothing is.
    """
    try:
        _check_regular(os.stat(path, follow_symlinks=follow_links), path)  # noqa: PTH116 - any bytes
    except FileNotFoundError as error:
        if os.path.lexists(path):
            raise OSError(errno.ENOENT, "it is a link to a file that doesn't exist", str(path)) from error


def read_regular(path: str | Path, max_bytes: int = _MAX_READ_BYTES) -> bytes:
    """Return the content of a file. Raises OSError, also for what is no file and for a larger one."""
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123
        _check_regular(os.fstat(descriptor), path)
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(errno.EFBIG, "it is too large", str(path))
    return content


def read_json(path: str | Path) -> Any:
    """Return what a JSON file holds. Raises OSError as `read_regular` does, and ValueError for what is no JSON."""
    try:
        return json.loads(read_regular(path))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _check_regular(found: os.stat_result, path: str | Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a file", str(path))


def encode_arguments(arguments: Sequence[str]) -> list[str]:
    """Return the arguments for a child process in a form that Qt passes on, whatever bytes they hold."""
    if all(map(_is_unicode, arguments)):
        return list(arguments)
    return [JSON_ARGUMENTS, *map(json.dumps, arguments)]


def decode_arguments(arguments: Sequence[str]) -> list[str]:
    """Undo `encode_arguments`; raises ValueError for what it does not return."""
    if list(arguments[:1]) != [JSON_ARGUMENTS]:
        return list(arguments)
    decoded = [json.loads(argument) for argument in arguments[1:]]
    if not all(isinstance(argument, str) for argument in decoded):
        raise ValueError("an argument is no text")
    return decoded


def _is_unicode(argument: str) -> bool:
    """Whether the system and Qt pass the same bytes for an argument."""
    try:
        return argument.encode() == os.fsencode(argument)
    except UnicodeEncodeError:
        return False


def write_atomic(path: Path, content: str | bytes) -> None:
    """Replace a file at once: readers see the old content or the new one, never a part. Raises OSError.

    Text is written as UTF-8. It is not flushed to the disk, so it survives a crash of the program, not of the computer.
    Only the owner can read the file.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        create_private(new)
        new.write_bytes(content.encode() if isinstance(content, str) else content)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
