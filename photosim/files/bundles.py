"""The files that belong to one photo: the photo, its RAW files, its sidecar files and its live movie."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from photosim.files.fspaths import long_path, stat_stamp
from photosim.files.live_photos import MOVIE_SUFFIXES, is_live_movie
from photosim.files.suffixes import PHOTO_SUFFIXES, SIDECAR_SUFFIXES

_EDIT_SUFFIXES = SIDECAR_SUFFIXES - {".thm"}  # a thumbnail, written by the camera

_SETTLED_NS = 3_000_000_000
"""A folder may be changed once more without a new modification time as long as that is this young; FAT counts in 2 s."""


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


def side_file_copies(photo: PhotoFiles, heir: PhotoFiles) -> list[tuple[str, str]]:
    """Return the sidecar files of a photo, each with the path for a copy that belongs to another photo.

    Kinds of which that one has a file already are left out.
    """
    own_stems = [os.path.basename(photo.photo).casefold(), _stem(photo.photo)]  # noqa: PTH119
    side_files = sorted(  # those of a RAW file come last
        (file for file in photo.files if _suffix(file) in SIDECAR_SUFFIXES),
        key=lambda file: own_stems.index(_stem(file)) if _stem(file) in own_stems else len(own_stems),
    )
    if not side_files:
        return []
    folder, own_name = os.path.split(heir.photo)
    names = _names_by_stem(folder)
    [heir] = collect_photo_files([(heir.photo, [file for file in heir.files[1:] if _is_photo(file)])])
    owned = {_suffix(file) for file in heir.files}
    own_names = {os.path.basename(file) for file in heir.files}  # noqa: PTH119
    # Beside another photo with this stem, "name.xmp" would belong to both.
    is_shared = any(_is_photo(name) and name not in own_names for name in names.get(_stem(own_name), ()))
    copies = []
    for file in side_files:
        suffix = os.path.splitext(file)[1]  # noqa: PTH122
        is_full = _stem(file) != _stem(photo.photo)  # "name.jpg.xmp"
        name = f"{own_name if is_full or is_shared else _exact_stem(own_name)}{suffix}"
        target = os.path.join(folder, name)  # noqa: PTH118
        if suffix.casefold() not in owned and not os.path.lexists(long_path(target)):
            owned.add(suffix.casefold())
            copies.append((file, target))
    return copies


def total_size(photos: Iterable[PhotoFiles]) -> int:
    """Return the bytes of all files that exist."""
    total = 0
    for photo in photos:
        for file in photo.files:
            with suppress(OSError, ValueError):
                total += stat_stamp(file)[0]
    return total


class EditedPhotos:
    """Finds photos that have edits in a file beside them; a folder is listed again only after it has changed."""

    def __init__(self) -> None:
        self._listings: dict[str, tuple[int, frozenset[str]]] = {}
        """The modification time of a folder in nanoseconds, and what its photos with edits are called."""

    def among(self, photos: Iterable[str]) -> set[str]:
        """Return those of these paths that have edits."""
        found: set[str] = set()
        listed: dict[str, frozenset[str]] = {}
        for photo in photos:
            folder = photo[: photo.rfind(os.sep) + 1]  # cut off in a fifth of the time that os.path takes
            names = listed.get(folder)
            if names is None:
                names = listed[folder] = self._edited_names(folder)
            if names and not names.isdisjoint((_stem(photo), photo[len(folder) :].casefold())):
                found.add(photo)
        return found

    def _edited_names(self, folder: str) -> frozenset[str]:
        """Return the case-folded stems or names of the photos in a folder that have edits."""
        try:
            changed = os.stat(long_path(folder)).st_mtime_ns  # noqa: PTH116 - thousands, as text
        except OSError:
            return frozenset()
        known = self._listings.get(folder)
        if known is not None and known[0] == changed:
            return known[1]
        names = frozenset(
            _stem(name)
            for name in list_names(folder)
            if os.path.splitext(name)[1].casefold() in _EDIT_SUFFIXES  # noqa: PTH122
        )
        if time.time_ns() - changed > _SETTLED_NS:
            self._listings[folder] = changed, names
        return names


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
        if (name not in own_names if are_listed else name.casefold() not in own_folded) and _is_photo(name)
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
            suffix = _suffix(name)
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


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].casefold()  # noqa: PTH122


def _is_photo(path: str) -> bool:
    return _suffix(path) in PHOTO_SUFFIXES


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0].casefold()  # noqa: PTH119, PTH122


def _exact_stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122
