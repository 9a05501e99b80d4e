"""Decide which pairs of similar photos are worth a comparison of their pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import Floats, best_correlations

NEIGHBOURS = 20
"""Most similar photos that are proposed for each one."""

MIN_COSINE = 0.45
"""On the scale of `closeness.BAND_THRESHOLDS`: below it only 1 in 1,000 copies is found, with two harsh edits."""

MAX_MISSES = 3
"""Candidates of a photo that may turn out to be other photos before the less similar ones are left out. Of 863 copies of 300
photos that are found at all, 823 are among the two best candidates of one of the photos, 7 are behind them."""

_CORRELATION_WEIGHT = 0.4
_MIN_CORRELATION = 0.3
_MIN_SUM = 0.82
"""Of 826 copies of 300 photos among 8,600 that the pixels confirm, with one or two edits, the sum is below this for 9; of
the other pairs there are 2 a photo instead of 15."""

_MIN_ALIKE_CORRELATION = 0.88
"""Half of 162 other pairs that tiny pictures propose have less; with 0.8 no more of 884 copies are found."""


def promising(cosines: Floats, square: Floats, others: Floats) -> npt.NDArray[np.int64]:
    """Return which photos (N,) are worth a look, the most similar first.

    `cosines` (N,) and squares `others` (N, SQUARE * SQUARE) are theirs, `square` (SQUARE * SQUARE,) that of the photo that
    they are compared with.
    """
    correlations = best_correlations(square, others).clip(_MIN_CORRELATION)
    sums = cosines + _CORRELATION_WEIGHT * correlations
    order = np.argsort(-sums, kind="stable")
    return order[sums[order] >= _MIN_SUM]


def is_alike(square: Floats, other: Floats) -> bool:
    """Return whether two photos that only their tiny pictures propose are worth a look, by their squares."""
    return bool(best_correlations(square, other[np.newaxis])[0] >= _MIN_ALIKE_CORRELATION)
