"""Which files are one photo for the person: the photo, its RAW files, its live movie, and what is kept beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from photosim.files.fspaths import long_path
from photosim.files.live_photos import MOVIE_SUFFIXES, is_live_movie
from photosim.files.scan import PHOTO_SUFFIXES

SIDECAR_SUFFIXES = frozenset({".xmp", ".aae", ".pp3", ".dop", ".thm", ".on1", ".cos", ".vrd"})
"""Files that other programs keep beside a photo, named like it, with what belongs to it."""


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """The files that are one photo for the person: the photo first, then its RAW files, side files and live movie.

    Of the files in `shared` other photos need one too: these are copied, never moved.
    """

    files: tuple[str, ...]
    shared: frozenset[str] = frozenset()

    @property
    def photo(self) -> str:
        """The path of the photo itself."""
        return self.files[0]

    def exists(self) -> bool:
        """Whether any of its files can be reached just now."""
        return any(os.path.lexists(long_path(file)) for file in self.files)


def bundle(photo: str, raw_files: Sequence[str] = ()) -> PhotoFiles:
    """A photo with its RAW files, and what lies beside them as side files or as the movie of a live photo."""
    return collect_photo_files([(photo, raw_files)])[0]


def collect_photo_files(shots: Iterable[tuple[str, Sequence[str]]]) -> list[PhotoFiles]:
    """As `bundle`, for photos each given with its RAW files; every folder is looked at once."""
    known: dict[str, dict[str, list[str]]] = {}
    found = []
    for photo, raw_files in shots:
        folder = os.path.dirname(photo)  # noqa: PTH120 - thousands, as text
        if folder not in known:
            known[folder] = _by_root(folder)
        found.append(_bundle((photo, *raw_files), folder, known[folder]))
    return found


def total_size(bundles: Iterable[PhotoFiles]) -> int:
    """The bytes of all files, as far as they are there."""
    total = 0
    for one in bundles:
        for file in one.files:
            with suppress(OSError, ValueError):
                total += os.stat(long_path(file)).st_size  # noqa: PTH116
    return total


def list_names(folder: str) -> list[str]:
    """The names in a folder; none where it cannot be read."""
    try:
        return os.listdir(long_path(folder))  # noqa: PTH208
    except OSError:
        return []


# --- helpers --------------------------------------------------------------------------------------------------


def _bundle(files: tuple[str, ...], folder: str, by_root: Mapping[str, Sequence[str]]) -> PhotoFiles:
    names = {os.path.basename(file).casefold() for file in files}  # noqa: PTH119
    stem = _stem(files[0])
    beside, others = [], False  # others: say a PNG of the same name, which stays
    for root in (stem, *names):
        for name in by_root.get(root, ()):
            suffix = os.path.splitext(name)[1].casefold()  # noqa: PTH122
            path = os.path.join(folder, name)  # noqa: PTH118
            if suffix in SIDECAR_SUFFIXES or (
                root == stem and suffix in MOVIE_SUFFIXES and is_live_movie(path)
            ):
                beside.append(path)
            elif name.casefold() not in names and root == stem and suffix in PHOTO_SUFFIXES:
                others = True
    shared = frozenset(path for path in beside if others and _stem(path) == stem)
    return PhotoFiles((*files, *sorted(beside)), shared)


def _by_root(folder: str) -> dict[str, list[str]]:
    """The names in a folder by what stands before their suffix, in any case."""
    found: dict[str, list[str]] = {}
    for name in list_names(folder):
        found.setdefault(_stem(name), []).append(name)
    return found


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0].casefold()  # noqa: PTH119, PTH122
