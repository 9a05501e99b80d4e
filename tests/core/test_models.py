from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photosim.core.models import CATALOGUE, DEFAULT, find, verify, weights_path
from photosim.errors import ModelError
from photosim.paths import resource


def test_the_weights_in_the_box_are_those_of_the_catalogue() -> None:
    verify(weights_path(DEFAULT, resource("models")), DEFAULT)


def test_the_weights_in_the_box_are_small() -> None:
    assert DEFAULT.bytes <= 6_000_000


def test_no_two_models_share_an_id() -> None:
    assert len({entry.id for entry in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_an_id_tells_what_decides_the_vectors(entry) -> None:
    told = entry.id.split("-")
    decides = [*entry.layers, entry.pooling, entry.preprocessing.size]
    assert told[-len(decides) :] == [str(part) for part in decides]


def test_a_model_is_found_by_its_id() -> None:
    assert find(DEFAULT.id) is DEFAULT


def test_an_unknown_id_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=DEFAULT.id):
        find("yolo99")


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
