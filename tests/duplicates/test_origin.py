"""How an image was made from a photo, or a photo from the image."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps

from photosim.duplicates.image_parts import WHOLE, area, common_area
from photosim.duplicates.looks import Box
from photosim.duplicates.origin.image import OriginImage
from photosim.duplicates.origin.placed import PlacedPhoto
from photosim.duplicates.origin.search import find_places
from photosim.duplicates.results import CopyRelation, Surround
from tests.support.images import make_detailed_scene

SEEDS = range(8)
SCENES = [make_detailed_scene(seed) for seed in SEEDS]
THUMBNAILS = [np.asarray(scene) for scene in SCENES]
SIZE = 320, 240


def find(
    image: Image.Image, boxes: Sequence[Box] | None = None
) -> tuple[OriginImage, dict[int, PlacedPhoto]]:
    """Return where the scenes lie in an image, by their numbers."""
    searched = OriginImage(np.asarray(image))
    found: dict[int, PlacedPhoto] = {}
    for box in searched.first_parts() if boxes is None else boxes:
        for result in find_places(searched.part(box), THUMBNAILS):
            if result is not None:
                number, relation, confidence = result
                placed = searched.place(relation, confidence, THUMBNAILS[number])
                if placed is not None:
                    found[number] = placed
    return searched, found


def iou(one: Box, other: Box) -> float:
    common = common_area(one, other)
    return common / (area(one) + area(other) - common)


def role(searched: OriginImage, placed: PlacedPhoto, image: Image.Image) -> tuple[bool, Surround]:
    surround = searched.surround(placed, [])
    return placed.is_made_from_photo(placed.scale(image.size, SIZE), surround), surround


@pytest.mark.parametrize("seed", SEEDS)
def test_a_crop_to_two_fifths_is_found_where_it_was_cropped(seed: int) -> None:
    image = SCENES[seed].crop((128, 60, 256, 156))
    searched, found = find(image)
    assert list(found) == [seed]
    assert iou(found[seed].box, (0.4, 0.25, 0.4, 0.4)) > 0.8
    assert found[seed].relation.covers == pytest.approx(0.16, abs=0.03)
    assert role(searched, found[seed], image) == (True, Surround.NONE)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_photo_in_a_screenshot_is_found_between_its_bars(seed: int) -> None:
    image = ImageOps.expand(SCENES[seed], (0, 90, 0, 120), "black")
    searched, found = find(image)
    assert list(found) == [seed]
    assert iou(found[seed].box_in_image, (0, 90 / 450, 1, 240 / 450)) > 0.9
    assert role(searched, found[seed], image) == (True, Surround.BARS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_framed_photo_is_found_in_its_frame(seed: int) -> None:
    image = ImageOps.expand(SCENES[seed], 30, "#a04020")
    searched, found = find(image)
    assert list(found) == [seed]
    assert iou(found[seed].box_in_image, (30 / 380, 30 / 300, 320 / 380, 240 / 300)) > 0.9
    assert role(searched, found[seed], image) == (True, Surround.FRAME)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mirrored_crop_is_found(seed: int) -> None:
    image = ImageOps.mirror(SCENES[seed].crop((16, 12, 160, 120)))
    _, found = find(image)
    assert list(found) == [seed]
    assert found[seed].relation.is_mirrored
    assert iou(found[seed].box, (0.05, 0.05, 0.45, 0.45)) > 0.75


def test_a_messenger_copy_is_smaller_and_all_of_the_photo() -> None:
    stream = io.BytesIO()
    SCENES[2].resize((160, 120)).save(stream, "JPEG", quality=40)
    image = Image.open(stream).convert("RGB")
    searched, found = find(image)
    assert list(found) == [2]
    assert area(found[2].box) > 0.95
    assert found[2].scale(image.size, SIZE) == pytest.approx(0.5, abs=0.02)
    assert role(searched, found[2], image)[0]


def test_a_black_and_white_copy_is_told_from_a_photo_in_color() -> None:
    _, found = find(ImageOps.grayscale(SCENES[1]).convert("RGB"))
    assert found[1].is_grey
    _, found = find(SCENES[1])
    assert not found[1].is_grey


def test_a_black_and_white_photo_was_made_from_the_image_in_color() -> None:
    searched = OriginImage(np.asarray(SCENES[1]))
    grey = np.asarray(ImageOps.grayscale(SCENES[1]).convert("RGB"))
    unmoved = CopyRelation((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1.0)
    placed = searched.place(unmoved, 1.0, grey)
    assert placed is not None
    assert placed.is_photo_grey
    assert role(searched, placed, SCENES[1]) == (False, Surround.NONE)
    in_color = searched.place(unmoved, 1.0, np.asarray(SCENES[1]))
    assert in_color is not None
    assert role(searched, in_color, SCENES[1]) == (True, Surround.NONE)


def test_a_collage_shows_all_of_its_photos() -> None:
    image = Image.new("RGB", (640, 480))
    for number in range(4):
        image.paste(SCENES[number], (320 * (number % 2), 240 * (number // 2)))
    searched = OriginImage(np.asarray(image))
    searched, found = find(image, searched.further_parts())
    assert sorted(found) == [0, 1, 2, 3]
    for number, placed in found.items():
        assert iou(placed.box_in_image, (0.5 * (number % 2), 0.5 * (number // 2), 0.5, 0.5)) > 0.9
        others = [other for other in found.values() if other is not placed]
        assert searched.surround(placed, others) is Surround.COLLAGE
    assert searched.is_explained_by(list(found.values()))
    assert not searched.is_explained_by([found[0]])


def test_a_crop_of_the_image_was_made_from_it() -> None:
    image = SCENES[5].resize((1280, 960))
    searched = OriginImage(np.asarray(image.resize((1024, 768))))
    thumbnail: npt.NDArray[np.uint8] = np.asarray(SCENES[5].crop((128, 60, 256, 156)))
    results = [result for result in find_places(searched.part(WHOLE), [thumbnail]) if result is not None]
    [(_, relation, confidence)] = results
    placed = searched.place(relation, confidence, thumbnail)
    assert placed is not None
    assert iou(placed.box_in_image, (0.4, 0.25, 0.4, 0.4)) > 0.8
    assert not placed.is_made_from_photo(placed.scale((1280, 960), (512, 384)), Surround.OTHER)


@pytest.mark.parametrize("seed", [100, 101, 102])
def test_an_unrelated_image_was_made_from_none(seed: int) -> None:
    image = make_detailed_scene(seed)
    assert not find(image)[1]
    assert not find(image.crop((100, 60, 220, 150)))[1]


def test_a_plain_image_was_made_from_none() -> None:
    for size in ((1, 1), (3, 400), (300, 300)):
        assert not find(Image.new("RGB", size, "blue"))[1]
