"""Photos are copied, moved and trashed as a whole or not at all, and never over another file."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.errors import FolderError, PhotoSimError
from photosim.files.bundles import PhotoFiles
from photosim.files.operations import copying, renaming
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.free_names import fold_name
from photosim.files.operations.transfer import TransferReport, restore, transfer
from photosim.files.operations.trashing import trash as trash_photos
from tests.support.photo_folders import photo_files


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a shot of two files, its sidecar files, and a single photo."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("IMG_1.jpg", "IMG_1.CR2", "IMG_1.xmp", "IMG_1.jpg.xmp", "IMG_10.jpg", "IMG_10.txt"):
        (folder / name).write_bytes(name.encode() * 1000)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


@pytest.fixture
def two_drives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file cannot be renamed from `source` to `target`, as between two drives."""
    rename = renaming.rename_new

    def rename_on_one_drive(source: str, target: str) -> None:
        if Path(source).parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(renaming, "rename_new", rename_on_one_drive)


def shot(folder: Path) -> PhotoFiles:
    return photo_files(folder / "IMG_1.jpg", [str(folder / "IMG_1.CR2")])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


ALL = ["IMG_1.CR2", "IMG_1.jpg", "IMG_1.jpg.xmp", "IMG_1.xmp"]


def test_a_sidecar_file_that_another_photo_needs_is_copied_and_stays(source: Path, target: Path) -> None:
    (source / "IMG_1.png").write_bytes(b"another photo of that name")
    report = transfer([shot(source)], target, TransferProgress(), move=True)
    assert names(target) == ALL
    assert names(source) == ["IMG_1.png", "IMG_1.xmp", "IMG_10.jpg", "IMG_10.txt"]
    assert {Path(one.old).name for one in report.moved_files if one.copied} == {"IMG_1.xmp"}
    assert not restore(report.done, TransferProgress()).failed
    assert names(target) == ["IMG_1.xmp"]


@pytest.mark.parametrize("drives", ["one", "two"])
def test_a_moved_shot_is_there_with_its_bytes_and_times_and_comes_back(
    source: Path, target: Path, drives: str, request: pytest.FixtureRequest
) -> None:
    if drives == "two":
        request.getfixturevalue("two_drives")
    os.utime(source / "IMG_1.jpg", ns=(10**18, 10**18))
    before = contents(source)
    report = transfer([shot(source)], target, TransferProgress(), move=True)
    assert names(target) == ALL
    assert names(source) == ["IMG_10.jpg", "IMG_10.txt"]
    assert contents(target) == {name: before[name] for name in ALL}
    assert (target / "IMG_1.jpg").stat().st_mtime_ns == 10**18
    assert [one.entry.size for one in report.moved_files] == [
        Path(one.entry.path).stat().st_size for one in report.moved_files
    ]
    assert not restore(report.done, TransferProgress()).failed
    assert contents(source) == before
    assert names(target) == []


def test_a_copied_photo_is_in_both_places(source: Path, target: Path) -> None:
    report = transfer([shot(source)], target, TransferProgress(), move=False)
    assert names(target) == ALL
    assert all(one.copied for one in report.moved_files)
    assert (target / "IMG_1.CR2").read_bytes() == (source / "IMG_1.CR2").read_bytes()


def test_a_photo_of_which_all_files_are_there_is_not_copied_again(source: Path, target: Path) -> None:
    def copy() -> TransferReport:
        return transfer([shot(source)], target, TransferProgress(), move=False, skip_present=True)

    assert len(copy().done) == 1
    (target / "IMG_1.CR2").rename(target / "renamed.CR2")
    again = copy()
    assert (again.done, again.unchanged) == ((), 1)
    assert len(names(target)) == len(ALL)
    edited = target / "IMG_1.xmp"
    stat = edited.stat()
    edited.write_bytes(edited.read_bytes()[::-1])  # of the same size
    os.utime(edited, ns=(0, stat.st_mtime_ns + 10**10))
    assert len(copy().done) == 1
    assert edited.read_bytes() != (source / "IMG_1.xmp").read_bytes()


def test_photos_that_are_there_need_no_space(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer([shot(source)], target, TransferProgress(), move=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    report = transfer([shot(source)], target, TransferProgress(), move=False, skip_present=True)
    assert report.unchanged == 1
    with pytest.raises(FolderError, match="Not enough space"):
        transfer([shot(source)], target, TransferProgress(), move=False)


@pytest.mark.parametrize("move", [True, False])
def test_a_taken_name_gets_a_number_that_all_files_of_the_shot_share(
    source: Path, target: Path, move: bool
) -> None:
    (target / "img_1.cr2").write_bytes(b"another shot, on a drive that may not tell case apart")
    (target / "IMG_1 (2).jpg").write_bytes(b"and another")
    transfer([shot(source)], target, TransferProgress(), move=move)
    assert {"IMG_1 (3).jpg", "IMG_1 (3).CR2", "IMG_1 (3).xmp", "IMG_1 (3).jpg.xmp"} < set(names(target))
    assert (target / "img_1.cr2").read_bytes().startswith(b"another")
    assert (target / "IMG_1 (2).jpg").read_bytes() == b"and another"


def test_a_numbered_photo_counts_on(tmp_path: Path, target: Path) -> None:
    photo = tmp_path / "a (2).jpg"
    photo.write_bytes(b"mine")
    (target / "a (2).jpg").write_bytes(b"other")
    transfer([photo_files(photo)], target, TransferProgress(), move=True)
    assert names(target) == ["a (2).jpg", "a (3).jpg"]


def test_a_photo_copied_into_its_own_folder_gets_a_number_and_one_moved_there_stays(source: Path) -> None:
    before = names(source)
    assert transfer([shot(source)], source, TransferProgress(), move=True) == TransferReport(unchanged=1)
    assert names(source) == before
    transfer([photo_files(source / "IMG_10.jpg")], source, TransferProgress(), move=False)
    assert names(source) == sorted([*before, "IMG_10 (2).jpg"])


def test_a_name_that_is_taken_just_then_is_not_overwritten(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other file appears after the folder was listed.
    monkeypatch.setattr("photosim.files.operations.transfer.list_names", lambda _folder: [])
    (target / "IMG_10.jpg").write_bytes(b"another program's")
    transfer([photo_files(source / "IMG_10.jpg")], target, TransferProgress(), move=True)
    assert (target / "IMG_10.jpg").read_bytes() == b"another program's"
    assert (target / "IMG_10 (2).jpg").is_file()


@given(taken=st.sets(st.sampled_from(["a.jpg", "A.JPG", "a (2).jpg", "a (3).jpg", "b.jpg", "a.cr2"])))
def test_no_file_is_ever_lost_or_changed_whatever_names_are_taken(
    tmp_path_factory: pytest.TempPathFactory, taken: set[str]
) -> None:
    base = tmp_path_factory.mktemp("names")
    (base / "target").mkdir()
    for name in taken:
        (base / "target" / name).write_bytes(name.encode())
    before = contents(base / "target")
    for name in ("a.jpg", "a.cr2"):
        (base / name).write_bytes(b"mine " + name.encode())
    files = photo_files(base / "a.jpg", [str(base / "a.cr2")])
    report = transfer([files], base / "target", TransferProgress(), move=True)
    after = contents(base / "target")
    assert {name: after[name] for name in before} == before
    assert sorted(set(after.values()) - set(before.values())) == [b"mine a.cr2", b"mine a.jpg"]
    photo, raw = (Path(file.entry.path) for file in report.moved_files)
    assert photo.stem == raw.stem, "a shot stays one shot"
    shutil.rmtree(base)


def fail_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, ending: str, error: OSError) -> None:
    """Let a function fail for paths with this ending."""
    real = getattr(module, name)

    def failing(path: Any, *rest: Any, **more: Any) -> Any:
        if str(path).endswith(ending):
            raise error
        return real(path, *rest, **more)

    monkeypatch.setattr(module, name, failing)


@pytest.mark.parametrize("move", [True, False])
def test_a_full_disk_leaves_everything_as_it_was(
    source: Path, target: Path, two_drives: None, monkeypatch: pytest.MonkeyPatch, move: bool
) -> None:
    before = contents(source)

    def full(_descriptor: int) -> None:
        if len(list(target.iterdir())) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    report = transfer([shot(source)], target, TransferProgress(), move=move)
    assert [failure.reason for failure in report.failed] == ["The disk is full."]
    assert contents(source) == before
    assert names(target) == [], "no half of a shot and no part of a file"


def test_a_file_that_may_not_be_removed_is_not_moved(
    tmp_path: Path, source: Path, target: Path, two_drives: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(source)
    os.link(
        source / "IMG_1.jpg", tmp_path / "link"
    )  # its number stays taken, so the file put back has another
    fail_at(
        monkeypatch, os, "remove", "/source/IMG_1.CR2", PermissionError(errno.EACCES, "Permission denied")
    )
    report = transfer([shot(source)], target, TransferProgress(), move=True)
    assert "don't have permission" in report.failed[0].reason
    assert contents(source) == before
    assert names(target) == []


def test_a_rename_that_fails_leaves_the_shot_together(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(source)
    fail_at(
        monkeypatch,
        renaming,
        "rename_new",
        "/source/IMG_1.xmp",
        PermissionError(errno.EPERM, "Not permitted"),
    )
    report = transfer([shot(source)], target, TransferProgress(), move=True)
    assert len(report.failed) == 1
    assert contents(source) == before
    assert names(target) == []


def test_a_copy_that_is_not_the_same_is_deleted_and_the_original_stays(
    source: Path, target: Path, two_drives: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flip(_source: str, part: str) -> None:
        with Path(part).open("r+b") as file:
            file.write(b"X")

    monkeypatch.setattr(shutil, "copystat", flip)
    report = transfer([photo_files(source / "IMG_10.jpg")], target, TransferProgress(), move=True)
    assert "differs from the original" in report.failed[0].reason
    assert (source / "IMG_10.jpg").is_file()
    assert names(target) == []


def test_a_photo_that_has_vanished_costs_only_itself(source: Path, target: Path) -> None:
    gone, stays = photo_files(source / "gone.jpg"), photo_files(source / "IMG_10.jpg")
    report = transfer([gone, stays], target, TransferProgress(), move=True)
    assert [(failure.path, failure.reason) for failure in report.failed] == [
        (gone.photo, "The file is unavailable.")
    ]
    assert names(target) == ["IMG_10.jpg"]


def test_a_folder_that_is_not_there_or_too_small_costs_nothing(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FolderError, match=r"does not exist\. Nothing was moved"):
        transfer([shot(source)], target / "no", TransferProgress(), move=True)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 10))  # type: ignore[attr-defined]
    with pytest.raises(FolderError, match=r"Not enough space .* Nothing was copied"):
        transfer([shot(source)], target, TransferProgress(), move=False)
    assert names(target) == []
    assert transfer([shot(source)], target, TransferProgress(), move=True).done, (
        "a move on one drive needs no room"
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said_to_be_one(source: Path, target: Path) -> None:
    target.chmod(0o500)
    with pytest.raises(FolderError, match="is read-only"):
        transfer([shot(source)], target, TransferProgress(), move=False)


def test_a_stopped_copy_leaves_no_part_and_tells_what_is_done(source: Path, target: Path) -> None:
    class Stop(TransferProgress):
        done = 0

        def advance(self, photos: int, size: int) -> None:  # noqa: ARG002
            self.done += photos

        def is_cancelled(self) -> bool:
            return self.done == 1

    report = transfer([photo_files(source / "IMG_10.jpg"), shot(source)], target, Stop(), move=False)
    assert report.cancelled
    assert len(report.done) == 1
    assert names(target) == ["IMG_10.jpg"]


def test_a_copy_is_stopped_in_the_middle_of_a_file(
    source: Path, target: Path, two_drives: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(TransferProgress):
        bytes = 0

        def advance(self, photos: int, size: int) -> None:  # noqa: ARG002
            self.bytes += size

        def is_cancelled(self) -> bool:
            return self.bytes > 2000

    monkeypatch.setattr(copying, "_CHUNK", 1000)
    assert transfer([shot(source)], target, Stop(), move=True).cancelled
    assert names(target) == []
    assert sorted(set(names(source)) & set(ALL)) == ALL


def test_a_link_is_not_moved_away_from_what_it_leads_to(source: Path, target: Path) -> None:
    (source / "link.jpg").symlink_to("IMG_10.jpg")
    report = transfer([photo_files(source / "link.jpg")], target, TransferProgress(), move=True)
    assert "only a link" in report.failed[0].reason
    assert (source / "link.jpg").is_symlink()
    transfer([photo_files(source / "link.jpg")], target, TransferProgress(), move=False)
    assert (target / "link.jpg").read_bytes() == (source / "IMG_10.jpg").read_bytes()
    assert not (target / "link.jpg").is_symlink()


class Trash:
    """A trash as freedesktop.org describes it."""

    def __init__(self, folder: Path) -> None:
        self.files, self.info = folder / "files", folder / "info"
        self.files.mkdir(parents=True)
        self.info.mkdir()
        self.refuses = ""

    def move_in(self, path: str) -> str:
        if self.refuses and path.endswith(self.refuses):
            raise PhotoSimError("The trash is unavailable.")
        target = self.files / Path(path).name
        Path(path).rename(target)
        (self.info / f"{target.name}.trashinfo").write_text("[Trash Info]")
        return str(target)


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "Trash")


def test_a_shot_goes_to_the_trash_whole_and_comes_back_whole(source: Path, trash: Trash) -> None:
    before = contents(source)
    report = trash_photos([shot(source)], trash.move_in, TransferProgress())
    assert names(trash.files) == ALL
    assert names(source) == ["IMG_10.jpg", "IMG_10.txt"]
    back = restore(report.done, TransferProgress())
    assert [file.origin for file in back.moved_files] == [file.old for file in report.moved_files]
    assert contents(source) == before
    assert names(trash.files) == []
    assert names(trash.info) == [], "the trash shows nothing that is no longer in it"


def test_where_the_trash_refuses_one_file_the_shot_stays(source: Path, trash: Trash) -> None:
    before = contents(source)
    trash.refuses = "IMG_1.CR2"
    report = trash_photos([shot(source)], trash.move_in, TransferProgress())
    assert report.failed[0].reason == "The trash is unavailable."
    assert contents(source) == before
    assert names(trash.info) == []


def test_a_photo_comes_back_beside_what_has_taken_its_name(source: Path, trash: Trash) -> None:
    photo = source / "IMG_10.jpg"
    mine = photo.read_bytes()
    report = trash_photos([photo_files(photo)], trash.move_in, TransferProgress())
    photo.write_bytes(b"another")
    back = restore(report.done, TransferProgress())
    assert photo.read_bytes() == b"another"
    assert Path(back.moved_files[0].entry.path).name == "IMG_10 (2).jpg"
    assert (source / "IMG_10 (2).jpg").read_bytes() == mine


def test_an_emptied_trash_and_a_trash_that_tells_nothing_are_said_to_be_so(
    source: Path, trash: Trash
) -> None:
    report = trash_photos([shot(source)], trash.move_in, TransferProgress())
    for file in trash.files.iterdir():
        file.unlink()
    assert restore(report.done, TransferProgress()).failed[0].reason == "The file is unavailable."
    silent = trash_photos(
        [photo_files(source / "IMG_10.jpg")], lambda path: trash.move_in(path) and "", TransferProgress()
    )
    assert "system's trash" in restore(silent.done, TransferProgress()).failed[0].reason


def test_a_photo_whose_folder_has_gone_gets_it_again(source: Path, trash: Trash, tmp_path: Path) -> None:
    report = trash_photos([shot(source)], trash.move_in, TransferProgress())
    shutil.rmtree(source)
    assert not restore(report.done, TransferProgress()).failed
    assert names(source) == ALL


def test_before_an_original_goes_its_copy_and_its_name_are_on_the_disk(
    source: Path, target: Path, two_drives: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def record(name: str, describe: Callable[[Any], str]) -> None:
        real = getattr(os, name)

        def recording(argument: Any, *rest: Any, **more: Any) -> Any:
            steps.append(f"{name} {describe(argument)}")
            return real(argument, *rest, **more)

        monkeypatch.setattr(os, name, recording)

    record("fsync", lambda descriptor: "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
    record("remove", lambda path: Path(path).name)
    assert transfer([photo_files(source / "IMG_10.jpg")], target, TransferProgress(), move=True).done
    assert steps[:3] == ["fsync file", "fsync folder", "remove IMG_10.jpg"]


def test_a_file_that_appears_while_another_is_copied_is_not_replaced(
    source: Path, target: Path, two_drives: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def appear(_source: str, _part: str) -> None:
        if not (target / "IMG_10.jpg").exists():
            (target / "IMG_10.jpg").write_bytes(b"another program's")

    monkeypatch.setattr(shutil, "copystat", appear)
    for move in (False, True):
        transfer([photo_files(source / "IMG_10.jpg")], target, TransferProgress(), move=move)
    assert names(target) == ["IMG_10 (2).jpg", "IMG_10 (3).jpg", "IMG_10.jpg"]
    assert (target / "IMG_10.jpg").read_bytes() == b"another program's"


def test_names_of_the_greatest_length_are_moved_and_numbered(tmp_path: Path, target: Path) -> None:
    name = "é" * 125 + "x.jpg"
    assert len(os.fsencode(name)) == 255
    (tmp_path / name).write_bytes(b"mine")
    (target / name).write_bytes(b"another")
    report = transfer([photo_files(tmp_path / name)], target, TransferProgress(), move=True)
    moved = Path(report.moved_files[0].entry.path)
    assert moved.read_bytes() == b"mine"
    assert moved.name.endswith(" (2).jpg")
    assert (target / name).read_bytes() == b"another"
    restore(report.done, TransferProgress())
    assert (tmp_path / name).read_bytes() == b"mine"


def test_names_that_differ_in_case_only_find_room_on_a_drive_that_ignores_case(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / name for name in ("a.jpg", "a.xmp", "a.XMP")]
    for file in files:
        file.write_bytes(file.name.encode())
    if len({file.read_bytes() for file in files}) < len(files):
        pytest.skip("this drive ignores case itself")
    rename = renaming.rename_new

    def rename_ignoring_case(source: str, new: str) -> None:
        if Path(new).parent == target and fold_name(Path(new).name) in map(fold_name, names(target)):
            raise FileExistsError(errno.EEXIST, "File exists")
        rename(source, new)

    monkeypatch.setattr(renaming, "rename_new", rename_ignoring_case)
    shot = PhotoFiles(tuple(map(str, files)))
    assert transfer([shot], target, TransferProgress(), move=True).done
    assert sorted(contents(target).values()) == [b"a.XMP", b"a.jpg", b"a.xmp"]
    assert len({fold_name(name) for name in names(target)}) == 3
