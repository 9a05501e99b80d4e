"""The family of an image: its order, and other shots that do not belong to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from photosim.duplicates.image_parts import WHOLE
from photosim.duplicates.looks import Box
from photosim.duplicates.origin.placed import PlacedPhoto
from photosim.duplicates.results import CopyRelation, Surround
from photosim.library.search.origin import Relative, _are_two_shots, _by_place, _order
from photosim.records import Photo, PhotoFacts

SHOT = PhotoFacts(4000, 3000, "JPEG", "2024-07-01T18:03:11", "Canon EOS R6", taken_from="exif")
RELATION = CopyRelation((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1.0)


def relative(
    number: int,
    facts: PhotoFacts = SHOT,
    box: Box = WHOLE,
    *,
    correlation: float = 0.9,
    brighter: float = 0.0,
    is_original: bool = True,
) -> Relative:
    photo = Photo(number, number, f"/photos/{number}.jpg", 1, 1, facts)
    placed = PlacedPhoto(1.0, replace(RELATION, brighter=brighter), WHOLE, box, correlation)
    return Relative(photo, placed, Surround.NONE, 1.0, is_original)


def numbers(relatives: tuple[Relative, ...]) -> list[int]:
    return [each.photo.file_id for each in relatives]


def test_other_shots_of_the_same_camera_are_left_out() -> None:
    later = replace(SHOT, taken_at="2024-07-01T18:03:12")
    copy = replace(SHOT, camera=None, taken_from="file", taken_at="2024-07-09T12:00:00")
    edited = replace(SHOT, width=2000, height=1500)
    found = (relative(1), relative(2, later), relative(3, copy), relative(4, edited))
    assert numbers(_by_place(found)) == [1, 3, 4]


def test_the_best_photo_of_each_place_comes_first() -> None:
    left, right = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0)
    copy = replace(SHOT, camera=None)
    found = (relative(1, box=left), relative(2, copy, left), relative(3, box=right))
    assert numbers(_by_place(found)) == [1, 3, 2]


@pytest.mark.parametrize("change", [{"camera": "Nikon"}, {"camera": None}, {"taken_from": "name"}])
def test_only_the_dates_of_one_camera_tell_two_shots(change: dict[str, str | None]) -> None:
    later = replace(SHOT, taken_at="2024-07-01T18:03:12")
    one = relative(1).photo
    assert _are_two_shots(one, relative(2, later).photo)
    assert not _are_two_shots(one, relative(2, replace(later, **change)).photo)  # type: ignore[arg-type]
    assert not _are_two_shots(one, relative(2).photo)


def test_what_agrees_best_comes_first_and_of_equals_the_larger_one() -> None:
    small = replace(SHOT, width=1000, height=750)
    found = [
        relative(1, small),
        relative(2),
        relative(3, correlation=0.8),
        relative(4, brighter=0.2),
        relative(5, is_original=False, correlation=1.0),
    ]
    order = [found[row].photo.file_id for row in np.random.default_rng(0).permutation(5)]
    shuffled = sorted((found[number - 1] for number in order), key=_order)
    assert numbers(tuple(shuffled)) == [2, 1, 4, 3, 5]
