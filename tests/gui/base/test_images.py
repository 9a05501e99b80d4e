"""Pictures made in jobs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtGui import QColor, QImage

from photosim.errors import UnreadablePhotoError
from photosim.gui.base import images
from photosim.gui.base.images import TileStyle
from photosim.imaging.turbojpeg import encode_thumbnail
from tests.support.images import make_exif, make_photo, make_scene, save
from tests.support.raw_files import make_dng

FLAT, PAINTED = QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied


def test_a_square_tile_shows_the_middle_of_the_photo() -> None:
    picture = Image.new("RGB", (300, 100), "blue")
    picture.paste("red", (100, 0, 200, 100))
    made = images.make_tile(encode_thumbnail(picture), TileStyle(80))
    assert made is not None
    assert (made.width(), made.height()) == (80, 80)
    for x in (4, 40, 75):
        assert made.pixelColor(x, 40).red() > 200


def test_a_whole_tile_keeps_the_photo_s_proportions() -> None:
    made = images.make_tile(encode_thumbnail(make_scene(1, (300, 100))), TileStyle(90, square=False))
    assert made is not None
    assert (made.width(), made.height()) == (90, 30)


def test_corners_are_round_and_clear() -> None:
    made = images.make_tile(encode_thumbnail(Image.new("RGB", (100, 100), "red")), TileStyle(60, radius=8))
    assert made is not None
    assert made.pixelColor(0, 0).alpha() == 0
    assert made.pixelColor(30, 30).alpha() == 255


@given(
    st.tuples(st.integers(1, 320), st.integers(1, 320)),
    st.integers(20, 400),
    st.booleans(),
    st.integers(0, 9),
)
def test_a_tile_of_any_photo_has_the_size_asked_for(
    size: tuple[int, int], edge: int, square: bool, radius: int
) -> None:
    data = encode_thumbnail(Image.new("RGB", size, "red"))
    made = images.make_tile(data, TileStyle(edge, square, radius))
    assert made is not None
    width, height = made.width(), made.height()
    assert max(width, height) == edge
    assert made.format() == PAINTED
    if square:
        assert width == height
    else:
        assert abs(width * size[1] - height * size[0]) <= 2 * max(size)


def test_colours_are_multiplied_by_alpha_in_smooth_corners() -> None:
    made = images.make_tile(encode_thumbnail(Image.new("RGB", (200, 200), "white")), TileStyle(60, radius=8))
    assert made is not None
    pixels = np.frombuffer(made.constBits(), np.uint8).reshape(60, 60, 4)
    assert pixels[0, 0].tolist() == pixels[-1, -1].tolist() == [0, 0, 0, 0]
    assert (pixels[..., :3].max(axis=2) <= pixels[..., 3]).all()
    assert (pixels[8:-8, :, 3] == 255).all()
    assert ((pixels[..., 3] > 0) & (pixels[..., 3] < 255)).any(), "the edge of the corner is smooth"
    for mirrored in (pixels[::-1], pixels[:, ::-1]):
        assert np.abs(pixels.astype(int) - mirrored).max() < 64


def test_a_tile_of_the_thumbnail_s_own_size_keeps_its_pixels() -> None:
    made = images.make_tile(encode_thumbnail(Image.new("RGB", (99, 99), "red")), TileStyle(99))
    others = [
        images.make_tile(encode_thumbnail(Image.new("RGB", (99, 99), "blue")), TileStyle(99))
        for _ in range(20)
    ]
    assert made is not None
    assert all(others)
    assert made.pixelColor(50, 50).red() > 200


def test_damaged_bytes_make_no_tile() -> None:
    assert images.make_tile(b"no JPEG", TileStyle(60)) is None


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "gif", "tiff", "avif", "heic"])
def test_every_format_of_the_library_can_be_looked_at(tmp_path: Path, suffix: str) -> None:
    path = make_photo(tmp_path / f"photo.{suffix}", 3, (300, 200))
    made = images.load_photo(str(path))
    assert (made.width(), made.height()) == (300, 200)
    expected = make_scene(3, (300, 200)).getpixel((150, 100))
    seen = made.pixelColor(150, 100)
    assert (
        max(abs(a - b) for a, b in zip(expected, (seen.red(), seen.green(), seen.blue()), strict=True)) < 60
    )


def test_a_turned_photo_is_shown_upright(tmp_path: Path) -> None:
    path = save(make_scene(1, (300, 200)), tmp_path / "turned.jpg", exif=make_exif(orientation=6))
    made = images.load_photo(str(path))
    assert (made.width(), made.height()) == (200, 300)


def test_a_photo_can_be_asked_for_smaller(tmp_path: Path) -> None:
    for suffix in ("jpg", "heic"):
        path = make_photo(tmp_path / f"photo.{suffix}", 3, (1200, 800))
        made = images.load_photo(str(path), 300)
        assert (made.width(), made.height()) == (300, 200)


def test_clear_parts_stay_clear_and_flat_photos_stay_flat(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert images.load_photo(str(tmp_path / "clear.png")).pixelColor(5, 5).alpha() == 0
    assert images.load_photo(str(make_photo(tmp_path / "flat.jpg"))).format() == FLAT


def test_a_cmyk_photo_has_its_colours(tmp_path: Path) -> None:
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=95)
    seen = images.load_photo(str(tmp_path / "print.jpg")).pixelColor(20, 20)
    assert seen.red() > 180
    assert seen.green() < 90


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "empty.jpg").write_bytes(b"")
    for name in ("text.jpg", "empty.jpg", "missing.jpg"):
        with pytest.raises(UnreadablePhotoError):
            images.load_photo(str(tmp_path / name))


def test_a_drawing_in_a_photo_s_clothes_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "drawing.jpg").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
    with pytest.raises(UnreadablePhotoError):
        images.load_photo(str(tmp_path / "drawing.jpg"))


def test_levels_halve_down_to_the_screen() -> None:
    image = QImage(5000, 3000, FLAT)
    image.fill(QColor("green"))
    sizes = [(level.width(), level.height()) for level in images.build_mipmaps(image)]
    assert sizes == [(5000, 3000), (2500, 1500), (1250, 750)]


def test_a_raw_photo_is_shown_by_the_library_and_not_by_qt(tmp_path: Path) -> None:
    path = make_dng(tmp_path / "a.dng", size=(720, 480), preview=660)
    shown = images.load_photo(str(path))
    assert (shown.width(), shown.height()) == (660, 440)
    assert 300 <= images.load_photo(str(path), 320).width() <= 320


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.jpg", b"jpeg"), ("a.png", b"png"), ("a.webp", b"webp"), ("a.bmp", b"bmp"), ("a.tif", b"tiff")],
)
def test_no_decoder_but_the_one_for_the_format_looks_at_a_photo(
    tmp_path: Path, name: str, kind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(make_scene(1), tmp_path / name)
    told: list[bytes] = []
    real = images.QImageReader

    class Told(real):  # type: ignore[misc, valid-type]
        def __init__(self, path: str, kind: object) -> None:
            super().__init__(path, kind)
            told.append(bytes(self.format().data()))

        def read(self) -> object:
            assert not self.autoDetectImageFormat()
            return super().read()

    monkeypatch.setattr(images, "QImageReader", Told)
    assert not images.load_photo(str(path)).isNull()
    assert told == [kind]
