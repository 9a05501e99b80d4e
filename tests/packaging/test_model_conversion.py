from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from photosim.ml.models.catalog import DEFAULT, weights_path
from photosim.ml.models.checkpoint import configure_ultralytics, load_model
from photosim.paths import resource_path

ROOT = Path(__file__).resolve().parents[2]
FACTS = {
    "author": "Ultralytics",
    "date": "2026-01-10T01:53:40",
    "description": "Ultralytics YOLO11n",
    "docs": "https://docs.ultralytics.com",
    "license": "AGPL-3.0 License (https://ultralytics.com/license)",
    "names": "{0: 'cat', 1: 'dog'}",
    "version": "8.3.250",
}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("config")
    configure_ultralytics(folder)
    torch.set_num_threads(1)
    return folder


@pytest.fixture(scope="module")
def convert() -> ModuleType:
    spec = importlib.util.spec_from_file_location("convert", ROOT / "packaging" / "model" / "convert.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fused(config: Path) -> Any:
    """A fused YOLO11n with random weights and biases: what an ONNX file holds."""
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    model = DetectionModel("yolo11n.yaml", nc=2, verbose=False).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.bias, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    return model.fuse(verbose=False)


@pytest.fixture
def weights(fused: Any) -> dict[str, npt.NDArray[np.float32]]:
    return {name: tensor.numpy().copy() for name, tensor in fused.state_dict().items()}


def test_fusing_gives_back_the_very_weights(convert: ModuleType, fused: Any, weights: Any) -> None:
    model = convert.build_model(weights, FACTS)
    picture = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    refused = model.fuse(verbose=False)
    with torch.inference_mode():
        assert torch.equal(refused(picture)[0], fused(picture)[0])
    assert model.names == {0: "cat", 1: "dog"}


def test_weights_that_are_missing_are_named(convert: ModuleType, weights: Any) -> None:
    del weights["model.9.cv1.conv.bias"]
    with pytest.raises(ValueError, match=r"lacks model\.9\.cv1\.bn\.bias"):
        convert.build_model(weights, FACTS)


@pytest.mark.parametrize("name", ["model.99.conv.weight", "model.0.conv.weight"])
def test_weights_that_have_no_place_are_named(convert: ModuleType, weights: Any, name: str) -> None:
    weights[name] = np.zeros((5, 5), np.float32)
    with pytest.raises(ValueError, match=f"{name} .* does not fit"):
        convert.build_model(weights, FACTS)


def test_the_checkpoint_is_small_the_same_every_time_and_loads(
    convert: ModuleType, weights: Any, fused: Any, tmp_path: Path, config: Path
) -> None:
    data = convert.checkpoint_bytes(convert.build_model(weights, FACTS), FACTS)
    assert data == convert.checkpoint_bytes(convert.build_model(weights, FACTS), FACTS)
    assert len(data) <= convert.MAX_BYTES
    path = tmp_path / "own.pt"
    path.write_bytes(data)
    model: Any = load_model(path, config)
    assert model.names == {0: "cat", 1: "dog"}
    loaded = model.fuse(verbose=False).state_dict()
    for name, expected in fused.state_dict().items():
        assert torch.allclose(loaded[name], expected, rtol=1e-3, atol=1e-6), name  # half precision


def test_another_onnx_file_is_refused(
    convert: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "yolo11n.onnx", tmp_path / "out.pt"
    source.write_bytes(b"onnx")
    monkeypatch.setattr(sys, "argv", ["convert.py", "--onnx", str(source), "--out", str(out)])
    assert convert.main() == 1
    assert "is not the yolo11n.onnx" in capsys.readouterr().err
    assert not out.exists()


def test_the_provenance_beside_the_weights_is_that_of_the_weights() -> None:
    told = json.loads(weights_path(DEFAULT, resource_path("models")).with_suffix(".json").read_text("utf-8"))
    assert (told["sha256"], told["bytes"]) == (DEFAULT.sha256, DEFAULT.bytes)
    assert "AGPL-3.0" in told["license"]
