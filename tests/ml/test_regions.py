from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosim.errors import ModelError
from photosim.ml.catalog import REGIONS, WHOLE, Projection, weights_path
from photosim.ml.embedder import Embedder
from photosim.ml.preprocess import prepare
from photosim.ml.regions import read_projections, regions
from photosim.ml.weights import verify
from photosim.paths import resource_path

MODELS = resource_path("models")
SHIPPED = weights_path(WHOLE, MODELS)
BANDS = ((slice(0, 3), 0.8), (slice(2, 5), 0.8), (slice(4, 7), 0.8))

Array = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def embedder(config: Path) -> Embedder:
    return Embedder(REGIONS, SHIPPED, config)


def unit(rows: Array) -> Array:
    length = np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    made: Array = (rows / length).astype(np.float32)
    return made


def plainly(features: Array) -> Array:
    """The five regions of maps (N, C, H, W), written down one by one."""
    height, width = features.shape[2:]
    cells = np.empty((*features.shape[:2], 7, 7), np.float32)
    for row in range(7):
        for column in range(7):
            top, bottom = row * height // 7, -(-(row + 1) * height // 7)
            left, right = column * width // 7, -(-(column + 1) * width // 7)
            cells[:, :, row, column] = features[:, :, top:bottom, left:right].max(axis=(2, 3))
    parts = [unit(cells.max(axis=(2, 3))), unit(cells[:, :, 2:5, 2:5].max(axis=(2, 3)))]
    parts += [weight * unit(cells[:, :, band].max(axis=(2, 3))) for band, weight in BANDS]
    return np.concatenate(parts, axis=1)


@given(
    height=st.sampled_from([7, 14, 20, 9]),
    width=st.sampled_from([7, 14, 20, 11]),
    seed=st.integers(0, 1000),
    last=st.booleans(),
)
def test_regions_are_what_the_strongest_answers_in_them_are(
    height: int, width: int, seed: int, last: bool
) -> None:
    features = np.random.default_rng(seed).normal(size=(2, 6, height, width)).astype(np.float32)
    tensor = torch.from_numpy(features)
    if last:
        tensor = tensor.contiguous(memory_format=torch.channels_last)
    assert np.allclose(regions(tensor).numpy(), plainly(features), atol=1e-6)


def test_a_band_tells_above_from_below() -> None:
    above, below = torch.zeros(1, 3, 14, 14), torch.zeros(1, 3, 14, 14)
    above[0, 0, 1, 6], below[0, 0, 12, 6] = 1, 1
    assert torch.equal(above.amax(dim=(2, 3)), below.amax(dim=(2, 3)))
    assert not torch.allclose(regions(above), regions(below))


def test_the_embedding_is_the_projected_regions_of_each_layer(
    config: Path, embedder: Embedder, photos: npt.NDArray[np.uint8]
) -> None:
    sizes = {6: 640, 8: 1280, 9: 1280, 13: 640}
    plain = replace(REGIONS, projection=None, dimensions=sum(sizes.values()))
    rows = Embedder(plain, SHIPPED, config).embed(photos[:3])
    projections = read_projections(MODELS / projection().file, REGIONS.layers)
    parts = np.split(rows, np.cumsum(list(sizes.values()))[:-1], axis=1)
    blocks = [
        unit(part @ projections[layer].numpy()) for layer, part in zip(REGIONS.layers, parts, strict=True)
    ]
    assert np.allclose(embedder.embed(photos[:3]), unit(np.concatenate(blocks, axis=1)), atol=1e-5)


def test_the_rows_are_512_values_of_unit_length(embedder: Embedder, photos: npt.NDArray[np.uint8]) -> None:
    rows = embedder.embed(photos)
    assert rows.shape == (len(photos), 512)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_photo_alone_gives_what_it_gives_in_a_batch(
    embedder: Embedder, photos: npt.NDArray[np.uint8]
) -> None:
    alone = np.concatenate([embedder.embed(photos[i : i + 1]) for i in range(len(photos))])
    assert np.allclose(alone, embedder.embed(photos), atol=1e-5)


def test_several_threads_may_embed_at_once(embedder: Embedder, photos: npt.NDArray[np.uint8]) -> None:
    expected = embedder.embed(photos)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(embedder.embed, [photos] * 6):
            assert np.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("value", [0, 114, 255])
def test_a_photo_without_any_content_has_an_embedding_too(embedder: Embedder, value: int) -> None:
    size = REGIONS.preprocessing.size
    row = embedder.embed(np.full((1, size, size, 3), value, np.uint8))
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_the_vectors_under_this_id_are_those_of_earlier_versions(embedder: Embedder) -> None:
    """Libraries keep them: another projection needs a new id."""
    y, x = np.mgrid[0:150, 0:200]
    pattern = np.stack([x * 255 // 199, y * 255 // 149, (x // 25 + y // 25) % 2 * 255], axis=2).astype(
        np.uint8
    )
    row = embedder.embed(prepare(Image.fromarray(pattern), REGIONS.preprocessing)[None])[0]
    assert REGIONS.id == "yolo11n-coco-v1-6-8-9-13-regions-224"
    assert row[[0, 1, 111, 112, 255, 256, 400, 511]] == pytest.approx(EARLIER, abs=2e-3)


EARLIER = (0.1494, -0.0453, 0.0342, 0.1588, -0.0185, 0.1579, 0.2064, -0.0040)


def projection() -> Projection:
    assert REGIONS.projection is not None
    return REGIONS.projection


def test_the_projection_is_checked_as_the_weights_are(tmp_path: Path) -> None:
    weights = tmp_path / REGIONS.file
    weights.write_bytes(SHIPPED.read_bytes())
    beside = tmp_path / projection().file
    with pytest.raises(ModelError, match=r"regions\.npz is missing"):
        verify(weights, REGIONS)
    beside.write_bytes(b"123")
    with pytest.raises(ModelError, match=r"regions\.npz is damaged: it has 3 bytes"):
        verify(weights, REGIONS)
    beside.write_bytes(b"x" * projection().bytes)
    with pytest.raises(ModelError, match="checksum"):
        verify(weights, REGIONS)
    verify(weights, WHOLE)
    verify(SHIPPED, REGIONS)


def saved(path: Path, **arrays: npt.NDArray[np.generic]) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def test_a_projection_that_is_not_one_is_refused_and_nothing_in_it_runs(tmp_path: Path) -> None:
    good = np.eye(3, dtype=np.float16)
    assert read_projections(saved(tmp_path / "good.npz", layer6=good), (6,))[6].dtype == torch.float32
    objects = np.array([{"a": 1}], object)
    spoilt = {
        "other layer": saved(tmp_path / "a.npz", layer8=good),
        "a pickle": saved(tmp_path / "b.npz", layer6=objects),
        "not numbers": saved(tmp_path / "c.npz", layer6=good * np.float16(np.nan)),
        "a row": saved(tmp_path / "d.npz", layer6=good[0]),
        "absent": tmp_path / "absent.npz",
        "cut": tmp_path / "cut.npz",
    }
    spoilt["cut"].write_bytes((tmp_path / "good.npz").read_bytes()[:200])
    for path in spoilt.values():
        with pytest.raises(ModelError, match="is damaged"):
            read_projections(path, (6,))


def test_the_projection_in_the_box_is_small_and_known() -> None:
    data = (MODELS / projection().file).read_bytes()
    assert len(data) == projection().bytes <= 1_500_000
    assert hashlib.sha256(data).hexdigest() == projection().sha256
