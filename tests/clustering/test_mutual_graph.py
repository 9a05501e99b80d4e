"""Mutual nearest neighbours, found by an index and by comparing all photos."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.clustering.mutual_graph import MutualGraph, mutual_graph
from photosim.clustering.neighbour_search import THREADS
from photosim.search.exact import NO_ID, QUERY_ROWS, Ids, Vectors, round_similarities, top_k
from photosim.search.index import NeighbourIndex

D, K, SAME = 24, 6, 0.99


@pytest.fixture
def always_use_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.clustering.neighbour_search.EXACT_UP_TO", 1)


def photos(count: int, seed: int = 0) -> Vectors:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(count // 20, 1), D))
    vectors = centres[rng.integers(0, len(centres), count)] + 0.6 * rng.normal(size=(count, D))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def index_of(vectors: Vectors, ids: Ids) -> NeighbourIndex:
    index = NeighbourIndex("model", D, exact_below=100)
    index.add(ids, vectors)
    index.merge_pending()
    return index


def photo_pairs(graph: MutualGraph) -> set[tuple[int, int]]:
    """Return the pairs as rows of photos, no two of which are equal."""
    ends = np.sort(graph.order[graph.pairs], axis=1)
    return set(map(tuple, ends.tolist()))


@pytest.mark.usefixtures("always_use_index")
def test_the_index_finds_the_pairs_that_comparing_finds() -> None:
    vectors, ids = photos(3000), np.random.default_rng(1).permutation(9000)[:3000]
    expected = photo_pairs(mutual_graph(ids, vectors, None, K, SAME))
    found = photo_pairs(mutual_graph(ids, vectors, index_of(vectors, ids).search_approximate, K, SAME))
    assert len(found & expected) > 0.98 * len(found | expected)


@pytest.mark.usefixtures("always_use_index")
def test_the_same_photos_make_the_same_graph_however_the_threads_run() -> None:
    vectors, ids = photos(3000), np.arange(3000)
    index = index_of(vectors, ids)
    one, other = (mutual_graph(ids, vectors, index.search_approximate, K, SAME) for _ in range(2))
    np.testing.assert_array_equal(one.pairs, other.pairs)
    np.testing.assert_array_equal(one.centred_cosines, other.centred_cosines)


@settings(max_examples=60)
@given(
    points=st.lists(st.tuples(*[st.integers(-2, 2)] * 3).filter(any), min_size=2, max_size=60),
    neighbours=st.integers(1, 8),
    seed=st.integers(0, 9),
)
def test_the_nearest_distinct_vectors_are_selected_from_any_candidates(
    points: list[tuple[int, int, int]], neighbours: int, seed: int
) -> None:
    vectors = np.array(points, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.random.default_rng(seed).permutation(500)[: len(vectors)] + 1

    def return_all_ids(queries: Vectors, k: int) -> Ids:
        unknown_ids = [0, 501, 10**9, *[NO_ID] * k]
        return np.tile(np.concatenate([ids, unknown_ids]), (len(queries), 1))

    expected = mutual_graph(ids, vectors, None, neighbours, SAME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("photosim.clustering.neighbour_search.EXACT_UP_TO", 1)
        found = mutual_graph(ids, vectors, return_all_ids, neighbours, SAME)
    np.testing.assert_array_equal(found.pairs, expected.pairs)
    np.testing.assert_array_equal(found.centred_cosines, expected.centred_cosines)


@pytest.mark.usefixtures("always_use_index")
def test_copies_of_a_photo_do_not_displace_its_neighbours() -> None:
    vectors = photos(20)
    copies = np.concatenate([vectors, np.repeat(vectors[:1], 2 * K, axis=0)])
    ids = np.arange(len(copies))
    graph = mutual_graph(ids, copies, lambda queries, k: top_k(queries, ids, copies, k)[0], K, SAME)
    node = graph.node_of_position[np.flatnonzero(graph.order == 0)[0]]
    assert graph.node_count == 20
    assert np.count_nonzero(graph.pairs == node) > 0
    alone = mutual_graph(np.arange(20), vectors, None, K, SAME)
    np.testing.assert_array_equal(graph.pairs, alone.pairs)


@pytest.mark.usefixtures("always_use_index")
def test_a_stopped_comparison_starts_no_more_searches() -> None:
    count = (4 * THREADS + 4) * QUERY_ROWS
    vectors, ids = photos(count), np.arange(count)
    query_counts: list[int] = []
    lock = threading.Lock()

    def search(queries: Vectors, k: int) -> Ids:
        with lock:
            query_counts.append(len(queries))
        found = top_k(queries, ids, vectors, 1)[0]
        return np.repeat(found, k, axis=1)

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        mutual_graph(ids, vectors, search, K, SAME, stop)
    assert sum(query_counts) <= (2 * THREADS + 1) * QUERY_ROWS
    assert "neighbours" not in str(threading.enumerate())


def slow_groups(vectors: Vectors, same_cosine: float) -> list[int]:
    """Return for each vector the lowest row that it is near-identical to, directly or through others."""
    is_same = round_similarities(vectors @ vectors.T) >= same_cosine
    groups = list(range(len(vectors)))
    for _ in vectors:
        groups = [min(groups[other] for other in np.flatnonzero(row)) for row in is_same]
    return groups


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.sampled_from([0.02, 0.05, 0.5]), min_size=1, max_size=40),
    neighbours=st.integers(1, 6),
)
def test_near_identical_photos_are_one_group_however_many_there_are(
    steps: list[float], neighbours: int
) -> None:
    angles = np.cumsum(steps)
    vectors = np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], axis=1).astype(np.float32)
    same_cosine = float(np.cos(0.12))
    graph = mutual_graph(np.arange(len(vectors)), vectors, None, neighbours, same_cosine)
    groups = np.empty(len(vectors), np.int64)
    groups[graph.order] = graph.near_identical[graph.node_of_position]
    expected = slow_groups(vectors, same_cosine)
    for row, other in itertools.combinations(range(len(vectors)), 2):
        assert (groups[row] == groups[other]) == (expected[row] == expected[other])


def test_two_bursts_that_only_a_pair_in_the_crowd_connects_are_one_group() -> None:
    """Every photo has its nearest neighbours in its own burst."""
    rng = np.random.default_rng(0)
    ends = photos(2)
    ends[1] = ends[0] + 0.13 * ends[1]
    vectors = (ends[:, None] + 0.002 * rng.normal(size=(2, 20, D))).reshape(40, D)
    vectors = np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
    assert float((vectors[:20] @ vectors[20:].T).max()) > SAME
    graph = mutual_graph(np.arange(40), vectors, None, K, SAME)
    assert len(np.unique(graph.near_identical)) == 1


def test_a_partner_is_a_similar_mutual_neighbour_or_a_near_identical_photo() -> None:
    vectors = photos(60)
    vectors = np.concatenate([vectors, vectors[:1]])
    graph = mutual_graph(np.arange(61), vectors, None, K, SAME)
    linked = set(graph.order[np.isin(graph.node_of_position, graph.pairs)].tolist())
    assert set(np.flatnonzero(graph.has_partner(-1)).tolist()) == linked | {0, 60}
    assert np.flatnonzero(graph.has_partner(1.1)).tolist() == [0, 60]
