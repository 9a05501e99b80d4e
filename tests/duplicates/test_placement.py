"""One picture is found within another, without keypoints."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from photosim.duplicates.looks import GreyImage
from photosim.duplicates.placement import placement


def smooth(seed: int) -> GreyImage:
    """A smooth picture (64, 64) without corners."""
    noise = np.random.default_rng(seed).normal(size=(64, 64)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 5)
    return cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


@pytest.mark.parametrize(("left", "top", "size"), [(0, 0, 48), (10, 4, 50), (8, 8, 44)])
def test_a_part_is_placed_where_it_was_cut_out(left: int, top: int, size: int) -> None:
    picture = smooth(1)
    part = cv2.resize(picture[top : top + size, left : left + size], (64, 64)).astype(np.uint8)
    forward, backward = placement(part, picture), placement(picture, part)
    assert forward is not None
    assert backward is not None
    corners = np.array([[0, 0, 1], [64, 0, 1], [64, 64, 1], [0, 64, 1]])
    expected = [(left, top), (left + size, top), (left + size, top + size), (left, top + size)]
    assert corners @ forward.T == pytest.approx(np.array(expected), abs=6)
    there_and_back = np.vstack([forward, [0, 0, 1]]) @ np.vstack([backward, [0, 0, 1]])
    assert there_and_back == pytest.approx(np.eye(3), abs=1e-6)


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_picture_is_placed_nowhere(seed: int) -> None:
    assert placement(smooth(seed), smooth(1)) is None


def test_a_plain_picture_is_placed_nowhere() -> None:
    plain = np.full((64, 64), 128, np.uint8)
    assert placement(plain, smooth(1)) is None
    assert placement(smooth(1), plain) is None
