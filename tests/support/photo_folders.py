"""Folders of photos, each photo different from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from photosim.files.bundles import PhotoFiles, collect_photo_files
from tests.support.images import make_exif, make_photo, make_scene, save


def make_photos(folder: Path, count: int) -> list[Path]:
    """Save `count` scenes as JPEGs named photo-000.jpg and so on."""
    return [make_photo(folder / f"photo-{number:03}.jpg", number) for number in range(count)]


def make_similar_photos(folder: Path, families: int = 3, members: int = 5, *, step: int = 0) -> Path:
    """Save families of similar photos that differ in size and by `step` in quality, each family larger by one.

    Returns the folder.
    """
    for family in range(families):
        scene = make_scene(family * 7, (320, 240))
        for member in range(members + family):
            edge = 300 - 8 * member
            save(
                scene.resize((edge, edge * 3 // 4)),
                folder / f"{family}-{member}.jpg",
                quality=90 - step * member,
            )
    return folder


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files in and below a folder by their relative paths."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def photo_files(photo: str | Path, raw_files: Sequence[str] = ()) -> PhotoFiles:
    """Return the files that belong to one photo."""
    return collect_photo_files([(str(photo), raw_files)])[0]


def make_dated_photos(folder: Path, starts: Mapping[str, str], count: int = 5) -> Path:
    """Save `count` different photos, a minute apart, in each of these subfolders from a time on ("2024-04-02 09:00").

    Returns the folder.
    """
    for number, (subfolder, start) in enumerate(starts.items()):
        for minute in range(count):
            taken = datetime.fromisoformat(start) + timedelta(minutes=minute)
            exif = make_exif(taken_at=f"{taken:%Y:%m:%d %H:%M:%S}")
            make_photo(folder / subfolder / f"{number}-{minute}.jpg", number, variant=minute, exif=exif)
    return folder
