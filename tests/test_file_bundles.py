"""A photo goes with its RAW files and side files, and with no other photo's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photosim.file_bundles import bundle, bundles


def test_a_shot_goes_with_its_raw_and_side_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("IMG_1.jpg", "IMG_1.CR2", "IMG_1.xmp", "IMG_1.jpg.xmp", "IMG_10.jpg", "IMG_10.txt"):
        (tmp_path / name).write_bytes(b"bytes")
    shot = bundle(str(tmp_path / "IMG_1.jpg"), [str(tmp_path / "IMG_1.CR2")])
    assert sorted(Path(file).name for file in shot.files) == [
        "IMG_1.CR2",
        "IMG_1.jpg",
        "IMG_1.jpg.xmp",
        "IMG_1.xmp",
    ]
    assert shot.photo == str(tmp_path / "IMG_1.jpg")
    assert bundle(str(tmp_path / "IMG_10.jpg")).files == (str(tmp_path / "IMG_10.jpg"),)


def test_many_photos_of_one_folder_cost_one_look_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    for number in range(20):
        (tmp_path / f"{number}.jpg").write_bytes(b"photo")
        (tmp_path / f"{number}.XMP").write_bytes(b"notes")
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda folder: looks.append(folder) or real(folder))
    found = bundles((str(tmp_path / f"{number}.jpg"), ()) for number in range(20))
    assert looks == [str(tmp_path)]
    assert found[7].files == (str(tmp_path / "7.jpg"), str(tmp_path / "7.XMP"))
