"""JPEGs by libjpeg-turbo: photos as Pillow decodes them, and tiles of the screen."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from photosim.imaging import turbojpeg
from photosim.imaging.decode import read_photo
from photosim.imaging.proportions import crop_box
from photosim.imaging.turbojpeg import TilePixels, decode_tile, encode_thumbnail
from photosim.runtime.file_memory import file_memory
from tests.support.images import make_scene

SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


def saved(picture: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", **options)
    return target.getvalue()


def drafted(data: bytes, factor: int) -> JpegImageFile:
    image = JpegImageFile(io.BytesIO(data))
    image.draft(None, (max(1, image.width // factor), max(1, image.height // factor)))
    return image


@given(
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from(sorted(SUBSAMPLING)),
    st.booleans(),
    st.integers(30, 100),
    st.integers(0, 3),
)
def test_the_pixels_are_those_that_pillow_gives(
    size: tuple[int, int], factor: int, subsampling: str, progressive: bool, quality: int, restarts: int
) -> None:
    data = saved(
        make_scene(5, size),
        subsampling=SUBSAMPLING[subsampling],
        progressive=progressive,
        quality=quality,
        restart_marker_blocks=restarts,
    )
    ours = turbojpeg.decode_pixels(drafted(data, factor), data)
    assert (ours is None) == (max(drafted(data, factor).size) < 8)
    if ours is not None:
        assert np.array_equal(ours, np.asarray(drafted(data, factor)))


@pytest.mark.parametrize("progressive", [False, True])
def test_large_pictures_are_the_same_though_their_memory_is_in_files(
    monkeypatch: pytest.MonkeyPatch, progressive: bool
) -> None:
    monkeypatch.setattr(turbojpeg, "_LARGE_BYTES", 0)
    data = saved(make_scene(5, (1201, 903)), progressive=progressive, quality=95)
    content = file_memory(len(data))
    if content is not None:
        content.write(data)
    ours = turbojpeg.decode_pixels(drafted(data, 1), content or data)
    assert np.array_equal(ours, np.asarray(drafted(data, 1)))  # type: ignore[arg-type]


def test_a_jpeg_that_keeps_its_colors_as_rgb_is_decoded_too() -> None:
    data = saved(make_scene(2, (64, 48)), keep_rgb=True, quality=95)
    ours = turbojpeg.decode_pixels(drafted(data, 1), data)
    assert ours is not None
    assert np.array_equal(ours, np.asarray(drafted(data, 1)))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_modes_are_left_to_pillow(mode: str) -> None:
    data = saved(make_scene(2, (64, 48)).convert(mode))
    assert turbojpeg.decode_pixels(drafted(data, 1), data) is None


def test_a_jpeg_that_was_cut_off_or_changed_is_left_to_pillow() -> None:
    data = saved(make_scene(2, (320, 240)))
    image = drafted(data, 1)
    assert turbojpeg.decode_pixels(image, data[: len(data) // 2]) is None
    assert turbojpeg.decode_pixels(image, b"") is None
    assert turbojpeg.decode_pixels(image, saved(make_scene(2, (100, 240)))) is None


@pytest.mark.parametrize("junk", [b"", b"\0" * 100, b"junk"])
def test_what_libjpeg_warns_of_is_read_all_the_same(tmp_path: Path, junk: bytes) -> None:
    """Bytes before a marker: harmless, but a warning."""
    data = saved(make_scene(2, (320, 240)), quality=95)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(data[:-2] + junk + data[-2:])
    found = np.asarray(read_photo(photo).image)
    assert np.array_equal(found, np.asarray(Image.open(io.BytesIO(data))))


@given(st.tuples(st.integers(1, 320), st.integers(1, 320)))
def test_a_picture_of_any_size_is_encoded_and_looks_the_same(size: tuple[int, int]) -> None:
    picture = np.asarray(Image.linear_gradient("L").resize(size).convert("RGB"))
    turned = np.ascontiguousarray(picture.transpose(1, 0, 2)).transpose(1, 0, 2)  # rows that lie apart
    data = turbojpeg.encode_jpeg(turned, 80)
    assert data == turbojpeg.encode_jpeg(picture, 80)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.mode, image.size, image.info.get("exif")) == ("RGB", size, None)
        back = np.asarray(image).astype(int)
    assert np.abs(back - picture).max() < 12


def as_array(tile: TilePixels | None) -> np.ndarray:
    assert tile is not None
    rows = np.frombuffer(bytes(tile.data) + bytes(tile.stride - 4 * tile.width), np.uint8)
    return rows.reshape(tile.height, tile.stride)[:, : 4 * tile.width].reshape(tile.height, tile.width, 4)


@given(*[st.tuples(st.integers(1, 320), st.integers(1, 320))] * 2)
def test_there_are_pixels_enough_for_the_tile_and_no_more_than_needed(
    size: tuple[int, int], tile_size: tuple[int, int]
) -> None:
    tile = as_array(decode_tile(encode_thumbnail(Image.new("RGB", size, "red")), *tile_size))
    height, width = tile.shape[:2]
    whole = crop_box(*size, *tile_size)[2:]
    assert all(
        side + 1 >= min(wanted, all_pixels)
        for side, wanted, all_pixels in zip((width, height), tile_size, whole, strict=True)
    )
    assert width <= max(2 * tile_size[0], whole[0] / 2 + 1) or height <= max(
        2 * tile_size[1], whole[1] / 2 + 1
    )


@pytest.mark.parametrize("size", [(300, 101), (101, 300), (200, 200)])
@pytest.mark.parametrize("edge", [40, 90, 200])
def test_a_square_is_the_middle_of_the_photo(size: tuple[int, int], edge: int) -> None:
    picture = Image.new("RGB", size, "blue")
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    picture.paste("red", (left, top, left + side, top + side))
    tile = as_array(decode_tile(encode_thumbnail(picture), edge, edge)).astype(int)
    inner = tile[4:-4, 4:-4]
    assert (inner[..., 2] > 200).all()
    assert (inner[..., 0] < 60).all()


def test_colors_are_those_of_the_photo_and_nothing_is_clear() -> None:
    jpeg = encode_thumbnail(make_scene(3, (320, 240)))
    tile = as_array(decode_tile(jpeg, 320, 240))
    assert (tile[..., 3] == 255).all()
    expected = np.asarray(Image.open(io.BytesIO(jpeg)))
    assert np.abs(tile[..., 2::-1].astype(int) - expected).max() <= 2


def test_a_thumbnail_larger_than_ours_has_its_pixels_too() -> None:
    tile = as_array(decode_tile(encode_thumbnail(Image.new("RGB", (900, 700), "red"), edge=900), 640, 498))
    assert tile.shape == (700, 900, 4)
    assert (tile[..., 2] > 250).all()


@pytest.mark.parametrize(
    "data",
    [b"", b"no JPEG", b"\xff\xd8\xff", encode_thumbnail(Image.new("RGB", (99, 99)))[:200]],
)
def test_damaged_bytes_have_no_pixels(data: bytes) -> None:
    assert decode_tile(data, 60, 60) is None
