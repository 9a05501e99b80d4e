"""Photos in folders that the user excludes leave the library, without being called missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosim import settings
from photosim.errors import FolderError
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import index, make_library, photo_names, use_fake_embedder

PHOTOS = 24
"""More than the number of missing photos that needs no confirmation."""


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_fake_embedder(monkeypatch)
    for number in range(PHOTOS):
        make_photo(tmp_path / "photos" / "Thumbnails" / f"small {number}.jpg", number, size=(64, 48))
    make_photo(tmp_path / "photos" / "deep" / "large.jpg", 7)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    return make_library(tmp_path / "library", photos)


def test_photos_in_a_newly_excluded_folder_leave_the_library_and_come_back(
    library: Library, photos: Path
) -> None:
    settings.update(library.folder, excluded=("thumbnails",))
    last = index(library)
    assert (last.excluded, last.missing, last.removed, last.unchanged) == (PHOTOS, 0, 0, 1)
    assert photo_names(library) == ["large.jpg"]
    [source] = library.sources()
    assert (source.photos, source.missing) == (1, 0)
    assert index(library).excluded == 0
    settings.update(library.folder, excluded=())
    assert index(library).indexed == PHOTOS


def test_missing_photos_of_an_excluded_folder_are_missing_no_more(library: Library, photos: Path) -> None:
    (photos / "Thumbnails").rename(photos.parent / "away")
    assert index(library).missing == PHOTOS
    settings.update(library.folder, excluded=(str(photos / "Thumbnails"),))
    assert index(library).excluded == PHOTOS
    assert library.sources()[0].missing == 0
    assert photo_names(library) == ["large.jpg"]


def test_other_missing_photos_are_kept_until_the_user_decides(library: Library, photos: Path) -> None:
    settings.update(library.folder, excluded=("deep",))
    for file in (photos / "Thumbnails").iterdir():
        file.unlink()
    last = index(library)
    assert (last.excluded, last.missing) == (1, PHOTOS)


def test_a_photo_that_moved_out_of_an_excluded_folder_stays(library: Library, photos: Path) -> None:
    settings.update(library.folder, excluded=("Thumbnails",))
    (photos / "Thumbnails" / "small 3.jpg").rename(photos / "kept.jpg")
    index(library)
    assert sorted(photo_names(library)) == ["kept.jpg", "large.jpg"]


def test_an_excluded_folder_cannot_be_indexed_by_itself(library: Library, photos: Path) -> None:
    settings.update(library.folder, excluded=("Thumbnails",))
    with pytest.raises(FolderError, match="excluded"):
        index(library, photos / "Thumbnails")
