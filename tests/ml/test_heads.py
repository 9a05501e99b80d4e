"""The scores of the rest of the network are those of the whole one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from photosim.ml.catalog import REGIONS, WHOLE, ModelSpec, alternative, weights_path
from photosim.ml.checkpoint import load_model
from photosim.ml.devices import ComputeTarget
from photosim.ml.embedder import Embedder
from photosim.ml.own_model import describe
from photosim.ml.preprocess import prepare
from photosim.paths import resource_path
from tests.support.checkpoints import own_model, save
from tests.support.stop_signs import SIGN, make_sign

SHIPPED = weights_path(WHOLE, resource_path("models"))

Pixels = npt.NDArray[np.uint8]


def input_of(photos: Pixels) -> torch.Tensor:
    return torch.from_numpy(photos.transpose(0, 3, 1, 2) / np.float32(255))


def scores_of(embedder: Embedder, photos: Pixels) -> torch.Tensor:
    with torch.inference_mode():
        return embedder._network.head(embedder._network.outputs(torch.from_numpy(photos)))


@pytest.mark.parametrize("entry", [WHOLE, REGIONS], ids=lambda entry: entry.id)
def test_the_scores_are_the_best_of_ultralytics_whole_detector(
    config: Path, photos: Pixels, entry: ModelSpec
) -> None:
    model: Any = load_model(SHIPPED, config)
    with torch.inference_mode():
        expected = model(input_of(photos[:3]))[0][:, 4:].amax(dim=2)
    assert torch.allclose(scores_of(Embedder(entry, SHIPPED, config), photos[:3]), expected, atol=1e-5)


@pytest.mark.parametrize("entry", [WHOLE, REGIONS], ids=lambda entry: entry.id)
def test_asking_for_labels_changes_no_embedding(config: Path, photos: Pixels, entry: ModelSpec) -> None:
    embedder = Embedder(entry, SHIPPED, config)
    rows, labels = embedder.embed_and_label(photos)
    assert np.array_equal(rows, embedder.embed(photos))
    assert len(labels) == len(photos)


def test_the_names_of_the_box_are_the_objects_of_coco(config: Path) -> None:
    names = Embedder(WHOLE, SHIPPED, config).names
    assert len(names) == 80
    assert (names[0], names[16], names[79]) == ("person", "dog", "toothbrush")


def test_a_stop_sign_is_named(config: Path) -> None:
    sign = prepare(make_sign(0), WHOLE.preprocessing)
    _, [labels] = Embedder(WHOLE, SHIPPED, config).embed_and_label(sign[None])
    assert labels[0].name == SIGN


def test_bfloat16_names_what_float32_names(
    config: Path, photos: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Embedder(REGIONS, SHIPPED, config)
    way = ComputeTarget(dtype=torch.bfloat16)
    monkeypatch.setattr("photosim.ml.devices.choose", lambda *_arguments: way)
    other = Embedder(REGIONS, SHIPPED, config)
    sign = prepare(make_sign(0), REGIONS.preprocessing)[None]
    _, [[label, *_]] = other.embed_and_label(sign)
    assert label.name == SIGN
    inputs = np.concatenate([photos[:8], sign])
    scores, expected = (one._network.answer(inputs, label=True)[1] for one in (other, plain))
    assert scores.dtype == np.float32
    assert np.abs(scores - expected).max() < 0.1
    assert other._network.head.branches[0][0][0].conv.weight.dtype is torch.bfloat16


def test_a_classification_model_tells_its_own_classes_from_either_embedding(
    config: Path, classifier: tuple[ModelSpec, Path], photos: Pixels
) -> None:
    entry, path = classifier
    model: Any = load_model(path, config)
    with torch.inference_mode():
        expected = model(input_of(photos[:3]))[0]
    other = alternative(entry)
    assert other is not None
    for each in (entry, other):
        embedder = Embedder(each, path, config)
        assert torch.allclose(scores_of(embedder, photos[:3]), expected, atol=1e-5)
        assert embedder.names == ("cat", "dog", "bird")
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
def test_models_of_other_tasks_tell_their_own_classes(
    tmp_path: Path, config: Path, photos: Pixels, kind: str, file: str
) -> None:
    path = save(tmp_path / "own.pt", own_model(config, kind, file))
    entry = describe(path, config)
    model: Any = load_model(path, config)
    with torch.inference_mode():
        answer = model(input_of(photos[:2]))
    first = answer[0] if isinstance(answer[0], torch.Tensor) else answer[0][0]
    scores = scores_of(Embedder(entry, path, config), photos[:2])
    assert scores.shape == (2, 3)
    assert torch.allclose(scores, first[:, 4:7].amax(dim=2), atol=1e-5)


def test_hostile_names_in_a_checkpoint_come_out_as_plain_short_text(
    tmp_path: Path, config: Path, photos: Pixels
) -> None:
    model = own_model(config)
    model.names = {0: "dog\x00\n" * 50, 1: ["not", "a", "text"], 2: "\u202e\x1b"}
    path = save(tmp_path / "own.pt", model)
    names = Embedder(describe(path, config), path, config).names
    assert names[0].startswith("dog dog dog")
    assert len(names[0]) <= 60
    assert names[1:] == ("1", "2")


def test_no_photos_have_no_labels(config: Path) -> None:
    rows, labels = Embedder(WHOLE, SHIPPED, config).embed_and_label(np.empty((0, 224, 224, 3), np.uint8))
    assert (rows.shape, labels) == ((0, WHOLE.dimensions), [])
