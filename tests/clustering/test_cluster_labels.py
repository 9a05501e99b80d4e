"""The labels that distinguish a group of photos from all others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosim.clustering.cluster_labels import MAX_LABELS, distinctive_labels

PERSON, DOG, FRISBEE, CAR, BOAT = range(5)
Photos = Sequence[tuple[int, Sequence[int]]]


def labels_of(photos: Photos, groups: int) -> list[list[int]]:
    """Return the labels of each group; a photo is given as its group and its labels."""
    pairs = [(group, label) for group, labels in photos for label in labels or (-1,)]
    sizes = np.bincount([group + 1 for group, _ in photos], minlength=groups + 1)[1:]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return distinctive_labels(found[:, 0], found[:, 1], sizes)


def test_a_group_is_named_by_what_is_rare_elsewhere() -> None:
    dogs = [(0, (PERSON, DOG, FRISBEE))] * 12 + [(0, (PERSON, DOG))] * 8
    cars = [(1, (PERSON, CAR))] * 20
    others = [(-1, (PERSON,))] * 100
    assert labels_of([*dogs, *cars, *others], 2) == [[DOG, FRISBEE], [CAR]]


def test_what_every_photo_shows_names_no_group() -> None:
    assert labels_of([(0, (PERSON,))] * 20 + [(1, (PERSON,))] * 20, 2) == [[], []]


def test_photos_without_labels_count_as_showing_something_else() -> None:
    assert labels_of([(0, (PERSON,))] * 20 + [(-1, ())] * 200, 1) == [[PERSON]]


def test_a_label_of_few_photos_of_a_group_does_not_name_it() -> None:
    rare = [(0, (BOAT,))] * 5 + [(0, ())] * 45
    assert labels_of([*rare, *[(-1, ())] * 1000], 1) == [[]]


def test_one_photo_is_not_enough() -> None:
    assert labels_of([(0, (BOAT,)), (0, ()), *[(-1, ())] * 1000], 1) == [[]]


def test_a_difference_within_chance_is_not_returned() -> None:
    assert labels_of(
        [(0, (DOG,))] * 3 + [(0, (CAR,))] * 2 + [(-1, (DOG,))] * 50 + [(-1, (CAR,))] * 50, 1
    ) == [[]]


def test_nothing_known_gives_no_names() -> None:
    assert labels_of([], 0) == []
    assert labels_of([(0, ())] * 5, 1) == [[]]


@given(
    st.lists(st.tuples(st.integers(-1, 3), st.lists(st.integers(0, 6), max_size=4, unique=True)), max_size=60)
)
def test_names_are_labels_of_their_group_and_few(photos: list[tuple[int, list[int]]]) -> None:
    names = labels_of(photos, 4)
    for group, labels in enumerate(names):
        assert len(labels) <= MAX_LABELS
        assert len(set(labels)) == len(labels)
        for label in labels:
            assert sum(label in shown for other, shown in photos if other == group) >= 2
