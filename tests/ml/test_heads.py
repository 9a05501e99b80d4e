"""Class scores equal those of the whole network, and region pooling equals a plain computation."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosim.errors import ModelError
from photosim.ml.devices import ComputeTarget
from photosim.ml.embedder import Embedder
from photosim.ml.heads import pool_regions, read_projections
from photosim.ml.model_spec import ModelFile, ModelSpec
from photosim.ml.models.catalog import MAX_POOLED, REGION_POOLED, alternative_of, weights_path
from photosim.ml.models.checkpoint import load_model
from photosim.ml.models.weights import identify_checkpoint, verify
from photosim.ml.preprocess import preprocess
from photosim.paths import resource_path
from tests.support.checkpoints import make_model, save_checkpoint
from tests.support.stop_signs import SIGN, make_sign

MODELS = resource_path("models")
SHIPPED = weights_path(MAX_POOLED, MODELS)

Pixels = npt.NDArray[np.uint8]


def input_of(photos: Pixels) -> torch.Tensor:
    return torch.from_numpy(photos.transpose(0, 3, 1, 2) / np.float32(255))


def scores_of(embedder: Embedder, photos: Pixels) -> torch.Tensor:
    with torch.inference_mode():
        return embedder._network.head(embedder._network.outputs(torch.from_numpy(photos)))


@pytest.mark.parametrize("spec", [MAX_POOLED, REGION_POOLED], ids=lambda spec: spec.id)
def test_the_scores_are_the_best_of_ultralytics_whole_detector(
    config: Path, photos: Pixels, spec: ModelSpec
) -> None:
    model: Any = load_model(SHIPPED, config)
    with torch.inference_mode():
        expected = model(input_of(photos[:3]))[0][:, 4:].amax(dim=2)
    assert torch.allclose(scores_of(Embedder(spec, SHIPPED, config), photos[:3]), expected, atol=1e-5)


@pytest.mark.parametrize("spec", [MAX_POOLED, REGION_POOLED], ids=lambda spec: spec.id)
def test_labels_do_not_change_the_embedding(config: Path, photos: Pixels, spec: ModelSpec) -> None:
    embedder = Embedder(spec, SHIPPED, config)
    rows, labels = embedder.embed_and_label(photos)
    assert np.array_equal(rows, embedder.embed(photos))
    assert len(labels) == len(photos)


def test_the_bundled_model_names_the_objects_of_coco(config: Path) -> None:
    names = Embedder(MAX_POOLED, SHIPPED, config).class_names
    assert len(names) == 80
    assert (names[0], names[16], names[79]) == ("person", "dog", "toothbrush")


def test_a_stop_sign_is_named(config: Path) -> None:
    sign = preprocess(make_sign(0), MAX_POOLED.preprocessing)
    _, [labels] = Embedder(MAX_POOLED, SHIPPED, config).embed_and_label(sign[None])
    assert labels[0].name == SIGN


def test_bfloat16_names_what_float32_names(
    config: Path, photos: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Embedder(REGION_POOLED, SHIPPED, config)
    target = ComputeTarget(dtype=torch.bfloat16)
    monkeypatch.setattr("photosim.ml.devices.choose_target", lambda *_arguments: target)
    other = Embedder(REGION_POOLED, SHIPPED, config)
    sign = preprocess(make_sign(0), REGION_POOLED.preprocessing)[None]
    _, [[label, *_]] = other.embed_and_label(sign)
    assert label.name == SIGN
    inputs = np.concatenate([photos[:8], sign])
    scores, expected = (one._network.run(inputs, label=True)[1] for one in (other, plain))
    assert scores.dtype == np.float32
    assert np.abs(scores - expected).max() < 0.1
    assert other._network.head.branches[0][0][0].conv.weight.dtype is torch.bfloat16


def test_a_classification_model_names_its_classes_with_either_embedding(
    config: Path, classifier: tuple[ModelSpec, Path], photos: Pixels
) -> None:
    spec, path = classifier
    model: Any = load_model(path, config)
    with torch.inference_mode():
        expected = model(input_of(photos[:3]))[0]
    other = alternative_of(spec)
    assert other is not None
    for each in (spec, other):
        embedder = Embedder(each, path, config)
        assert torch.allclose(scores_of(embedder, photos[:3]), expected, atol=1e-5)
        assert embedder.class_names == ("cat", "dog", "bird")
        _, labels = embedder.embed_and_label(photos[:3])
        assert all({label.name for label in one} <= {"cat", "dog", "bird"} for one in labels)
        assert all(labels)


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("SegmentationModel", "yolo11-seg.yaml"),
        ("PoseModel", "yolo11-pose.yaml"),
        ("OBBModel", "yolo11-obb.yaml"),
    ],
)
def test_models_of_other_tasks_name_their_own_classes(
    tmp_path: Path, config: Path, photos: Pixels, kind: str, file: str
) -> None:
    path = save_checkpoint(tmp_path / "own.pt", make_model(config, kind, file))
    spec = identify_checkpoint(path, config)
    model: Any = load_model(path, config)
    with torch.inference_mode():
        answer = model(input_of(photos[:2]))
    first = answer[0] if isinstance(answer[0], torch.Tensor) else answer[0][0]
    scores = scores_of(Embedder(spec, path, config), photos[:2])
    assert scores.shape == (2, 3)
    assert torch.allclose(scores, first[:, 4:7].amax(dim=2), atol=1e-5)


def test_hostile_names_in_a_checkpoint_come_out_as_plain_short_text(
    tmp_path: Path, config: Path, photos: Pixels
) -> None:
    model = make_model(config)
    model.names = {0: "dog\x00\n" * 50, 1: ["not", "a", "text"], 2: "\u202e\x1b"}
    path = save_checkpoint(tmp_path / "own.pt", model)
    names = Embedder(identify_checkpoint(path, config), path, config).class_names
    assert names[0].startswith("dog dog dog")
    assert len(names[0]) <= 60
    assert names[1:] == ("1", "2")


def test_no_photos_have_no_labels(config: Path) -> None:
    rows, labels = Embedder(MAX_POOLED, SHIPPED, config).embed_and_label(np.empty((0, 224, 224, 3), np.uint8))
    assert (rows.shape, labels) == ((0, MAX_POOLED.dimensions), [])


BANDS = ((slice(0, 3), 0.8), (slice(2, 5), 0.8), (slice(4, 7), 0.8))

Array = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def embedder(config: Path) -> Embedder:
    return Embedder(REGION_POOLED, SHIPPED, config)


def unit(rows: Array) -> Array:
    length = np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    scaled: Array = (rows / length).astype(np.float32)
    return scaled


def pool_plainly(features: Array) -> Array:
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
def test_regions_are_pooled_by_maximum(height: int, width: int, seed: int, last: bool) -> None:
    features = np.random.default_rng(seed).normal(size=(2, 6, height, width)).astype(np.float32)
    tensor = torch.from_numpy(features)
    if last:
        tensor = tensor.contiguous(memory_format=torch.channels_last)
    assert np.allclose(pool_regions(tensor).numpy(), pool_plainly(features), atol=1e-6)


def test_bands_distinguish_above_from_below() -> None:
    above, below = torch.zeros(1, 3, 14, 14), torch.zeros(1, 3, 14, 14)
    above[0, 0, 1, 6], below[0, 0, 12, 6] = 1, 1
    assert torch.equal(above.amax(dim=(2, 3)), below.amax(dim=(2, 3)))
    assert not torch.allclose(pool_regions(above), pool_regions(below))


def test_the_embedding_is_the_projected_regions_of_each_layer(
    config: Path, embedder: Embedder, photos: npt.NDArray[np.uint8]
) -> None:
    sizes = {6: 640, 8: 1280, 9: 1280, 13: 640}
    plain = replace(REGION_POOLED, projection=None, dimensions=sum(sizes.values()))
    rows = Embedder(plain, SHIPPED, config).embed(photos[:3])
    projections = read_projections(MODELS / projection().file, REGION_POOLED.layers)
    parts = np.split(rows, np.cumsum(list(sizes.values()))[:-1], axis=1)
    blocks = [
        unit(part @ projections[layer].numpy())
        for layer, part in zip(REGION_POOLED.layers, parts, strict=True)
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
    size = REGION_POOLED.preprocessing.size
    row = embedder.embed(np.full((1, size, size, 3), value, np.uint8))
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_the_vectors_under_this_id_are_those_of_earlier_versions(embedder: Embedder) -> None:
    """Libraries keep them: another projection needs a new id."""
    y, x = np.mgrid[0:150, 0:200]
    pattern = np.stack([x * 255 // 199, y * 255 // 149, (x // 25 + y // 25) % 2 * 255], axis=2).astype(
        np.uint8
    )
    row = embedder.embed(preprocess(Image.fromarray(pattern), REGION_POOLED.preprocessing)[None])[0]
    assert REGION_POOLED.id == "yolo11n-coco-v1-6-8-9-13-regions-224"
    assert row[[0, 1, 111, 112, 255, 256, 400, 511]] == pytest.approx(EARLIER, abs=2e-3)


EARLIER = (0.1494, -0.0453, 0.0342, 0.1588, -0.0185, 0.1579, 0.2064, -0.0040)


def projection() -> ModelFile:
    assert REGION_POOLED.projection is not None
    return REGION_POOLED.projection


def test_the_projection_is_verified_like_the_weights(tmp_path: Path) -> None:
    weights = tmp_path / REGION_POOLED.file
    weights.write_bytes(SHIPPED.read_bytes())
    projection_path = tmp_path / projection().file
    with pytest.raises(ModelError, match=r"regions\.npz is missing"):
        verify(weights, REGION_POOLED)
    projection_path.write_bytes(b"123")
    with pytest.raises(ModelError, match=r"regions\.npz is damaged: it has 3 bytes"):
        verify(weights, REGION_POOLED)
    projection_path.write_bytes(b"x" * projection().bytes)
    with pytest.raises(ModelError, match="checksum"):
        verify(weights, REGION_POOLED)
    with pytest.raises(ModelError, match=r"objects\.npz is missing"):
        verify(weights, MAX_POOLED)
    verify(SHIPPED, REGION_POOLED)


def saved(path: Path, **arrays: npt.NDArray[np.generic]) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def test_an_invalid_projection_is_refused_and_nothing_in_it_runs(tmp_path: Path) -> None:
    good = np.eye(3, dtype=np.float16)
    assert read_projections(saved(tmp_path / "good.npz", layer6=good), (6,))[6].dtype == torch.float32
    objects = np.array([{"a": 1}], object)
    invalid = {
        "other layer": saved(tmp_path / "a.npz", layer8=good),
        "a pickle": saved(tmp_path / "b.npz", layer6=objects),
        "not numbers": saved(tmp_path / "c.npz", layer6=good * np.float16(np.nan)),
        "a row": saved(tmp_path / "d.npz", layer6=good[0]),
        "absent": tmp_path / "absent.npz",
        "cut": tmp_path / "cut.npz",
    }
    invalid["cut"].write_bytes((tmp_path / "good.npz").read_bytes()[:200])
    for path in invalid.values():
        with pytest.raises(ModelError, match="is damaged"):
            read_projections(path, (6,))


def test_the_bundled_projection_is_small_and_matches_the_catalog() -> None:
    data = (MODELS / projection().file).read_bytes()
    assert len(data) == projection().bytes <= 1_500_000
    assert hashlib.sha256(data).hexdigest() == projection().sha256
