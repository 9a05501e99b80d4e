from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.ml.catalog import Fit, Preprocessing
from photosim.ml.preprocess import prepare, prepare_picture
from photosim.ml.resizing import resized
from tests.support.images import make_scene

SIDES = st.integers(1, 640)


def unlike(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize(
    "size", [(500, 375), (375, 500), (639, 320), (320, 9), (224, 224), (100, 60), (1, 320)]
)
def test_the_model_sees_the_same_picture_as_by_pillow_to_within_one(size: tuple[int, int], fit: Fit) -> None:
    scene = make_scene(3, size).convert("RGB")
    preprocessing = Preprocessing(224, fit)
    found = prepare_picture(np.array(scene), preprocessing, resized)
    assert found.flags.writeable
    assert unlike(found, prepare(scene, preprocessing)) <= 1


@given(width=SIDES, height=SIDES, wanted=st.tuples(SIDES, SIDES), fine=st.booleans())
@settings(max_examples=60)
def test_any_size_becomes_any_other(width: int, height: int, wanted: tuple[int, int], fine: bool) -> None:
    picture = np.full((height, width, 3), (200, 100, 50), np.uint8)
    found = resized(picture, wanted, fine=fine)
    assert found.shape == (wanted[1], wanted[0], 3)
    assert (found == (200, 100, 50)).all()


def test_the_finer_filter_is_pillows_bicubic_to_within_one() -> None:
    scene = make_scene(5, (500, 375)).convert("RGB")
    expected = np.asarray(scene.resize((320, 240), Image.Resampling.BICUBIC))
    assert unlike(resized(np.array(scene), (320, 240), fine=True), expected) <= 1


def test_a_pattern_finer_than_the_grid_becomes_grey() -> None:
    stripes = np.zeros((500, 500, 3), np.uint8)
    stripes[:, ::2] = 255
    assert abs(resized(stripes, (200, 200))[:, 4:-4].astype(int) - 127).max() <= 30
