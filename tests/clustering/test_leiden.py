"""Clusters of similar photos."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.clustering import leiden, mutual_graph, neighbour_search
from photosim.clustering.covers import COVER_PHOTOS
from photosim.clustering.leiden import DEFAULT_PARAMS, cluster
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL
from photosim.search.exact import Ids, Vectors, round_similarities, top_k
from photosim.search.index import NeighbourIndex
from tests.support.clusters import cluster_levels
from tests.support.vectors import unit

D, SAME = 256, 0.98


def noise(count: int, seed: int = 1) -> Vectors:
    """Vectors of which no two are similar; like embeddings, they share a common direction."""
    return unit(np.random.default_rng(seed).normal(size=(count, D)) + 1)


def planted(sizes: list[int], unrelated: int, seed: int = 0) -> tuple[Vectors, list[set[int]]]:
    """Return shuffled vectors of groups of these sizes and of unrelated photos, and the rows of each group."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(sizes), D)) + 1
    of = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), np.full(unrelated, -1)])
    vectors = np.concatenate(
        [unit(centres[of[of >= 0]] + 0.3 * rng.normal(size=(sum(sizes), D))), noise(unrelated)]
    )
    shuffled = rng.permutation(len(of))
    return vectors[shuffled], [
        set(np.flatnonzero(of[shuffled] == group).tolist()) for group in range(len(sizes))
    ]


def assert_found(found: tuple[Ids, ...], groups: list[set[int]]) -> None:
    """Each planted group is one cluster; a photo that is no mutual neighbour of the others may be missing."""
    assert len(found) == len(groups)
    for rows in found:
        members = set(rows.tolist())
        assert sum(members <= group and len(members) >= 0.9 * len(group) for group in groups) == 1


def cluster_all(vectors: Vectors) -> tuple[Ids, ...]:
    return cluster(np.arange(len(vectors)), vectors, same_cosine=SAME)


def test_planted_groups_are_found_and_unrelated_photos_stay_alone() -> None:
    vectors, groups = planted([40, 25, 12, 7, 5, 3], unrelated=150)
    assert_found(cluster_all(vectors), groups)


def test_a_library_of_one_theme_is_divided_too() -> None:
    vectors, groups = planted([30, 20, 10], unrelated=60)
    close = unit(vectors + 4)  # all photos alike, as cosines go
    assert float((close @ close.T).min()) > 0.9
    found = cluster(np.arange(120), close, same_cosine=0.9999)
    for group, rows in zip(groups, found, strict=False):
        assert group <= set(rows.tolist())
        assert len(rows) <= len(group) + 2


def test_photos_that_have_nothing_in_common_are_not_grouped() -> None:
    assert cluster_all(noise(300)) == ()


def test_a_cluster_does_not_grow_into_a_blob() -> None:
    vectors, groups = planted([20] * 50, unrelated=0)
    assert_found(cluster_all(vectors), groups)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_photos_are_no_group(count: int) -> None:
    assert cluster_all(np.repeat(noise(1), count, axis=0)) == ()


@pytest.mark.parametrize("count", [2, 3, 10, 2000])
def test_equal_photos_are_one_group_whatever_their_number(count: int) -> None:
    found = cluster_all(np.repeat(noise(1), count, axis=0))
    assert [sorted(rows.tolist()) for rows in found] == [list(range(count))]


def test_equal_photos_are_in_the_group_of_photos_similar_to_them() -> None:
    vectors, groups = planted([10, 10], unrelated=30)
    twins = np.repeat(vectors[[min(groups[0])]], 100, axis=0)
    found = cluster_all(np.concatenate([vectors, twins]))
    assert_found(found, [groups[0] | set(range(50, 150)), groups[1]])


def test_a_library_of_one_burst_is_one_group() -> None:
    rng = np.random.default_rng(0)
    burst = unit(noise(1) + 0.004 * rng.normal(size=(30, D)))
    assert [len(rows) for rows in cluster_all(burst)] == [30]


def test_the_order_of_the_photos_does_not_matter() -> None:
    vectors, _ = planted([40, 25, 25, 12, 7, 5, 3, 3], unrelated=100)
    vectors = unit(vectors + 0.05 * np.random.default_rng(2).normal(size=vectors.shape))  # close choices
    found = [vectors[rows] for rows in cluster_all(vectors)]
    assert len(found) > 4
    for seed in range(3):
        shuffled = vectors[np.random.default_rng(seed).permutation(len(vectors))]
        reclustered = [shuffled[rows] for rows in cluster_all(shuffled)]
        assert len(reclustered) == len(found)
        for expected, actual in zip(found, reclustered, strict=True):
            np.testing.assert_array_equal(expected, actual)


def test_the_largest_group_comes_first_and_each_begins_with_its_cover() -> None:
    vectors, _ = planted([30, 20, 20, 9], unrelated=20)
    found = cluster_all(vectors)
    assert [len(rows) for rows in found] == sorted((len(rows) for rows in found), reverse=True)
    for rows in found:
        similarities = vectors[rows] @ vectors[rows].T
        assert similarities.mean(axis=1).argmax() == 0
        assert (np.diff(similarities[0, COVER_PHOTOS:]) <= 1e-5).all()


def test_a_photo_is_in_one_group_at_most() -> None:
    vectors, _ = planted([30, 20, 20, 9], unrelated=200)
    rows = np.concatenate(cluster_all(vectors))
    assert len(np.unique(rows)) == len(rows)


@settings(max_examples=40)
@given(
    vectors=st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3).filter(any), max_size=60),
    same_cosine=st.floats(0.9, 1),
)
def test_any_photos_are_grouped_within_the_rules(vectors: list[list[int]], same_cosine: float) -> None:
    array = unit(np.array(vectors, np.float64).reshape(-1, 3)) if vectors else np.empty((0, 3), np.float32)
    assert_levels(array, same_cosine)


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 12), max_size=15),
    noises=st.lists(st.sampled_from([0.01, 0.2, 0.5, 1.0, 1.5, 2.0]), min_size=15, max_size=15),
    kinds=st.integers(1, 5),
    seed=st.integers(0, 2**20),
)
def test_from_few_large_to_many_small_the_clusters_never_get_fewer(
    sizes: list[int], noises: list[float], kinds: int, seed: int
) -> None:
    """Groups of any tightness around centres that are similar by kind."""
    rng = np.random.default_rng(seed)
    themes = rng.normal(size=(kinds, 24))
    groups = [
        themes[number % kinds] + 0.8 * rng.normal(size=24) + noise * rng.normal(size=(size, 24))
        for number, (size, noise) in enumerate(zip(sizes, noises, strict=False))
    ]
    assert_levels(unit(np.concatenate([np.empty((0, 24)), *groups])), same_cosine=0.97)


def assert_levels(vectors: Vectors, same_cosine: float) -> None:
    """What holds for all levels of the clusters of any photos."""
    levels = cluster_levels(vectors, same_cosine=same_cosine)
    left, right = np.nonzero(round_similarities(vectors @ vectors.T) >= same_cosine)
    for found in levels:
        rows = np.concatenate([np.empty(0, np.int64), *found])
        assert len(np.unique(rows)) == len(rows), "a photo is in one cluster at most"
        assert all(len(group) >= leiden.MIN_SIZE for group in found)
        of = np.full(len(vectors), -1)
        for number, group in enumerate(found):
            of[group] = number
        np.testing.assert_array_equal(of[left], of[right], "near-identical photos are always together")
        assert (of[left[left != right]] >= 0).all()
    for coarse, fine in itertools.pairwise(levels):
        assert len(coarse) <= len(fine)
        of = {row: number for number, rows in enumerate(coarse) for row in rows.tolist()}
        for rows in fine:
            assert len({of[row] for row in rows.tolist()}) == 1, "levels are nested"


def search_of(vectors: Vectors, ids: Ids, others: Ids) -> Callable[[Vectors, int], Ids]:
    """Return a search over photos of which some are not to be clustered."""
    everything = np.concatenate([vectors, noise(len(others), seed=9)])
    return lambda queries, k: top_k(queries, np.concatenate([ids, others]), everything, k)[0]


def test_many_photos_are_found_by_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, groups = planted([40, 25, 12, 7, 5, 3], unrelated=150)
    ids = np.random.default_rng(0).permutation(1000)[: len(vectors)]
    monkeypatch.setattr(neighbour_search, "EXACT_UP_TO", 10)
    index = NeighbourIndex("model", D, exact_below=100)
    index.add(ids, vectors)
    index.merge_pending()
    found = cluster(ids, vectors, index.search_approximate, same_cosine=SAME)
    assert_found(found, groups)


def test_photos_the_index_knows_and_the_caller_does_not_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, groups = planted([20, 10], unrelated=30)
    monkeypatch.setattr(neighbour_search, "EXACT_UP_TO", 10)
    ids, others = np.arange(60) * 3 + 7, np.arange(60) * 3 + 8
    found = cluster(ids, vectors, search_of(vectors, ids, others), same_cosine=SAME)
    assert_found(found, groups)


def test_progress_is_reported_and_may_stop_the_work() -> None:
    vectors, _ = planted([20] * 40, unrelated=0)
    reports: list[tuple[int, int]] = []
    cluster(
        np.arange(800),
        vectors,
        same_cosine=SAME,
        on_progress=lambda done, total: reports.append((done, total)),
    )
    assert reports == [(512, 800), (800, 800)]

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        cluster(np.arange(800), vectors, same_cosine=SAME, on_progress=stop)


def test_the_global_random_state_is_not_changed() -> None:
    vectors, _ = planted([20, 10], unrelated=10)
    random.seed(5)
    expected = random.random()
    random.seed(5)
    cluster_all(vectors)
    assert random.random() == expected


def test_clusterings_side_by_side_do_not_disturb_each_other() -> None:
    vectors, _ = planted([40, 25, 12, 7], unrelated=50)
    answers: list[list[list[int]]] = []

    def run() -> None:
        answers.append([rows.tolist() for rows in cluster_all(vectors)])

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[rows.tolist() for rows in cluster_all(vectors)]] * 4


def test_a_higher_floor_groups_fewer_photos() -> None:
    vectors, _ = planted([20] * 20, unrelated=0)
    vectors = unit(vectors + 0.07 * np.random.default_rng(1).normal(size=vectors.shape))
    grouped = []
    for floor in (0.3, DEFAULT_PARAMS.min_cosine, 0.8):
        params = leiden.LevelParams(min_cosine=floor)
        grouped.append(sum(map(len, cluster(np.arange(400), vectors, same_cosine=SAME, params=params))))
    assert grouped[0] >= grouped[1] > grouped[2]


def test_the_default_level_is_what_clusters_are_without_levels() -> None:
    vectors, _ = planted([60, 40, 30, 20, 10, 5, 2], unrelated=60)
    vectors = unit(vectors + 0.03 * np.random.default_rng(3).normal(size=vectors.shape))
    levels = cluster_levels(vectors, same_cosine=SAME)
    assert len(levels) == FINEST_LEVEL + 1 == len(leiden.LEVELS)
    assert [list(rows) for rows in levels[DEFAULT_LEVEL]] == [list(rows) for rows in cluster_all(vectors)]
    assert len(levels[0][0]) > len(levels[-1][0])


def test_the_default_level_groups_most_photos_that_have_a_partner() -> None:
    rng = np.random.default_rng(4)
    vectors, _ = planted([2, 3, 4, 6, 9, 14, 20] * 4, unrelated=200)
    vectors = unit(vectors + 0.04 * rng.normal(size=vectors.shape))
    graph = mutual_graph.mutual_graph(np.arange(len(vectors)), vectors, None, leiden.NEIGHBOURS, SAME)
    has_partner = graph.has_partner(leiden.LEVELS[0].min_cosine)
    rows = np.concatenate(cluster_all(vectors))
    assert 0.3 < has_partner.mean() < 0.9
    assert has_partner[rows].all()
    assert len(rows) >= 0.8 * has_partner.sum()
