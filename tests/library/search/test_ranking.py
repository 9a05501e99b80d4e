"""The order of matches and their bands."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.library.search.ranking import MAX_INDEX_DEPTH, Hit, Ranking, RankingQuery
from photosim.ml.model_spec import ModelSpec
from photosim.ml.models.catalog import DEFAULT, FINE, MAX_POOLED
from photosim.records import SimilarityBand
from photosim.search.exact import Ids, Vectors, round_similarities
from photosim.search.feedback import apply_feedback
from photosim.search.rerank import RERANKED, combine, overlaps
from tests.support.vectors import make_vectors, unit

NO_IDS, NO_VECTORS = np.empty(0, np.int64), make_vectors(1)[:0]


class ExactView:
    """Vectors (N, D) with the ids 0 to N - 1, all compared."""

    def __init__(self, vectors: Vectors, model: ModelSpec = DEFAULT) -> None:
        self.vectors, self.model = vectors, model
        self.depths: list[int] = []

    def candidates(
        self, vector: Vectors, count: int, among: Ids | None = None
    ) -> tuple[Ids, Vectors, Vectors]:
        self.depths.append(count)
        ids, [cosines] = self.compare_all(vector[np.newaxis], among)
        best = np.lexsort((ids, -cosines))[:count]
        return ids[best], cosines[best], self.vectors[ids[best]]

    def compare_all(self, vectors: Vectors, among: Ids | None = None) -> tuple[Ids, Vectors]:
        ids = np.arange(len(self.vectors)) if among is None else among
        return ids, round_similarities(np.einsum("ik,jk->ij", vectors, self.vectors[ids]))


def one(query: Vectors, identical: Ids = NO_IDS) -> RankingQuery:
    rows = query[np.newaxis]
    return RankingQuery(rows, NO_VECTORS, NO_VECTORS, identical, rows[: len(identical)])


def with_near_copies(count: int, copies: int, seed: int) -> Vectors:
    """Return vectors of which the first and `copies` others are nearly the same, and some are equal."""
    vectors = make_vectors(count, seed)
    vectors[1 : copies + 1] = vectors[0]
    vectors[1 : copies // 2 + 1, 0] += 0.1
    vectors[count // 2 : count // 2 + count // 5] = vectors[count // 2]
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def assert_well_ordered(hits: list[Hit]) -> None:
    scores, bands = [hit.score for hit in hits], [hit.band for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert bands == sorted(bands)
    assert np.isfinite(scores).all()


@settings(max_examples=40)
@given(
    st.integers(1, 500),
    st.integers(0, 12),
    st.integers(0, 99),
    st.booleans(),
    st.integers(1, 3),
    st.booleans(),
)
def test_every_photo_comes_once_and_scores_and_bands_only_fall(
    count: int, copies: int, seed: int, is_filtered: bool, examples: int, has_less: bool
) -> None:
    vectors = with_near_copies(count, min(copies, count - 1), seed)
    among = np.flatnonzero(np.arange(count) % 3 > 0) if is_filtered else None
    like = vectors[:examples]
    query = RankingQuery(like[:1], like[1:], vectors[-1:] if has_less else NO_VECTORS, np.arange(1), like[:1])
    hits = list(Ranking(ExactView(vectors), query, among))
    assert sorted(hit.photo_id for hit in hits) == (list(range(count)) if among is None else among.tolist())
    assert_well_ordered(hits)
    assert hits == list(Ranking(ExactView(vectors), query, among))


@settings(max_examples=40)
@given(st.integers(1, 500), st.integers(0, 30), st.integers(0, 99), st.floats(-1, 1))
def test_one_photo_s_matches_are_copies_then_the_re_ranked_then_the_rest_by_cosine(
    count: int, copies: int, seed: int, least: float
) -> None:
    vectors = with_near_copies(count + 1, min(copies, count), seed)
    query = apply_feedback(vectors[:1], NO_VECTORS, NO_VECTORS)  # normalized once more
    [cosines] = ExactView(vectors).compare_all(query)[1]
    hits = list(Ranking(ExactView(vectors), one(vectors[0], np.arange(1))))
    assert hits[0] == Hit(0, 1.0, 1.0, SimilarityBand.IDENTICAL)
    assert [hit.similarity for hit in hits] == [float(cosines[hit.photo_id]) for hit in hits]
    ids = np.array([hit.photo_id for hit in hits[1:]], np.int64)
    is_copy = cosines[ids] >= np.float32(DEFAULT.thresholds[0])
    number = int(is_copy.sum())
    assert is_copy[:number].all()
    assert all(hit.band is SimilarityBand.SAME_PHOTO for hit in hits[1 : number + 1])
    by_cosine = 1 + np.lexsort((np.arange(1, count + 1), -cosines[1:]))
    assert ids[:number].tolist() == by_cosine[:number].tolist()
    assert ids[RERANKED:].tolist() == by_cosine[RERANKED:].tolist()
    among = by_cosine[:RERANKED]
    scores = dict(
        zip(
            among,
            combine(cosines[among], overlaps(cosines[np.newaxis, among], vectors[among])[0]),
            strict=True,
        )
    )
    expected = [scores[photo_id] for photo_id in ids[number:RERANKED]]
    assert expected == sorted(expected, reverse=True)
    strict = Ranking(ExactView(vectors), one(vectors[0], np.arange(1)), least=least)
    assert list(strict) == [hit for hit in hits if hit.similarity >= least]


def test_equal_photos_come_by_their_ids() -> None:
    vectors = np.repeat(make_vectors(2), [30, 1], axis=0)
    hits = list(Ranking(ExactView(vectors), one(vectors[-1], np.array([30]))))
    assert [hit.photo_id for hit in hits] == [30, *range(30)]


def test_nothing_is_found_where_nothing_is() -> None:
    query = make_vectors(1)[0]
    assert list(Ranking(ExactView(NO_VECTORS), one(query))) == []
    assert list(Ranking(ExactView(make_vectors(5)), one(query), among=NO_IDS)) == []


def test_a_single_candidate_is_found() -> None:
    vectors = make_vectors(2)
    [hit] = Ranking(ExactView(vectors[:1]), one(vectors[1]))
    assert hit.photo_id == 0
    assert hit.similarity == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-5)


def test_the_first_page_takes_one_search_and_deep_ones_compare_all() -> None:
    vectors = make_vectors(2 * MAX_INDEX_DEPTH)
    view = ExactView(vectors)
    hits = iter(Ranking(view, one(vectors[0])))
    for _ in range(RERANKED):
        next(hits)
    assert view.depths == [RERANKED]
    assert len(list(hits)) == len(vectors) - RERANKED
    assert max(view.depths) == MAX_INDEX_DEPTH


def test_copies_of_any_example_are_the_same_photo() -> None:
    """The mean of two unlike examples is near to neither."""
    vectors = make_vectors(60, seed=3)
    unlike = np.argmin(vectors @ vectors[0])
    vectors[10] = vectors[unlike]
    query = RankingQuery(vectors[[0, unlike]], NO_VECTORS, NO_VECTORS, np.array([0]), vectors[:1])
    hits = {hit.photo_id: hit.band for hit in Ranking(ExactView(vectors), query)}
    assert hits[0] is SimilarityBand.IDENTICAL
    assert hits[10] is SimilarityBand.SAME_PHOTO


def test_a_second_network_does_not_make_two_photos_the_same() -> None:
    """The first row is a copy; the second has only the same kind of thing, and is nearer to the query."""
    assert FINE.second is not None
    rng = np.random.default_rng(0)
    first, second = (unit(rng.normal(size=(4, size))) for size in (FINE.copy_dimensions, 256))
    first[1] = unit(first[0] + 0.3 * first[3])
    first[2] = unit(first[0] + 0.6 * first[3])
    second[1] = unit(second[0] + 0.4 * second[1])
    second[2] = second[0]
    vectors = unit(np.hstack([first, np.float32(FINE.second.weight) * second]))
    query = RankingQuery(vectors[:1], vectors[:0], vectors[:0], NO_IDS, vectors[:0])
    hits = list(Ranking(ExactView(vectors[1:], FINE), query))
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[1]
    assert [hit.photo_id for hit in hits[:2]] == [0, 1]
    assert [hit.band for hit in hits[:2]] == [SimilarityBand.SAME_PHOTO, SimilarityBand.VERY_SIMILAR]


@pytest.mark.parametrize("model", [DEFAULT, MAX_POOLED], ids=lambda model: model.id)
def test_bands_are_those_of_the_model(model: ModelSpec) -> None:
    """A pair of candidates that have nothing to do with each other: each has the band of its cosine."""
    same, very, similar, _ = model.thresholds
    for cosine, band in (
        (same + 0.001, SimilarityBand.SAME_PHOTO),
        (very + 0.001, SimilarityBand.VERY_SIMILAR),
        (similar + 0.001, SimilarityBand.SIMILAR),
        (similar - 0.001, SimilarityBand.LESS_SIMILAR),
        (-0.5, SimilarityBand.LESS_SIMILAR),
    ):
        query = np.array([1, 0], np.float32)
        vectors = np.array([[cosine, np.sqrt(1 - cosine**2)]], np.float32)
        no_vectors = vectors[:0]
        ranked = RankingQuery(query[np.newaxis], no_vectors, no_vectors, NO_IDS, no_vectors)
        assert [hit.band for hit in Ranking(ExactView(vectors, model), ranked)] == [band]


def test_many_examples_hold_each_candidate_once() -> None:
    vectors = make_vectors(1_000)
    query = RankingQuery(vectors[:100], NO_VECTORS, NO_VECTORS, np.arange(100), vectors[:100])
    view = ExactView(vectors)
    tracemalloc.start()
    try:
        next(iter(Ranking(view, query)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(view.depths) > 100
    assert peak < 30 * vectors.nbytes, "not a copy for each of the examples"
