"""The files of models: the right ones, missing ones, damaged ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photosim.errors import ModelError
from photosim.ml.catalog import DEFAULT, ModelSpec, find, user_model, weights_path
from photosim.ml.weights import sha256_of, verify
from photosim.paths import resource_path

OWN = user_model("0123456789abcdef" * 4, 1000, title="best", task="detect", scale="n")


def test_the_weights_in_the_box_are_those_of_the_catalogue() -> None:
    verify(weights_path(DEFAULT, resource_path("models")), DEFAULT)


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.pt is missing"):
        verify(tmp_path / "absent.pt", DEFAULT)


def test_a_shortened_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(b"123")
    with pytest.raises(ModelError, match="3 bytes instead of 5664339"):
        verify(path, DEFAULT)


def test_a_file_of_the_right_size_with_other_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(b"123")
    with pytest.raises(ModelError, match="checksum"):
        verify(path, replace(DEFAULT, bytes=3))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        verify(tmp_path, replace(DEFAULT, bytes=tmp_path.stat().st_size))


def test_a_file_whose_checksum_is_not_known_is_taken_whatever_its_size(tmp_path: Path) -> None:
    path = tmp_path / "yolo11s-cls.pt"
    path.write_bytes(b"123")
    verify(path, find("yolo11s-cls"))
    path.unlink()
    with pytest.raises(ModelError, match="missing"):
        verify(path, find("yolo11s-cls"))


@pytest.mark.parametrize(
    ("entry", "remedy"),
    [
        (DEFAULT, "Install PhotoSim again"),
        (find("yolo11n-cls"), "photosim models get yolo11n-cls"),
        (OWN, "photosim models add FILE"),
    ],
)
def test_each_missing_file_comes_with_what_to_do(tmp_path: Path, entry: ModelSpec, remedy: str) -> None:
    with pytest.raises(ModelError, match=remedy):
        verify(tmp_path / entry.file, entry)


def test_the_checksum_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path / "abc") == expected
