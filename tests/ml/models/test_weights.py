"""Valid, missing and damaged model files, and the specs of users' files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photosim.errors import ModelError
from photosim.ml.embedder import Embedder
from photosim.ml.model_spec import ModelSpec, Origin
from photosim.ml.models.catalog import DEFAULT, find_model, user_model, weights_path
from photosim.ml.models.weights import identify_checkpoint, sha256_of, verify
from photosim.paths import resource_path
from tests.support.checkpoints import (
    TASKS,
    PickledCall,
    make_model,
    save_checkpoint,
    save_official_checkpoint,
)

OWN = user_model("0123456789abcdef" * 4, 1000, title="best", task="detect", scale="n")


def test_the_bundled_weights_match_the_catalog() -> None:
    verify(weights_path(DEFAULT, resource_path("models")), DEFAULT)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
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


def test_a_file_without_a_known_checksum_is_accepted_at_any_size(tmp_path: Path) -> None:
    path = tmp_path / "yolo11s-cls.pt"
    path.write_bytes(b"123")
    verify(path, find_model("yolo11s-cls"))
    path.unlink()
    with pytest.raises(ModelError, match="missing"):
        verify(path, find_model("yolo11s-cls"))


@pytest.mark.parametrize(
    ("spec", "remedy"),
    [
        (DEFAULT, "Reinstall PhotoSim"),
        (find_model("yolo11n-cls"), "photosim models get yolo11n-cls"),
        (OWN, "photosim models add FILE"),
    ],
)
def test_each_missing_file_comes_with_what_to_do(tmp_path: Path, spec: ModelSpec, remedy: str) -> None:
    with pytest.raises(ModelError, match=remedy):
        verify(tmp_path / spec.file, spec)


def test_the_checksum_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path / "abc") == expected


@pytest.mark.parametrize(
    ("kind", "file", "task"),
    TASKS,
)
def test_a_file_of_every_task_gives_the_embedding_of_its_spec(
    tmp_path: Path, config: Path, kind: str, file: str, task: str
) -> None:
    path = save_checkpoint(tmp_path / "My best.pt", make_model(config, kind, file))
    spec = identify_checkpoint(path, config)
    assert (spec.task, spec.scale, spec.origin) == (task, "n", Origin.USER)
    assert (spec.title, spec.sha256) == ("My best (YOLO11n)", sha256_of(path))
    assert spec.name in spec.id
    assert Embedder(spec, path, config).spec.dimensions == spec.dimensions


def test_another_size_is_found_too(tmp_path: Path, config: Path) -> None:
    path = save_checkpoint(tmp_path / "small.pt", make_model(config, scale="s"))
    assert identify_checkpoint(path, config).title == "small (YOLO11s)"


def test_the_same_content_is_the_same_model_whatever_the_file_is_called(tmp_path: Path, config: Path) -> None:
    path = save_checkpoint(tmp_path / "one.pt", make_model(config))
    spec = identify_checkpoint(path, config)
    renamed = identify_checkpoint(path.rename(tmp_path / "two.pt"), config)
    assert renamed == replace(spec, title="two (YOLO11n)")


@pytest.mark.parametrize(
    ("said", "side"),
    [(96, 96), (640, 640), (None, 224), ("96", 224), ([96, 96], 224), (10**9, 224), (0, 224)],
)
def test_a_plausible_training_size_is_used(tmp_path: Path, config: Path, said: Any, side: int) -> None:
    path = save_checkpoint(tmp_path / "best.pt", make_model(config), train_args={"imgsz": said})
    assert identify_checkpoint(path, config).preprocessing.size == side


def test_a_file_of_the_catalog_is_recognised(config: Path) -> None:
    path = weights_path(DEFAULT, resource_path("models"))
    assert identify_checkpoint(path, config) is DEFAULT


def test_a_file_of_the_official_layout_needs_no_torchvision(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(config)
    path = save_official_checkpoint(tmp_path / "official.pt", model, monkeypatch)
    assert identify_checkpoint(path, config).task == "classify"


def test_a_hostile_file_is_refused_and_not_run(tmp_path: Path, config: Path) -> None:
    marker = tmp_path / "it-ran"
    path = save_checkpoint(tmp_path / "hostile.pt", PickledCall(os.system, f"echo x > '{marker}'"))
    with pytest.raises(ModelError, match="system"):
        identify_checkpoint(path, config)
    assert not marker.exists()


def test_a_missing_checkpoint_is_reported(tmp_path: Path, config: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.pt is missing"):
        identify_checkpoint(tmp_path / "absent.pt", config)
