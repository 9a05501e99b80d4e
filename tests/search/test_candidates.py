"""Candidates of one query with their vectors, from the graph and from vectors that are not in it yet."""

from __future__ import annotations

import numpy as np
import pytest

from photosim.search import hnsw
from photosim.search.exact import Ids, Vectors
from photosim.search.index import NeighbourIndex
from tests.support.vectors import EXACT_BELOW, D, make_index, make_vectors

COUNT, NEW, K = 1000, 100, 50


def fetching_index(vectors: Vectors, fetched: list[Ids]) -> NeighbourIndex:
    """Return an index with a graph of reduced vectors, and `NEW` vectors beside it."""

    def fetch(ids: Ids) -> Vectors:
        fetched.append(ids)
        return vectors[ids]

    index = NeighbourIndex("model", D, fetch, exact_below=EXACT_BELOW)
    index.add(np.arange(COUNT - NEW), vectors[:-NEW])
    assert index.merge_pending()
    index.add(np.arange(COUNT - NEW, COUNT), vectors[-NEW:])
    return index


def assert_candidates(
    index: NeighbourIndex, vectors: Vectors, query: Vectors, present: Ids, least: float
) -> None:
    ids, similarities, found = index.candidates(query, K)
    assert len(ids) == min(K, len(present))
    np.testing.assert_allclose(found, vectors[ids], atol=1e-6)
    np.testing.assert_allclose(similarities, vectors[ids] @ query, atol=1e-5)
    assert (np.lexsort((ids, -similarities)) == np.arange(len(ids))).all()
    exact = present[np.argsort(-(vectors[present] @ query), kind="stable")[:K]]
    assert np.isin(exact, ids).sum() >= least * len(exact)


@pytest.mark.parametrize("reduced", [True, False])
def test_candidates_come_from_the_graph_and_from_what_is_not_in_it(
    reduced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hnsw, "REDUCED_DIMENSIONS", 3 * D // 4 if reduced else D)
    vectors, fetched = make_vectors(COUNT), list[Ids]()
    index = fetching_index(vectors, fetched)
    for row in (0, COUNT // 2, COUNT - 1):
        fetched.clear()
        assert_candidates(index, vectors, vectors[row], np.arange(COUNT), 0.8)
        assert [len(ids) for ids in fetched] == ([K] if reduced else [])
        assert index.candidates(vectors[row], K)[0][0] == row
    index.remove(np.arange(0, COUNT, 2))
    assert_candidates(index, vectors, vectors[0], np.arange(1, COUNT, 2), 0.8)


@pytest.mark.parametrize("count", [0, 1, K - 1, K, EXACT_BELOW - 1])
def test_without_a_graph_candidates_are_exact(count: int) -> None:
    vectors = make_vectors(EXACT_BELOW)
    assert_candidates(make_index(vectors[:count]), vectors, vectors[-1], np.arange(count), 1)


def test_a_photo_that_is_gone_is_told() -> None:
    vectors = make_vectors(COUNT)

    def fetch(ids: Ids) -> Vectors:
        if 7 in ids:
            raise KeyError(7)
        return vectors[ids]

    index = NeighbourIndex("model", D, fetch, exact_below=EXACT_BELOW, reduced_dimensions=D // 2)
    index.add(np.arange(COUNT), vectors)
    index.merge_pending()
    with pytest.raises(KeyError):
        index.candidates(vectors[7], K)
