"""The neighbours of photos, how they are stored, and ways along them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.clustering.neighbour_search import find_neighbours
from photosim.clustering.walk import MAX_FRAMES, Ways, thin
from photosim.search.exact import NO_ID, Ids, Vectors
from tests.support.vectors import unit

K = 5


def arc(count: int, end: float = np.pi / 2) -> Vectors:
    """Vectors along an arc, each as near to the next as any other."""
    angles = np.linspace(0, end, count)
    return unit(np.stack([np.cos(angles), np.sin(angles), np.zeros(count)], axis=1))


def graph_of(vectors: Vectors, ids: Ids | None = None) -> NeighbourGraph:
    photo_ids = np.arange(len(vectors)) if ids is None else ids
    return find_neighbours(photo_ids, vectors, None, K).graph(photo_ids)


def shortest(vectors: Vectors, graph: NeighbourGraph, first: int, last: int) -> list[int]:
    """Return the rows of the way between two rows."""
    rows = graph.photo_of_nodes(np.arange(len(vectors)))

    def find_outside(node: int, inside: Ids) -> tuple[int, float] | None:
        others = np.setdiff1d(np.arange(graph.node_count), inside)
        if not len(others):
            return None
        cosines = vectors[rows[others]] @ vectors[rows[node]]
        return int(others[cosines.argmax()]), float(cosines.max())

    start, end = graph.nodes_of(np.array([first, last])).tolist()
    return [int(rows[node]) for node in Ways(graph).shortest(start, end, find_outside)]


@st.composite
def libraries(draw: st.DrawFn) -> Vectors:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, kinds = draw(st.integers(1, 60)), draw(st.integers(1, 8))
    centres = rng.normal(size=(kinds, 8))
    spread = draw(st.sampled_from([0.0, 0.05, 0.5]))
    return unit(centres[rng.integers(0, kinds, count)] + spread * rng.normal(size=(count, 8)))


def test_a_walk_takes_small_steps_along_the_photos_between() -> None:
    vectors = arc(30)
    way = shortest(vectors, graph_of(vectors), 0, 29)
    assert way[0] == 0
    assert way[-1] == 29
    assert way == sorted(way)
    assert len(way) >= 25


def test_two_small_steps_win_over_a_large_one() -> None:
    # Cosines of 0.75 to the photo between and of 0.6 past it: both steps together are longer than the large one.
    cosines = np.array([[1, 0.75, 0.6], [0.75, 1, 0.75], [0.6, 0.75, 1]])
    vectors = np.linalg.cholesky(cosines).astype(np.float32)
    assert shortest(vectors, graph_of(vectors), 0, 2) == [0, 1, 2]


def test_two_groups_without_a_common_neighbour_are_linked_where_they_are_near() -> None:
    one, other = arc(20, 0.3), arc(20, 0.3) @ np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], np.float32)
    vectors = np.concatenate([one, other])
    way = shortest(vectors, graph_of(vectors), 0, 39)
    assert (way[0], way[-1]) == (0, 39)
    steps = [(vectors[a] @ vectors[b], a, b) for a, b in pairwise(way)]
    _, a, b = min(steps)
    assert (a < 20) != (b < 20)
    assert vectors[a] @ vectors[b] == pytest.approx((one @ other.T).max(), abs=0.02), "of a sample"


@given(libraries(), st.data())
def test_every_two_photos_have_the_same_walk_each_time_which_is_the_cheapest(
    vectors: Vectors, data: st.DataObject
) -> None:
    graph = graph_of(vectors)
    first, last = (data.draw(st.integers(0, len(vectors) - 1)) for _ in range(2))
    way = shortest(vectors, graph, first, last)
    assert way == shortest(vectors, graph, first, last)
    assert len(set(way)) == len(way)
    nodes = graph.nodes_of(np.array([first, last, way[0], way[-1]])).tolist()
    assert nodes[:2] == nodes[2:]
    back = shortest(vectors, graph, last, first)

    def cost(rows: list[int]) -> float:
        return sum((1 - float(vectors[a] @ vectors[b])) ** 2 for a, b in pairwise(rows))

    assert cost(way) == pytest.approx(cost(back), rel=0.05, abs=2e-2)


def test_only_allowed_photos_are_passed() -> None:
    vectors = arc(30)
    graph = graph_of(vectors)
    allowed = np.ones(graph.node_count, bool)
    allowed[graph.nodes_of(np.array([14]))] = False
    start, end = graph.nodes_of(np.array([0, 29])).tolist()
    way = Ways(graph, allowed).shortest(start, end, lambda *_: None)
    assert int(graph.nodes_of(np.array([14]))[0]) not in way


def test_a_search_that_is_cancelled_ends() -> None:
    vectors = arc(30)

    def check() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        Ways(graph_of(vectors)).shortest(0, 5, lambda *_: None, check)


@given(st.integers(1, 100), st.integers(1, MAX_FRAMES))
def test_a_long_walk_keeps_its_ends_and_is_thinned_evenly(count: int, most: int) -> None:
    rows = thin(np.eye(count, dtype=np.float32), 0.99, max(most, 2))
    assert rows[0] == 0
    assert rows[-1] == count - 1
    assert rows == sorted(set(rows))
    assert len(rows) <= max(most, 2)
    if len(rows) > 1:
        steps = np.diff(rows)
        assert steps.max() - steps.min() <= 1


def test_copies_do_not_follow_each_other() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 2, 3, 3]]
    assert thin(vectors, 0.99) == [0, 2, 4, 6]


@given(libraries(), st.data())
def test_neighbours_are_read_as_they_were_stored_and_nothing_else_is(
    vectors: Vectors, data: st.DataObject
) -> None:
    ids = 3 * np.random.default_rng(1).permutation(len(vectors)) + 5
    graph = graph_of(vectors, ids)
    stored = b"".join(graph.stored())
    read = NeighbourGraph.from_bytes(stored)
    for name in ("photo_ids", "node_of_photo", "neighbours", "cosines"):
        np.testing.assert_array_equal(getattr(read, name), getattr(graph, name))
    assert (read.nodes_of(np.array([1, 4])) == NO_ID).all()
    place = data.draw(st.integers(0, len(stored) - 1))
    damaged = stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :]
    for other in (damaged, stored[:place], b"", stored + b"\0"):
        with pytest.raises(ValueError, match="neighbours"):
            NeighbourGraph.from_bytes(other)


def test_neighbours_that_lead_out_of_the_graph_are_refused() -> None:
    graph = graph_of(arc(10))
    for name, value in (("neighbours", 10), ("neighbours", -2), ("node_of_photo", 10), ("node_of_photo", -1)):
        array = getattr(graph, name).copy()
        array.reshape(-1)[3] = value
        fields = {n: getattr(graph, n) for n in ("photo_ids", "node_of_photo", "neighbours", "cosines")}
        wrong = NeighbourGraph(**{**fields, name: array})
        with pytest.raises(ValueError, match="out of range"):
            NeighbourGraph.from_bytes(b"".join(wrong.stored()))


def test_an_empty_library_has_an_empty_graph() -> None:
    graph = NeighbourGraph.from_bytes(b"".join(graph_of(np.zeros((0, 3), np.float32)).stored()))
    assert graph.node_count == 0
    assert graph.nodes_of(np.array([1])).tolist() == [NO_ID]
