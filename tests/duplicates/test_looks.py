"""What is seen of a photo: its sharpness, and its square, turned and mirrored."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from photosim.duplicates.candidates import is_alike, promising
from photosim.duplicates.looks import GreyImage, best_correlations, look_at, sharpness
from tests.support.images import make_detailed_scene


def grey(picture: Image.Image) -> GreyImage:
    return np.asarray(picture.convert("L"))


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def test_a_blurred_shot_is_less_sharp() -> None:
    picture = make_detailed_scene(1)
    values = [sharpness(grey(blurred(picture, radius))) for radius in (0, 1, 2, 4)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 2 * values[1]


def test_a_sharp_subject_on_a_blurred_background_is_sharp() -> None:
    picture = make_detailed_scene(1)
    subject, missed = blurred(picture, 4), blurred(picture, 4)
    subject.paste(picture.crop((100, 60, 220, 180)), (100, 60))
    assert sharpness(grey(subject)) > 20 * sharpness(grey(missed))
    assert sharpness(grey(subject)) > 10 * sharpness(grey(blurred(picture, 2)))


def test_the_sharpness_of_a_box_does_not_depend_on_what_is_around_it() -> None:
    picture = make_detailed_scene(1)  # 320 x 240
    moved = picture.copy()
    moved.paste(blurred(picture, 3).crop((96, 48, 224, 192)), (96, 48))
    box = (0.3, 0.2, 0.4, 0.6)
    assert sharpness(grey(picture)) < 1.5 * sharpness(grey(moved)), "the background is as sharp"
    assert sharpness(grey(picture), box) > 5 * sharpness(grey(moved), box)
    assert sharpness(grey(picture), (0.999, 0.999, 0.001, 0.001)) >= 0, "less than a pixel"


def test_a_smaller_copy_is_not_sharper_than_its_original() -> None:
    picture = make_detailed_scene(1)
    assert sharpness(grey(picture.resize((120, 90)))) < sharpness(grey(picture))


@pytest.mark.parametrize("size", [(1, 1), (1, 320), (320, 2), (320, 240)])
def test_a_plain_picture_is_not_sharp(size: tuple[int, int]) -> None:
    assert sharpness(np.full(size, 128, np.uint8)) == 0


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_squares_correlate_however_they_are_turned_and_mirrored(turns: int, is_mirrored: bool) -> None:
    picture = make_detailed_scene(1).resize((240, 240))
    turned = (ImageOps.mirror(picture) if is_mirrored else picture).rotate(90 * turns)
    square, same, other = (look_at(grey(each)).square for each in (picture, turned, make_detailed_scene(2)))
    others = np.stack([other, same])
    correlations = best_correlations(square, others)
    assert correlations[1] > 0.99
    assert correlations[0] < 0.7
    assert is_alike(square, same)
    assert not is_alike(square, other)
    assert promising(np.array([0.45, 0.6], np.float32), square, others).tolist() == [1]
    assert promising(np.array([0.8, 0.8], np.float32), square, others).tolist() == [1, 0]


def test_keypoints_of_a_copy_share_hashes_and_those_of_another_photo_do_not() -> None:
    chance = np.random.default_rng(1)
    pictures = [blurred(Image.fromarray(chance.integers(0, 256, (240, 320), np.uint8)), 3) for _ in range(2)]
    keypoints, other = (look_at(grey(picture)).keypoints for picture in pictures)
    copy = look_at(grey(pictures[0].crop((10, 10, 310, 235)))).keypoints
    assert keypoints.shared(keypoints) > keypoints.shared(copy) > 1.5 * keypoints.shared(other)


def test_mirrored_keypoints_are_those_of_the_mirrored_picture() -> None:
    picture = make_detailed_scene(1)
    mirrored = look_at(grey(ImageOps.mirror(picture))).keypoints
    look = look_at(grey(picture))
    assert look.mirrored.shared(mirrored) > 3 * max(look.keypoints.shared(mirrored), 10)


def test_a_picture_without_keypoints_shares_nothing() -> None:
    plain = look_at(np.full((240, 320), 128, np.uint8))
    assert len(plain.keypoints) == len(plain.mirrored) == 0
    assert plain.keypoints.shared(plain.mirrored) == 0
