"""The nearest neighbours of all photos, and how they are updated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from photosim.clustering import neighbour_search
from photosim.clustering.mutual_graph import mutual_graph
from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.clustering.neighbour_search import CANDIDATE_FACTOR, Search, find_neighbours
from photosim.search.exact import NO_ID, Ids, Vectors, top_k

D, K, COUNT = 16, 5, 400


@pytest.fixture(autouse=True)
def _always_use_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour_search, "EXACT_UP_TO", 1)


def photos(count: int = COUNT, seed: int = 0) -> Vectors:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(count // 10, D))
    vectors = centres[rng.integers(0, len(centres), count)] + 0.5 * rng.normal(size=(count, D))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


class Library:
    """Photos that can be searched exactly; counts the queries."""

    def __init__(self, vectors: Vectors, ids: Ids) -> None:
        self.vectors, self.ids, self.queries = vectors, ids, 0

    def search(self, queries: Vectors, k: int) -> Ids:
        self.queries += len(queries)
        return top_k(queries, self.ids, self.vectors, k)[0]

    def neighbours(self, before: NeighbourGraph | None = None, k: int = K) -> NeighbourGraph:
        self.queries = 0
        return find_neighbours(self.ids, self.vectors, self.search, k, None, before).graph(self.ids)

    def pairs(self, before: NeighbourGraph | None = None) -> set[tuple[int, int]]:
        """Return the mutual neighbours by their ids."""
        graph = mutual_graph(self.ids, self.vectors, self.search, K, 0.99, before=before)
        ends = np.sort(self.ids[graph.order[np.searchsorted(graph.node_of_position, graph.pairs)]], axis=1)
        return set(map(tuple, ends.tolist()))


def listed(graph: NeighbourGraph) -> dict[int, list[int]]:
    """Return the ids of the neighbours of each photo."""
    photo = graph.photo_of_nodes(graph.photo_ids.astype(np.int64))
    nodes = graph.nodes_of(graph.photo_ids.astype(np.int64))
    return {
        int(one): photo[graph.neighbours[node]].tolist()
        for one, node in zip(graph.photo_ids, nodes.tolist(), strict=True)
    }


def library(first: int, last: int) -> Library:
    return Library(photos()[first:last], 2 * np.arange(first, last) + 1)


def test_nothing_is_searched_for_photos_whose_neighbours_are_saved() -> None:
    every = library(0, COUNT)
    saved = NeighbourGraph.from_bytes(b"".join(every.neighbours().stored()))
    assert every.queries == COUNT
    found = every.neighbours(saved)
    assert every.queries == 0
    assert listed(found) == listed(saved)
    np.testing.assert_array_equal(found.cosines, saved.cosines)


def test_only_new_photos_are_searched_and_become_neighbours_of_those_before() -> None:
    saved, every = library(0, COUNT - 20).neighbours(), library(0, COUNT)
    found, expected = listed(every.neighbours(saved)), listed(every.neighbours())
    every.neighbours(saved)
    assert every.queries == 20
    new = set(every.ids[-20:].tolist())
    assert {photo: found[photo] for photo in new} == {photo: expected[photo] for photo in new}
    joined = [photo for photo in set(found) - new if new & set(found[photo])]
    assert len(joined) > 20
    assert every.pairs(saved) == every.pairs()


def test_photos_whose_neighbours_are_gone_are_searched_again() -> None:
    saved, rest = library(0, COUNT).neighbours(), library(10, COUNT)
    gone = set((2 * np.arange(10) + 1).tolist())
    concerned = [photo for photo, others in listed(saved).items() if gone & set(others) and photo not in gone]
    found = rest.neighbours(saved)
    assert rest.queries == len(concerned) > 10
    assert listed(found) == listed(rest.neighbours())
    assert rest.pairs(saved) == rest.pairs()


def test_copies_of_known_photos_are_no_new_nodes() -> None:
    saved, vectors = library(0, COUNT).neighbours(), photos()
    ids = np.concatenate([2 * np.arange(COUNT) + 1, [5000, 5001]])
    with_copies = Library(np.concatenate([vectors, vectors[[3, 7]]]), ids)
    found = with_copies.neighbours(saved)
    assert with_copies.queries == 0
    assert found.node_count == COUNT
    assert found.nodes_of(np.array([5000])).tolist() == found.nodes_of(np.array([7])).tolist()


def test_after_many_additions_all_are_searched_again() -> None:
    graph = library(0, COUNT - 60).neighbours()
    for last, queries in ((COUNT - 40, 20), (COUNT - 25, 15), (COUNT, COUNT)):
        grown = library(0, last)
        graph = grown.neighbours(graph)
        assert grown.queries == queries
    assert graph.added == 0


def test_neighbours_of_another_number_are_not_used() -> None:
    every = library(0, COUNT)
    every.neighbours(every.neighbours(k=K + 1))
    assert every.queries == COUNT


def wrapped(every: Library, change: Callable[[Vectors, Ids], Ids]) -> Search:
    return lambda queries, k: change(queries, every.search(queries, k))


def test_what_a_search_misses_is_found_by_those_of_the_neighbours() -> None:
    every = library(0, COUNT)
    expected = every.neighbours()
    victim = int(every.ids[50])

    def miss(queries: Vectors, found: Ids) -> Ids:
        is_victim = (queries == every.vectors[50]).all(axis=1)
        return np.where(is_victim[:, np.newaxis] & (found != victim), NO_ID, found)

    graph = find_neighbours(every.ids, every.vectors, wrapped(every, miss), K).graph(every.ids)
    others = set(listed(graph)[victim]) - {NO_ID}
    mutual = {photo for photo in listed(expected)[victim] if victim in listed(expected)[photo]}
    assert mutual
    assert mutual <= others
    order = graph.cosines[graph.nodes_of(np.array([victim]))[0]][: len(others)]
    assert (np.diff(order) <= 0).all()


def test_a_search_that_went_astray_is_repeated_for_more() -> None:
    every = library(0, COUNT)
    few = CANDIDATE_FACTOR * (K + 1)

    def stray(queries: Vectors, found: Ids) -> Ids:
        return found if found.shape[1] > few else np.full_like(found, every.ids[0])

    graph = find_neighbours(every.ids, every.vectors, wrapped(every, stray), K).graph(every.ids)
    assert listed(graph) == listed(every.neighbours())
