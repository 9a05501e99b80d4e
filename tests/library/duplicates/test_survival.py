"""Verdicts outlive everything that may happen to photos and to the library."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from photosim.library import Library
from photosim.ml.models.catalog import DEFAULT_ALTERNATIVE
from photosim.store.recovery.salvage import salvage
from tests.support.images import make_photo, make_scene, save
from tests.support.indexing import index, make_library, use_fake_embedder
from tests.support.photo_folders import make_photos

NOW = datetime(2026, 11, 30, 8)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two identical photos, a smaller copy of them, and others."""
    use_fake_embedder(monkeypatch)
    folder = tmp_path / "photos"
    make_photos(folder, 4)
    shutil.copy(folder / "photo-000.jpg", folder / "copy.jpg")
    save(make_scene(0).resize((150, 100)), folder / "small.jpg")
    return folder


def move(library: Library, photos: Path) -> Library:
    (photos / "folder").mkdir()
    (photos / "copy.jpg").rename(photos / "folder" / "copy.jpg")
    return library


def rename(library: Library, photos: Path) -> Library:
    (photos / "photo-000.jpg").rename(photos / "renamed.jpg")
    return library


def touch(library: Library, photos: Path) -> Library:
    for photo in photos.iterdir():
        os.utime(photo, (1, 1))
    return library


def cluster_again(library: Library, photos: Path) -> Library:
    for number in range(50, 56):
        make_photo(photos / f"{number}.jpg", number)
    index(library, photos)
    library.clusters()
    return library


def remove_and_add(library: Library, photos: Path) -> Library:
    library.remove_source(str(photos))
    assert library.photos() == []
    return library


def use_another_model(library: Library, photos: Path) -> Library:
    folder = library.folder
    library.close()
    return Library(folder, DEFAULT_ALTERNATIVE)


def damage_and_repair(library: Library, photos: Path) -> Library:
    folder = library.folder
    library.close()
    with (folder / "library.db").open("r+b") as file:
        file.write(bytes(100))
    salvage(folder / "library.db", NOW)
    return Library.open(folder)


EVENTS = [move, rename, touch, cluster_again, remove_and_add, use_another_model, damage_and_repair]


@pytest.mark.parametrize("happen", EVENTS)
def test_photos_that_stay_are_not_asked_again(
    happen: Callable[[Library, Path], Library], photos: Path, tmp_path: Path
) -> None:
    library = make_library(tmp_path / "library", photos)
    groups = library.duplicates.groups()
    assert sum(len(group.photos) for group in groups) == 3
    library.duplicates.decide_all([(group, group.file_ids) for group in groups])
    assert library.duplicates.groups() == []
    library = happen(library, photos)
    index(library, photos)
    assert library.duplicates.groups() == []
    settled = library.duplicates.groups(include_settled=True)
    assert sum(len(group.photos) for group in settled) == 3, "they are still known as duplicates"
    library.close()
