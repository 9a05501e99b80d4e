"""Combine several examples into one query and one score.

Relevance feedback moves each query vector: q' = q + a·mean(more) − b·mean(less), normalized (Rocchio, "Relevance
feedback in information retrieval", in Salton (ed.), The SMART Retrieval System, 1971). The cosines to several examples
become one score by a smooth maximum, the logarithm of the mean of exponentials.

Measured on 800 photos of ten kinds of clothing with the two bundled models (precision at 10, YOLO11n / by regions).
Three examples of one kind: mean vector 0.56 / 0.64, maximum 0.56 / 0.58, smooth maximum 0.61 / 0.63; of three kinds,
any of them relevant: 0.52 / 0.58, 0.67 / 0.69, 0.63 / 0.70. With feedback on results, which are then left out of the
count: one relevant and one irrelevant, from 0.40 / 0.45 to 0.51 / 0.57; two of each, from 0.42 / 0.48 to 0.59 / 0.63;
only two irrelevant ones, from 0.45 / 0.50 to 0.48 / 0.54.
"""

from __future__ import annotations

import numpy as np

from photosim.search.exact import Vectors

MORE_WEIGHT = 1.0
"""Rocchio's a: weight of the positive examples; the query itself has weight 1."""

LESS_WEIGHT = 0.35
"""Rocchio's b, relative to the weight of the rest.

Without positive examples 0.5 is too much; with some, 0.7 to 1 is best.
"""

SHARPNESS = 15.0
"""Sharpness of the smooth maximum: 0 gives the mean of the cosines, infinity the largest.

10 is best for examples of one kind, 30 and more for examples of several.
"""

RESCALE_TOP = 10
"""Number of best results from which the shift of the scale is computed."""

_MIN_LENGTH = 1e-3
"""Length below which the feedback has cancelled a query."""


def apply_feedback(like: Vectors, more: Vectors, less: Vectors) -> Vectors:
    """Return each row of `like` (n, D) moved by Rocchio's formula, float32 of unit length.

    `more` (m, D) and `less` (l, D) may be empty. A row that the feedback cancels is returned unchanged.
    """
    moved, weight = like.copy(), 1.0
    if len(more):
        moved += MORE_WEIGHT * more.mean(axis=0)
        weight += MORE_WEIGHT
    if len(less):
        moved -= LESS_WEIGHT * weight * less.mean(axis=0)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    degenerate = lengths[:, 0] < _MIN_LENGTH
    moved[degenerate], lengths[degenerate] = like[degenerate], 1.0
    return np.asarray(moved / lengths, np.float32)


def smooth_max(values: Vectors, sharpness: float = SHARPNESS) -> Vectors:
    """Return one score (N,) from the cosines or other values (n, N) of n examples: between their mean and the largest."""
    top = values.max(axis=0)
    mean = np.exp(sharpness * (values - top)).mean(axis=0)
    return np.asarray(top + np.log(mean) / sharpness, np.float32)


def scale_shift(scores: Vectors, cosines: Vectors) -> float:
    """Return what scores (N,), best first, lack to be on the scale of single cosines, where similarity bands are defined.

    Feedback and the smooth maximum lower all scores. `cosines` (n, m) are those of the first m results to the n
    examples.
    """
    best = scores[: cosines.shape[1]]
    return float(cosines.max(axis=0).mean() - best.mean()) if len(best) else 0.0
