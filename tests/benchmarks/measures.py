"""How good an embedding is: retrieval of the same kind, and pairs of edited copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

NEAREST = 10
PRECISION = 0.99
_ROWS = 512  # queries compared at once
_STEP = 1e-6  # cosines that differ by less are one threshold: float32 says no more


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Means over all photos that have another of their kind, each looked up among all the others."""

    precision_at_10: float
    mean_average_precision: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Of all pairs above a threshold, those of one group: at the best threshold, and at a sure one."""

    best_f1: float
    recall_at_precision_99: float


def retrieval(vectors: Vectors, labels: Labels) -> Retrieval:
    """Rows of unit length (N, D) and the kind of each (N,): precision among the 10 nearest, and mAP, leave-one-out.

    Average precision is the mean, over all photos of the kind, of the precision at the rank where each stands.
    Equal similarities rank by row. ValueError when no kind has two photos.
    """
    queries = np.flatnonzero(np.bincount(labels)[labels] > 1)
    if not len(queries):
        raise ValueError("there are no two photos of one kind")
    nearest, averages = [], []
    ranks = np.arange(1, len(vectors))
    for start in range(0, len(queries), _ROWS):
        rows = queries[start : start + _ROWS]
        similarities = vectors[rows] @ vectors.T
        similarities[np.arange(len(rows)), rows] = np.inf
        order = np.argsort(-similarities, axis=1, kind="stable")[:, 1:]
        hits = labels[order] == labels[rows][:, None]
        precision = hits.cumsum(axis=1) / ranks
        nearest.append(hits[:, :NEAREST].mean(axis=1))
        averages.append((precision * hits).sum(axis=1) / hits.sum(axis=1))
    return Retrieval(float(np.concatenate(nearest).mean()), float(np.concatenate(averages).mean()))


def pairs(vectors: Vectors, groups: Labels) -> Pairs:
    """Rows of unit length (N, D) and the group of each (N,): every pair of rows is a pair of one group or is not.

    ValueError when no group has two rows.
    """
    left, right = np.triu_indices(len(vectors), 1)
    alike = groups[left] == groups[right]
    if not alike.any():
        raise ValueError("there are no two photos of one group")
    similarities = np.round((vectors @ vectors.T)[left, right] / _STEP)
    order = np.argsort(-similarities, kind="stable")
    similarities, alike = similarities[order], alike[order]
    ends = np.append(np.flatnonzero(np.diff(similarities)), len(similarities) - 1)
    true = alike.cumsum()[ends]
    precision, recall = true / (ends + 1), true / alike.sum()
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    return Pairs(float(f1.max()), float(recall[precision >= PRECISION].max(initial=0)))
