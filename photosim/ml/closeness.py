"""Plain names for how close two photos are, and the scale that the threshold slider moves on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np

from photosim.ml.catalog import DEFAULT, ModelSpec

__all__ = [
    "LOWEST",
    "SCALE_END",
    "STOP",
    "SimilarityBand",
    "closeness",
    "grouped",
    "position_of",
    "threshold_at",
    "to_common_scale",
]


class SimilarityBand(IntEnum):
    """How close a match is, closest first."""

    SAME_PHOTO = 0
    SAME_SCENE = 1
    SIMILAR = 2
    LOOSELY_RELATED = 3


LOWEST = dict(zip(SimilarityBand, DEFAULT.closeness, strict=True))
"""The lowest likeness that still bears each name; the last one is the end of the slider.

Everything in the window counts in likeness: the cosine similarity of the default model, whatever model answers.
`to_common_scale` brings the cosines of the others onto this scale, so that a name, a number and the place of the slider
mean the same with each.

Measured on 300 photos and edited copies of them, with the default model: half of the photos that are saved anew, at
half the size or brightened keep 0.97 or more, mirrored, grey or with a tenth cut off 0.91, with a quarter cut off
0.83; of pairs picked at random 95 in 100 stay below 0.46, and 1 in 1,000 reaches 0.64.
"""

STOP = 10
"""Slider steps between two names: small enough to be precise, few enough for the arrow keys."""

SCALE_END = STOP * (len(SimilarityBand) - 1)


def to_common_scale(similarity: float, model: ModelSpec) -> float:
    """A cosine similarity of this model on the scale of `LOWEST`: straight lines from name to name."""
    if model.closeness == DEFAULT.closeness:
        return similarity
    measured = (-1.0, *reversed(model.closeness), 1.0)
    return float(np.interp(similarity, measured, (-1.0, *reversed(LOWEST.values()), 1.0)))


def closeness(likeness: float) -> SimilarityBand:
    """The name of a likeness; what lies below every name is loosely related."""
    return next((name for name in SimilarityBand if likeness >= LOWEST[name]), SimilarityBand.LOOSELY_RELATED)


def threshold_at(position: int) -> float:
    """The lowest likeness shown at a slider position, from 0 (only the same photo) to SCALE_END."""
    position = min(max(position, 0), SCALE_END)
    upper = SimilarityBand(min(position // STOP, len(SimilarityBand) - 2))
    high, low = LOWEST[upper], LOWEST[SimilarityBand(upper + 1)]
    return high + (low - high) * (position - upper * STOP) / STOP


def position_of(threshold: float) -> int:
    """The slider position nearest to a threshold."""
    return min(range(SCALE_END + 1), key=lambda position: abs(threshold_at(position) - threshold))


def grouped(likenesses: Iterable[float]) -> list[tuple[int, SimilarityBand]]:
    """Where each name begins in likenesses that run from best to worst: (first place, name) pairs."""
    groups: list[tuple[int, SimilarityBand]] = []
    for place, value in enumerate(likenesses):
        name = closeness(value)
        if not groups or groups[-1][1] is not name:
            groups.append((place, name))
    return groups
