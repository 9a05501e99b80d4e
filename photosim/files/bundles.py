"""The files that belong to one photo: the photo, its RAW files, its sidecar files and its live movie."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from photosim.files.fspaths import long_path, stat_stamp
from photosim.files.live_photos import MOVIE_SUFFIXES, is_live_movie
from photosim.files.scan import PHOTO_SUFFIXES

SIDECAR_SUFFIXES = frozenset({".xmp", ".aae", ".pp3", ".dop", ".thm", ".on1", ".cos", ".vrd"})
"""Files that other programs store beside a photo under its name, with their edits and metadata."""


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """The files of one photo: the photo first, then its RAW files, sidecar files and live movie.

    The files in `shared` belong to other photos too: they are copied, never moved.
    """

    files: tuple[str, ...]
    shared: frozenset[str] = frozenset()

    @property
    def photo(self) -> str:
        """The path of the photo itself."""
        return self.files[0]

    def exists(self) -> bool:
        """Return whether any of the files exists."""
        return any(os.path.lexists(long_path(file)) for file in self.files)


def collect_photo_files(photos: Iterable[tuple[str, Sequence[str]]]) -> list[PhotoFiles]:
    """Find the files of photos, each given by its path and those of its RAW files; every folder is listed once."""
    listings: dict[str, dict[str, list[str]]] = {}
    found = []
    for photo, raw_files in photos:
        folder = os.path.dirname(photo)  # noqa: PTH120 - thousands, as text
        if folder not in listings:
            listings[folder] = _names_by_stem(folder)
        found.append(_photo_files((photo, *raw_files), folder, listings[folder]))
    return found


def total_size(photos: Iterable[PhotoFiles]) -> int:
    """Return the bytes of all files that exist."""
    total = 0
    for photo in photos:
        for file in photo.files:
            with suppress(OSError, ValueError):
                total += stat_stamp(file)[0]
    return total


def list_names(folder: str) -> list[str]:
    """Return the names in a folder, none where it cannot be read."""
    try:
        return os.listdir(long_path(folder))  # noqa: PTH208
    except OSError:
        return []


def _photo_files(
    files: tuple[str, ...], folder: str, names_by_stem: Mapping[str, Sequence[str]]
) -> PhotoFiles:
    own_names = {os.path.basename(file).casefold() for file in files}  # noqa: PTH119
    stem = _stem(files[0])
    companions: list[str] = []
    has_namesake = False  # another photo with this stem, such as a PNG export
    # Sidecar files are named IMG_1.xmp or IMG_1.jpg.xmp.
    for key in (stem, *own_names):
        for name in names_by_stem.get(key, ()):
            suffix = os.path.splitext(name)[1].casefold()  # noqa: PTH122
            path = os.path.join(folder, name)  # noqa: PTH118
            is_movie = key == stem and suffix in MOVIE_SUFFIXES and is_live_movie(path)
            if suffix in SIDECAR_SUFFIXES or is_movie:
                companions.append(path)
            elif name.casefold() not in own_names and key == stem and suffix in PHOTO_SUFFIXES:
                has_namesake = True
    shared = frozenset(path for path in companions if has_namesake and _stem(path) == stem)
    return PhotoFiles((*files, *sorted(companions)), shared)


def _names_by_stem(folder: str) -> dict[str, list[str]]:
    """Return the names in a folder by their case-folded stem."""
    found: dict[str, list[str]] = {}
    for name in list_names(folder):
        found.setdefault(_stem(name), []).append(name)
    return found


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0].casefold()  # noqa: PTH119, PTH122
