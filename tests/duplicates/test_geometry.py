"""Copies are told from other photos by their pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from photosim.duplicates.geometry import Alignment, PhotoLook, align, look_at
from tests.support.images import make_scene

SIZE = (320, 240)


def looked_at(picture: Image.Image) -> PhotoLook:
    return look_at(np.asarray(picture.convert("L")))


def scene(seed: int, variant: int = 0) -> Image.Image:
    """A picture with detail everywhere, as photos have it."""
    picture = make_scene(seed, SIZE, variant=variant)
    draw, rng = ImageDraw.Draw(picture), np.random.default_rng(seed)
    for _ in range(60):
        x, y, size = rng.integers(0, 320), rng.integers(0, 240), rng.integers(4, 30)
        color = tuple(int(value) for value in rng.integers(0, 256, 3))
        draw.polygon([(x, y), (x + size, y + size // 3), (x + size // 4, y + size)], fill=color)
    return picture


def aligned(one: Image.Image, other: Image.Image) -> Alignment:
    alignment = align(looked_at(one), looked_at(other))
    assert alignment is not None
    return alignment


def marked(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    ImageDraw.Draw(copy).rectangle((180, 200, 300, 225), fill="white")
    return copy


def screenshot(picture: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (320, 560), (20, 20, 24))
    screen.paste(picture, (0, 160))
    ImageDraw.Draw(screen).ellipse((150, 530, 162, 542), fill="grey")
    return screen


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "smaller": lambda picture: picture.resize((120, 90)),
    "cropped": lambda picture: picture.crop((60, 40, 300, 220)),
    "turned a little": lambda picture: picture.rotate(6, resample=Image.Resampling.BICUBIC),
    "turned by a quarter": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "mirrored": ImageOps.mirror,
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.3),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "marked": marked,
    "framed": lambda picture: ImageOps.expand(picture, 20, "white"),
    "screenshot": screenshot,
    "stretched": lambda picture: picture.resize((320, 260)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_photo_is_confirmed_as_a_copy(edit: str) -> None:
    alignment = aligned(scene(1), EDITS[edit](scene(1)))
    assert alignment.confidence > 0.9
    assert alignment.is_mirrored == (edit == "mirrored")


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_photo_is_not_confirmed(seed: int) -> None:
    alignment = align(looked_at(scene(1)), looked_at(scene(seed)))
    assert alignment is None or alignment.confidence < 0.1


def test_another_thing_on_the_same_ground_is_not_a_copy() -> None:
    ground, others = scene(1), [scene(2), scene(3)]
    one, other = (ground.copy() for _ in others)
    for picture, thing in zip((one, other), others, strict=True):
        picture.paste(thing.crop((60, 40, 260, 210)), (60, 40))
    assert aligned(one, other).confidence < 0.5


def test_the_alignment_tells_where_the_crop_lies() -> None:
    box = (64, 48, 256, 192)
    matrix = aligned(scene(1).crop(box), scene(1)).matrix
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ matrix.T
    assert corners == pytest.approx(np.array([[0.2, 0.2], [0.8, 0.8]]), abs=0.02)


def test_the_alignment_is_of_whole_photos_with_their_borders() -> None:
    matrix = aligned(scene(1), screenshot(scene(1))).matrix
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ matrix.T
    assert corners == pytest.approx(np.array([[0, 160 / 560], [1, 400 / 560]]), abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (320, 4), (3, 320), (320, 240)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_pictures_without_detail_are_no_copies_and_no_error(size: tuple[int, int], value: int) -> None:
    plain: npt.NDArray[np.uint8] = np.full(size[::-1], value, np.uint8)
    alignment = align(look_at(plain), look_at(plain))
    assert alignment is None or alignment.confidence < 0.5
    assert align(look_at(plain), looked_at(scene(1))) is None
