"""Nearest neighbours among a subset of the photos."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.search import subset
from photosim.search.exact import Ids, Vectors, top_k
from photosim.search.index import NeighbourIndex
from photosim.search.subset import search_subset

COUNT, SIZE = 900, 16


def make_photos(seed: int) -> tuple[Ids, Vectors]:
    """Return ids and vectors in a few dense groups."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(9, SIZE))
    vectors = centres[rng.integers(0, 9, COUNT)] + 0.4 * rng.normal(size=(COUNT, SIZE))
    return np.arange(COUNT) * 3 + 5, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(
        np.float32
    )


@given(
    st.integers(0, 50),
    st.integers(1, 60),
    st.sampled_from([0.01, 0.2, 0.9, 1.0]),
    st.sampled_from([0, 30, 5000]),
)
def test_the_answer_is_that_of_comparing_all_photos_that_fit(
    seed: int, k: int, share: float, exact_up_to: int
) -> None:
    ids, vectors = make_photos(seed)
    index = NeighbourIndex("test", SIZE)
    index.add(ids, vectors)
    rng = np.random.default_rng(seed + 1)
    is_wanted = rng.random(COUNT) < share
    if seed % 2:  # a filter that leaves out what is near
        is_wanted &= vectors @ vectors[0] < 0.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subset, "EXACT_UP_TO", exact_up_to)
        found, similarities = search_subset(
            vectors[:1], k, rng.permutation(ids[is_wanted]), index, lambda some: vectors[(some - 5) // 3]
        )
    expected, cosines = top_k(vectors[:1], ids[is_wanted], vectors[is_wanted], k)
    assert found.tolist() == expected.tolist()
    assert similarities == pytest.approx(cosines, abs=5e-6)  # float32, summed in another order


def test_the_index_is_asked_only_for_as_many_as_should_do() -> None:
    ids, vectors = make_photos(1)
    index = NeighbourIndex("test", SIZE)
    index.add(ids, vectors)
    requested: list[int] = []

    class Counting:
        def __len__(self) -> int:
            return len(index)

        def search(self, queries: Vectors, k: int) -> tuple[Ids, Vectors]:
            requested.append(k)
            return index.search(queries, k)

    def none(_: Ids) -> Vectors:
        raise AssertionError("the index has enough")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subset, "EXACT_UP_TO", 100)
        found, _ = search_subset(vectors[:1], 10, ids[::2], Counting(), none)
    assert found.shape == (1, 10)
    assert set(found[0].tolist()) <= set(ids[::2].tolist())
    assert requested == [40]
