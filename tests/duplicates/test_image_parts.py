"""The parts of an image: what is inside bars, and the cells of a collage."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.duplicates.image_parts import area, cells, common_area, content_box
from tests.support.images import make_detailed_scene

Grey = npt.NDArray[np.uint8]

sides = st.floats(0, 1, allow_nan=False)


def scene(seed: int, size: tuple[int, int] = (200, 160)) -> Image.Image:
    return make_detailed_scene(seed).convert("L").resize(size)


def texture(seed: int) -> Image.Image:
    """A picture of 200 x 160 pixels with patterns everywhere."""
    small = np.random.default_rng(seed).integers(0, 256, (16, 20), np.uint8)
    return Image.fromarray(small).resize((200, 160), Image.Resampling.BICUBIC)


@settings(max_examples=25)
@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([0, 128, 255]))
def test_bars_above_and_below_are_no_content(above: int, below: int, color: int) -> None:
    image = Image.new("L", (200, above + 160 + below), color)
    image.paste(scene(3), (0, above))
    _, top, _, height = content_box(np.asarray(image))
    assert abs(top * image.height - above) <= 4
    assert abs(height * image.height - 160) <= 8


@settings(max_examples=25)
@given(st.integers(1, 30), st.sampled_from([4, 8, 12]))
def test_the_cells_of_a_collage_lie_between_its_lines(seed: int, gap: int) -> None:
    image = Image.new("L", (400 + gap, 320 + gap), 255)
    places = [(x, y) for y in (0, 160 + gap) for x in (0, 200 + gap)]
    for number, place in enumerate(places):
        image.paste(texture(4 * seed + number), place)
    found = cells(np.asarray(image))
    assert len(found) == 4
    for x, y in places:
        cell = (x / image.width, y / image.height, 200 / image.width, 160 / image.height)
        assert max(common_area(each, cell) / max(area(each), area(cell)) for each in found) > 0.95


def test_a_picture_without_lines_has_no_cells() -> None:
    ramp = np.tile(np.linspace(0, 255, 300), (200, 1)).astype(np.uint8)
    assert cells(ramp) == []
    assert cells(np.full((100, 100), 7, np.uint8)) == []
    assert cells(np.zeros((1, 1), np.uint8)) == []


@given(sides, sides, sides, sides)
def test_the_common_area_is_that_of_the_box_with_itself(
    x: float, y: float, width: float, height: float
) -> None:
    box = (x, y, width, height)
    assert common_area(box, box) <= area(box) + 1e-9
    assert common_area(box, (x + width, y, width, height)) <= 1e-9
