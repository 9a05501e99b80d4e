"""Points on a map drawn as density."""

from __future__ import annotations

import numpy as np

from photosim.clustering.density import COLORS, colors_of, density

RED, BLUE = (200, 0, 0), (0, 0, 200)


def draw(
    points: list[tuple[float, float]], colors: list[tuple[int, int, int]], radius: int = 0
) -> np.ndarray:
    return density(np.array(points).reshape(-1, 2), np.array(colors, np.uint8).reshape(-1, 3), 8, 6, radius)


def test_a_point_has_its_place_and_color() -> None:
    picture = draw([(3.5, 1.2)], [RED])
    assert picture.shape == (6, 8, 4)
    rows, columns = np.nonzero(picture[..., 3])
    assert (rows.tolist(), columns.tolist()) == ([1], [3])
    red, green, blue, alpha = picture[1, 3].tolist()
    assert (green, blue) == (0, 0)
    assert abs(red - 200 * alpha / 255) <= 1, "premultiplied"


def test_more_points_are_more_opaque_and_mix_their_colors() -> None:
    one, many = draw([(3, 1)], [RED]), draw([(3, 1)] * 4, [RED, RED, BLUE, BLUE])
    assert one[1, 3, 3] < many[1, 3, 3]
    red, _, blue, _ = many[1, 3].tolist()
    assert red == blue > 90


def test_a_point_may_be_larger_and_points_outside_are_left_out() -> None:
    assert np.count_nonzero(draw([(3, 2)], [RED], 1)[..., 3]) == 9
    assert np.count_nonzero(draw([(0, 0)], [RED], 1)[..., 3]) == 4
    assert not draw([(-1, 2), (8, 2), (3, 6), (3, -0.5)], [RED] * 4)[..., 3].any()
    assert not draw([], []).any()


def test_neighbouring_groups_have_different_colors_and_none_is_grey() -> None:
    colors = colors_of(np.arange(COLORS + 2))
    assert len(set(colors[0].tolist())) == 1
    assert len({tuple(color) for color in colors[: COLORS + 1].tolist()}) == COLORS + 1
    np.testing.assert_array_equal(colors[1], colors[COLORS + 1])
