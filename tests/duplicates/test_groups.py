"""Groups of copies and bursts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.groups import (
    Shot,
    burst_links,
    bursts,
    pair_of,
    same_photo_groups,
    split_run,
)

PHOTOS = st.integers(0, 12)
PAIRS = st.lists(
    st.tuples(PHOTOS, PHOTOS, st.floats(0, 1, allow_nan=False)).filter(lambda pair: pair[0] != pair[1]),
    unique_by=lambda pair: pair_of(pair[0], pair[1]),
    max_size=30,
)
Pairs = list[tuple[int, int, float]]
DIFFERENT = st.frozensets(st.tuples(PHOTOS, PHOTOS).map(lambda pair: pair_of(*pair)), max_size=8)
QUALITY = {photo: (photo * 7) % 13 for photo in range(13)}
START = datetime(2024, 5, 1, 12)


def best(photos: Sequence[int]) -> int:
    return min(photos, key=QUALITY.__getitem__)


def neighbours(pairs: Pairs) -> dict[int, dict[int, float]]:
    """Return the confidence of each pair by both of its photos."""
    found: dict[int, dict[int, float]] = {}
    for first, second, confidence in pairs:
        found.setdefault(first, {})[second] = confidence
        found.setdefault(second, {})[first] = confidence
    return found


def alike(first: Sequence[int], second: Sequence[int]) -> npt.NDArray[np.float32]:
    return np.ones(len(first), np.float32)


@given(PAIRS, DIFFERENT)
def test_a_group_is_a_star_of_confirmed_pairs_around_its_best_photo(
    pairs: Pairs, different: frozenset[tuple[int, int]]
) -> None:
    confirmed = {pair_of(first, second) for first, second, _ in pairs}
    groups = same_photo_groups(neighbours(pairs), best, different)
    members = [photo for group in groups for photo in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len(group) > 1
        assert all(pair_of(group[0], photo) in confirmed for photo in group[1:])
        assert all(QUALITY[group[0]] < QUALITY[photo] for photo in group[1:])
        assert not any(pair_of(one, other) in different for one in group for other in group if one != other)


@given(PAIRS, DIFFERENT, st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(
    pairs: Pairs, different: frozenset[tuple[int, int]], rng: random.Random
) -> None:
    shuffled = [(second, first, confidence) for first, second, confidence in rng.sample(pairs, len(pairs))]
    assert same_photo_groups(neighbours(shuffled), best, different) == same_photo_groups(
        neighbours(pairs), best, different
    )


@given(PAIRS)
def test_a_photo_with_an_allowed_pair_of_ungrouped_photos_is_never_left_out(
    pairs: Pairs,
) -> None:
    grouped = {photo for group in same_photo_groups(neighbours(pairs), best, frozenset()) for photo in group}
    assert all(first in grouped or second in grouped for first, second, _ in pairs)


def test_photos_that_only_share_a_neighbour_make_no_chain() -> None:
    assert same_photo_groups(neighbours([(1, 2, 0.9), (2, 3, 0.9), (3, 4, 0.9)]), min) == [(1, 2), (3, 4)]


def test_a_copy_of_the_next_shot_is_grouped_with_that_one() -> None:
    """1 and 2 are shots of a burst; 3 was made from 2, and resembles 1 almost as much."""
    assert same_photo_groups(neighbours([(1, 3, 0.9983), (2, 3, 0.9998)]), min) == [(2, 3)]
    with_another = [(1, 3, 0.9983), (2, 3, 0.9998), (1, 4, 0.9), (1, 5, 0.8)]
    assert same_photo_groups(neighbours(with_another), min) == [(1, 4, 5), (2, 3)]


def test_a_copy_of_a_copy_stays_with_the_original() -> None:
    pairs = [(1, 2, 0.9), (1, 3, 0.8), (2, 3, 0.99)]
    assert same_photo_groups(neighbours(pairs), min) == [(1, 2, 3)]


def test_a_photo_whose_partner_went_to_another_group_joins_the_next_best_one() -> None:
    """3 prefers 4, which goes to 2."""
    pairs = [(1, 3, 0.8), (3, 4, 0.9), (2, 4, 0.95), (1, 5, 0.9)]
    assert same_photo_groups(neighbours(pairs), min) == [(1, 5, 3), (2, 4)]


def test_a_group_with_a_pair_that_is_not_the_same_photo_splits() -> None:
    pairs = [(1, 2, 0.9), (1, 3, 0.8), (2, 3, 0.9)]
    assert same_photo_groups(neighbours(pairs), min, {(2, 3)}) == [(1, 2)]


def test_shots_in_a_row_are_a_burst_and_a_later_one_is_not() -> None:
    shots = [Shot(number, "A", START + timedelta(seconds=number)) for number in range(3)]
    late = Shot(9, "A", START + timedelta(minutes=30))
    assert bursts(burst_links([late, *shots], alike)) == [(0, 1, 2)]


def test_two_cameras_at_one_time_make_no_burst() -> None:
    shots = [Shot(1, "A", START), Shot(2, "B", START), Shot(3, "A", START + timedelta(seconds=1))]
    assert bursts(burst_links(shots, alike)) == [(1, 3)]


def test_a_shot_of_something_else_ends_a_burst() -> None:
    shots = [Shot(number, "A", START + timedelta(seconds=number)) for number in range(5)]

    def similarities(first: Sequence[int], second: Sequence[int]) -> npt.NDArray[np.float32]:
        return np.array([0.2 if other == 2 else 0.9 for other in second], np.float32)

    assert bursts(burst_links(shots, similarities)) == [(0, 1), (2, 3, 4)]


def test_a_minute_apart_only_very_similar_shots_are_a_burst() -> None:
    shots = [Shot(1, "A", START), Shot(2, "A", START + timedelta(seconds=60))]
    assert burst_links(shots, lambda first, _: np.full(len(first), 0.9, np.float32)) == [(1, 2)]
    assert burst_links(shots, lambda first, _: np.full(len(first), 0.7, np.float32)) == []


def test_links_in_a_circle_are_no_burst() -> None:
    assert bursts([(1, 2), (2, 3), (3, 1), (7, 8)]) == [(7, 8)]


def test_links_make_runs_whatever_their_order() -> None:
    assert bursts([(3, 9), (1, 2), (9, 4)]) == [(1, 2), (3, 9, 4)]
    assert bursts([]) == []


@given(st.lists(PHOTOS, unique=True), DIFFERENT)
def test_a_part_of_a_burst_never_holds_shots_that_are_different(
    run: list[int], different: frozenset[tuple[int, int]]
) -> None:
    parts = split_run(run, lambda one, other: pair_of(one, other) in different)
    shots = [shot for part in parts for shot in part]
    assert len(shots) == len(set(shots))
    for part in parts:
        assert list(part) == [shot for shot in run if shot in part], "in order of time"
        assert not any(pair_of(one, other) in different for one in part for other in part if one != other)


def test_a_shot_that_is_left_out_does_not_break_a_burst() -> None:
    different = {(1, 2), (2, 3), (2, 4)}
    assert split_run((1, 2, 3, 4), lambda one, other: pair_of(one, other) in different) == [(1, 3, 4)]
