"""Re-ranking by shared neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.exact import Vectors, round_similarities
from photosim.search.rerank import LIST_LENGTHS, RERANKED, combine, non_increasing_fit, overlaps
from tests.support.vectors import make_vectors, unit


def candidates(count: int, seed: int, copies: int = 0) -> tuple[Vectors, Vectors]:
    """Return the similarities to a query (n,) and vectors (n, D), the last `copies` all the same, best first."""
    vectors = make_vectors(count + 1, seed)
    vectors[count - copies : count] = vectors[count - 1]
    query, vectors = vectors[-1], vectors[:-1]
    similarities = round_similarities(vectors @ query)
    order = np.argsort(-similarities, kind="stable")
    return similarities[order], vectors[order]


def overlap(similarities: Vectors, vectors: Vectors) -> Vectors:
    """Return the overlaps (n,) with one query."""
    [found] = overlaps(similarities[np.newaxis], vectors)
    return found


def overlap_by_definition(similarities: Vectors, vectors: Vectors, candidate: int) -> float:
    """Compare the lists of one candidate and of the query as sets of weighted members, without ties."""
    cosines = vectors.astype(np.float64) @ vectors[candidate]

    def members(values: np.ndarray, length: int) -> dict[int, float]:
        best = np.argsort(-values, kind="stable")[:length]
        weights = np.exp(-(2 - 2 * values[best]))
        return dict(zip(best.tolist(), weights / weights.sum(), strict=True))

    shares = []
    for length in LIST_LENGTHS:
        ours, theirs = members(similarities, length), members(cosines, length)
        common = sum(min(ours[member], theirs[member]) for member in ours.keys() & theirs.keys())
        shares.append(common / (2 - common))
    return float(np.mean(shares))


@pytest.mark.parametrize("count", [1, 2, 7, 20, 21, RERANKED])
def test_the_overlap_is_that_of_the_weighted_lists(count: int) -> None:
    similarities, vectors = candidates(count, seed=count)
    expected = [overlap_by_definition(similarities, vectors, row) for row in range(count)]
    np.testing.assert_allclose(overlap(similarities, vectors), expected, atol=1e-4)


@given(st.integers(1, 60), st.integers(0, 30), st.integers(0, 100))
def test_the_order_of_the_candidates_does_not_matter(count: int, copies: int, seed: int) -> None:
    similarities, vectors = candidates(count, seed, min(copies, count))
    order = np.random.default_rng(seed).permutation(count)
    found = overlap(similarities, vectors)
    np.testing.assert_allclose(overlap(similarities[order], vectors[order]), found[order], atol=1e-4)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found <= 1).all()


def test_equal_photos_have_equal_overlaps() -> None:
    similarities, vectors = candidates(100, seed=1, copies=40)
    found = overlap(similarities, vectors)
    same = (vectors == vectors[np.argmax((vectors @ vectors.T > 1 - 1e-6).sum(axis=0))]).all(axis=1)
    assert same.sum() == 40
    np.testing.assert_allclose(found[same], found[same][0], atol=1e-6)
    all_equal = np.repeat(unit(np.ones((1, 8))), 50, axis=0)
    np.testing.assert_allclose(overlap(np.full(50, 0.5, np.float32), all_equal), 1, atol=1e-5)


def test_each_query_has_its_own_overlaps() -> None:
    one, vectors = candidates(80, seed=4)
    other = round_similarities(vectors @ vectors[70])
    both = overlaps(np.stack([one, other]), vectors)
    np.testing.assert_array_equal(both, [overlap(one, vectors), overlap(other, vectors)])


def test_no_candidates_have_no_overlaps() -> None:
    assert overlap(np.empty(0, np.float32), np.empty((0, 8), np.float32)).shape == (0,)


def test_a_photo_of_the_query_s_kind_overtakes_one_that_is_near_by_chance() -> None:
    """The stranger is a little nearer to the query, but its neighbours are others."""
    rng = np.random.default_rng(0)
    kind, other = unit(rng.normal(size=(2, 64)))
    group = unit(kind + 0.08 * rng.normal(size=(31, 64)))
    query, stranger = group[0], unit(group[0] + 0.8 * other)
    strangers = unit(stranger + other + 0.03 * rng.normal(size=(30, 64)))
    vectors = np.concatenate([group[1:2], stranger[np.newaxis], group[2:], strangers])
    similarities = round_similarities(vectors @ query)
    assert similarities[1] > similarities[0]
    scores = combine(similarities, overlap(similarities, vectors))
    assert scores[1] < scores[0]


values = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40)


@given(values)
def test_the_fit_never_rises_and_keeps_the_mean(numbers: list[float]) -> None:
    given_values = np.array(numbers, np.float32)
    fit = non_increasing_fit(given_values)
    assert (np.diff(fit) <= 1e-6).all()
    assert fit.mean() == pytest.approx(given_values.mean(), abs=1e-5)
    assert fit.max() <= given_values.max() + 1e-6
    assert fit.min() >= given_values.min() - 1e-6


@given(values)
def test_the_fit_is_that_of_pooling_adjacent_violators(numbers: list[float]) -> None:
    blocks: list[list[float]] = []
    for number in numbers:
        blocks.append([number, 1])
        while len(blocks) > 1 and blocks[-2][0] < blocks[-1][0]:
            (mean, weight), (other, more) = blocks.pop(), blocks.pop()
            blocks.append([(mean * weight + other * more) / (weight + more), weight + more])
    expected = [mean for mean, weight in blocks for _ in range(int(weight))]
    np.testing.assert_allclose(non_increasing_fit(np.array(numbers, np.float32)), expected, atol=1e-5)
