"""Vectors in half the memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.compact_vectors import CompactVectors, cosines_of, digests
from photosim.search.exact import Ids, Vectors

D = 96


def unit_vectors(count: int, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, D)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def compact(vectors: Vectors) -> CompactVectors:
    return CompactVectors.fetched(np.arange(len(vectors)), vectors.shape[1], lambda ids: vectors[ids])


def test_cosines_stay_what_they_were_in_half_the_memory() -> None:
    vectors = unit_vectors(300)
    packed = compact(vectors)
    rows = packed[np.arange(300)]
    assert (len(packed), packed.shape, rows.dtype) == (300, (300, D), np.float32)
    np.testing.assert_allclose(rows @ rows.T, vectors @ vectors.T, atol=2e-5)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert packed._values.nbytes == vectors.nbytes // 2


def test_rows_may_be_taken_in_any_shape_and_compared_with_queries() -> None:
    vectors = unit_vectors(50)
    packed, rows = compact(vectors), np.random.default_rng(1).integers(0, 50, (7, 5))
    assert packed[rows].shape == (7, 5, D)
    queries = packed[np.arange(7)]
    expected = np.einsum("qd,qcd->qc", queries, packed[rows])
    np.testing.assert_allclose(cosines_of(packed, queries, rows), expected, atol=1e-6)
    np.testing.assert_allclose(cosines_of(vectors, vectors[:7], rows), expected, atol=2e-5)


def test_vectors_are_fetched_as_they_are_stored_and_kept_as_they_were_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("photosim.search.compact_vectors._ROWS", 7)
    monkeypatch.setattr("photosim.search.compact_vectors._CACHED_ROWS", 3)
    vectors, ids = unit_vectors(40), np.random.default_rng(2).permutation(40)
    asked: list[int] = []

    def fetch(wanted: Ids) -> Vectors:
        asked.extend(wanted.tolist())
        return vectors[wanted]

    packed = CompactVectors.fetched(ids, D, fetch)
    assert asked == list(range(40))
    np.testing.assert_allclose(packed[np.arange(40)], vectors[ids], atol=1e-4)


def test_equal_vectors_are_told_by_their_digests_as_in_an_array() -> None:
    vectors = unit_vectors(20)[np.array([0, 1, 2, 0, 1, 5])]
    np.testing.assert_array_equal(digests(compact(vectors)), digests(vectors))
    assert len(np.unique(digests(vectors))) == 4


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3), min_size=1, max_size=20))
def test_any_vectors_stay_finite(rows: list[list[float]]) -> None:
    vectors = np.array(rows, np.float32)
    packed = compact(vectors)[np.arange(len(rows))]
    assert np.isfinite(packed).all()
    assert (np.linalg.norm(packed, axis=1) <= 1 + 1e-5).all()


def test_an_error_of_the_library_reaches_the_caller() -> None:
    def fetch(ids: Ids) -> Vectors:
        raise KeyError(int(ids[0]))

    with pytest.raises(KeyError):
        CompactVectors.fetched(np.array([3]), D, fetch)
