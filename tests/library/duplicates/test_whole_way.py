"""From finding duplicates to the trash and back, with whatever happens to the files in between."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import DuplicateGroup
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.trash import move_to_trash
from photosim.library import Library
from photosim.library.files.operations import OperationResult
from photosim.store.verdicts import VerdictTable
from tests.support.images import make_exif, make_photo
from tests.support.indexing import index, indexed_library
from tests.support.photo_folders import read_files


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A photo with a small copy in another folder, one with an exact copy, a burst, and others."""
    folder = tmp_path / "photos"
    make_photo(folder / "camera" / "large.jpg", 1, (640, 480), quality=95)
    make_photo(folder / "phone" / "small.jpg", 1, (320, 240))
    make_photo(folder / "camera" / "two.jpg", 2)
    shutil.copy(folder / "camera" / "two.jpg", folder / "phone" / "two.jpg")
    for shot in range(3):
        exif = make_exif(taken_at=f"2024:05:04 10:00:0{shot}", make="Canon", model="R6")
        make_photo(folder / "burst" / f"{shot}.jpg", 3, variant=shot, exif=exif)
    for seed in range(4, 8):
        make_photo(folder / "camera" / f"{seed}.jpg", seed)
    return folder


@pytest.fixture
def library(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with indexed_library(tmp_path / "library", photos, monkeypatch) as opened:
        yield opened


def found(library: Library) -> dict[DuplicateKind, list[str]]:
    """Return the names in the group of each kind, the one to keep first."""
    return {group.kind: names_of(group) for group in library.duplicates.groups()}


def names_of(group: DuplicateGroup) -> list[str]:
    return [short_name(member.photo.path) for member in group.photos]


def short_name(path: str) -> str:
    return f"{Path(path).parent.name}/{Path(path).name}"


def review(library: Library) -> None:
    """Keep the photo that the rules choose, in each group."""
    library.duplicates.decide_all([(group, {group.keep}) for group in library.duplicates.groups()])


def trash(library: Library, *, inherit: bool = False) -> OperationResult:
    basket = library.duplicates.basket()
    return library.duplicate_trash.run(basket, move_to_trash, TransferProgress(), inherit=inherit)


def trashed(result: OperationResult) -> list[str]:
    return sorted(short_name(files[0].old) for files in result.report.done)


def test_what_is_found_reviewed_and_trashed_comes_back_as_it_was(library: Library, photos: Path) -> None:
    kinds = found(library)
    assert kinds[DuplicateKind.SAME] == ["camera/large.jpg", "phone/small.jpg"]
    assert set(kinds[DuplicateKind.IDENTICAL]) == {"camera/two.jpg", "phone/two.jpg"}
    assert set(kinds[DuplicateKind.BURST]) == {"burst/0.jpg", "burst/1.jpg", "burst/2.jpg"}
    review(library)
    disk, known = read_files(photos), library.photos()
    groups, reviews = library.duplicates.groups(), library.duplicates.reviews()
    table = VerdictTable(library._catalog.database)
    verdicts = table.verdicts()
    for inherit in (False, True):
        result = trash(library, inherit=inherit)
        assert not result.report.failed
        assert len(result.report.done) == 4
        assert len(read_files(photos)) == len(disk) - 4
        assert library.duplicates.groups() == []
        assert library.duplicates.totals().groups == 0
        assert library.duplicates.basket().photos == ()
        assert index(library).indexed == 0
        undone = library.file_moves.undo(
            result.operation, result.report.done, move_to_trash, TransferProgress()
        )
        assert not undone.report.failed
        assert read_files(photos) == disk
        assert library.photos() == known
        assert library.duplicates.reviews() == reviews
        assert library.duplicates.groups() == groups
        assert len(library.duplicates.basket().photos) == 4
        assert table.verdicts() == verdicts


def test_a_file_that_changed_after_its_review_stays(library: Library, photos: Path) -> None:
    review(library)
    make_photo(photos / "phone" / "small.jpg", 9)
    result = trash(library)
    assert [Path(failure.path).name for failure in result.report.failed] == ["small.jpg"]
    assert (photos / "phone" / "small.jpg").exists()
    index(library)
    assert "phone/small.jpg" not in trashed(trash(library))


def test_a_file_that_was_moved_after_its_review_stays_and_is_asked_about_again(
    library: Library, photos: Path
) -> None:
    review(library)
    (photos / "phone" / "small.jpg").rename(photos / "phone" / "moved.jpg")
    assert "phone/small.jpg" not in trashed(trash(library))
    index(library)
    assert (photos / "phone" / "moved.jpg").exists()
    assert found(library) == {DuplicateKind.SAME: ["camera/large.jpg", "phone/moved.jpg"]}
    assert library.duplicates.basket().photos == ()


def test_photos_stay_while_those_to_keep_are_known_to_be_offline(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    make_photo(tmp_path / "drive" / "enlarged.jpg", 4, (900, 675), quality=95)
    index(library, photos, tmp_path / "drive")
    review(library)
    assert "camera/4.jpg" in [short_name(photo.path) for photo in library.duplicates.basket().photos]
    (tmp_path / "drive").rename(tmp_path / "away")
    assert "camera/4.jpg" not in trashed(trash(library))
    assert (photos / "camera" / "4.jpg").exists()


def test_photos_stay_whose_keepers_went_offline_a_moment_ago(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    review(library)
    (photos / "camera").rename(tmp_path / "away")
    result = trash(library)
    assert {Path(failure.path).name for failure in result.report.failed} == {"small.jpg", "two.jpg"}
    assert (photos / "phone" / "small.jpg").exists()
    assert len(trashed(result)) == 2
    assert all(name.startswith("burst/") for name in trashed(result))


def test_a_photo_whose_keeper_was_removed_stays(library: Library, photos: Path) -> None:
    review(library)
    (photos / "camera" / "large.jpg").unlink()
    result = trash(library)
    assert [Path(failure.path).name for failure in result.report.failed] == ["small.jpg"]
    index(library)
    assert (photos / "phone" / "small.jpg").exists()
    assert DuplicateKind.SAME not in found(library)


def test_a_copy_that_comes_back_later_is_the_only_question(library: Library, photos: Path) -> None:
    review(library)
    trash(library)
    make_photo(photos / "new" / "third.jpg", 1, (240, 180))
    index(library)
    assert found(library) == {DuplicateKind.SAME: ["camera/large.jpg", "new/third.jpg"]}
