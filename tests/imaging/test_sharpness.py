"""How sharp a picture is."""

from __future__ import annotations

import numpy as np
from PIL import ImageFilter

from photosim.imaging.sharpness import laplacian_variance
from tests.support.images import make_scene


def test_a_blurred_picture_is_less_sharp_the_more_it_is_blurred() -> None:
    scene = make_scene(3).convert("L")
    blurred = [np.asarray(scene.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 1, 3)]
    values = [laplacian_variance(picture) for picture in blurred]
    assert values[0] > values[1] > values[2] > 0


def test_a_plain_or_tiny_picture_has_no_sharpness() -> None:
    assert laplacian_variance(np.full((40, 60), 128, np.uint8)) == 0
    assert laplacian_variance(np.zeros((2, 90), np.uint8)) == 0
