"""Exact search, and the buffer of vectors that it runs over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.search import exact
from photosim.search.exact import NO_ID, VectorBuffer, Vectors, top_k

D = 8


def vectors(count: int, seed: int = 0) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, D))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "BLOCK_ROWS", 16)
    monkeypatch.setattr(exact, "QUERY_ROWS", 5)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("k", [1, 7, 16, 40, 100, 120])
def test_blocks_do_not_change_the_answer(k: int) -> None:
    rows, ids, queries = vectors(100), np.arange(100)[::-1] * 3, vectors(12, seed=1)
    found, similarities = top_k(queries, ids, rows, k)
    order = np.argsort(-(queries @ rows.T), axis=1)[:, :k]
    np.testing.assert_array_equal(found[:, : min(k, 100)], ids[order])
    np.testing.assert_allclose(
        similarities[:, : min(k, 100)], np.take_along_axis(queries @ rows.T, order, axis=1), atol=2e-6
    )
    assert (found[:, 100:] == NO_ID).all()


@pytest.mark.usefixtures("small_blocks")
def test_of_equal_vectors_the_lowest_ids_are_kept() -> None:
    ids = np.random.default_rng(0).permutation(90)
    found, _ = top_k(vectors(1), ids, np.repeat(vectors(1), 90, axis=0), 20)
    assert found[0].tolist() == list(range(20))


def test_similarity_stays_within_one() -> None:
    rows = vectors(500)
    similarities = top_k(rows, np.arange(500), rows, 500)[1]
    assert similarities.max() == 1
    assert similarities.min() >= -1


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(1, 40)),
            st.tuples(st.just("drop_head"), st.integers(0, 20)),
            st.tuples(st.just("remove"), st.integers(2, 5)),
            st.tuples(st.just("reorder"), st.integers(0, 9)),
        ),
        max_size=15,
    )
)
def test_a_buffer_holds_what_was_added_and_not_removed(steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "BLOCK_ROWS", 16)
        buffer, expected_ids, drawn, new = VectorBuffer(D), list[int](), vectors(600), 0
        for step, number in steps:
            if step == "add":
                ids = np.arange(new, new + number)
                buffer.add(ids, drawn[ids])
                expected_ids += ids.tolist()
                new += number
            elif step == "drop_head":
                ids, rows = buffer.head(number)
                np.testing.assert_array_equal(rows, drawn[ids])
                assert ids.tolist() == expected_ids[: len(ids)]
                assert len(ids) == 0 or number
                buffer.drop_head(len(ids))
                expected_ids = expected_ids[len(ids) :]
            elif step == "reorder":
                order = np.random.default_rng(number).permutation(len(expected_ids))
                buffer.reorder(order)
                expected_ids = [expected_ids[place] for place in order]
            else:
                buffer.remove(np.arange(0, new, number))
                expected_ids = [id_ for id_ in expected_ids if id_ % number]
            assert buffer.ids.tolist() == expected_ids
            assert len(buffer) == len(expected_ids)
            np.testing.assert_array_equal(np.concatenate([drawn[:0], *buffer.parts()]), drawn[expected_ids])
        expected = top_k(drawn[:3], np.array(expected_ids, np.int64), drawn[expected_ids], 9)
        for actual, wanted in zip(buffer.search(drawn[:3], 9), expected, strict=True):
            np.testing.assert_array_equal(actual, wanted)
