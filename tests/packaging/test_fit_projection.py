from __future__ import annotations

import importlib.util
import json
import tarfile
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from photosim.ml.heads import read_projections
from photosim.ml.models.catalog import REGION_POOLED
from photosim.paths import resource_path
from tests.support.images import make_scene

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "packaging" / "model" / "fit_projection.py"
    spec = importlib.util.spec_from_file_location("fit_projection", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    torch.set_num_threads(1)
    return module


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(24):
        path = folder / "ab"[number % 2] / f"{number:02d}.jpg"
        path.parent.mkdir(exist_ok=True)
        make_scene(number).save(path)
    return folder


@pytest.fixture
def few_directions(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "DIRECTIONS", {6: 3, 8: 4, 9: 4, 13: 3})


@pytest.mark.usefixtures("few_directions")
def test_a_folder_and_a_tar_of_the_same_photos_give_the_same_bytes(
    script: ModuleType, photos: Path, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "photos.tar", "w") as archive:
        archive.add(photos, arcname=".", filter=lambda member: member)
    script.write_projections(photos, 8, 0, tmp_path / "one.npz")
    script.write_projections(tmp_path / "photos.tar", 8, 0, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    shapes = {
        layer: tuple(map_.shape) for layer, map_ in read_projections(tmp_path / "one.npz", (6, 8)).items()
    }
    assert shapes == {6: (640, 3), 8: (1280, 4)}
    told = json.loads((tmp_path / "one.json").read_text("utf-8"))
    assert told["source"]["by_folder"] == {"a": 4, "b": 4}


@pytest.mark.usefixtures("few_directions")
def test_photos_are_drawn_evenly_from_every_second_of_each_folder(script: ModuleType) -> None:
    names = [
        f"{folder}/{number}.jpg" for folder, size in (("few", 6), ("many", 40)) for number in range(size)
    ]
    found = script.draw_names([*names, "few/notes.txt"], 12, seed=1)
    assert sum(name.startswith("few/") for name in found) == 3
    assert len(found) == 12
    assert not set(found) & set(sorted(names[:6])[1::2] + sorted(names[6:])[1::2])
    assert script.draw_names(names[::-1], 12, seed=1) == found != script.draw_names(names, 12, seed=2)


def test_too_few_photos_are_an_error(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="too few"):
        script.draw_names(["a/1.jpg"], 100, 0)


def test_the_directions_are_those_that_hold_most_scaled_by_what_they_hold(script: ModuleType) -> None:
    random = np.random.default_rng(0)
    scales = np.array([4, 0.1, 2, 1], np.float32)
    rows = (random.normal(size=(4000, 4)) * scales).astype(np.float32)
    found = script.fit(rows, 2).astype(np.float64)
    expected = np.zeros((4, 2))
    expected[0, 0], expected[2, 1] = 16**-0.2, 4**-0.2
    assert np.allclose(found, expected, atol=0.03)


def test_the_provenance_is_that_of_the_file_in_the_box() -> None:
    assert REGION_POOLED.projection is not None
    told = json.loads(
        resource_path("models", REGION_POOLED.projection.file).with_suffix(".json").read_text("utf-8")
    )
    assert (told["sha256"], told["bytes"]) == (
        REGION_POOLED.projection.sha256,
        REGION_POOLED.projection.bytes,
    )
    assert told["weights_sha256"] == REGION_POOLED.sha256
