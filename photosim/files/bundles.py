"""The files that belong to one photo: the photo, its RAW files, its sidecar files and its live movie."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from photosim.files.fspaths import long_path, stat_stamp
from photosim.files.live_photos import MOVIE_SUFFIXES, is_live_movie
from photosim.files.scan import PHOTO_SUFFIXES, SIDECAR_SUFFIXES


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
    own_names = {os.path.basename(file) for file in files}  # noqa: PTH119
    own_folded = {name.casefold() for name in own_names}
    stem = _stem(files[0])
    # The drive may tell case apart: then IMG_1.jpg and img_1.jpg are two photos, each with its own files.
    are_listed = own_names <= set(names_by_stem.get(stem, ()))
    namesakes = [  # other photos with this stem, such as a PNG export
        name
        for name in names_by_stem.get(stem, ())
        if (name not in own_names if are_listed else name.casefold() not in own_folded)
        and os.path.splitext(name)[1].casefold() in PHOTO_SUFFIXES  # noqa: PTH122
    ]
    companions: list[str] = []
    # Sidecar files are named IMG_1.xmp or IMG_1.jpg.xmp.
    for key, owners, others in (
        (stem, {_exact_stem(name) for name in own_names}, {_exact_stem(name) for name in namesakes}),
        *((name.casefold(), {name}, set(namesakes)) for name in sorted(own_names)),
    ):
        for name in names_by_stem.get(key, ()):
            if _exact_stem(name) in others - owners:
                continue
            suffix = os.path.splitext(name)[1].casefold()  # noqa: PTH122
            path = os.path.join(folder, name)  # noqa: PTH118
            is_movie = key == stem and suffix in MOVIE_SUFFIXES and is_live_movie(path)
            if (suffix in SIDECAR_SUFFIXES or is_movie) and path not in companions:
                companions.append(path)
    shared_stems = {_exact_stem(name) for name in namesakes}
    owners = {_exact_stem(name) for name in own_names}
    shared = frozenset(
        path
        for path in companions
        if _stem(path) == stem and namesakes and (_exact_stem(path) not in owners or owners & shared_stems)
    )
    return PhotoFiles((*files, *sorted(companions)), shared)


def _names_by_stem(folder: str) -> dict[str, list[str]]:
    """Return the names in a folder by their case-folded stem."""
    found: dict[str, list[str]] = {}
    for name in list_names(folder):
        found.setdefault(_stem(name), []).append(name)
    return found


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0].casefold()  # noqa: PTH119, PTH122


def _exact_stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122
