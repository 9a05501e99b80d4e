"""Groups of copies and bursts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.groups import ConfirmedPair, Shot, bursts, pair_of, same_photo_groups

PHOTOS = st.integers(0, 12)
PAIRS = st.lists(
    st.builds(ConfirmedPair, PHOTOS, PHOTOS, st.floats(0, 1, allow_nan=False)).filter(
        lambda pair: pair.first != pair.second
    ),
    max_size=30,
)
DIFFERENT = st.frozensets(st.tuples(PHOTOS, PHOTOS).map(lambda pair: pair_of(*pair)), max_size=8)
QUALITY = {photo: (photo * 7) % 13 for photo in range(13)}
START = datetime(2024, 5, 1, 12)


def sure(*pairs: tuple[int, int]) -> list[ConfirmedPair]:
    return [ConfirmedPair(first, second, 0.9) for first, second in pairs]


def alike(first: Sequence[int], second: Sequence[int]) -> npt.NDArray[np.float32]:
    return np.ones(len(first), np.float32)


@given(PAIRS, DIFFERENT)
def test_a_group_is_a_star_of_confirmed_pairs_around_its_best_photo(
    pairs: list[ConfirmedPair], different: frozenset[tuple[int, int]]
) -> None:
    confirmed = {pair_of(pair.first, pair.second) for pair in pairs}
    groups = same_photo_groups(pairs, QUALITY, different)
    members = [photo for group in groups for photo in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len(group) > 1
        assert all(pair_of(group[0], photo) in confirmed for photo in group[1:])
        assert all(QUALITY[group[0]] < QUALITY[photo] for photo in group[1:])
        assert not any(pair_of(one, other) in different for one in group for other in group if one != other)


@given(PAIRS, DIFFERENT, st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(
    pairs: list[ConfirmedPair], different: frozenset[tuple[int, int]], rng: random.Random
) -> None:
    shuffled = [
        ConfirmedPair(pair.second, pair.first, pair.confidence) for pair in rng.sample(pairs, len(pairs))
    ]
    assert same_photo_groups(shuffled, QUALITY, different) == same_photo_groups(pairs, QUALITY, different)


@given(PAIRS)
def test_a_photo_with_an_allowed_pair_of_ungrouped_photos_is_never_left_out(
    pairs: list[ConfirmedPair],
) -> None:
    grouped = {photo for group in same_photo_groups(pairs, QUALITY, frozenset()) for photo in group}
    assert all(pair.first in grouped or pair.second in grouped for pair in pairs)


def test_photos_that_only_share_a_neighbour_make_no_chain() -> None:
    quality = {1: 0, 2: 1, 3: 2, 4: 3}
    assert same_photo_groups(sure((1, 2), (2, 3), (3, 4)), quality, frozenset()) == [(1, 2), (3, 4)]


def test_a_group_with_a_pair_that_is_not_the_same_photo_splits() -> None:
    pairs = [ConfirmedPair(1, 2, 0.9), ConfirmedPair(1, 3, 0.8), ConfirmedPair(2, 3, 0.9)]
    assert same_photo_groups(pairs, {1: 0, 2: 1, 3: 2}, {(2, 3)}) == [(1, 2)]


def test_shots_in_a_row_are_a_burst_and_a_later_one_is_not() -> None:
    shots = [Shot(number, "A", START + timedelta(seconds=number)) for number in range(3)]
    late = Shot(9, "A", START + timedelta(minutes=30))
    assert bursts([late, *shots], alike) == [(0, 1, 2)]


def test_two_cameras_at_one_time_make_no_burst() -> None:
    shots = [Shot(1, "A", START), Shot(2, "B", START), Shot(3, "A", START + timedelta(seconds=1))]
    assert bursts(shots, alike) == [(1, 3)]


def test_a_shot_of_something_else_ends_a_burst() -> None:
    shots = [Shot(number, "A", START + timedelta(seconds=number)) for number in range(5)]

    def similarities(first: Sequence[int], second: Sequence[int]) -> npt.NDArray[np.float32]:
        return np.array([0.2 if other == 2 else 0.9 for other in second], np.float32)

    assert bursts(shots, similarities) == [(0, 1), (2, 3, 4)]


def test_a_minute_apart_only_very_similar_shots_are_a_burst() -> None:
    shots = [Shot(1, "A", START), Shot(2, "A", START + timedelta(seconds=60))]
    assert bursts(shots, lambda first, _: np.full(len(first), 0.9, np.float32)) == [(1, 2)]
    assert bursts(shots, lambda first, _: np.full(len(first), 0.7, np.float32)) == []


def test_a_burst_never_holds_shots_that_are_not_the_same() -> None:
    shots = [Shot(number, "A", START + timedelta(seconds=number)) for number in range(4)]
    assert bursts(shots, alike, {(0, 2)}) == [(0, 1), (2, 3)]
