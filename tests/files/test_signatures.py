"""The bytes decide what a file is, whatever its name."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from photosim.files import signatures
from photosim.files.scan import folder_to_rescan, scan
from photosim.files.signatures import is_photo_file
from photosim.files.state import is_online_only
from tests.support.file_kinds import KINDS, encode_kind
from tests.support.images import make_photo

ODD_NAMES = (
    "no_suffix",
    "IMG_20200101_120000_00_001.insp",
    "GOPR0001.gpr",
    "photo.jpg ",
    "photo.pjpeg",
    "EbXyz.jpg_large",
    "a.jpg_original",
    "notes.txt",
    "photo.jpg.bak",
    "photo.jpg~1",
)


def found(folder: Path) -> list[str]:
    return sorted(Path(path).name for batch in scan(folder) for path, *_ in batch)


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_of_every_format_is_found_without_its_suffix(tmp_path: Path, kind: str) -> None:
    (tmp_path / "photo").write_bytes(encode_kind(kind, (64, 48)))
    (tmp_path / "photo.dat").write_bytes(encode_kind(kind, (64, 48)))
    assert found(tmp_path) == ["photo", "photo.dat"]


def test_photos_are_found_by_any_name_and_other_files_are_not(tmp_path: Path) -> None:
    data = make_photo(tmp_path / "plain.jpg").read_bytes()
    names = [name for name in ODD_NAMES if os.name != "nt" or not name.endswith(" ")]
    for name in names:
        (tmp_path / name).write_bytes(data)
    for name in ("a.mov", "a.xmp", "a.thm", "a.jpg.part", ".hidden"):
        (tmp_path / name).write_bytes(data)
    for name, content in (
        ("b.txt", b"text"),
        ("c.pdf", b"%PDF-1.7"),
        ("d", b""),
        ("e.zip", b"PK\3\4"),
        ("f", b"B"),
    ):
        (tmp_path / name).write_bytes(content)
    assert found(tmp_path) == sorted([*names, "plain.jpg"])


def test_files_with_a_known_suffix_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.jpg", "b.MOV", "c.xmp", "d.CR2", "e.heic"):
        (tmp_path / name).write_bytes(b"x")

    def open_(*_: object, **__: object) -> int:
        raise AssertionError("opened")

    monkeypatch.setattr("photosim.files.suffixes.is_photo_file", open_)
    monkeypatch.setattr("photosim.files.scan.is_photo_file", open_)
    assert found(tmp_path) == ["a.jpg", "d.CR2", "e.heic"]


def test_a_link_to_a_photo_without_a_suffix_is_followed(tmp_path: Path) -> None:
    outside = make_photo(tmp_path / "outside.jpg").rename(tmp_path / "outside")
    folder = tmp_path / "photos"
    folder.mkdir()
    try:
        (folder / "link").symlink_to(outside)
    except OSError:
        pytest.skip("this user may not make symbolic links")
    assert found(folder) == ["link"]


def test_a_new_photo_without_a_suffix_is_noticed(tmp_path: Path) -> None:
    make_photo(tmp_path / "a.jpg").rename(tmp_path / "photo")
    (tmp_path / "log").write_bytes(b"text")
    assert folder_to_rescan(str(tmp_path), str(tmp_path / "photo"), is_folder=False) == str(tmp_path)
    assert folder_to_rescan(str(tmp_path), str(tmp_path / "log"), is_folder=False) is None


def test_a_file_that_would_have_to_be_downloaded_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_photo(tmp_path / "a.jpg")
    assert is_photo_file(str(path))
    for attributes in (
        {"st_file_attributes": 0x400000},
        {"st_file_attributes": 0x1000},
        {"st_flags": 0x40000000},
    ):
        assert is_online_only(SimpleNamespace(**attributes))  # type: ignore[arg-type]
    monkeypatch.setattr(signatures, "is_online_only", lambda _: True)
    assert not is_photo_file(str(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_pipes_folders_and_missing_files_are_no_photos(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "missing", "."):
        assert not is_photo_file(str(tmp_path / name))
    assert not is_photo_file("a\0b")
