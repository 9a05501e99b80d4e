"""Copies are told from other photos by their pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from photosim.duplicates.coverage import covered
from photosim.duplicates.geometry import Alignment, align
from photosim.duplicates.looks import PhotoLook, look_at
from tests.support.images import make_detailed_scene

SIZE = (320, 240)


def looked_at(picture: Image.Image) -> PhotoLook:
    return look_at(np.asarray(picture.convert("L")))


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
    alignment = aligned(make_detailed_scene(1), EDITS[edit](make_detailed_scene(1)))
    assert alignment.confidence > 0.9
    assert alignment.is_mirrored == (edit == "mirrored")


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_photo_is_not_confirmed(seed: int) -> None:
    alignment = align(looked_at(make_detailed_scene(1)), looked_at(make_detailed_scene(seed)))
    assert alignment is None or alignment.confidence < 0.1


def test_another_thing_on_the_same_ground_is_not_a_copy() -> None:
    ground, others = make_detailed_scene(1), [make_detailed_scene(2), make_detailed_scene(3)]
    one, other = (ground.copy() for _ in others)
    for picture, thing in zip((one, other), others, strict=True):
        picture.paste(thing.crop((60, 40, 260, 210)), (60, 40))
    alignment = align(looked_at(one), looked_at(other))
    assert alignment is None or alignment.confidence < 0.5


def test_a_copy_that_is_hardly_moved_is_confirmed_without_searching_for_keypoints() -> None:
    photo = make_detailed_scene(1)
    one, other = looked_at(photo), looked_at(photo.rotate(1).crop((8, 6, 314, 236)))
    alignment = align(one, other)
    assert alignment is not None
    assert alignment.confidence > 0.9
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ alignment.matrix.T
    assert corners == pytest.approx(np.array([[-8 / 306, -6 / 230], [312 / 306, 234 / 230]]), abs=0.03)
    assert not {"keypoints", "mirrored"} & one.__dict__.keys()


TINY: dict[str, Callable[[Image.Image], Image.Image]] = {
    "only smaller": lambda picture: picture.resize((24, 18)),
    "cropped": lambda picture: picture.crop((40, 30, 280, 210)).resize((36, 27)),
    "turned a little": lambda picture: picture.rotate(5, resample=Image.Resampling.BICUBIC).resize((40, 30)),
    "mirrored and cropped": lambda picture: (
        ImageOps.mirror(picture).crop((40, 30, 280, 210)).resize((36, 27))
    ),
}


@pytest.mark.parametrize("edit", TINY)
def test_a_tiny_copy_is_confirmed(edit: str) -> None:
    photo = make_detailed_scene(1)
    assert aligned(photo, TINY[edit](photo)).confidence > 0.5


@pytest.mark.parametrize("edit", TINY)
@pytest.mark.parametrize("seed", range(2, 8))
def test_a_tiny_copy_of_another_photo_is_not_confirmed(edit: str, seed: int) -> None:
    alignment = align(looked_at(make_detailed_scene(1)), looked_at(TINY[edit](make_detailed_scene(seed))))
    assert alignment is None or alignment.confidence < 0.5


def test_a_crop_of_a_smooth_photo_is_confirmed() -> None:
    photo = make_detailed_scene(1).filter(ImageFilter.GaussianBlur(12))
    assert aligned(photo, photo.crop((60, 40, 300, 220))).confidence > 0.5


def test_the_alignment_tells_where_the_crop_lies() -> None:
    box = (64, 48, 256, 192)
    matrix = aligned(make_detailed_scene(1).crop(box), make_detailed_scene(1)).matrix
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ matrix.T
    assert corners == pytest.approx(np.array([[0.2, 0.2], [0.8, 0.8]]), abs=0.02)


def test_the_alignment_is_of_whole_photos_with_their_borders() -> None:
    matrix = aligned(make_detailed_scene(1), screenshot(make_detailed_scene(1))).matrix
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ matrix.T
    assert corners == pytest.approx(np.array([[0, 160 / 560], [1, 400 / 560]]), abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (320, 4), (3, 320), (320, 240)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_pictures_without_detail_are_no_copies_and_no_error(size: tuple[int, int], value: int) -> None:
    plain: npt.NDArray[np.uint8] = np.full(size[::-1], value, np.uint8)
    alignment = align(look_at(plain), look_at(plain))
    assert alignment is None or alignment.confidence < 0.5
    assert align(look_at(plain), looked_at(make_detailed_scene(1))) is None


def test_the_relation_tells_how_much_is_covered_turned_and_brighter() -> None:
    photo = make_detailed_scene(1)
    edited = ImageEnhance.Brightness(photo.rotate(-90, expand=True)).enhance(1.3).crop((0, 0, 240, 240))
    one, other = looked_at(photo), looked_at(edited)
    alignment = align(one, other)
    assert alignment is not None
    relation = alignment.relation(other)
    assert relation.covers == pytest.approx(0.75, abs=0.03)
    assert relation.turned == pytest.approx(90, abs=2)
    assert not relation.is_mirrored
    assert 0.02 < relation.brighter < 0.3
    assert relation.inverse.turned == pytest.approx(270, abs=2)


@pytest.mark.parametrize("turns", range(4))
def test_a_mirrored_photo_that_was_turned_tells_both(turns: int) -> None:
    photo = make_detailed_scene(1)
    one, other = looked_at(photo), looked_at(ImageOps.mirror(photo).rotate(-90 * turns, expand=True))
    alignment = align(one, other)
    assert alignment is not None
    relation = alignment.relation(other)
    assert relation.is_mirrored
    assert (relation.turned - 90 * turns + 180) % 360 - 180 == pytest.approx(0, abs=2)
    assert relation.covers == pytest.approx(1, abs=0.02)


@given(st.lists(st.floats(-1e-3, 1e-3), min_size=6, max_size=6))
def test_a_smaller_copy_covers_the_whole_photo(errors: list[float]) -> None:
    """Its matrix is measured, so that its edges nearly coincide with those of the photo."""
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]) + np.reshape(errors, (2, 3))
    assert covered(matrix) > 0.99


def test_a_crop_covers_its_share() -> None:
    assert covered(np.array([[2.0, 0.0, -0.5], [0.0, 4.0, -1.0]])) == pytest.approx(1 / 8)
    assert covered(np.array([[1.0, 0.0, 0.25], [0.0, 1.0, 0.0]])) == pytest.approx(3 / 4)
