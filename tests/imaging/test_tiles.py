"""Thumbnails decoded for tiles."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosim.imaging.turbojpeg import TilePixels, decode_tile, encode_thumbnail
from tests.support.images import make_scene


def as_array(made: TilePixels | None) -> np.ndarray:
    assert made is not None
    rows = np.frombuffer(bytes(made.data) + bytes(made.stride - 4 * made.width), np.uint8)
    return rows.reshape(made.height, made.stride)[:, : 4 * made.width].reshape(made.height, made.width, 4)


@given(st.tuples(st.integers(1, 320), st.integers(1, 320)), st.integers(20, 400), st.booleans())
def test_there_are_pixels_enough_for_the_tile_and_no_more_than_needed(
    size: tuple[int, int], edge: int, square: bool
) -> None:
    made = as_array(decode_tile(encode_thumbnail(Image.new("RGB", size, "red")), edge, square=square))
    height, width = made.shape[:2]
    whole = min(size) if square else max(size)
    assert max(width, height) >= min(edge, whole)
    assert max(width, height) <= max(2 * edge, whole / 2 + 1)
    assert width == height if square else abs(width * size[1] - height * size[0]) <= max(size) * 2


@pytest.mark.parametrize("size", [(300, 101), (101, 300), (200, 200)])
@pytest.mark.parametrize("edge", [40, 90, 200])
def test_a_square_is_the_middle_of_the_photo(size: tuple[int, int], edge: int) -> None:
    picture = Image.new("RGB", size, "blue")
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    picture.paste("red", (left, top, left + side, top + side))
    made = as_array(decode_tile(encode_thumbnail(picture), edge, square=True)).astype(int)
    inner = made[4:-4, 4:-4]
    assert (inner[..., 2] > 200).all()
    assert (inner[..., 0] < 60).all()


def test_colours_are_those_of_the_photo_and_nothing_is_clear() -> None:
    jpeg = encode_thumbnail(make_scene(3, (320, 240)))
    made = as_array(decode_tile(jpeg, 320, square=False))
    assert (made[..., 3] == 255).all()
    expected = np.asarray(Image.open(io.BytesIO(jpeg)))
    assert np.abs(made[..., 2::-1].astype(int) - expected).max() <= 2


def test_a_thumbnail_larger_than_ours_has_its_pixels_too() -> None:
    made = as_array(
        decode_tile(encode_thumbnail(Image.new("RGB", (900, 700), "red"), edge=900), 640, square=False)
    )
    assert made.shape == (700, 900, 4)
    assert (made[..., 2] > 250).all()


@pytest.mark.parametrize(
    "data",
    [b"", b"no JPEG", b"\xff\xd8\xff", encode_thumbnail(Image.new("RGB", (99, 99)))[:200]],
)
def test_damaged_bytes_have_no_pixels(data: bytes) -> None:
    assert decode_tile(data, 60, square=True) is None
