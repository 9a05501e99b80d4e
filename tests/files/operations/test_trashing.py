"""A photo goes to the trash only while another one stays in its place, and its side files go to that one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from photosim.errors import PhotoSimError
from photosim.files.bundles import side_file_copies
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.failures import KEPT_CHANGED, KEPT_UNAVAILABLE
from photosim.files.operations.transfer import TransferReport, restore
from photosim.files.operations.trash import move_to_trash
from photosim.files.operations.trashing import Replacement, trash
from photosim.files.state import read_state
from tests.support.photo_folders import photo_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A photo with a side file, and another one to keep."""
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "copy.jpg").write_bytes(b"small")
    (folder / "copy.xmp").write_bytes(b"edits")
    (folder / "kept.jpg").write_bytes(b"the large one")
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def put_in_trash(
    folder: Path, move: Callable[[str], str] = move_to_trash, *, inherit: bool = True
) -> TransferReport:
    kept = str(folder / "kept.jpg")
    state = read_state(kept)
    replacement = Replacement({kept: state}, photo_files(kept) if inherit else None, note="a note")
    copy = str(folder / "copy.jpg")
    return trash([photo_files(copy)], move, TransferProgress(), replacements={copy: replacement})


@pytest.mark.parametrize(
    ("photo", "kept", "expected"),
    [
        (["a.jpg", "a.xmp"], ["b.jpg"], {"a.xmp": "b.xmp"}),
        (["a.jpg", "a.jpg.xmp"], ["b.png"], {"a.jpg.xmp": "b.png.xmp"}),
        (["a.jpg", "a.XMP", "a.aae"], ["b.heic", "b.xmp"], {"a.aae": "b.aae"}),
        (["a.jpg", "a.xmp"], ["b.jpg", "b.png"], {"a.xmp": "b.jpg.xmp"}),
        (["a.jpg", "a.jpg.xmp", "a.xmp"], ["b.jpg"], {"a.jpg.xmp": "b.jpg.xmp"}),
        (["a.jpg"], ["b.jpg", "b.xmp"], {}),
    ],
)
def test_a_side_file_gets_the_name_of_the_photo_that_stays(
    tmp_path: Path, photo: list[str], kept: list[str], expected: dict[str, str]
) -> None:
    for name in (*photo, *kept):
        (tmp_path / name).write_bytes(b"x")
    copies = side_file_copies(photo_files(tmp_path / photo[0]), photo_files(tmp_path / kept[0]))
    assert {Path(old).name: Path(new).name for old, new in copies} == expected


def test_side_files_are_copied_and_undo_takes_exactly_them_back(folder: Path) -> None:
    before = names(folder)
    report = put_in_trash(folder)
    assert names(folder) == {"kept.jpg", "kept.xmp"}
    assert (folder / "kept.xmp").read_bytes() == b"edits"
    assert report.done[0][0].note == "a note"
    restored = restore(report.done, TransferProgress(), remove_copies=True)
    assert names(folder) == before
    assert restored.done[0][0].note == "a note"


def test_a_copied_side_file_that_was_edited_since_stays(folder: Path) -> None:
    report = put_in_trash(folder)
    (folder / "kept.xmp").write_bytes(b"edited for an hour")
    restore(report.done, TransferProgress(), remove_copies=True)
    assert (folder / "kept.xmp").read_bytes() == b"edited for an hour"
    assert (folder / "copy.xmp").read_bytes() == b"edits"


def test_nothing_is_copied_unless_wanted(folder: Path) -> None:
    put_in_trash(folder, inherit=False)
    assert names(folder) == {"kept.jpg"}


def test_a_photo_that_the_trash_refuses_leaves_no_copies(folder: Path) -> None:
    before = names(folder)

    def refuse_the_second(path: str) -> str:
        if path.endswith(".xmp"):
            raise PhotoSimError("No.")
        return move_to_trash(path)

    assert [failure.reason for failure in put_in_trash(folder, refuse_the_second).failed] == ["No."]
    assert names(folder) == before
    assert (folder / "copy.jpg").read_bytes() == b"small"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda kept: kept.write_bytes(b"another one"), KEPT_CHANGED),
        (lambda kept: kept.unlink(), KEPT_UNAVAILABLE),
        (lambda kept: shutil.move(kept, kept.with_name("renamed.jpg")), KEPT_UNAVAILABLE),
    ],
    ids=["changed", "deleted", "moved"],
)
def test_a_photo_stays_when_the_one_to_keep_is_not_as_it_was(
    folder: Path, change: Callable[[Path], object], reason: str
) -> None:
    kept, copy = folder / "kept.jpg", str(folder / "copy.jpg")
    replacement = Replacement({str(kept): read_state(str(kept))})
    change(kept)
    report = trash([photo_files(copy)], move_to_trash, TransferProgress(), replacements={copy: replacement})
    assert [failure.reason for failure in report.failed] == [reason]
    assert (folder / "copy.jpg").exists()
