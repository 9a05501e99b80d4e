"""Which part of an image shows a photo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.duplicates.shown_part import shown_part
from tests.support.images import make_detailed_scene

PHOTO = np.asarray(make_detailed_scene(1).convert("L"))


@settings(max_examples=25)
@given(st.floats(0.4, 1), st.floats(0.4, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_crop_shows_the_part_that_was_cropped(
    width: float, height: float, across: float, down: float
) -> None:
    left, top = round((1 - width) * across * 320), round((1 - height) * down * 240)
    right, bottom = min(left + round(width * 320), 320), min(top + round(height * 240), 240)
    x, y, w, h = left / 320, top / 240, (right - left) / 320, (bottom - top) / 240
    matrix = np.array([[1 / w, 0, -x / w], [0, 1 / h, -y / h]])
    found = shown_part(PHOTO[top:bottom, left:right], PHOTO, matrix)
    assert found is not None
    assert found.box_in_source == pytest.approx((x, y, w, h), abs=0.03)
    assert found.box == pytest.approx((0, 0, 1, 1), abs=0.03)
    assert found.agreement > 0.9


@settings(max_examples=25)
@given(st.floats(0.15, 0.4))
def test_what_covers_a_photo_is_no_part_of_it(share: float) -> None:
    image, rows = PHOTO.copy(), round(share * 240)
    image[:rows] = np.asarray(Image.fromarray(np.asarray(make_detailed_scene(2).convert("L"))))[:rows]
    found = shown_part(image, PHOTO, np.eye(2, 3))
    assert found is not None
    assert found.box == pytest.approx((0, rows / 240, 1, 1 - rows / 240), abs=0.05)


def test_another_photo_shows_nothing_of_it() -> None:
    other = np.asarray(make_detailed_scene(2).convert("L"))
    found = shown_part(other, PHOTO, np.eye(2, 3))
    assert found is None or found.agreement < 0.6 or found.box[2] * found.box[3] < 0.1
    assert shown_part(other, PHOTO, np.array([[1.0, 0, 5], [0, 1, 5]])) is None
