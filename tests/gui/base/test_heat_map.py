"""The picture of a heat map."""

from __future__ import annotations

import numpy as np
import pytest

from photosim.gui.base.heat_map import heat_map


def test_the_largest_value_is_painted_strongest_and_small_ones_not_at_all() -> None:
    cells = np.full((21, 28), 0.01, np.float32)
    cells[5, 20] = 1
    image, share = heat_map(cells)
    assert (image.width(), image.height()) == (28 * 8, 21 * 8)
    alpha = np.array([[image.pixelColor(x, y).alpha() for x in range(4, 224, 8)] for y in range(4, 168, 8)])
    assert np.unravel_index(alpha.argmax(), alpha.shape) == (5, 20)
    assert alpha[5, 20] > 150
    assert share == pytest.approx(1 / (1 + 0.01 * 587), abs=0.02)
    assert alpha[15, 5] == 0
    color = image.pixelColor(20 * 8 + 4, 5 * 8 + 4)
    assert color.red() > color.green() > 0


def test_a_map_without_positive_values_is_transparent() -> None:
    for value in (0.0, -1.0):
        image, _ = heat_map(np.full((1, 3), value, np.float32))
        assert {image.pixelColor(x, y).alpha() for x in range(24) for y in range(8)} == {0}
