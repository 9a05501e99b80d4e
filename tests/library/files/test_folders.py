"""Sources that move: with their drive automatically, else when the user locates them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from photosim.errors import FolderError
from photosim.files.volumes import Volume
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import index, photo_names, use_fake_embedder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)


class Drives:
    """The drives of a computer: folders of the test, mounted by renaming them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table: list[Volume] = [Volume(str(folder), "uuid:computer")]

    def mount(self, identity: str, name: str) -> Path:
        self.table.append(Volume(str(self.folder / name), identity))
        return self.folder / name

    def unmount(self) -> None:
        del self.table[1:]


@pytest.fixture
def drives(tmp_path: Path) -> Drives:
    return Drives(tmp_path)


@pytest.fixture
def library(tmp_path: Path, drives: Drives) -> Library:
    library = Library.open(tmp_path / "library")
    library.folders._mounted = lambda: drives.table
    return library


@pytest.fixture
def stick(library: Library, drives: Drives) -> Path:
    """A stick with photos that was indexed."""
    stick = drives.mount("uuid:stick", "stick")
    for number in range(5):
        make_photo(stick / "photos" / "deep" / f"{number}.jpg", number, (32, 24))
    index(library, stick / "photos")
    return stick


def test_a_drive_that_is_mounted_elsewhere_takes_its_folder_with_it(
    library: Library, drives: Drives, stick: Path, tmp_path: Path
) -> None:
    before = library.photos()
    drives.unmount()
    stick.rename(tmp_path / "other letter")
    assert [source.online for source in library.sources()] == [False]
    assert library.folders.update_drive_paths() == []
    other = drives.mount("uuid:stick", "other letter")
    old, new = str(stick / "photos"), str(other / "photos")
    assert library.folders.update_drive_paths() == [(old, new)]
    assert [(source.path, source.online) for source in library.sources()] == [(new, True)]
    after = library.photos()
    assert [photo.path for photo in after] == [photo.path.replace(old, new) for photo in before]
    assert [photo.file_id for photo in after] == [photo.file_id for photo in before]
    last = index(library)
    assert (last.indexed, last.unchanged, last.removed) == (0, 5, 0)


def test_an_indexing_follows_the_drives_first(
    library: Library, drives: Drives, stick: Path, tmp_path: Path
) -> None:
    drives.unmount()
    stick.rename(tmp_path / "other letter")
    other = drives.mount("uuid:stick", "other letter")
    last = index(library, other / "photos")
    assert (last.indexed, last.unchanged) == (0, 5)
    assert len(library.sources()) == 1


def test_another_drive_at_the_same_place_is_not_taken_for_the_folder(
    library: Library, drives: Drives, stick: Path, tmp_path: Path
) -> None:
    drives.unmount()
    stick.rename(tmp_path / "pocket")
    make_photo(drives.mount("uuid:other", "stick") / "photos" / "strange.jpg", 50, (32, 24))
    assert [source.online for source in library.sources()] == [False]
    index(library)
    assert len(photo_names(library, missing=False)) == 5


def test_an_empty_mount_point_is_offline(
    library: Library, drives: Drives, stick: Path, tmp_path: Path
) -> None:
    drives.unmount()
    stick.rename(tmp_path / "pocket")
    (stick / "photos").mkdir(parents=True)
    assert [source.online for source in library.sources()] == [False]
    assert index(library).missing == 0


def test_a_drive_that_got_another_mark_is_still_the_drive(
    library: Library, drives: Drives, stick: Path
) -> None:
    drives.unmount()
    drives.mount("uuid:formatted and copied back", "stick")
    assert [source.online for source in library.sources()] == [True]
    index(library)
    assert library._catalog.source_table.all()[0].volume == "uuid:formatted and copied back"


def test_a_drive_with_the_same_mark_and_other_photos_is_left_alone(
    library: Library, drives: Drives, stick: Path, tmp_path: Path
) -> None:
    drives.unmount()
    stick.rename(tmp_path / "pocket")
    make_photo(drives.mount("uuid:stick", "copy") / "photos" / "strange.jpg", 50, (40, 30))
    assert library.folders.update_drive_paths() == []


def test_a_folder_that_was_moved_by_hand_is_moved_in_the_library(
    library: Library, stick: Path, tmp_path: Path
) -> None:
    before = library.photos()
    (stick / "photos").rename(tmp_path / "kept here")
    path = library.folders.move(stick / "photos", tmp_path / "kept here")
    assert path == str(tmp_path / "kept here")
    assert [photo.file_id for photo in library.photos()] == [photo.file_id for photo in before]
    assert all(photo.path.startswith(path) for photo in library.photos())
    assert index(library).unchanged == 5


def test_a_folder_may_move_into_itself(library: Library, stick: Path) -> None:
    photos = stick / "photos"
    photos.rename(stick / "p")
    photos.mkdir()
    (stick / "p").rename(photos / "deep")
    library.folders.move(photos, photos / "deep")
    assert [source.path for source in library.sources()] == [str(photos / "deep")]
    assert index(library).unchanged == 5


def test_a_folder_that_was_added_again_in_its_new_place_becomes_one_with_it(
    library: Library, stick: Path, tmp_path: Path
) -> None:
    shutil.copytree(stick / "photos", tmp_path / "copied")
    index(library, tmp_path / "copied")
    shutil.rmtree(stick)
    library.folders.move(stick / "photos", tmp_path / "copied")
    assert [(source.path, source.photos) for source in library.sources()] == [(str(tmp_path / "copied"), 5)]


def test_a_folder_moved_around_another_takes_it_in(library: Library, stick: Path, tmp_path: Path) -> None:
    (stick / "photos").rename(tmp_path / "new")
    make_photo(tmp_path / "new" / "inner" / "x.jpg", 70, (32, 24))
    index(library, tmp_path / "new" / "inner")
    library.folders.move(stick / "photos", tmp_path / "new")
    assert [(source.path, source.photos) for source in library.sources()] == [(str(tmp_path / "new"), 6)]


def test_other_photos_are_not_taken_for_the_folder(library: Library, stick: Path, tmp_path: Path) -> None:
    make_photo(tmp_path / "strange" / "0.jpg", 60, (32, 24))
    with pytest.raises(FolderError, match="does not contain the photos of"):
        library.folders.move(stick / "photos", tmp_path / "strange")
    for path in sorted((stick / "photos" / "deep").iterdir()):
        (tmp_path / "faked" / "deep").mkdir(parents=True, exist_ok=True)
        (tmp_path / "faked" / "deep" / path.name).write_bytes(bytes(path.stat().st_size))
    with pytest.raises(FolderError, match="0 of 5 compared ones are identical"):
        library.folders.move(stick / "photos", tmp_path / "faked")
    with pytest.raises(FolderError, match="does not exist"):
        library.folders.move(stick / "photos", tmp_path / "nowhere")
    assert index(library).unchanged == 5


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode there")
def test_a_name_that_is_not_valid_text_moves_too(library: Library, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \xff.jpg")
    make_photo(tmp_path / "a" / name, 1, (32, 24), format="JPEG")
    index(library, tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "longer name")
    library.folders.move(tmp_path / "a", tmp_path / "longer name")
    assert [photo.path for photo in library.photos()] == [str(tmp_path / "longer name" / name)]
    assert index(library).unchanged == 1


def test_a_vanished_folder_inside_a_library_folder_is_looked_for_from_above(
    library: Library, stick: Path
) -> None:
    make_photo(stick / "photos" / "stays.jpg", 80, (32, 24))
    index(library)
    shutil.rmtree(stick / "photos" / "deep")
    last = index(library, stick / "photos" / "deep")
    assert (last.removed, last.unchanged) == (5, 1)


def test_a_folder_under_another_name_is_the_same_folder(
    library: Library, stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that takes PHOTOS for photos; here a second name is made by a link that is not resolved."""
    (stick / "PHOTOS").symlink_to(stick / "photos")
    monkeypatch.setattr(Path, "resolve", lambda path, **_: path.absolute())
    assert index(library, stick / "PHOTOS").unchanged == 5
    assert [source.path for source in library.sources()] == [str(stick / "photos")]
