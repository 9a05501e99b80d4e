"""The neighbour index against a comparison of all pairs."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.search.exact import NO_ID, Ids, Vectors
from photosim.search.index import MAX_REMOVED_SHARE, NeighbourIndex
from tests.support.vectors import (
    EXACT_BELOW,
    D,
    assert_same,
    brute_force_search,
    graph_of,
    make_graph_index,
    make_index,
    make_vectors,
    recall,
)


def test_an_empty_index_finds_nothing() -> None:
    ids, similarities = NeighbourIndex("model", D).search(make_vectors(2), 3)
    assert (ids == NO_ID).all()
    assert (similarities == -np.inf).all()
    assert ids.shape == similarities.shape == (2, 3)


@pytest.mark.parametrize("merged", [False, True])
def test_fewer_photos_than_requested_are_all_found(merged: bool) -> None:
    vectors = make_vectors(EXACT_BELOW + 10)
    index = make_graph_index(vectors) if merged else make_index(vectors)
    ids, similarities = index.search(vectors[:2], EXACT_BELOW + 15)
    assert sorted(ids[0][:-5]) == list(range(EXACT_BELOW + 10))
    assert (ids[:, -5:] == NO_ID).all()
    assert (np.diff(similarities[:, :-5]) <= 0).all()


def test_a_small_library_is_searched_exactly_and_has_no_graph() -> None:
    vectors = make_vectors(EXACT_BELOW - 1)
    index = make_index(vectors)
    index.merge_pending()
    assert index._graph is None
    assert_same(
        index.search(vectors[:20], 10),
        brute_force_search(vectors[:20], np.arange(EXACT_BELOW - 1), vectors, 10),
    )


def test_an_exact_search_spans_many_blocks_of_vectors_and_queries() -> None:
    vectors = make_vectors(9000)
    index = make_index(vectors, exact_below=10_000)
    queries = make_vectors(600, seed=1)
    found = index.search(queries, 5)
    some = [0, 511, 512, 599]
    assert_same(
        (found[0][some], found[1][some]), brute_force_search(queries[some], np.arange(9000), vectors, 5)
    )


def test_equal_photos_are_found_by_the_lower_id_first() -> None:
    index = NeighbourIndex("model", D)
    ids = np.random.default_rng(0).permutation(5000)
    index.add(ids, np.repeat(make_vectors(1), 5000, axis=0))
    found, similarities = index.search(make_vectors(1), 8)
    assert found[0].tolist() == list(range(8))
    assert (similarities == 1).all()


def test_the_graph_finds_what_comparing_all_finds() -> None:
    vectors, queries = make_vectors(6000), make_vectors(200, seed=1)
    right = brute_force_search(queries, np.arange(6000), vectors, 20)
    index = make_graph_index(vectors)
    found = index.search(queries, 20)
    assert recall(found[0], right[0]) >= 0.98
    assert recall(index.search_approximate(queries, 20), right[0]) >= 0.9
    assert (
        recall(index.search(queries, 100)[0], brute_force_search(queries, np.arange(6000), vectors, 100)[0])
        >= 0.98
    )
    assert (np.diff(found[1], axis=1) <= 0).all()


def test_an_approximate_search_does_not_make_the_next_ones_worse() -> None:
    vectors, queries = make_vectors(3000), make_vectors(50, seed=1)
    index = make_graph_index(vectors)
    before = index.search(queries, 20)
    index.search_approximate(queries, 20)
    np.testing.assert_array_equal(index.search(queries, 20)[0], before[0])


def test_search_while_building_is_exact() -> None:
    vectors, queries = make_vectors(2000), make_vectors(5, seed=1)
    right = brute_force_search(queries, np.arange(2000), vectors, 10)
    index = make_index(vectors)
    searched = []

    def check_search(done: int, total: int) -> bool:
        if done % 320 == 0:
            searched.append((done, total))
            assert_same(index.search(queries, 10), right)
        return True

    assert index.merge_pending(check_search)
    assert searched[0][0] < 2000
    assert all(total == 2000 for _, total in searched)
    assert len(searched) > 3


def test_searches_beside_building_changing_and_saving_never_fail(tmp_path: Path) -> None:
    vectors = make_vectors(3000)
    index = make_index(vectors[:2000])
    stop, failures = threading.Event(), []

    def search() -> None:
        while not stop.is_set():
            try:
                ids, _ = index.search(vectors[:3], 5)
                assert (ids[:, 0] == [0, 1, 2]).all()
                index.search_approximate(vectors[:3], 5)
            except BaseException as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    builder = threading.Thread(target=index.merge_pending)
    builder.start()
    for start in range(2000, 3000, 100):
        index.add(np.arange(start, start + 100), vectors[start : start + 100])
        index.remove(np.arange(start - 1000, start - 950))
    builder.join()
    index.save(tmp_path)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(index) == 2500


def test_a_stopped_build_resumes_where_it_was() -> None:
    vectors = make_vectors(1000)
    index = make_index(vectors)
    assert not index.merge_pending(lambda done, _: done < 400)
    at_stop = len(graph_of(index).live)
    assert 400 <= at_stop < 1000
    totals: list[int] = []
    assert index.merge_pending(lambda _, total: totals.append(total) is None)
    assert totals[0] == 1000 - at_stop
    assert len(graph_of(index).live) == len(index) == 1000


def test_photos_in_the_graph_stay_when_pending_ones_are_removed() -> None:
    index = make_index(make_vectors(1000))
    index.merge_pending(lambda done, _: done < 400)
    index.remove(np.arange(900, 1000))
    np.testing.assert_array_equal(index.ids, np.arange(900))


def test_only_one_thread_builds_at_a_time() -> None:
    index = make_index(make_vectors(500))
    second: list[bool] = []
    index.merge_pending(lambda *_: second.append(index.merge_pending()) is None)
    assert second
    assert not any(second)


def test_deleted_photos_are_never_found() -> None:
    vectors = make_vectors(1000)
    for index in (make_index(vectors), make_graph_index(vectors)):
        gone = np.arange(0, 1000, 3)
        index.remove(gone)
        index.remove(np.array([5000]))
        assert len(index) == 1000 - len(gone)
        assert not np.isin(index.search(vectors[gone], 20)[0], gone).any()
        assert not np.isin(index.search(vectors[:1], 1000)[0], gone).any()


def test_a_restored_photo_is_found_again() -> None:
    vectors = make_vectors(600)
    index = make_graph_index(vectors)
    index.remove(np.arange(100))
    index.add(np.arange(50), vectors[:50])
    assert len(index) == 550
    assert (index.search(vectors[:50], 1)[0][:, 0] == np.arange(50)).all()


def test_adding_a_photo_twice_finds_it_once() -> None:
    vectors = make_vectors(600)
    for index in (make_index(vectors), make_graph_index(vectors)):
        index.add(np.array([7, 7, 700, 700]), vectors[[7, 7, 8, 8]])
        assert len(index) == 601
        assert np.count_nonzero(index.search(vectors[7:8], 601)[0] == 7) == 1


def test_too_many_removed_photos_make_a_new_graph() -> None:
    vectors = make_vectors(2000)
    index = make_graph_index(vectors)
    old = graph_of(index)
    index.remove(np.arange(int(2000 * MAX_REMOVED_SHARE)))
    index.merge_pending()
    assert graph_of(index) is old
    index.remove(np.arange(1000))
    index.add(np.arange(5000, 5010), make_vectors(10, seed=3))
    index.merge_pending()
    assert graph_of(index) is not old
    assert not graph_of(index).removed.size
    assert index.ids.tolist() == [*range(1000, 2000), *range(5000, 5010)]
    assert (index.search(vectors[1000:1100], 1)[0][:, 0] == np.arange(1000, 1100)).all()


def test_a_library_that_becomes_small_has_no_graph_left(tmp_path: Path) -> None:
    vectors = make_vectors(400)
    index = make_graph_index(vectors)
    index.save(tmp_path)
    index.remove(np.arange(200))
    index.merge_pending()
    index.save(tmp_path)
    assert index._graph is None
    assert not list(tmp_path.iterdir())
    assert_same(
        index.search(vectors[:9], 5), brute_force_search(vectors[:9], np.arange(200, 400), vectors[200:], 5)
    )


def test_all_photos_can_be_removed() -> None:
    index = make_graph_index(make_vectors(500))
    index.remove(np.arange(500))
    assert len(index) == 0
    assert (index.search(make_vectors(1), 4)[0] == NO_ID).all()
    index.merge_pending()
    assert (index.search(make_vectors(1), 4)[0] == NO_ID).all()


def test_a_disconnected_graph_still_answers() -> None:
    vectors = np.repeat(make_vectors(4, seed=5), 500, axis=0)
    index = make_graph_index(vectors)
    ids, similarities = index.search(vectors[:1], 1900)
    assert len(set(ids[0].tolist())) == 1900
    assert NO_ID not in ids
    np.testing.assert_allclose(similarities[0, :500], 1, atol=1e-6)


def test_sync_fetches_only_what_is_new_and_drops_what_is_gone() -> None:
    vectors = make_vectors(6000)
    fetched: list[int] = []

    def vectors_of(ids: Ids) -> Vectors:
        fetched.extend(ids.tolist())
        return vectors[ids]

    index = NeighbourIndex("model", D, exact_below=EXACT_BELOW)
    index.sync(np.arange(500), vectors_of)
    index.merge_pending()
    index.sync(np.arange(100, 6000), vectors_of)
    assert fetched == list(range(6000))
    assert index.ids.tolist() == list(range(100, 6000))
    index.sync(np.arange(50, 6000)[::-1], vectors_of)
    assert fetched == list(range(6000)), "a vector in the graph is not fetched again"
    assert index.ids.tolist() == list(range(50, 6000))
    assert (index.search(vectors[50:100], 1)[0][:, 0] == np.arange(50, 100)).all()


def test_the_same_photos_in_the_same_order_give_the_same_answers() -> None:
    vectors, queries = make_vectors(2000), make_vectors(50, seed=1)
    one, other = make_graph_index(vectors).search(queries, 50), make_graph_index(vectors).search(queries, 50)
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])


def test_vectors_of_another_size_are_refused() -> None:
    index = NeighbourIndex("model", D)
    with pytest.raises(ValueError, match="dimensions"):
        index.add(np.arange(2), np.ones((2, D + 1), np.float32))
    with pytest.raises(ValueError, match="dimensions"):
        index.search(np.ones(D, np.float32), 1)
    with pytest.raises(ValueError, match="3 ids for 2 vectors"):
        index.add(np.arange(3), np.ones((2, D), np.float32))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.integers(0, 119), max_size=40)),
        st.tuples(st.just("remove"), st.lists(st.integers(0, 119), max_size=40)),
        st.tuples(st.just("sync"), st.lists(st.integers(0, 119), max_size=100)),
        st.tuples(st.just("merged"), st.just([])),
        st.tuples(st.just("reload"), st.just([])),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(steps=STEPS, k=st.integers(1, 130))
def test_any_sequence_of_changes_finds_what_comparing_all_finds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[int]]], k: int
) -> None:
    vectors, folder = make_vectors(120), tmp_path_factory.mktemp("index")
    index, expected_ids = NeighbourIndex("model", D, exact_below=20), set[int]()
    for step, numbers in steps:
        ids = np.array(numbers, np.int64)
        if step == "add":
            index.add(ids, vectors[ids])
            expected_ids |= set(numbers)
        elif step == "remove":
            index.remove(ids)
            expected_ids -= set(numbers)
        elif step == "sync":
            index.sync(ids, lambda ids: vectors[ids])
            expected_ids = set(numbers)
        elif step == "merged":
            assert index.merge_pending()
        else:
            index.save(folder)
            index = NeighbourIndex.load(folder, "model", D, exact_below=20)
            assert index.load_error is None
            assert set(index.ids.tolist()) <= expected_ids
            index.sync(np.array(sorted(expected_ids), np.int64), lambda ids: vectors[ids])
        ids = np.array(sorted(expected_ids), np.int64)
        assert index.ids.tolist() == ids.tolist()
        assert_same(index.search(vectors[:5], k), brute_force_search(vectors[:5], ids, vectors[ids], k))
