"""Missing photos: removed if few or moved, else kept until the user decides."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from photosim.errors import FolderError
from photosim.indexing.missing import CONFIRM_ABOVE_PHOTOS, MissingPhotos
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import index, make_library, photo_names, use_fake_embedder

MANY = CONFIRM_ABOVE_PHOTOS + 10


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(MANY):
        make_photo(tmp_path / "photos" / "many" / f"{number:02}.jpg", number, (32, 24))
    for number in range(3):
        make_photo(tmp_path / "photos" / "few" / f"few {number}.jpg", 100 + number, (32, 24))
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    return make_library(tmp_path / "library", photos)


def test_removing_many_missing_photos_needs_confirmation(library: Library, photos: Path) -> None:
    shutil.rmtree(photos / "many")
    last = index(library, photos)
    assert (last.missing, last.removed, last.unchanged) == (MANY, 0, 3)
    [source] = library.sources()
    assert (source.missing, source.photos, source.kept_missing) == (MANY, MANY + 3, 0)
    assert len(photo_names(library, missing=True)) == MANY
    missing = library.photos()[5]
    assert missing.missing
    assert library.thumbnail(missing.photo_id) is not None
    assert len(library.similar(missing.file_id)) == MANY + 2


def test_confirmation_is_requested_once(library: Library, photos: Path) -> None:
    shutil.rmtree(photos / "many")
    index(library, photos)
    again = index(library, photos)
    assert (again.missing, again.removed) == (0, 0)
    assert library.sources()[0].missing == MANY


def test_a_few_missing_photos_are_removed(library: Library, photos: Path) -> None:
    for path in sorted((photos / "many").iterdir())[: MANY // 6]:
        path.unlink()
    last = index(library, photos)
    assert (last.missing, last.removed, last.moved) == (0, MANY // 6, 0)
    assert library.sources()[0].missing == 0


def test_further_missing_photos_join_the_pending_ones(library: Library, photos: Path) -> None:
    shutil.rmtree(photos / "many")
    index(library, photos)
    (photos / "few" / "few 0.jpg").unlink()
    last = index(library, photos)
    assert (last.missing, last.removed) == (1, 0)
    assert library.sources()[0].missing == MANY + 1


def test_moved_photos_need_no_confirmation(library: Library, photos: Path) -> None:
    (photos / "many").rename(photos / "moved")
    last = index(library, photos)
    assert (last.missing, last.removed, last.moved, last.indexed) == (0, MANY, MANY, MANY)
    assert photo_names(library, missing=True) == []


def test_photos_moved_to_another_source_need_no_confirmation(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    (photos / "many").rename(tmp_path / "elsewhere")
    index(library, photos)
    assert library.sources()[0].missing == MANY
    index(library, tmp_path / "elsewhere")
    assert [source.missing for source in library.sources()] == [0, 0]
    assert len(library.photos()) == MANY + 3


def test_missing_photos_reappear_automatically(library: Library, photos: Path, tmp_path: Path) -> None:
    before = library.photos()
    (photos / "many").rename(tmp_path / "away")
    index(library, photos)
    (tmp_path / "away").rename(photos / "many")
    last = index(library, photos)
    assert (last.indexed, last.unchanged) == (0, MANY + 3)
    assert library.photos() == before
    assert library.sources()[0].missing == 0


def test_an_emptied_source_needs_confirmation_however_small(tmp_path: Path) -> None:
    make_photo(tmp_path / "small" / "a.jpg", 1, (32, 24))
    library = Library.open(tmp_path / "library")
    index(library, tmp_path / "small")
    (tmp_path / "small" / "a.jpg").unlink()
    assert index(library).missing == 1
    assert photo_names(library, missing=True) == ["a.jpg"]


def test_an_empty_mount_point_inside_a_source_needs_confirmation(library: Library, photos: Path) -> None:
    for number in range(5 * MANY):
        make_photo(photos / "rest" / f"rest {number}.jpg", 200 + number, (32, 24))
    index(library, photos)
    shutil.rmtree(photos / "many")
    (photos / "many").mkdir()
    assert index(library, photos).missing == MANY


def test_missing_photos_can_be_removed(library: Library, photos: Path) -> None:
    shutil.rmtree(photos / "many")
    index(library, photos)
    assert library.folders.forget_missing(photos) == MANY
    assert photo_names(library) == ["few 0.jpg", "few 1.jpg", "few 2.jpg"]
    assert library.status().embedded == 3


def test_missing_photos_can_be_kept(library: Library, photos: Path) -> None:
    shutil.rmtree(photos / "many")
    index(library, photos)
    library.folders.keep_missing(photos)
    [source] = library.sources()
    assert (source.missing, source.kept_missing) == (0, MANY)
    assert (index(library, photos).missing, len(library.photos())) == (0, MANY + 3)
    assert library.folders.forget_missing(photos) == MANY


def test_without_confirmation_all_missing_photos_are_removed(library: Library, photos: Path) -> None:
    shutil.rmtree(photos / "many")
    last = index(library, photos, ask=False)
    assert (last.missing, last.removed) == (0, MANY)


def test_without_confirmation_earlier_missing_photos_are_removed_too(library: Library, photos: Path) -> None:
    shutil.rmtree(photos / "many")
    index(library, photos)
    assert index(library, photos, ask=False).removed == MANY
    assert len(library.photos()) == 3


def test_a_folder_that_is_no_source_is_refused_with_a_message(library: Library, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="is not in this library"):
        library.folders.forget_missing(tmp_path / "other")


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be made unreadable by its mode there")
def test_a_folder_that_cannot_be_listed_loses_nothing(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photosim.files import scan

    real = scan._read_listing

    def refused(folder: str, handle: int | str, excluded: object) -> object:
        if folder.endswith("many"):
            raise PermissionError
        return real(folder, handle, excluded)

    monkeypatch.setattr(scan, "_read_listing", refused)
    last = index(library, photos)
    assert (last.missing, last.removed) == (0, 0)
    assert photo_names(library, missing=True) == []


def test_deleted_unreadable_files_need_no_confirmation(tmp_path: Path) -> None:
    for number in range(MANY):
        (tmp_path / "bad").mkdir(exist_ok=True)
        (tmp_path / "bad" / f"{number}.jpg").write_bytes(b"no photo %d" % number)
    make_photo(tmp_path / "bad" / "good.jpg", 1, (32, 24))
    library = Library.open(tmp_path / "library")
    index(library, tmp_path / "bad")
    for number in range(MANY):
        (tmp_path / "bad" / f"{number}.jpg").unlink()
    last = index(library)
    assert (last.missing, last.removed) == (0, MANY)


def test_the_threshold_needs_both_a_number_and_a_share() -> None:
    missing = MissingPhotos()
    assert not missing.needs_confirmation("/photos", CONFIRM_ABOVE_PHOTOS, CONFIRM_ABOVE_PHOTOS)
    assert missing.needs_confirmation("/photos", CONFIRM_ABOVE_PHOTOS + 1, CONFIRM_ABOVE_PHOTOS + 1)
    assert not missing.needs_confirmation("/photos", 1000, 5000)
    assert missing.needs_confirmation("/photos", 1001, 5000)


def test_a_file_that_is_still_being_written_is_left_for_the_next_time(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photosim.imaging import decode

    growing = make_photo(photos / "few" / "growing.jpg", 300, (32, 24))
    whole = growing.read_bytes()
    growing.write_bytes(whole[:300])
    real = decode.load

    def load_while_it_grows(path: str | Path) -> decode.LoadedFile:
        loaded = real(path)
        if Path(path) == growing:
            growing.write_bytes(whole)
        return loaded

    monkeypatch.setattr(decode, "load", load_while_it_grows)
    last = index(library, photos)
    assert (last.still_changing, last.unreadable, last.indexed) == (1, 0, 0)
    assert library.unreadable() == []
    monkeypatch.undo()
    use_fake_embedder(monkeypatch)
    assert index(Library.open(library.folder), photos).indexed == 1


def test_a_file_that_vanishes_while_it_is_read_is_no_unreadable_photo(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photosim.imaging import decode

    fleeting = make_photo(photos / "few" / "fleeting.jpg", 300, (32, 24))
    real = decode.load

    def load_too_late(path: str | Path) -> decode.LoadedFile:
        fleeting.unlink(missing_ok=True)
        return real(path)

    monkeypatch.setattr(decode, "load", load_too_late)
    last = index(library, photos)
    assert (last.indexed, last.unreadable) == (0, 0)
    assert library.unreadable() == []
