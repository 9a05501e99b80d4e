"""The objects of a photo: the same boxes and the same choice of them as Ultralytics makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from ultralytics.utils.nms import TorchNMS, non_max_suppression

from photosim.ml import objects
from photosim.ml.embedder import Embedder, resize_picture
from photosim.ml.model_spec import DETECTION_SIZE
from photosim.ml.models.catalog import DEFAULT, weights_path
from photosim.ml.models.checkpoint import load_model
from photosim.ml.objects import MAX_OBJECTS, Candidates, letterbox, select_objects, suppress_overlapping
from photosim.paths import resource_path
from tests.support.images import make_scene

WEIGHTS = weights_path(DEFAULT, resource_path("models"))
NAMES = ("cat", "dog")


@pytest.mark.parametrize("size", [(640, 427), (300, 500)])
def test_boxes_scores_and_labels_are_those_of_ultralytics(
    config: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """Of anything that reaches a low score: in a made scene nothing reaches a high one."""
    monkeypatch.setattr(objects, "MIN_SCORE", 0.02)
    monkeypatch.setattr(objects, "NAMED_SCORE", 0.02)
    embedder = Embedder(DEFAULT, WEIGHTS, config)
    picture = np.array(make_scene(5, size))
    found = embedder.detect(picture)
    model: Any = load_model(WEIGHTS, config)
    square = torch.from_numpy(letterbox(picture, DETECTION_SIZE, resize_picture))
    with torch.inference_mode():
        predictions = model(square.permute(2, 0, 1)[None] / 255)[0]
        [expected] = non_max_suppression(predictions, 0.02, 0.6, agnostic=True, max_det=MAX_OBJECTS)
    scale = DETECTION_SIZE / max(size)
    fitted = np.array([round(side * scale) for side in size])
    corners = (expected[:, :4].numpy().reshape(-1, 2, 2) - (DETECTION_SIZE - fitted) // 2) / fitted
    assert len(found) >= 3
    assert [one.label for one in found] == [model.names[int(row[5])] for row in expected]
    assert [one.score for one in found] == pytest.approx(expected[:, 4].tolist(), abs=2e-3)
    for one, [(left, top), (right, bottom)] in zip(found, corners.clip(0, 1), strict=True):
        assert one.box == pytest.approx((left, top, right - left, bottom - top), abs=4e-3)


boxes = st.lists(
    st.tuples(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.05, 0.2), st.floats(0.05, 0.2)), max_size=40
)


@given(boxes, st.sampled_from([0.3, 0.6]))
def test_overlapping_boxes_are_suppressed_as_by_ultralytics(
    found: list[tuple[float, float, float, float]], overlap: float
) -> None:
    corners = np.array([(x, y, x + w, y + h) for x, y, w, h in found], np.float32).reshape(-1, 4)
    scores = torch.linspace(1, 0.5, len(corners))
    expected = TorchNMS.nms(torch.from_numpy(corners), scores, overlap).tolist() if found else []
    assert suppress_overlapping(corners, overlap) == expected


def candidates_of(*found: tuple[int, float, tuple[float, float, float, float], int]) -> Candidates:
    """Candidates as photo, score, box in pixels of the square, and class."""
    photos, scores, corners, classes = zip(*found, strict=True)
    return Candidates(
        np.array(photos), np.array(corners, np.float32), np.array(scores, np.float32), np.array(classes)
    )


def test_the_best_objects_are_kept_with_their_place_in_the_photo() -> None:
    """A photo of 200 x 100 lies in rows 160 to 480 of the square."""
    candidates = candidates_of(
        (1, 0.5, (0, 160, 320, 480), 1), (1, 0.6, (0, 160, 310, 480), 0), (1, 0.9, (320, 100, 640, 700), 0)
    )
    nothing, found = select_objects(candidates, NAMES, [(100, 100), (200, 100)], 640)
    assert nothing == ()
    assert [(one.label, one.score) for one in found] == [("cat", 0.9), ("cat", 0.6)]
    assert found[0].box == (0.5, 0.0, 0.5, 1.0)
    assert found[1].box == pytest.approx((0, 0, 0.4844, 1))


def test_an_object_that_is_not_certain_has_no_label() -> None:
    candidates = candidates_of((0, 0.39, (0, 0, 100, 100), 1), (0, 0.41, (200, 200, 300, 300), 1))
    [found] = select_objects(candidates, NAMES, [(640, 640)], 640)
    assert [(one.label, one.score) for one in found] == [("dog", 0.41), ("", 0.39)]


def test_objects_outside_of_the_photo_are_left_out() -> None:
    assert select_objects(candidates_of((0, 0.9, (0, 0, 640, 100), 1)), NAMES, [(200, 100)], 640) == [()]


def test_a_photo_has_ten_objects_at_most() -> None:
    many = [(0, 0.5 + row / 50, (row * 30, 0, row * 30 + 25, 25), 0) for row in range(20)]
    [found] = select_objects(candidates_of(*many), NAMES, [(640, 640)], 640)  # type: ignore[arg-type]
    assert len(found) == 10
    assert min(one.score for one in found) == pytest.approx(0.7, abs=0.02)


def test_a_letterboxed_photo_is_in_the_middle_of_a_grey_square() -> None:
    square = letterbox(np.array(Image.new("RGB", (200, 100), "red")), 64, resize_picture)
    assert square.shape == (64, 64, 3)
    assert (square[16:48] == (255, 0, 0)).all()
    assert (square[:16] == 114).all()
    assert (square[48:] == 114).all()
