"""Events: runs of photos in time."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.clustering.events import MAX_SPAN, MIN_GAP, NO_EVENT, NO_FOLDER, Shots, find_events
from tests.support.shooting import DAY, HOUR, Shooting, boundary_scores, family_photos, shots

MINUTE = 60
NOON = 19_000 * DAY + 12 * HOUR

Integers = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


def nothing_known(ids: Integers) -> Vectors:
    return np.zeros((len(ids), 4), np.float32)


def every_minute(start: float, count: int) -> list[int]:
    return [int(start) + number * MINUTE for number in range(count)]


def hours_cut(taken: Shots, hours: float) -> Integers:
    """Return the events that gaps of so many hours alone make."""
    order = np.argsort(taken.seconds, kind="stable")
    found = np.zeros(len(order), np.int64)
    found[order] = np.append(0, (np.diff(taken.seconds[order]) > hours * HOUR).cumsum())
    return found


def f_score(made: Shooting, found: Integers) -> float:
    precision, recall = boundary_scores(made.shots.seconds, found, made.events)
    return 2 * precision * recall / (precision + recall)


@st.composite
def any_shots(draw: st.DrawFn) -> tuple[Shots, Vectors]:
    count = draw(st.integers(0, 60))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    span = draw(st.sampled_from([1, HOUR, DAY, 40 * DAY, 9000 * DAY]))
    seconds = random.integers(-span, span + 1, count) - draw(st.sampled_from([0, NOON, 4 * NOON]))
    vectors = random.normal(size=(count, 4)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    vectors[random.random(count) < 0.2] = 0
    ids = random.permutation(5 * count)[:count].astype(np.int64)
    folders = random.integers(-1, 3, count)
    return Shots(ids, seconds, random.random(count) < 0.8, random.random(count) < 0.3, folders), vectors


@given(any_shots(), st.integers(0, 99))
def test_events_are_runs_in_time_in_whatever_order_the_photos_come(
    made: tuple[Shots, Vectors], seed: int
) -> None:
    taken, vectors = made

    def find(rows: Integers) -> Integers:
        def vectors_of(ids: Integers) -> Vectors:
            row_of = {int(photo_id): row for row, photo_id in enumerate(taken.ids)}
            return vectors[[row_of[int(photo_id)] for photo_id in ids]]

        parts = (taken.ids, taken.seconds, taken.is_dated, taken.is_whole_day, taken.folders)
        return find_events(Shots(*(part[rows] for part in parts)), vectors_of)

    found = find(np.arange(len(taken.ids)))
    order = np.random.default_rng(seed).permutation(len(taken.ids))
    assert np.array_equal(find(order), found[order])
    assert np.array_equal(found == NO_EVENT, ~taken.is_dated)
    numbers = np.unique(found[taken.is_dated])
    assert np.array_equal(numbers, np.arange(len(numbers)))
    ends = [
        (taken.seconds[is_exact].min(), taken.seconds[is_exact].max())
        for number in numbers
        if (is_exact := (found == number) & ~taken.is_whole_day).any()
    ]
    assert all(last - first <= MAX_SPAN for first, last in ends)
    assert all(following - last > MIN_GAP for (_, last), (following, _) in pairwise(ends))


def test_two_parties_are_two_events() -> None:
    taken = shots([*every_minute(NOON, 30), *every_minute(NOON + 2 * DAY, 30)])
    assert find_events(taken, nothing_known).tolist() == [0] * 30 + [1] * 30


def test_a_break_that_is_usual_in_its_rhythm_ends_nothing() -> None:
    slow = shots([NOON + number * 2 * HOUR for number in range(6)])
    assert find_events(slow, nothing_known).tolist() == [0] * 6
    fast = shots([*every_minute(NOON, 60), *every_minute(NOON + 7 * HOUR, 60)])
    assert find_events(fast, nothing_known).tolist() == [0] * 60 + [1] * 60


def made_days(nights: list[bool], break_hours: float = 13, *, count: int = 40) -> tuple[Shots, Vectors]:
    """Return photos of evenings and mornings: the look changes at each break that is True, and the moment at all.

    Photos at noon, a quarter of an hour apart on both sides, teach what moments of one event look like.
    """
    random = np.random.default_rng(1)
    look, seconds, vectors, start = random.normal(size=64), [], [], float(NOON)
    for changes in [*nights, False]:
        for half in range(4):
            moment = 0.5 * random.normal(size=64)
            seconds += every_minute(start + half * (count / 4 + 30) * MINUTE, count // 4)
            vectors += [look + moment + 0.3 * random.normal(size=64) for _ in range(count // 4)]
        start = seconds[-1] + break_hours * HOUR
        look = random.normal(size=64) if changes else look
    rows = np.array(vectors)
    return shots(seconds), (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_nights_end_an_event_only_where_the_look_changes() -> None:
    changes = [False, True, False, True, True, False]
    taken, vectors = made_days(changes)
    found = find_events(taken, lambda ids: vectors[ids - 1])
    assert (np.diff(found[::40]) > 0).tolist() == changes
    assert (found.reshape(-1, 40) == found[::40, None]).all()


def test_an_afternoon_break_ends_an_event_only_where_the_look_changes() -> None:
    changes = [True, False, True, False]
    taken, vectors = made_days(changes, 1.8)
    found = find_events(taken, lambda ids: vectors[ids - 1])
    assert (np.diff(found[::40]) > 0).tolist() == changes


def test_a_folder_of_some_days_is_one_event_and_one_of_years_is_not() -> None:
    trip = [second for day in range(6) for second in every_minute(NOON + day * 2 * DAY, 20)]
    assert set(find_events(shots(trip, [7] * 120), nothing_known)) == {0}
    assert len(set(find_events(shots(trip), nothing_known))) == 6
    years = [second for day in range(0, 700, 2) for second in every_minute(NOON + day * DAY, 3)]
    assert len(set(find_events(shots(years, [7] * len(years)), nothing_known))) == 350


def test_no_event_is_longer_than_two_weeks_and_none_is_cut_at_a_short_gap() -> None:
    # Every two hours for 40 days: no gap is long for this rhythm.
    starts = [NOON + number * 2 * HOUR for number in range(12 * 40)]
    taken = shots([second for start in starts for second in every_minute(start, 3)])
    found = find_events(taken, nothing_known)
    for number in set(found):
        of_event = taken.seconds[found == number]
        assert of_event[-1] - of_event[0] <= MAX_SPAN
    assert not (np.diff(found)[np.diff(taken.seconds) <= MIN_GAP]).any()
    assert len(set(found)) <= 6


def test_a_photo_without_a_time_joins_the_event_of_its_day_that_it_looks_like() -> None:
    random = np.random.default_rng(0)
    looks = random.normal(size=(3, 16))
    morning, evening = every_minute(NOON - 4 * HOUR, 30), every_minute(NOON + 8 * HOUR, 30)
    midnight = NOON // DAY * DAY
    seconds = [*morning, *evening, midnight, midnight, midnight + 3 * DAY]
    vectors = np.concatenate([np.repeat(looks[:2], 30, axis=0), looks[[1, 0, 2]]])
    vectors += 0.2 * random.normal(size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    taken = replace(shots(seconds), is_whole_day=np.arange(63) >= 60)
    found = find_events(taken, lambda ids: vectors[ids - 1].astype(np.float32))
    assert found.tolist() == [0] * 30 + [1] * 30 + [1, 0, 2]


def test_days_are_known_events_of_families_better_than_by_time_alone() -> None:
    """The margin would be lost if likeness were ignored, or counted for more than it tells."""
    for weight, margin in ((0.65, 0.15), (0.45, 0.05), (0.3, -0.02)):
        made = family_photos(2, 3, in_folders=0, weight=weight)
        found = f_score(made, find_events(made.shots, made.vectors_of))
        blind = f_score(made, find_events(made.shots, nothing_known))
        assert found >= blind + margin
        assert blind >= f_score(made, hours_cut(made.shots, 8))
    made = family_photos(2, 3, in_folders=1, weight=0.45)
    assert f_score(made, find_events(made.shots, made.vectors_of)) >= 0.98


@pytest.mark.parametrize("share_of_whole_days", [0.0, 0.2])
def test_a_photo_costs_few_calls_and_is_read_twice_at_most_however_many_there_are(
    share_of_whole_days: float,
) -> None:
    count, random = 300_000, np.random.default_rng(0)
    made = family_photos(12, 1, dimensions=8)
    spans = np.arange(count) // len(made.events) * 13 * 365 * DAY
    taken = shots(np.resize(made.shots.seconds, count) + spans, np.full(count, NO_FOLDER))
    taken = replace(taken, is_whole_day=random.random(count) < share_of_whole_days)
    pool = random.standard_normal((4096, 256), dtype=np.float32)
    calls, read = itertools.count(), list[int]()

    def vectors_of(ids: Integers) -> Vectors:
        read.append(len(ids))
        return pool[ids % 4096]

    # Calls and not seconds, which depend on the computer; `tests.benchmarks.bench_events` has the seconds.
    profile = sys.getprofile()
    sys.setprofile(lambda _frame, event, _argument: "call" in event and next(calls) and None)
    try:
        find_events(taken, vectors_of)
    finally:
        sys.setprofile(profile)
    assert next(calls) < 3 * count
    assert sum(read) <= 2 * count
