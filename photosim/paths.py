"""Where things lie: the program's own resources and the person's library."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

from photosim import APP_NAME


def resource_path(*parts: str) -> Path:
    """A file of the program's `resources` folder, in a source tree, an installed package or a frozen build."""
    frozen_root = getattr(sys, "_MEIPASS", None)
    if frozen_root is not None:
        return Path(frozen_root, "resources", *parts)
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    root = installed if installed.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)


def default_library() -> Path:
    """The library used when none is named: a folder below the platform's user-data folder."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False), "library")


def models_folder() -> Path:
    """Where downloaded models and the person's own lie: one folder for all libraries."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False), "models")


def cache_folder() -> Path:
    """Where notes about this computer lie that can be made again at any time."""
    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def program_command() -> list[str]:
    """The command that starts this program again: the frozen executable, or Python with this very package.

    Under `-P` Python searches neither the current folder nor that of the script, so that another `photosim` there is
    never imported; `__main__.py` finds the package by its own place, installed or not.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", str(Path(__file__).resolve().with_name("__main__.py"))]
