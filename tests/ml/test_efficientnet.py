"""The second network, and the embedding that it joins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch.nn import functional

from photosim.errors import ModelError
from photosim.ml.closeness import copy_part
from photosim.ml.devices import ComputeTarget
from photosim.ml.efficientnet import (
    FEATURES,
    PROJECTION,
    Block,
    EfficientNetLite0,
    SecondEmbedding,
    read_second_embedding,
)
from photosim.ml.embedder import Embedder
from photosim.ml.models.catalog import DEFAULT, FINE, weights_path
from photosim.ml.models.weights import verify
from photosim.ml.preprocess import preprocess
from photosim.paths import resource_path
from tests.support.images import make_scene
from tests.support.stop_signs import make_sign

MODELS = resource_path("models")
SHIPPED = weights_path(FINE, MODELS)
assert FINE.second is not None
SECOND = FINE.second

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def embedder(config: Path) -> Embedder:
    return Embedder(FINE, SHIPPED, config)


@pytest.fixture(scope="module")
def pictures() -> Pixels:
    scenes = [make_scene(seed, (300, 200) if seed % 2 else (200, 300)) for seed in range(5)]
    return np.stack([preprocess(scene, FINE.preprocessing) for scene in [*scenes, make_sign(0)]])


@pytest.fixture(scope="module")
def second() -> SecondEmbedding:
    return read_second_embedding(MODELS / SECOND.weights.file)


def test_the_default_embedding_is_the_first_part_and_alone_tells_copies(
    embedder: Embedder, config: Path, pictures: Pixels
) -> None:
    rows = embedder.embed(pictures)
    assert rows.shape == (len(pictures), FINE.dimensions) == (len(pictures), 768)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-6)
    default = Embedder(DEFAULT, SHIPPED, config)
    size = DEFAULT.preprocessing.size
    assert np.allclose(copy_part(rows, FINE), default.embed(pictures[:, :size]), atol=1e-6)
    first, other = np.split(rows, [FINE.copy_dimensions], axis=1)
    assert np.linalg.norm(other, axis=1) / np.linalg.norm(first, axis=1) == pytest.approx(SECOND.weight)


def test_labels_are_those_of_the_default_model(embedder: Embedder, config: Path, pictures: Pixels) -> None:
    labels = embedder.embed_and_label(pictures)[1]
    size = DEFAULT.preprocessing.size
    assert labels == Embedder(DEFAULT, SHIPPED, config).embed_and_label(pictures[:, :size])[1]
    assert any(labels)


def test_a_photo_has_the_same_embedding_alone_and_in_a_batch(embedder: Embedder, pictures: Pixels) -> None:
    together = embedder.embed(pictures)
    alone = np.concatenate([embedder.embed(pictures[row : row + 1]) for row in range(len(pictures))])
    assert np.allclose(together, alone, atol=1e-5)


def test_an_embedding_never_changes_under_the_same_id(embedder: Embedder) -> None:
    """Libraries keep them: a change in the model or in the preprocessing needs a new id."""
    row = embedder.embed(preprocess(make_scene(1, (300, 200)), FINE.preprocessing)[None])[0]
    assert FINE.id == "fine-v1-6-8-9-13-regions-224"
    assert row[[0, 511, 512, 513, 600, 767]] == pytest.approx(EARLIER, abs=2e-3)


EARLIER = (0.0939, 0.0116, -0.0633, 0.0704, 0.0293, 0.0359)


def test_half_precision_changes_little(second: SecondEmbedding, pictures: Pixels) -> None:
    pixels = torch.from_numpy(pictures[:2, SECOND_ROWS:].copy())
    halved = read_second_embedding(MODELS / SECOND.weights.file).to_target(
        ComputeTarget(dtype=torch.bfloat16)
    )
    with torch.inference_mode():
        assert (second(pixels) * halved(pixels)).sum(dim=1).min() >= 0.995


SECOND_ROWS = FINE.preprocessing.size


def test_the_network_pads_like_the_one_that_was_trained(second: SecondEmbedding) -> None:
    """TensorFlow pads a convolution of stride 2 by one pixel more at the bottom and right."""
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        found = second.network(pixels)
        x = convolve(second.network.stem, pixels).clamp(0, 6)
        for block in second.network.blocks:
            assert isinstance(block, Block)
            inner = x if block.expand is None else convolve(block.expand, x).clamp(0, 6)
            outputs = convolve(block.project, convolve(block.depthwise, inner).clamp(0, 6))
            x = outputs + x if outputs.shape == x.shape else outputs
        expected = convolve(second.network.head, x).clamp(0, 6).mean(dim=(2, 3))
    assert torch.allclose(found, expected, atol=1e-4)
    assert expected.std() > 0.1


def convolve(layer: Any, x: torch.Tensor) -> torch.Tensor:
    kernel, stride = layer.weight, layer.stride[0]
    if stride == 2:
        assert not kernel[:, :, 0].any()
        assert not kernel[:, :, :, 0].any()
        kernel = kernel[:, :, 1:, 1:]
    total = max(kernel.shape[-1] - stride, 0)
    padding = (total // 2, total - total // 2)
    return functional.conv2d(functional.pad(x, padding * 2), kernel, layer.bias, stride, groups=layer.groups)


@pytest.fixture
def arrays() -> dict[str, npt.NDArray[np.generic]]:
    with np.load(MODELS / SECOND.weights.file) as archive:
        return dict(archive)


def assert_damaged(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, **arrays)
    with pytest.raises(ModelError, match="damaged"):
        read_second_embedding(path)


def test_an_invalid_file_is_refused_and_nothing_in_it_runs(
    tmp_path: Path, arrays: dict[str, npt.NDArray[np.generic]]
) -> None:
    path, marker = tmp_path / "second.npz", tmp_path / "it-ran"

    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (marker,)

    assert_damaged(path, arrays | {"stem.bias": np.array([Hostile()], object)})
    assert_damaged(path, arrays | {"stem.bias": np.full(32, np.nan, np.float16)})
    assert_damaged(path, arrays | {"stem.bias": np.zeros(31, np.float16)})
    assert_damaged(path, arrays | {PROJECTION: np.zeros((FEATURES - 1, 8), np.float16)})
    assert_damaged(path, {name: array for name, array in arrays.items() if name != PROJECTION})
    assert_damaged(path, {name: array for name, array in arrays.items() if name != "head.weight"})
    for data in (b"", b"PK", b"x" * 1000):
        path.write_bytes(data)
        with pytest.raises(ModelError, match="damaged"):
            read_second_embedding(path)
    assert not marker.exists()


def test_the_weights_are_verified_with_those_of_yolo(tmp_path: Path) -> None:
    for file in (FINE.file, *(companion.file for companion in FINE.companions)):
        (tmp_path / file).write_bytes((MODELS / file).read_bytes())
    weights = tmp_path / FINE.file
    verify(weights, FINE)
    second = tmp_path / SECOND.weights.file
    second.write_bytes(b"x" * SECOND.weights.bytes)
    with pytest.raises(ModelError, match=r"efficientnet-lite0\.npz is damaged: its checksum"):
        verify(weights, FINE)
    second.unlink()
    with pytest.raises(ModelError, match=r"efficientnet-lite0\.npz is missing"):
        verify(weights, FINE)
    verify(weights, DEFAULT)


def test_the_network_has_no_classifier() -> None:
    assert sum(parameter.numel() for parameter in EfficientNetLite0().parameters()) < 3_500_000
