"""The folders of the program, the command that starts it, and the atomic write of a file."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import platformdirs

from photosim import APP_NAME


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
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False), "library")


def models_folder() -> Path:
    """Return the folder of downloaded models and of the user's own, shared by all libraries."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False), "models")


def cache_folder() -> Path:
    """Return the folder of files that the program can create again at any time."""
    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def program_command() -> list[str]:
    """Return the command that starts this program again: the frozen executable, or Python with this very package.

    With `-P` Python searches neither the current folder nor the script's, so another `photosim` there is never
    imported; `__main__.py` finds the package by its own path, installed or not.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", str(Path(__file__).resolve().with_name("__main__.py"))]


def write_atomic(path: Path, content: str | bytes) -> None:
    """Replace a file at once: readers see the old content or the new one, never a part. Raises OSError.

    Text is written as UTF-8. It is not flushed to the disk, so it survives a crash of the program, not of the computer.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(content.encode() if isinstance(content, str) else content)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
