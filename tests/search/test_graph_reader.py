"""A graph that is loaded for searches finds what hnswlib finds in it, without hnswlib."""

from __future__ import annotations

from pathlib import Path

import hnswlib
import numpy as np
import pytest

from photosim.search.graph_reader import MAX_ENTRIES, GraphReader, _entries
from photosim.search.index import NeighbourIndex
from tests.support.vectors import (
    EXACT_BELOW,
    D,
    assert_same,
    brute_force_search,
    graph_of,
    load_index,
    make_graph_index,
    make_vectors,
    recall,
)

COUNT = 6000
REMOVED = np.arange(0, COUNT, 3)


@pytest.fixture(scope="module")
def index() -> NeighbourIndex:
    """An index of which some photos were removed, with more elements than a search begins with."""
    assert COUNT > MAX_ENTRIES
    index = make_graph_index(make_vectors(COUNT))
    index.remove(REMOVED)
    return index


@pytest.fixture
def loaded(index: NeighbourIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NeighbourIndex:
    """The same index, loaded for searches."""
    index._saved = False
    index.save(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(hnswlib, "Index", None)
        loaded = load_index(tmp_path, for_searches=True)
    assert loaded.load_error is None
    return loaded


@pytest.mark.parametrize("k", [1, 20, 300, 1000])
def test_it_finds_as_much_as_hnswlib(index: NeighbourIndex, loaded: NeighbourIndex, k: int) -> None:
    vectors, queries = make_vectors(COUNT), make_vectors(50, seed=1)
    present = np.setdiff1d(np.arange(COUNT), REMOVED)
    np.testing.assert_array_equal(loaded.ids, present)
    exact = brute_force_search(queries, present, vectors[present], k)
    ids, similarities = loaded.search(queries, k)
    assert recall(ids, exact[0]) >= max(recall(index.search(queries, k)[0], exact[0]) - 0.005, 0.95)
    np.testing.assert_allclose(similarities, np.einsum("qd,qkd->qk", queries, vectors[ids]), atol=2e-5)
    assert (np.diff(similarities, axis=1) <= 0).all()


def test_photos_that_are_removed_and_restored_are_left_out_and_found_again(loaded: NeighbourIndex) -> None:
    vectors = make_vectors(COUNT)
    gone = np.arange(1, COUNT, 3)
    loaded.remove(gone)
    assert not np.isin(loaded.search(vectors[gone[:50]], 10)[0], [*gone, *REMOVED]).any()
    loaded.sync(np.arange(COUNT), lambda ids: vectors[ids])
    assert len(loaded) == COUNT
    for some in (gone[:50], REMOVED[:50]):
        assert (loaded.search(vectors[some], 1)[0][:, 0] == some).all()


def test_new_photos_are_found_beside_it(loaded: NeighbourIndex) -> None:
    vectors, new = make_vectors(COUNT), make_vectors(10, seed=2)
    everything = np.concatenate([vectors, new])
    loaded.sync(np.arange(COUNT + 10), lambda ids: everything[ids])
    assert (loaded.search(new, 1)[0][:, 0] == np.arange(COUNT, COUNT + 10)).all()


def test_candidates_have_the_vectors_of_the_graph(loaded: NeighbourIndex) -> None:
    vectors = make_vectors(COUNT)
    ids, similarities, found = loaded.candidates(vectors[1], 100)
    assert ids[0] == 1
    np.testing.assert_allclose(found, vectors[ids], atol=1e-6)
    np.testing.assert_allclose(similarities, vectors[ids] @ vectors[1], atol=2e-5)


def test_a_search_for_all_finds_all(loaded: NeighbourIndex) -> None:
    vectors, query = make_vectors(COUNT), make_vectors(1, seed=1)
    ids, _ = loaded.search(query, COUNT)
    assert sorted(ids[ids >= 0].tolist()) == np.setdiff1d(np.arange(COUNT), REMOVED).tolist()
    few = np.arange(1, 40, 3)
    loaded.sync(few, lambda ids: vectors[ids])
    assert_same(loaded.search(query, 30), brute_force_search(query, few, vectors[few], 30))


def test_equal_vectors_that_split_the_graph_are_all_found(tmp_path: Path) -> None:
    vectors = np.repeat(make_vectors(3), EXACT_BELOW, axis=0)
    make_graph_index(vectors).save(tmp_path)
    loaded = load_index(tmp_path, for_searches=True)
    ids, similarities = loaded.search(vectors[:1], EXACT_BELOW)
    assert sorted(ids[0].tolist()) == list(range(EXACT_BELOW))
    np.testing.assert_allclose(similarities, 1, atol=2e-5)


def test_a_query_of_zeros_is_answered(loaded: NeighbourIndex) -> None:
    ids, similarities = loaded.search(np.zeros((1, D), np.float32), 10)
    assert len(set(ids[0].tolist())) == 10
    assert (similarities == 0).all()


def test_the_graph_is_not_loaded_by_hnswlib(loaded: NeighbourIndex) -> None:
    assert isinstance(graph_of(loaded)._hnsw, GraphReader)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], 0),
        ([0] * 3 + [1], 4),
        ([0] * MAX_ENTRIES + [1, 2, 2], 3),
        ([0] * 3 + [1] * MAX_ENTRIES + [2, 3], 2),
        ([7] * (MAX_ENTRIES + 5), MAX_ENTRIES),
    ],
)
def test_a_search_begins_with_a_level_that_is_small(levels: list[int], expected: int) -> None:
    assert len(_entries(np.array(levels, np.int8))) == expected
