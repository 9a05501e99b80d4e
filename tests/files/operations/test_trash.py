"""The trash of Linux desktops: names of any bytes, each file under its own, and nothing in the trash replaced."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.errors import NoTrashError, PhotoSimError
from photosim.files.bundles import PhotoFiles
from photosim.files.operations import trash
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.renaming import rename_new
from photosim.files.operations.transfer import restore
from photosim.files.operations.trash import find_trashed, move_to_trash
from photosim.files.operations.trashing import trash as trash_photos

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system makes the trash")

NAMES = st.binary(min_size=1, max_size=255).filter(
    lambda name: not set(name) & {0, 47} and name not in (b".", b"..")
)


def write(folder: Path, name: bytes, content: bytes = b"a photo") -> str:
    """Write a file whose name is any bytes; returns its path."""
    path = folder / os.fsdecode(name)
    path.write_bytes(content)
    return str(path)


def noted_path(trashed: str) -> bytes:
    """Return the path that the trash notes for a file in it."""
    file = Path(trashed)
    head, path, date = (file.parents[1] / "info" / f"{file.name}.trashinfo").read_bytes().splitlines()
    assert head == b"[Trash Info]"
    assert date.startswith(b"DeletionDate=20")
    return unquote_to_bytes(path.removeprefix(b"Path="))


@pytest.fixture
def other_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that seems to be another drive than that of the home folder."""
    drive = tmp_path / "drive"
    (drive / "photos").mkdir(parents=True)
    is_mount = os.path.ismount
    monkeypatch.setattr(os.path, "ismount", lambda path: path == str(drive) or is_mount(path))
    monkeypatch.setattr(trash, "_device", lambda folder: folder.startswith(str(drive)))
    return drive


def test_a_name_that_is_no_unicode_never_costs_another_file(tmp_path: Path, isolated_home: Path) -> None:
    wanted, other = (
        write(tmp_path, b"caf\xe9.jpg", b"wanted"),
        write(tmp_path, b"caf\xef\xbf\xbd.jpg", b"other"),
    )
    trashed = move_to_trash(wanted)
    assert Path(other).read_bytes() == b"other"
    assert not os.path.lexists(wanted)
    assert os.fsencode(trashed) == os.fsencode(isolated_home / "Trash" / "files") + b"/caf\xe9.jpg"
    assert Path(trashed).read_bytes() == b"wanted"
    assert noted_path(trashed) == os.fsencode(wanted)


@given(name=NAMES)
def test_any_name_goes_to_the_trash_and_comes_back(
    name: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("photos")
    path = write(folder, name, name)
    report = trash_photos([PhotoFiles((path,))], move_to_trash, TransferProgress())
    assert report.failed == ()
    assert list(folder.iterdir()) == []
    trashed = report.done[0][0].entry.path
    assert Path(trashed).read_bytes() == name
    assert noted_path(trashed) == os.fsencode(path)
    report = restore(report.done, TransferProgress())
    assert [os.fsencode(path.name) for path in folder.iterdir()] == [name]
    assert Path(path).read_bytes() == name
    trash_folder = Path(trashed).parents[1]
    assert list((trash_folder / "info").iterdir()) == list((trash_folder / "files").iterdir()) == []


def test_files_of_one_name_do_not_replace_each_other(tmp_path: Path, isolated_home: Path) -> None:
    long = b"a" * 251 + b".jpg"
    trashed = []
    for name in (b"a.jpg", long):
        for content in (b"1", b"2", b"3"):
            trashed.append(move_to_trash(write(tmp_path, name, content)))
    assert len(set(trashed)) == 6
    assert [Path(path).read_bytes() for path in trashed] == [b"1", b"2", b"3"] * 2
    assert {noted_path(path) for path in trashed[3:]} == {os.fsencode(tmp_path) + b"/" + long}
    assert all(path.endswith(".jpg") for path in trashed)


def test_what_another_program_left_in_the_trash_stays(tmp_path: Path, isolated_home: Path) -> None:
    files, info = isolated_home / "Trash" / "files", isolated_home / "Trash" / "info"
    files.mkdir(parents=True)
    info.mkdir()
    (files / "a.jpg").write_bytes(b"without a note")
    (info / "a (2).jpg.trashinfo").write_bytes(b"without a file")
    assert move_to_trash(write(tmp_path, b"a.jpg")) == str(files / "a (3).jpg")
    assert (files / "a.jpg").read_bytes() == b"without a note"
    assert (info / "a (2).jpg.trashinfo").read_bytes() == b"without a file"


def test_a_link_goes_and_its_target_stays(tmp_path: Path) -> None:
    target = write(tmp_path, b"target.jpg")
    (tmp_path / "link.jpg").symlink_to(target)
    trashed = move_to_trash(str(tmp_path / "link.jpg"))
    assert Path(trashed).is_symlink()
    assert Path(target).exists()


def test_a_file_that_does_not_exist_raises_an_error_and_leaves_nothing(
    tmp_path: Path, isolated_home: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        move_to_trash(str(tmp_path / "nothing.jpg"))
    assert list(isolated_home.rglob("*.trashinfo")) == []


def test_a_file_that_cannot_be_moved_leaves_no_note(
    tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    path = write(tmp_path, b"a.jpg")
    monkeypatch.setattr(trash, "rename_new", refuse)
    with pytest.raises(PermissionError):
        move_to_trash(path)
    assert Path(path).exists()
    assert list(isolated_home.rglob("*.trashinfo")) == []


def test_a_new_account_gets_a_trash_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path / "new"))
    trashed = move_to_trash(write(tmp_path, b"a.jpg"))
    folder = tmp_path / "new" / ".local" / "share" / "Trash"
    assert trashed == str(folder / "files" / "a.jpg")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_another_drive_has_a_trash_of_its_own(other_drive: Path, isolated_home: Path) -> None:
    trashed = move_to_trash(write(other_drive / "photos", b"caf\xe9.jpg"))
    assert (
        os.fsencode(trashed) == os.fsencode(other_drive / f".Trash-{os.getuid()}" / "files") + b"/caf\xe9.jpg"
    )
    assert noted_path(trashed) == b"photos/caf\xe9.jpg"


def _sticky(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o1777)


def _not_sticky(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def _link(folder: Path) -> None:
    _sticky(folder.with_name("elsewhere"))
    folder.symlink_to(folder.with_name("elsewhere"))


@pytest.mark.parametrize(("create", "is_used"), [(_sticky, True), (_not_sticky, False), (_link, False)])
def test_a_trash_for_all_users_is_used_only_if_nobody_else_can_empty_it(
    other_drive: Path, create: Callable[[Path], None], is_used: bool
) -> None:
    create(other_drive / ".Trash")
    trashed = Path(move_to_trash(write(other_drive / "photos", b"a.jpg")))
    assert trashed.is_relative_to(other_drive / ".Trash" / str(os.getuid())) == is_used
    assert trashed.is_relative_to(other_drive / f".Trash-{os.getuid()}") != is_used


def test_a_drive_without_a_trash_keeps_the_file(other_drive: Path) -> None:
    (other_drive / f".Trash-{os.getuid()}").symlink_to(other_drive)
    path = write(other_drive / "photos", b"a.jpg")
    with pytest.raises(PhotoSimError, match="its drive has no trash"):
        move_to_trash(path)
    assert Path(path).exists()


@pytest.mark.parametrize(
    ("code", "expected"), [(errno.EACCES, NoTrashError), (errno.ENOSPC, OSError), (errno.EIO, OSError)]
)
def test_only_where_no_trash_may_be_made_there_is_none(
    other_drive: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: type[Exception]
) -> None:
    """A photo is offered to be deleted for good where there is no trash, not where the disk is full."""
    path = write(other_drive / "photos", b"a.jpg")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(expected):
        move_to_trash(path)
    assert Path(path).exists()


@pytest.mark.parametrize("folder", ["", "files", "info"])
def test_a_trash_that_is_a_link_is_passed_over(other_drive: Path, folder: str) -> None:
    _sticky(other_drive / ".Trash")
    linked = other_drive / ".Trash" / str(os.getuid()) / folder
    linked.parent.mkdir(exist_ok=True)
    (other_drive / "elsewhere").mkdir()
    linked.symlink_to(other_drive / "elsewhere")
    trashed = Path(move_to_trash(write(other_drive / "photos", b"a.jpg")))
    assert trashed == other_drive / f".Trash-{os.getuid()}" / "files" / "a.jpg"
    assert list((other_drive / "elsewhere").iterdir()) == []


def test_a_trash_of_another_user_is_none(other_drive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    another = os.getuid() + 1  # from now on, all that exists belongs to somebody else
    monkeypatch.setattr(os, "getuid", lambda: another)
    _sticky(other_drive / ".Trash")
    for theirs in (other_drive / ".Trash" / str(another), other_drive / f".Trash-{another}"):
        theirs.mkdir()
    path = write(other_drive / "photos", b"a.jpg")
    with pytest.raises(PhotoSimError, match="its drive has no trash"):
        move_to_trash(path)
    assert Path(path).exists()
    assert find_trashed(path, 0) == []


def test_a_trash_of_the_home_folder_may_be_a_link(tmp_path: Path, isolated_home: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (isolated_home / "Trash").symlink_to(tmp_path / "elsewhere")
    path = move_to_trash(write(tmp_path, b"a.jpg"))
    assert Path(path) == isolated_home / "Trash" / "files" / "a.jpg"


def test_a_drive_within_the_home_folder_is_noticed_when_the_file_is_moved(
    other_drive: Path, monkeypatch: pytest.MonkeyPatch, isolated_home: Path
) -> None:
    def refuse_home(old: str, new: str) -> None:
        if new.startswith(str(isolated_home)):
            raise OSError(errno.EXDEV, "another drive")
        rename_new(old, new)

    monkeypatch.setattr(trash, "_device", lambda _: 1)
    monkeypatch.setattr(trash, "rename_new", refuse_home)
    trashed = move_to_trash(write(other_drive / "photos", b"a.jpg"))
    assert trashed.startswith(str(other_drive))
    assert list(isolated_home.rglob("*.trashinfo")) == []


def test_a_folder_behind_a_link_belongs_to_the_drive_it_is_on(other_drive: Path, tmp_path: Path) -> None:
    path = write(other_drive / "photos", b"a.jpg")
    (tmp_path / "link").symlink_to(other_drive / "photos")
    trashed = move_to_trash(str(tmp_path / "link" / "a.jpg"))
    assert trashed == str(other_drive / f".Trash-{os.getuid()}" / "files" / "a.jpg")
    assert noted_path(trashed) == b"photos/a.jpg"
    assert trash.find_trashed(str(tmp_path / "link" / "a.jpg"), since=0) == [trashed]
    assert trash.find_trashed(path, since=0) == [trashed]
