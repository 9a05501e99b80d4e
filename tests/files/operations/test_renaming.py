"""Renaming never replaces a file, by whichever of the system's means it is done."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from photosim.files.operations import renaming

MEANS = ("exclusive", "link", "placeholder")


@pytest.fixture(params=MEANS)
def means(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Rename by the system's call, by links, or over an empty file."""
    if request.param != "exclusive":
        monkeypatch.setattr(renaming, "_exclusive_rename", lambda: None)
    if request.param == "placeholder":
        monkeypatch.setattr(renaming, "_rename_by_link", lambda *_: False)
    return str(request.param)


@pytest.mark.usefixtures("means")
def test_a_file_gets_its_new_name_with_all_its_bytes(tmp_path: Path) -> None:
    name = "é" * 125 + ".jpg"  # 254 bytes
    (tmp_path / "old").write_bytes(b"mine")
    renaming.rename_new(str(tmp_path / "old"), str(tmp_path / name))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: b"mine"}


@pytest.mark.usefixtures("means")
@pytest.mark.parametrize("kind", ["file", "empty file", "link to nowhere", "folder"])
def test_what_has_the_name_is_never_replaced(tmp_path: Path, kind: str) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"mine")
    if kind == "folder":
        new.mkdir()
    elif kind.startswith("link"):
        new.symlink_to("nowhere")
    else:
        new.write_bytes(b"" if kind.startswith("empty") else b"another")
    with pytest.raises(FileExistsError):
        renaming.rename_new(str(old), str(new))
    assert old.read_bytes() == b"mine"
    assert os.path.lexists(new)
    assert kind != "file" or new.read_bytes() == b"another"


@pytest.mark.usefixtures("means")
def test_a_file_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        renaming.rename_new(str(tmp_path / "old"), str(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second drive")  # noqa: S108
def test_another_drive_is_told_by_its_error(tmp_path: Path, means: str) -> None:
    target = Path("/dev/shm", f"photosim-{os.getpid()}-{means}")  # noqa: S108
    if target.parent.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second drive")
    (tmp_path / "old").write_bytes(b"mine")
    with pytest.raises(OSError, match=r".*") as caught:
        renaming.rename_new(str(tmp_path / "old"), str(target))
    assert caught.value.errno == errno.EXDEV
    assert not target.exists()
