"""Pictures made in jobs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QImage

from photosim.errors import PhotoSimError
from photosim.gui.base import images
from photosim.gui.base.images import TileStyle
from photosim.imaging.turbojpeg import encode_thumbnail
from photosim.workers import pixels
from tests.support.images import make_scene

FLAT, PAINTED = QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied


def test_a_square_tile_shows_the_middle_of_the_photo() -> None:
    picture = Image.new("RGB", (300, 100), "blue")
    picture.paste("red", (100, 0, 200, 100))
    made = images.make_tile(encode_thumbnail(picture), TileStyle.square(80))
    assert made is not None
    assert (made.width(), made.height()) == (80, 80)
    for x in (4, 40, 75):
        assert made.pixelColor(x, 40).red() > 200


def test_a_tile_in_the_photo_s_proportions_shows_all_of_it() -> None:
    made = images.make_tile(encode_thumbnail(make_scene(1, (300, 100))), TileStyle(90, 30))
    assert made is not None
    assert (made.width(), made.height()) == (90, 30)


def test_corners_are_round_and_clear() -> None:
    made = images.make_tile(
        encode_thumbnail(Image.new("RGB", (100, 100), "red")), TileStyle.square(60, radius=8)
    )
    assert made is not None
    assert made.pixelColor(0, 0).alpha() == 0
    assert made.pixelColor(30, 30).alpha() == 255


@given(
    st.tuples(st.integers(1, 320), st.integers(1, 320)),
    st.tuples(st.integers(20, 400), st.integers(20, 400)),
    st.integers(0, 9),
)
def test_a_tile_of_any_photo_has_the_size_asked_for(
    size: tuple[int, int], tile: tuple[int, int], radius: int
) -> None:
    data = encode_thumbnail(Image.new("RGB", size, "red"))
    made = images.make_tile(data, TileStyle(*tile, radius))
    assert made is not None
    assert (made.width(), made.height()) == tile
    assert made.format() == PAINTED


@given(*[st.integers(1, 500)] * 4)
def test_a_crop_is_in_the_middle_and_has_the_shape_asked_for(
    width: int, height: int, shape_width: int, shape_height: int
) -> None:
    crop = images.crop_rect(QSize(width, height), QSize(shape_width, shape_height))
    assert QRect(0, 0, width, height).contains(crop)
    assert crop.width() == width or crop.height() == height
    assert abs(crop.width() * shape_height - crop.height() * shape_width) <= max(shape_width, shape_height)
    assert abs(2 * crop.x() + crop.width() - width) <= 1
    assert abs(2 * crop.y() + crop.height() - height) <= 1


def test_a_picture_fits_into_the_middle() -> None:
    assert images.fit_rect(QSize(200, 100), QRect(10, 10, 100, 100)) == QRect(10, 35, 100, 50)


def test_colors_are_multiplied_by_alpha_in_smooth_corners() -> None:
    made = images.make_tile(
        encode_thumbnail(Image.new("RGB", (200, 200), "white")), TileStyle.square(60, radius=8)
    )
    assert made is not None
    pixels = np.frombuffer(made.constBits(), np.uint8).reshape(60, 60, 4)
    assert pixels[0, 0].tolist() == pixels[-1, -1].tolist() == [0, 0, 0, 0]
    assert (pixels[..., :3].max(axis=2) <= pixels[..., 3]).all()
    assert (pixels[8:-8, :, 3] == 255).all()
    assert ((pixels[..., 3] > 0) & (pixels[..., 3] < 255)).any(), "the edge of the corner is smooth"
    for mirrored in (pixels[::-1], pixels[:, ::-1]):
        assert np.abs(pixels.astype(int) - mirrored).max() < 64


def test_a_tile_of_the_thumbnail_s_own_size_keeps_its_pixels() -> None:
    made = images.make_tile(encode_thumbnail(Image.new("RGB", (99, 99), "red")), TileStyle.square(99))
    others = [
        images.make_tile(encode_thumbnail(Image.new("RGB", (99, 99), "blue")), TileStyle.square(99))
        for _ in range(20)
    ]
    assert made is not None
    assert all(others)
    assert made.pixelColor(50, 50).red() > 200


def test_damaged_bytes_make_no_tile() -> None:
    assert images.make_tile(b"no JPEG", TileStyle.square(60)) is None


@pytest.mark.parametrize(
    ("style", "size"),
    [
        (TileStyle.square(60), (60, 60)),
        (TileStyle.square(60, radius=8), (60, 60)),
        (TileStyle(400, 266), (400, 266)),
    ],
)
def test_a_tile_of_a_decoded_picture_looks_like_one_of_a_thumbnail(
    style: TileStyle, size: tuple[int, int]
) -> None:
    scene = make_scene(2, (300, 200))
    picture = QImage(scene.convert("RGBA").tobytes(), 300, 200, QImage.Format.Format_RGBA8888)
    tile, expected = images.tile_of(picture, style), images.make_tile(encode_thumbnail(scene), style)
    assert expected is not None
    assert (tile.width(), tile.height()) == (expected.width(), expected.height()) == size
    assert tile.format() == expected.format()
    seen, known = (image.pixelColor(size[0] // 2, size[1] // 3) for image in (tile, expected))
    assert abs(seen.red() - known.red()) + abs(seen.green() - known.green()) < 40


@pytest.mark.parametrize("width", [1, 2, 3, 4, 301])
def test_pixels_of_a_photo_worker_become_an_image_of_any_width(tmp_path: Path, width: int) -> None:
    picture = np.random.default_rng(width).integers(0, 256, (5, width, 3), np.uint8)
    pixels.write_pixels(tmp_path / "1", picture)
    image = images.image_from_pixels(tmp_path / "1", width, 5)
    assert image.format() == FLAT
    for x, y in ((0, 0), (width - 1, 4)):
        seen = image.pixelColor(x, y)
        assert [seen.red(), seen.green(), seen.blue()] == picture[y, x].tolist()
    assert not (tmp_path / "1").exists()


def test_pixels_of_another_size_are_refused(tmp_path: Path) -> None:
    pixels.write_pixels(tmp_path / "1", np.zeros((5, 4, 3), np.uint8))
    with pytest.raises(PhotoSimError):
        images.image_from_pixels(tmp_path / "1", 4, 6)
    assert not (tmp_path / "1").exists()


def test_levels_halve_down_to_the_screen() -> None:
    image = QImage(5000, 3000, FLAT)
    image.fill(QColor("green"))
    sizes = [(level.width(), level.height()) for level in images.build_mipmaps(image)]
    assert sizes == [(5000, 3000), (2500, 1500), (1250, 750)]
