from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photosim.errors import ModelError
from photosim.ml import catalog, weights
from photosim.ml.embedder import Embedder
from photosim.ml.own_model import describe
from photosim.paths import resource_path
from tests.support.checkpoints import TASKS, Calls, own_model, save, save_as_official


@pytest.mark.parametrize(
    ("kind", "file", "task"),
    TASKS,
)
def test_a_file_of_every_task_gives_the_embedding_that_its_entry_promises(
    tmp_path: Path, config: Path, kind: str, file: str, task: str
) -> None:
    path = save(tmp_path / "My best.pt", own_model(config, kind, file))
    entry = describe(path, config)
    assert (entry.task, entry.scale, entry.origin) == (task, "n", catalog.Origin.USER)
    assert (entry.title, entry.sha256) == ("My best (YOLO11n)", weights.sha256_of(path))
    assert entry.name in entry.id
    assert Embedder(entry, path, config).entry.dimensions == entry.dimensions


def test_another_size_is_found_too(tmp_path: Path, config: Path) -> None:
    path = save(tmp_path / "small.pt", own_model(config, scale="s"))
    assert describe(path, config).title == "small (YOLO11s)"


def test_the_same_content_is_the_same_model_whatever_the_file_is_called(tmp_path: Path, config: Path) -> None:
    path = save(tmp_path / "one.pt", own_model(config))
    entry = describe(path, config)
    renamed = describe(path.rename(tmp_path / "two.pt"), config)
    assert renamed == replace(entry, title="two (YOLO11n)")


@pytest.mark.parametrize(
    ("said", "side"),
    [(96, 96), (640, 640), (None, 224), ("96", 224), ([96, 96], 224), (10**9, 224), (0, 224)],
)
def test_the_size_of_the_training_is_believed_within_reason(
    tmp_path: Path, config: Path, said: Any, side: int
) -> None:
    path = save(tmp_path / "best.pt", own_model(config), train_args={"imgsz": said})
    assert describe(path, config).preprocessing.size == side


def test_a_file_of_the_catalogue_is_recognised(config: Path) -> None:
    path = catalog.weights_path(catalog.DEFAULT, resource_path("models"))
    assert describe(path, config) is catalog.DEFAULT


def test_a_file_of_the_official_layout_needs_no_torchvision(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = own_model(config)
    path = save_as_official(tmp_path / "official.pt", model, monkeypatch)
    assert describe(path, config).task == "classify"


def test_a_hostile_file_is_refused_and_not_run(tmp_path: Path, config: Path) -> None:
    marker = tmp_path / "it-ran"
    path = save(tmp_path / "hostile.pt", Calls(os.system, f"echo x > '{marker}'"))
    with pytest.raises(ModelError, match="system"):
        describe(path, config)
    assert not marker.exists()


def test_a_missing_file_is_told(tmp_path: Path, config: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.pt is missing"):
        describe(tmp_path / "absent.pt", config)
