"""Undo acts on the very file that was moved or trashed, and on no other that has its name now."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from photosim.files.operations import renaming
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.transfer import TransferReport, restore, transfer
from photosim.files.operations.trash import move_to_trash
from photosim.files.operations.trashing import trash
from photosim.files.state import CHANGED, is_same_state, read_state
from tests.support.photo_folders import photo_files

MINE = b"my own photo"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "target").mkdir()
    path = tmp_path / "source" / "x.jpg"
    path.write_bytes(MINE)
    return path


def move(photo: Path) -> TransferReport:
    return transfer([photo_files(photo)], photo.parents[1] / "target", TransferProgress(), move=True)


def put_in_trash(photo: Path) -> TransferReport:
    return trash([photo_files(photo)], move_to_trash, TransferProgress())


def overwrite(path: Path) -> None:
    path.write_bytes(b"edited in place")


def replace_by_another(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"another photo")


def replace_by_one_of_the_same_size_and_time(path: Path) -> None:
    before = path.stat()
    path.unlink()
    path.write_bytes(MINE[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_a_link(path: Path) -> None:
    other = path.with_name("other")
    path.rename(other)
    path.symlink_to(other)


def replace_by_a_folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


@pytest.mark.parametrize("operate", [move, put_in_trash])
@pytest.mark.parametrize(
    "change",
    [
        overwrite,
        replace_by_another,
        replace_by_one_of_the_same_size_and_time,
        replace_by_a_link,
        replace_by_a_folder,
    ],
)
def test_what_was_changed_or_replaced_since_is_not_touched(
    photo: Path, operate: Callable[[Path], TransferReport], change: Callable[[Path], None]
) -> None:
    report = operate(photo)
    moved = Path(report.moved_files[0].entry.path)
    change(moved)
    before = (
        sorted(path.name for path in (moved.parent).iterdir()),
        moved.is_symlink(),
        moved.is_dir() or moved.read_bytes(),
    )
    restored = restore(report.done, TransferProgress())
    assert [failure.reason for failure in restored.failed] == [CHANGED]
    assert not photo.exists()
    after = (
        sorted(path.name for path in (moved.parent).iterdir()),
        moved.is_symlink(),
        moved.is_dir() or moved.read_bytes(),
    )
    assert after == before
    if operate is put_in_trash:
        assert len(list((moved.parents[1] / "info").iterdir())) == 1


def test_another_photo_of_the_same_size_time_beginning_and_end_is_not_touched(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Round times would stand for FAT, which numbers files anew; the drive of the tests may keep whole seconds only.
    monkeypatch.setattr("photosim.files.state._EXFAT_ROUNDING_NS", 2**62)
    photo.write_bytes(bytes(100_000))
    os.utime(photo, ns=(0, 1_700_000_000_000_000_000))
    report = move(photo)
    moved = Path(report.moved_files[0].entry.path)
    other = moved.with_name("other")
    other.write_bytes(bytes(50_000) + b"x" + bytes(49_999))
    os.utime(other, ns=(0, 1_700_000_000_000_000_000))
    other.replace(moved)
    assert [failure.reason for failure in restore(report.done, TransferProgress()).failed] == [CHANGED]
    assert b"x" in moved.read_bytes()


def test_a_file_of_the_same_number_and_times_is_told_by_its_content(photo: Path) -> None:
    expected = read_state(str(photo))
    assert is_same_state(str(photo), expected)
    photo.write_bytes(MINE[::-1])
    # As after a file that got the number of a deleted one within a step of the clock of its drive.
    reused = replace(read_state(str(photo)), sample=expected.sample)
    assert not is_same_state(str(photo), reused)


def test_a_photo_is_restored_whole_or_not_at_all(photo: Path) -> None:
    photo.with_suffix(".xmp").write_bytes(b"edits")
    report = move(photo)
    overwrite(photo.parents[1] / "target" / "x.xmp")
    assert restore(report.done, TransferProgress()).failed
    assert sorted(path.name for path in (photo.parents[1] / "target").iterdir()) == ["x.jpg", "x.xmp"]
    assert list((photo.parent).iterdir()) == []


def test_a_file_whose_attributes_alone_have_changed_is_restored(photo: Path) -> None:
    report = move(photo)
    moved = Path(report.moved_files[0].entry.path)
    moved.chmod(0o600)
    os.link(moved, moved.with_name("second name"))
    assert not restore(report.done, TransferProgress()).failed
    assert photo.read_bytes() == MINE


def test_a_file_that_a_drive_numbers_anew_is_known_by_its_content(photo: Path) -> None:
    report = move(photo)
    moved = Path(report.moved_files[0].entry.path)
    stat = moved.stat()
    again = moved.with_name("again")
    again.write_bytes(MINE)
    # FAT drives store even seconds; the number and the time of a file may change when it is read again.
    os.utime(again, ns=(0, stat.st_mtime_ns - stat.st_mtime_ns % 2_000_000_000))
    again.replace(moved)
    assert not restore(report.done, TransferProgress()).failed
    assert photo.read_bytes() == MINE


def test_a_file_that_is_replaced_while_it_is_moved_goes_back(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, swaps = renaming.rename_new, [1]

    def swap_then_rename(source: str, target: str) -> None:
        if swaps and swaps.pop():
            replace_by_another(Path(source))
        rename(source, target)

    monkeypatch.setattr(renaming, "rename_new", swap_then_rename)
    report = move(photo)
    assert [failure.reason for failure in report.failed] == [CHANGED]
    assert photo.read_bytes() == b"another photo"
    assert list((photo.parents[1] / "target").iterdir()) == []


def test_what_the_trash_takes_for_another_file_goes_back(photo: Path) -> None:
    other = photo.with_name("other.jpg")
    other.write_bytes(b"another photo")
    report = trash([photo_files(photo)], lambda _: move_to_trash(str(other)), TransferProgress())
    assert [failure.reason for failure in report.failed] == [CHANGED]
    assert (photo.read_bytes(), other.read_bytes()) == (MINE, b"another photo")


def test_what_is_done_again_needs_the_same_files(photo: Path) -> None:
    expected = {str(photo): restore(move(photo).done, TransferProgress()).moved_files[0].state}
    assert None not in expected.values()
    replace_by_another(photo)
    states = {path: state for path, state in expected.items() if state is not None}
    again = transfer(
        [photo_files(photo)], photo.parents[1] / "target", TransferProgress(), move=True, expected=states
    )
    thrown = trash([photo_files(photo)], move_to_trash, TransferProgress(), expected=states)
    assert [one.reason for one in (*again.failed, *thrown.failed)] == [CHANGED, CHANGED]
    assert photo.read_bytes() == b"another photo"


def test_folders_and_pipes_are_no_photos(photo: Path) -> None:
    replace_by_a_folder(photo)
    pipe = photo.with_name("pipe.jpg")
    os.mkfifo(pipe)
    for path in (photo, pipe):
        report = move(path)
        assert [failure.reason for failure in report.failed] == ["This is not a file."]
    assert sorted(path.name for path in (photo.parent).iterdir()) == ["pipe.jpg", "x.jpg"]
