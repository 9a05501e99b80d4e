"""Make a folder of photos, each unlike the others."""

from __future__ import annotations

from pathlib import Path

from tests.images import make_photo


def make_photos(folder: Path, count: int) -> list[Path]:
    """Save `count` scenes as JPEGs named photo-000.jpg and so on."""
    return [make_photo(folder / f"photo-{number:03}.jpg", number) for number in range(count)]
