"""What distinguishes a group of photos from all others, and names it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.clustering.cluster_labels import (
    MIN_SHARE,
    CommonFacts,
    distinctive_values,
    possible_names,
    unique_names,
)

PERSON, DOG, FRISBEE, CAR, BOAT = range(5)
Photos = Sequence[tuple[int, Sequence[int]]]


def labels_of(photos: Photos, groups: int) -> list[list[int]]:
    """Return the labels of each group; a photo is given as its group and its labels."""
    pairs = [(group, label) for group, labels in photos for label in labels or (-1,)]
    sizes = np.bincount([group + 1 for group, _ in photos], minlength=groups + 1)[1:]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    values = distinctive_values(found[:, 0], found[:, 1], sizes)
    assert all(values.values())
    return [values.get(group, []) for group in range(groups)]


def test_a_group_is_named_by_what_is_rare_elsewhere() -> None:
    dogs = [(0, (PERSON, DOG, FRISBEE))] * 14 + [(0, (PERSON, DOG))] * 6
    cars = [(1, (PERSON, CAR))] * 20
    others = [(-1, (PERSON,))] * 100
    assert labels_of([*dogs, *cars, *others], 2) == [[DOG, FRISBEE], [CAR]]


def test_what_every_photo_shows_names_no_group() -> None:
    assert labels_of([(0, (PERSON,))] * 20 + [(1, (PERSON,))] * 20, 2) == [[], []]


def test_photos_without_labels_count_as_showing_something_else() -> None:
    assert labels_of([(0, (PERSON,))] * 20 + [(-1, ())] * 200, 1) == [[PERSON]]


def test_a_label_of_half_the_photos_of_a_group_does_not_name_it() -> None:
    rare = [(0, (BOAT,))] * 25 + [(0, ())] * 25
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
def test_names_are_labels_of_most_of_their_group(photos: list[tuple[int, list[int]]]) -> None:
    names = labels_of(photos, 4)
    for group, labels in enumerate(names):
        size = sum(other == group for other, _ in photos)
        assert len(set(labels)) == len(labels)
        for label in labels:
            count = sum(label in shown for other, shown in photos if other == group)
            assert count >= max(2, MIN_SHARE * size)


DOGS = CommonFacts(("dog", "frisbee", "person"), "Kyoto", "2024-04", ("Kyoto", "2024-04"))


def test_the_plainest_name_comes_first_and_begins_with_a_capital() -> None:
    assert list(possible_names(DOGS)) == [
        "Dog",
        "Dog, frisbee",
        "Dog, Kyoto",
        "Dog, April 2024",
        "Dog, Kyoto, April 2024",
        "Kyoto, April 2024",
    ]


@pytest.mark.parametrize(
    "folder",
    ["DCIM", "Camera", "100APPLE", "101_PANA", "My Pictures", "Camera Roll", "2024", "2024-04", "7 "],
)
def test_a_folder_of_a_camera_or_a_date_names_no_cluster(folder: str) -> None:
    assert list(possible_names(CommonFacts((), folder, "2024-04", (folder, "2024-04")))) == []
    assert list(possible_names(CommonFacts((), folder))) == []
    assert list(possible_names(CommonFacts(("dog",), folder, "2024-04", (folder, "2024-04")))) == [
        "Dog",
        "Dog, April 2024",
    ]


def test_without_a_label_folder_and_month_name_a_cluster_if_most_photos_share_both() -> None:
    assert list(possible_names(CommonFacts((), "kyoto", "2024-04", ("kyoto", "2024-04")))) == [
        "Kyoto, April 2024"
    ]
    assert list(possible_names(CommonFacts((), "Kyoto", "2024-04"))) == [], "no photos of both"
    assert list(possible_names(CommonFacts((), None, "2024-04"))) == []
    assert list(possible_names(CommonFacts((), "Kyoto"))) == ["Kyoto"], "without dates"
    assert list(possible_names(CommonFacts())) == []


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("04 Kyoto", "Kyoto"),
        ("2024-04-01_Kyoto", "Kyoto"),
        ("100 Miles", "Miles"),
    ],
)
def test_numbers_before_the_name_of_a_folder_are_left_out(folder: str, name: str) -> None:
    assert list(possible_names(CommonFacts((), folder, "2024-04", (folder, "2024-04")))) == [
        f"{name}, April 2024"
    ]


def test_no_two_clusters_have_the_same_name() -> None:
    kyoto = "Kyoto, April 2024"
    clusters = [("Dog", kyoto), ("dog", "Dog, ball", kyoto), ("Dog", kyoto), ("Dog", kyoto), (), ("Sea",)]
    assert unique_names(clusters, ["sea"]) == ["Dog", "Dog, ball", kyoto, None, None, None]


words = st.sampled_from(["dog", "Dog", "cat", "Kyoto", "x, y", "ß", "SS"])
some = st.one_of(st.none(), words)
months = st.one_of(st.none(), st.builds("{:04}-{:02}".format, st.integers(0, 9999), st.integers(1, 12)))


@given(
    st.lists(
        st.builds(
            CommonFacts,
            st.lists(words, max_size=4, unique=True).map(tuple),
            some,
            months,
            st.one_of(st.none(), st.tuples(words, months.filter(bool))),
        ),
        max_size=20,
    ),
    st.lists(words, max_size=3),
)
def test_a_name_is_made_of_what_the_photos_have_in_common(facts: list[CommonFacts], taken: list[str]) -> None:
    possible = [tuple(possible_names(one)) for one in facts]
    names = unique_names(possible, taken)
    shown = [name.casefold() for name in names if name is not None]
    assert len(set(shown)) == len(shown)
    assert not {name.casefold() for name in taken} & set(shown)
    for one, candidates, name in zip(facts, possible, names, strict=True):
        assert name is None or name in candidates
        for candidate in candidates:
            assert candidate[0] == candidate[0].upper()[: len(candidate[0])] or not candidate[0].isalpha()
            parts = [*one.labels, one.folder or "", *(one.folder_and_month or ("",))[:1]]
            assert any(part and part.casefold() in candidate.casefold() for part in parts)
