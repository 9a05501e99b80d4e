"""Folders that cannot be listed, and folders that others took the place of: named, and nothing of them is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from photosim.errors import FolderError
from photosim.files import scan
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import index, make_library, photo_names, use_fake_embedder

POSIX = pytest.mark.skipif(os.name != "posix", reason="links, and folders listed by a descriptor")

Close = Callable[[Path], None]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(3):
        make_photo(tmp_path / "photos" / "open" / f"open {number}.jpg", number, (32, 24))
        make_photo(tmp_path / "photos" / "shut" / f"shut {number}.jpg", 10 + number, (32, 24))
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    return make_library(tmp_path / "library", photos)


@pytest.fixture
def close(monkeypatch: pytest.MonkeyPatch) -> Close:
    """Return a function that lets the system refuse to list a folder, and opens the one before."""
    closed: list[str] = []
    listing, scandir = scan._read_listing, os.scandir

    def read_listing(folder: str, handle: int | str, excluded: object) -> object:
        if folder in closed[-1:]:
            raise PermissionError(13, "Permission denied")
        return listing(folder, handle, excluded)

    def refuse(folder: object) -> object:
        if folder in closed[-1:]:
            raise PermissionError(13, "Permission denied")
        return scandir(folder)  # type: ignore[call-overload]

    monkeypatch.setattr(scan, "_read_listing", read_listing)
    monkeypatch.setattr(os, "scandir", refuse)
    return lambda folder: closed.append(str(folder))


def unreadable(library: Library) -> dict[str, str]:
    return {Path(file.path).name: file.reason for file in library.status().unreadable}


@POSIX
def test_a_folder_that_cannot_be_listed_is_named_until_it_can(
    library: Library, photos: Path, close: Close
) -> None:
    close(photos / "shut")
    for _ in range(2):
        last = index(library, photos)
        assert (last.unreadable, last.missing, last.removed) == (1, 0, 0)
        assert unreadable(library) == {"shut": "The folder can't be read: permission denied."}
        assert len(photo_names(library)) == 6
    close(Path())
    last = index(library, photos)
    assert (last.unreadable, last.removed, last.unchanged) == (0, 0, 6)
    assert unreadable(library) == {}


@POSIX
def test_a_folder_that_is_gone_is_named_no_longer(library: Library, photos: Path, close: Close) -> None:
    close(photos / "shut")
    index(library, photos)
    close(Path())
    shutil.rmtree(photos / "shut")
    assert index(library, photos).removed == 3
    assert unreadable(library) == {}


@POSIX
def test_a_scan_of_one_folder_names_it(library: Library, photos: Path, close: Close) -> None:
    close(photos / "shut")
    assert index(library, photos / "shut").unreadable == 1
    assert list(unreadable(library)) == ["shut"]
    index(library, photos / "open")
    assert list(unreadable(library)) == ["shut"]
    close(Path())
    index(library, photos / "shut")
    assert unreadable(library) == {}
    assert len(photo_names(library)) == 6


@POSIX
def test_a_source_that_cannot_be_listed_holds_no_other_up(
    library: Library, photos: Path, tmp_path: Path, close: Close
) -> None:
    make_photo(tmp_path / "more" / "new.jpg", 20, (32, 24))
    index(library, tmp_path / "more")
    make_photo(tmp_path / "more" / "newer.jpg", 21, (32, 24))
    close(photos)
    last = index(library)
    assert (last.indexed, last.missing, last.removed) == (1, 0, 0)
    assert "permission denied" in unreadable(library)["photos"]
    with pytest.raises(FolderError, match="permission denied"):
        index(library, photos)
    assert len(photo_names(library)) == 8


@POSIX
def test_a_new_folder_that_cannot_be_listed_is_not_added(
    library: Library, tmp_path: Path, close: Close
) -> None:
    (tmp_path / "more").mkdir()
    close(tmp_path / "more")
    with pytest.raises(FolderError, match="permission denied"):
        index(library, tmp_path / "more")
    assert [source.path for source in library.sources()] == [str(tmp_path / "photos")]


@POSIX
def test_a_folder_too_deep_for_the_system_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_photo(tmp_path / "photos" / "top.jpg", 0, (32, 24))
    monkeypatch.chdir(tmp_path / "photos")
    for _ in range(80):
        os.mkdir("e" * 60)  # noqa: PTH102 - the whole path is too long
        os.chdir("e" * 60)
    library = make_library(tmp_path / "library", tmp_path / "photos")
    [reason] = unreadable(library).values()
    assert reason.startswith("The folder can't be read: ")
    assert photo_names(library) == ["top.jpg"]


@POSIX
def test_a_link_that_leads_to_itself_is_named_and_harms_nothing(library: Library, photos: Path) -> None:
    (photos / "open" / "loop.jpg").symlink_to(photos / "open" / "loop.jpg")
    (photos / "open" / "back").symlink_to(photos)
    (photos / "a").symlink_to(photos / "b")
    (photos / "b").symlink_to(photos / "a")
    for _ in range(2):
        last = index(library, photos)
        assert (last.unchanged, last.indexed, last.removed) == (6, 0, 0)
        assert unreadable(library) == dict.fromkeys(("loop.jpg", "a", "b"), "The link leads to itself.")
        index(library, photos / "open")
    (photos / "open" / "loop.jpg").unlink()
    make_photo(photos / "open" / "loop.jpg", 30, (32, 24))
    assert index(library, photos / "open").indexed == 1
    assert list(unreadable(library)) == ["a", "b"]


def test_a_folder_in_the_place_of_another_removes_no_photo(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    photos.rename(tmp_path / "elsewhere")
    make_photo(photos / "other.jpg", 50, (32, 24))
    last = index(library, photos)
    assert (last.missing, last.removed, last.indexed) == (6, 0, 1)
    shutil.rmtree(photos)
    (tmp_path / "elsewhere").rename(photos)
    index(library, photos)
    assert photo_names(library, missing=True) == []


@POSIX
def test_a_source_that_became_a_link_to_other_photos_removes_none(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    photos.rename(tmp_path / "elsewhere")
    make_photo(tmp_path / "other" / "other.jpg", 50, (32, 24))
    photos.symlink_to(tmp_path / "other")
    assert (index(library, photos).missing, len(photo_names(library, missing=True))) == (6, 6)
    photos.unlink()
    photos.symlink_to(tmp_path / "elsewhere")
    index(library, photos)
    assert photo_names(library, missing=True) == []


@POSIX
def test_a_source_that_became_a_link_to_another_source_is_not_indexed_twice(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    make_photo(tmp_path / "other" / "other.jpg", 50, (32, 24))
    index(library, tmp_path / "other")
    photos.rename(tmp_path / "elsewhere")
    photos.symlink_to(tmp_path / "other")
    last = index(library)
    assert (last.indexed, last.missing, last.removed) == (0, 0, 0)
    assert f"is a link to {tmp_path / 'other'} now" in unreadable(library)["photos"]
    assert len(photo_names(library)) == 7


def test_a_library_among_its_photos_is_not_indexed(tmp_path: Path, photos: Path) -> None:
    library = make_library(photos / "library", photos)
    make_photo(photos / "library" / "no photo.jpg", 60, (32, 24))
    assert index(library, photos).unchanged == 6


def test_photos_in_the_folder_of_a_library_are_indexed(tmp_path: Path) -> None:
    make_photo(tmp_path / "library" / "photos" / "a.jpg", 60, (32, 24))
    library = make_library(tmp_path / "library", tmp_path / "library" / "photos")
    assert photo_names(library) == ["a.jpg"]


def test_the_folder_of_the_library_itself_is_refused(library: Library) -> None:
    with pytest.raises(FolderError, match="the folder of the library itself"):
        index(library, library.folder)
