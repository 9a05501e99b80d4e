"""Folders that a scan leaves out: those of systems and other programs, and those that the user excluded."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from photosim import settings
from photosim.errors import FolderError
from photosim.files.fspaths import is_inside, with_separator
from photosim.paths import absolute_path, real_path

# Folders of systems and other programs with deleted photos, or previews of photos found elsewhere.
_FOREIGN_FOLDERS = frozenset(
    {"@eadir", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "$recycle.bin", "__macosx"}
    | {"lost+found", "recycler", "system volume information"}
)
_FOREIGN_SUFFIXES = (".lrdata", ".photolibrary", ".aplibrary")

_SEPARATORS = (os.sep, os.altsep) if os.altsep else (os.sep,)


def is_foreign(name: str) -> bool:
    """Return whether a folder of this name belongs to a system or another program, and has no photos of its own."""
    lower = name.lower()
    return lower in _FOREIGN_FOLDERS or lower.endswith(_FOREIGN_SUFFIXES)


def exclusion(text: str) -> str:
    """Return what to save for a folder that the user excludes: an absolute path, or a pattern of folder names.

    A text without a separator is a pattern: "Thumbnails", "*.cache". Raises FolderError for an empty one.
    """
    text = text.strip()
    if not text:
        raise FolderError("The name of a folder to exclude is empty.")
    if not is_path(text):
        return text
    path = absolute_path(text)
    # The library has real paths, but a link inside a folder is listed by its own name.
    return os.path.join(real_path(path.parent), path.name) if path.name else str(path)  # noqa: PTH118


def is_path(excluded: str) -> bool:
    """Return whether a saved exclusion is a path, and not a pattern of names."""
    return any(separator in excluded for separator in _SEPARATORS)


@dataclass(frozen=True, slots=True)
class ExcludedFolders:
    """Folders excluded by path, or by patterns of their names without regard to case.

    They only exclude folders below those that the user added, never an added folder itself.
    """

    paths: tuple[str, ...] = ()
    names: re.Pattern[str] | None = None

    @classmethod
    def parse(cls, excluded: Iterable[str]) -> ExcludedFolders:
        """Return the folders of saved exclusions; see `exclusion`."""
        entries = tuple(excluded)
        patterns = [fnmatch.translate(entry.casefold()) for entry in entries if not is_path(entry)]
        return cls(
            tuple(os.path.normcase(entry) for entry in entries if is_path(entry)),
            re.compile("|".join(patterns)) if patterns else None,
        )

    @classmethod
    def of_library(cls, folder: Path) -> ExcludedFolders:
        """Return what the settings of the library in `folder` exclude."""
        return cls.parse(settings.load(folder).excluded)

    def __bool__(self) -> bool:
        return bool(self.paths) or self.names is not None

    def excludes_child(self, path: str, name: str) -> bool:
        """Return whether the folder at this path, with this name, is excluded by itself."""
        if self.names is not None and self.names.match(name.casefold()):
            return True
        return bool(self.paths) and os.path.normcase(path) in self.paths

    def excludes(self, folder: str, source: str) -> bool:
        """Return whether a folder inside a source is excluded, by itself or by a folder above it."""
        prefix = with_separator(source)
        if not self or not folder.startswith(prefix):
            return False
        path = prefix[:-1]
        for name in folder[len(prefix) :].split(os.sep):  # noqa: PTH206 - thousands at once, as text
            path = f"{path}{os.sep}{name}"
            if self.excludes_child(path, name):
                return True
        return False

    def excludes_path(self, folder: str) -> bool:
        """Return whether a folder is, or lies inside, one that is excluded by its path."""
        return any(is_inside(os.path.normcase(folder), path) for path in self.paths)
