from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.ml.model_spec import FitMode, Preprocessing
from photosim.ml.preprocess import preprocess

SQUARE = Preprocessing(size=64, fill=114)
MIDDLE = Preprocessing(size=64, fit=FitMode.CENTRE_CROP)
SIDES = st.integers(1, 900)


@given(width=SIDES, height=SIDES)
@settings(max_examples=60)
def test_a_photo_of_any_shape_is_whole_and_centred_on_the_background(width: int, height: int) -> None:
    square = preprocess(Image.new("RGB", (width, height), (250, 0, 0)), SQUARE)
    assert square.shape == (64, 64, 3)
    assert square.dtype == np.uint8
    photo = (square == (250, 0, 0)).all(axis=2)
    assert (square[~photo] == 114).all()
    rows, columns = np.flatnonzero(photo.any(axis=1)), np.flatnonzero(photo.any(axis=0))
    assert max(len(rows), len(columns)) == 64
    assert len(rows) == max(1, round(64 * height / max(width, height)))
    assert len(columns) == max(1, round(64 * width / max(width, height)))
    assert photo.sum() == len(rows) * len(columns)
    assert abs(rows[0] - (63 - rows[-1])) <= 1
    assert abs(columns[0] - (63 - columns[-1])) <= 1


def test_a_photo_of_the_right_size_is_not_changed() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    assert np.array_equal(preprocess(Image.fromarray(pixels), SQUARE), pixels)


@pytest.mark.parametrize("side", [640, 200, 131])
def test_a_pattern_finer_than_the_grid_becomes_grey_not_a_coarser_pattern(side: int) -> None:
    stripes = np.zeros((side, side, 3), np.uint8)
    stripes[:, ::2] = 255
    middle = preprocess(Image.fromarray(stripes), SQUARE)[:, 4:-4].astype(int)
    assert abs(middle - 127).max() <= 30


def test_colours_keep_their_order_and_up_stays_up() -> None:
    image = Image.new("RGB", (300, 300), (10, 20, 200))
    image.paste((200, 20, 10), (0, 0, 300, 150))
    square = preprocess(image, SQUARE)
    assert tuple(square[5, 32]) == (200, 20, 10)
    assert tuple(square[-5, 32]) == (10, 20, 200)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_other_modes_are_accepted(mode: str) -> None:
    square = preprocess(Image.new("RGB", (80, 40), (255, 255, 255)).convert(mode), SQUARE)
    assert (square[32, 32] >= 250).all()


def test_the_fill_is_that_of_the_model() -> None:
    square = preprocess(Image.new("RGB", (80, 40)), Preprocessing(size=32, fill=7))
    assert square.shape == (32, 32, 3)
    assert (square[0] == 7).all()


def test_the_photo_itself_is_not_changed() -> None:
    image = Image.new("RGB", (500, 300), (1, 2, 3))
    preprocess(image, SQUARE)
    assert image.size == (500, 300)
    assert image.getpixel((0, 0)) == (1, 2, 3)


def classify_transforms(image: Image.Image, size: int) -> np.ndarray:
    """Apply torchvision's Resize(size) and CenterCrop(size), the parts of Ultralytics' `classify_transforms`."""
    width, height = image.size
    if width <= height:
        image = image.resize((size, int(size * height / width)), Image.Resampling.BILINEAR)
    else:
        image = image.resize((int(size * width / height), size), Image.Resampling.BILINEAR)
    left, top = round((image.width - size) / 2.0), round((image.height - size) / 2.0)
    return np.asarray(image.crop((left, top, left + size, top + size)))


@given(width=SIDES, height=SIDES)
@settings(max_examples=60)
def test_the_centre_crop_is_that_of_ultralytics_classification(width: int, height: int) -> None:
    noise = np.random.default_rng(width).integers(0, 256, (9, 7, 3), np.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    found = preprocess(image, MIDDLE).astype(int)
    difference = abs(found - classify_transforms(image, 64))
    assert found.shape == (64, 64, 3)
    assert difference.mean() < 1.5
    assert min(width, height) >= 128 or difference.max() <= 2  # larger ones are shrunk in two steps


def test_a_long_strip_takes_no_more_memory_than_a_square() -> None:
    """Scaled as a whole, it would have 64 by 32 million pixels."""
    image = Image.new("RGB", (500_000, 1), (200, 100, 50))
    assert (preprocess(image, MIDDLE) == (200, 100, 50)).all()
    assert (preprocess(image.transpose(Image.Transpose.ROTATE_90), MIDDLE) == (200, 100, 50)).all()


def test_a_crop_needs_a_larger_decoded_photo_than_a_letterbox() -> None:
    assert (SQUARE.edge, MIDDLE.edge) == (64, 128)
