"""The part of a photo that a tile shows around an object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QRectF

from photosim.gui.base import images
from photosim.gui.base.boxes import Box, box_in_part, box_rect, part_around
from photosim.gui.base.images import TileStyle
from photosim.imaging.turbojpeg import encode_thumbnail

SIDE = st.integers(1, 320)
TILE = st.tuples(st.integers(16, 600), st.integers(16, 600))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Any box inside of a photo."""
    width, height = (draw(st.floats(0.001, 1)) for _ in range(2))
    return draw(st.floats(0, 1 - width)), draw(st.floats(0, 1 - height)), width, height


@given(boxes(), st.tuples(SIDE, SIDE), TILE)
def test_the_part_is_in_the_photo_and_has_the_proportions_of_the_tile(
    box: Box, size: tuple[int, int], tile: tuple[int, int]
) -> None:
    x, y, width, height = part = part_around(box, size, tile)
    assert min(x, y) >= -1e-9
    assert max(x + width, y + height) <= 1 + 1e-9
    assert width * size[0] / (height * size[1]) == pytest.approx(tile[0] / tile[1])
    left, top, box_width, box_height = box_in_part(box, part)
    center_x, center_y = left + box_width / 2, top + box_height / 2
    assert 0 <= center_x <= 1 or box_width > 1
    assert 0 <= center_y <= 1 or box_height > 1
    back = box_rect((left, top, box_width, box_height), QRectF(*part))
    assert (back.x(), back.y(), back.width(), back.height()) == pytest.approx(box, abs=1e-9)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0.4, 0.4, 0.3, 0.3), 1.8 * 0.3),  # with a margin around it
        ((0.9, 0.9, 0.1, 0.1), 1.8 * 0.1),  # up to the corner
        ((0.1, 0.1, 0.8, 0.8), 1.0),  # all of the photo
    ],
)
def test_a_square_tile_shows_an_object_with_a_margin(box: Box, expected: float) -> None:
    x, y, width, height = part_around(box, (300, 300), (60, 60))
    assert width == pytest.approx(max(expected, 60 / 1.6 / 300))
    assert height == width
    assert x <= box[0]
    assert y <= box[1]
    assert x + width >= box[0] + box[2] - 1e-9
    assert y + height >= box[1] + box[3] - 1e-9


def test_a_small_object_is_shown_with_more_of_the_photo_than_would_be_coarse() -> None:
    _, _, width, _ = part_around((0.5, 0.5, 0.01, 0.01), (320, 240), (160, 160))
    assert width * 320 >= 160 / 1.6 - 1e-6


def test_a_tile_shows_the_part_around_the_box() -> None:
    picture = Image.new("RGB", (320, 240), "blue")
    picture.paste("red", (200, 60, 280, 140))
    box = (200 / 320, 60 / 240, 80 / 320, 80 / 240)
    style = TileStyle(160, 160, 0, box)
    for made in (
        images.make_tile(encode_thumbnail(picture), style),
        images.tile_of(images.image_from_jpeg(encode_thumbnail(picture)), style),
    ):
        assert made is not None
        assert (made.width(), made.height()) == (160, 160)
        inside = box_rect(box_in_part(box, part_around(box, (320, 240), (160, 160))), QRectF(0, 0, 160, 160))
        assert inside.width() == pytest.approx(160 / 1.8, abs=1)
        for dx, dy, is_red in ((6, 6, True), (-6, 6, False), (6, -6, False)):
            color = made.pixelColor(round(inside.x()) + dx, round(inside.y()) + dy)
            assert (color.red() > color.blue()) is is_red


def test_a_larger_picture_shows_the_same_part_as_the_thumbnail() -> None:
    picture = Image.new("RGB", (320, 240), "blue")
    picture.paste("red", (200, 60, 208, 68))
    style = TileStyle(160, 160, 0, (200 / 320, 60 / 240, 8 / 320, 8 / 240))
    large = picture.resize((640, 480), Image.Resampling.NEAREST)
    tiles = [
        images.tile_of(images.image_from_jpeg(encode_thumbnail(each, edge=640)), style)
        for each in (picture, large)
    ]
    reds = [
        [x for x in range(160) if tile.pixelColor(x, 80).red() > tile.pixelColor(x, 80).blue()]
        for tile in tiles
    ]
    assert reds[0]
    assert abs(len(reds[0]) - len(reds[1])) <= 2
    assert abs(reds[0][0] - reds[1][0]) <= 2


def test_a_damaged_thumbnail_makes_no_tile() -> None:
    assert images.make_tile(b"nothing", TileStyle(40, 40, 0, (0.1, 0.1, 0.5, 0.5))) is None
