"""Tiles made from thumbnails."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosim.core.decode import jpeg_thumbnail
from photosim.core.tiles import Pixels, tile


def alpha(made: Pixels) -> np.ndarray:
    return np.frombuffer(made.data, np.uint8).reshape(made.height, made.width, 4)[..., 3]


@given(
    st.tuples(st.integers(1, 320), st.integers(1, 320)),
    st.integers(20, 400),
    st.booleans(),
    st.integers(0, 9),
)
def test_a_tile_of_any_photo_has_the_size_asked_for(
    size: tuple[int, int], edge: int, square: bool, radius: int
) -> None:
    made = tile(jpeg_thumbnail(Image.new("RGB", size, "red")), edge, square=square, radius=radius)
    assert made is not None
    assert max(made.width, made.height) == edge
    assert len(made.data) == 4 * made.width * made.height
    if square:
        assert made.width == made.height
    else:
        assert abs(made.width * size[1] - made.height * size[0]) <= max(size)


def test_colours_are_multiplied_by_alpha_in_the_round_corners() -> None:
    made = tile(jpeg_thumbnail(Image.new("RGB", (200, 200), "white")), 60, square=True, radius=8)
    assert made is not None
    pixels = np.frombuffer(made.data, np.uint8).reshape(60, 60, 4)
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert (pixels[..., :3].max(axis=2) <= pixels[..., 3]).all()
    assert (alpha(made)[8:-8] == 255).all()
    between = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    assert between.any(), "the edge of the corner is smooth"


@pytest.mark.parametrize("data", [b"", b"no JPEG", jpeg_thumbnail(Image.new("RGB", (99, 99)))[:200]])
def test_damaged_bytes_make_no_tile(data: bytes) -> None:
    assert tile(data, 60, square=True, radius=0) is None
