"""The order of matches: copies first, then by cosine and shared neighbours, in bands of similarity."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from photosim.ml.closeness import copy_part, model_bands
from photosim.ml.model_spec import ModelSpec
from photosim.records import SimilarityBand
from photosim.search import rerank
from photosim.search.exact import Ids, Vectors, round_similarities
from photosim.search.feedback import RESCALE_TOP, apply_feedback, scale_shift, smooth_max

_BANDS = tuple(SimilarityBand)

_CANDIDATE_FACTOR = 2
"""Candidates fetched for each vector of a query with several, as a multiple of those wanted."""

MAX_INDEX_DEPTH = 3_200
"""Candidates requested from the index at most, for all vectors of a query; beyond, all photos are compared."""


class View(Protocol):
    """What a ranking needs of a `ModelView`."""

    @property
    def model(self) -> ModelSpec:
        """The model of the embeddings."""

    def candidates(
        self, vector: Vectors, count: int, among: Ids | None = None
    ) -> tuple[Ids, Vectors, Vectors]:
        """See `ModelView.candidates`."""

    def compare_all(self, vectors: Vectors, among: Ids | None = None) -> tuple[Ids, Vectors]:
        """See `ModelView.compare_all`."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo found; see `photosim.records.Match`."""

    photo_id: int
    similarity: float
    score: float
    band: SimilarityBand


@dataclass(frozen=True, slots=True)
class RankingQuery:
    """The embeddings of the examples of a query (n, D), and the ids (m,) and embeddings (m, D) of identical photos."""

    like: Vectors
    more: Vectors
    less: Vectors
    identical_ids: Ids
    identical: Vectors


class Ranking:
    """All photos of a library, or those `among` some, in the order of their similarity to a query.

    The order never depends on how many of them are taken, so that a list can be continued:

    - Identical photos come first, then those that the cosine to an example takes for the same photo, by similarity.
      Re-ranking would mix copies with other photos of their kind.
    - The rest of the first RERANKED candidates follow by score, 0.6 of the similarity and 0.4 of the overlap of their
      neighbours with the query's (see `photosim.search.rerank`). Scores have no measured scale, and similarities go up
      and down along this order. So a photo's band is that of the similarity that the non-increasing sequence nearest to
      the similarities (isotonic regression) has at its place: bands never rise again, and each holds the photos that
      belong there on average.
    - What lies beyond follows by similarity, in steps that double: a deeper search may find photos that a shallower one
      missed, and these come after what was there before.

    The copies count as sharing all neighbours of the query, and what lies beyond as sharing none, so that the score
    falls from the first to the last.
    """

    def __init__(
        self, view: View, query: RankingQuery, among: Ids | None = None, least: float = -1.0
    ) -> None:
        """Rank the photos whose similarity is at least `least`."""
        self._view, self._query, self._among, self._least = view, query, among, least
        self._queries = apply_feedback(query.like, query.more, query.less)
        self._positives = np.concatenate([query.like, query.more])
        self._is_refined = len(self._positives) > 1 or len(query.less) > 0
        self._shift = 0.0

    def __iter__(self) -> Iterator[Hit]:
        """Yield the photos, best first."""
        identical_ids = self._query.identical_ids
        ids, similarities, vectors = self._candidates(rerank.RERANKED + len(identical_ids))
        others = np.flatnonzero(~np.isin(ids, identical_ids))[: rerank.RERANKED]
        ids, similarities, vectors = ids[others], similarities[others], vectors[others]
        if self._is_refined:
            self._shift = scale_shift(similarities, _products(self._positives, vectors[:RESCALE_TOP]))
        last: Hit | None = None
        for last in itertools.chain(self._identical(), self._reranked(ids, similarities, vectors)):
            if last.similarity >= self._least:
                yield last
        has_more = len(ids) == rerank.RERANKED and float(self._scaled(similarities[-1:])[0]) >= self._least
        if last is not None and has_more:
            yield from self._beyond(np.concatenate([identical_ids, ids]), last)

    def _identical(self) -> Iterator[Hit]:
        ids, vectors = self._query.identical_ids, self._query.identical
        if self._among is not None:
            is_among = np.isin(ids, self._among)
            ids, vectors = ids[is_among], vectors[is_among]
        similarities = self._scaled(self._similarities(vectors))
        for row in np.lexsort((ids, -similarities)).tolist():
            yield Hit(int(ids[row]), float(similarities[row]), 1.0, SimilarityBand.IDENTICAL)

    def _reranked(self, ids: Ids, similarities: Vectors, vectors: Vectors) -> Iterator[Hit]:
        """Yield the candidates, given with their similarities (n,), best first, and embeddings (n, D)."""
        if not len(ids):
            return
        copies = self._copy_cosines(vectors) >= np.float32(self._view.model.copy_threshold)
        overlaps = rerank.overlaps(round_similarities(_products(self._queries, vectors)), vectors)
        overlap = np.where(copies, np.float32(1), smooth_max(overlaps, rerank.OVERLAP_SHARPNESS))
        similarities = self._scaled(similarities)
        scores = rerank.combine(similarities, overlap)
        order = np.lexsort((-scores, ~copies))
        ids, similarities, scores, copies = ids[order], similarities[order], scores[order], copies[order]
        scores = np.maximum.accumulate(scores[::-1])[::-1]
        bands = np.full(len(ids), SimilarityBand.SAME_PHOTO)
        below = model_bands(rerank.non_increasing_fit(similarities[~copies]), self._view.model)
        bands[~copies] = np.maximum(below, SimilarityBand.VERY_SIMILAR)
        rows = zip(ids.tolist(), similarities.tolist(), scores.tolist(), bands.tolist(), strict=True)
        yield from (Hit(*row[:3], _BANDS[row[3]]) for row in rows)

    def _beyond(self, seen: Ids, last: Hit) -> Iterator[Hit]:
        """Yield the photos that are not among those `seen`, by similarity; none has a better score or band than `last`."""
        depth, is_complete = rerank.RERANKED, False
        while not is_complete:
            depth *= 2
            if depth * len(self._queries) > MAX_INDEX_DEPTH:
                ids, cosines = self._view.compare_all(self._queries, self._among)
                similarities = smooth_max(cosines)
                is_complete = True
            else:
                ids, similarities, _ = self._candidates(depth)
                is_complete = len(ids) < depth
            new = np.flatnonzero(~np.isin(ids, seen))
            new = new[np.lexsort((ids[new], -similarities[new]))]
            ids, similarities = ids[new], self._scaled(similarities[new])
            scores = np.minimum(rerank.combine(similarities, 0), last.score)
            bands = np.maximum(model_bands(similarities, self._view.model), last.band)
            rows = zip(ids.tolist(), similarities.tolist(), scores.tolist(), bands.tolist(), strict=True)
            for photo_id, similarity, score, band in rows:
                if similarity < self._least:
                    return
                last = Hit(photo_id, similarity, score, _BANDS[band])
                yield last
            seen = np.concatenate([seen, ids])

    def _candidates(self, count: int) -> tuple[Ids, Vectors, Vectors]:
        """Return up to `count` photos: ids and similarities (n,), best first, and embeddings (n, D)."""
        if len(self._queries) == 1:
            return self._view.candidates(self._queries[0], count, self._among)
        mean = self._queries.mean(axis=0)
        mean /= max(float(np.linalg.norm(mean)), 1e-6)
        ids, parts = np.empty(0, np.int64), list[Vectors]()
        for query in (*self._queries, mean):
            found, _, vectors = self._view.candidates(query, _CANDIDATE_FACTOR * count, self._among)
            # Each vector is kept once: those of many queries are mostly the same, and take hundreds of megabytes.
            is_new = ~np.isin(found, ids)
            ids = np.concatenate([ids, found[is_new]])
            parts.append(vectors[is_new])
        vectors = np.concatenate(parts)
        similarities = self._similarities(vectors)
        best = np.lexsort((ids, -similarities))[:count]
        return ids[best], similarities[best], vectors[best]

    def _copy_cosines(self, vectors: Vectors) -> Vectors:
        """Return the cosine (n,) of embeddings (n, D) to the nearest positive example, for `copy_part`."""
        parts = (copy_part(rows, self._view.model) for rows in (self._positives, vectors))
        return round_similarities(_products(*parts).max(axis=0))

    def _similarities(self, vectors: Vectors) -> Vectors:
        """Return the similarity (n,) of embeddings (n, D) to the query, before it is scaled."""
        return round_similarities(smooth_max(_products(self._queries, vectors)))

    def _scaled(self, similarities: Vectors) -> Vectors:
        return np.asarray(np.minimum(similarities + self._shift, 1), np.float32)


def _products(queries: Vectors, vectors: Vectors) -> Vectors:
    """Return the products (m, n) of queries (m, D) and vectors (n, D), by one thread: see `rerank.MAX_PRODUCT`."""
    return np.asarray(np.einsum("ik,jk->ij", queries, vectors), np.float32)
