"""Make a folder of photos, each unlike the others."""

from __future__ import annotations

from pathlib import Path

from tests.support.images import make_photo, make_scene, save


def make_photos(folder: Path, count: int) -> list[Path]:
    """Save `count` scenes as JPEGs named photo-000.jpg and so on."""
    return [make_photo(folder / f"photo-{number:03}.jpg", number) for number in range(count)]


def make_families(folder: Path, families: int = 3, members: int = 5, *, step: int = 0) -> Path:
    """Families of photos that differ in size, and each by `step` in quality; every family has one more. Gives the folder."""
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
