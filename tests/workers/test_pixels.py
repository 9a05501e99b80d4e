"""Files of pixels: what is read is what was written, and nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from photosim.workers import pixels
from photosim.workers.pixels import PixelFolder


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (5, 1030), (8, 4)])
def test_pixels_survive_a_round_trip_and_their_file_does_not(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    picture = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    target = PixelFolder(tmp_path).new_file()
    pixels.write_pixels(target, picture)
    stride = pixels.stride(width)
    assert stride % 4 == 0
    buffer = bytearray(stride * height)
    assert pixels.read_pixels(target, memoryview(buffer))
    rows = np.frombuffer(buffer, np.uint8).reshape(height, stride)[:, : 3 * width]
    np.testing.assert_array_equal(rows.reshape(picture.shape), picture)
    assert not target.exists()


@pytest.mark.parametrize("length", [0, 11, 13])
def test_a_file_of_another_length_is_refused_and_removed(tmp_path: Path, length: int) -> None:
    file = tmp_path / "1"
    file.write_bytes(bytes(length))
    assert not pixels.read_pixels(file, memoryview(bytearray(12)))
    assert not file.exists()


def test_no_existing_file_is_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "1"
    file.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        pixels.write_pixels(file, np.zeros((2, 2, 3), np.uint8))
    assert file.read_bytes() == b"mine"


def test_the_folder_is_private_and_removed_with_its_files(tmp_path: Path) -> None:
    folder = PixelFolder(tmp_path)
    if os.name == "posix":
        assert folder.path.stat().st_mode & 0o777 == 0o700
    first, second = folder.new_file(), folder.new_file()
    assert first != second
    first.write_bytes(b"1")
    folder.close()
    assert list(tmp_path.iterdir()) == []
    folder.close()


def test_folders_of_killed_windows_are_removed_and_those_of_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psutil.pid_exists", lambda process: process == 8)
    for name in ("photosim-pixels-7-x", "photosim-pixels-8-x", "photosim-pixels-notes-x", "other-7-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1").write_bytes(b"1")
    own = PixelFolder(tmp_path)
    assert {folder.name for folder in tmp_path.iterdir()} == {
        "photosim-pixels-8-x",
        "photosim-pixels-notes-x",
        "other-7-x",
        own.path.name,
    }


def test_a_worker_whose_window_is_gone_removes_what_was_not_read_and_no_other_folder(tmp_path: Path) -> None:
    folder, other = PixelFolder(tmp_path), tmp_path / "other"
    other.mkdir()
    files = [folder.new_file(), folder.new_file(), other / "1"]
    files[0].write_bytes(b"1")
    pixels.remove_with_folder(files)
    assert list(tmp_path.iterdir()) == [other]
