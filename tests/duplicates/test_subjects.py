"""The subject of a burst: the object that all shots show."""

from __future__ import annotations

from photosim.duplicates.subjects import common_subject
from photosim.records import PhotoObject

BOX = (0.2, 0.2, 0.4, 0.4)
NEAR = (0.25, 0.2, 0.4, 0.4)
FAR = (0.6, 0.6, 0.4, 0.4)
LARGE = (0.1, 0.1, 0.8, 0.8)
SMALL = (0.2, 0.2, 0.1, 0.1)


def shot(**boxes: tuple[float, float, float, float]) -> list[PhotoObject]:
    """The objects of a photo by their labels."""
    return [PhotoObject(label, 0.5, box) for label, box in boxes.items()]


def test_the_subject_is_followed_from_shot_to_shot() -> None:
    assert common_subject([shot(dog=BOX), shot(cat=FAR, dog=NEAR), shot(dog=NEAR)]) == [BOX, NEAR, NEAR]


def test_the_largest_object_of_all_shots_is_the_subject() -> None:
    assert common_subject([shot(dog=BOX, person=LARGE), shot(dog=BOX, person=LARGE)]) == [LARGE, LARGE]
    assert common_subject([shot(dog=BOX, person=LARGE), shot(dog=BOX)]) == [BOX, BOX]


def test_a_burst_with_a_shot_that_shows_something_else_has_no_subject() -> None:
    assert common_subject([shot(dog=BOX), shot(), shot(dog=BOX)]) is None
    assert common_subject([shot(dog=BOX), shot(cat=BOX)]) is None
    assert common_subject([shot(dog=BOX), shot(dog=FAR)]) is None


def test_of_two_alike_the_one_at_the_same_place_is_followed() -> None:
    both = [*shot(dog=FAR), *shot(dog=NEAR)]
    assert common_subject([shot(dog=BOX), both]) == [BOX, NEAR]


def test_a_small_object_is_no_subject() -> None:
    assert common_subject([shot(bird=SMALL), shot(bird=SMALL)]) is None
