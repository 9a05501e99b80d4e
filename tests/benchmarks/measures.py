"""Metrics of an embedding: retrieval of the same class, and pairs of edited copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

NEAREST = 10
PRECISION = 0.99
_ROWS = 512  # queries compared at once
_STEP = 1e-6  # resolution of the thresholds; float32 cosines are no more precise


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Means over all photos with another of their class, each a query among all others.

    `recall_at_1` is the share of queries whose best match is of their class.
    """

    precision_at_10: float
    mean_average_precision: float
    recall_at_1: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Quality of all pairs above a threshold: at the best one, and at one with high precision."""

    best_f1: float
    recall_at_precision_99: float


def retrieval(vectors: Vectors, labels: Labels) -> Retrieval:
    """Return the quality, leave-one-out, of unit vectors (N, D) with class labels (N,), ranked by cosine.

    Equal similarities rank by row. Raises ValueError if no class has two photos.
    """
    queries = np.flatnonzero(np.bincount(labels)[labels] > 1)
    if not len(queries):
        raise ValueError("there are no two photos of one class")
    parts = []
    for start in range(0, len(queries), _ROWS):
        rows = queries[start : start + _ROWS]
        similarities = vectors[rows] @ vectors.T
        similarities[np.arange(len(rows)), rows] = np.inf
        order = np.argsort(-similarities, axis=1, kind="stable")[:, 1:]
        parts.append(query_measures(labels[order] == labels[rows][:, None]))
    return mean_retrieval(parts)


def query_measures(hits: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return (Q, 3), precision at 10, average precision and recall at 1, of matches (Q, n), best first.

    `hits` tells which are of the query's class; each row has at least one. A class with fewer than 10 others is measured
    at as many. Average precision is the mean precision at the rank of each photo of the class.
    """
    others = hits.sum(axis=1)
    precision = hits.cumsum(axis=1) / np.arange(1, hits.shape[1] + 1)
    at_10 = precision[np.arange(len(hits)), np.minimum(others, NEAREST) - 1]
    return np.stack([at_10, (precision * hits).sum(axis=1) / others, hits[:, 0]], axis=1)


def mean_retrieval(parts: Iterable[npt.NDArray[np.float64]]) -> Retrieval:
    """Return the means of `query_measures` of several groups of queries."""
    return Retrieval(*np.concatenate(list(parts)).mean(axis=0).tolist())


def pairs(vectors: Vectors, groups: Labels) -> Pairs:
    """Classify all pairs of unit vectors (N, D) by similarity; pairs of one group (N,) are positive.

    Raises ValueError if no group has two rows.
    """
    left, right = np.triu_indices(len(vectors), 1)
    is_same = groups[left] == groups[right]
    if not is_same.any():
        raise ValueError("there are no two photos of one group")
    similarities = np.round((vectors @ vectors.T)[left, right] / _STEP)
    order = np.argsort(-similarities, kind="stable")
    similarities, is_same = similarities[order], is_same[order]
    ends = np.append(np.flatnonzero(np.diff(similarities)), len(similarities) - 1)
    true = is_same.cumsum()[ends]
    precision, recall = true / (ends + 1), true / is_same.sum()
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    return Pairs(float(f1.max()), float(recall[precision >= PRECISION].max(initial=0)))
