"""Decide which pairs of similar photos are worth a comparison of their pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import Floats, best_correlations

METHOD_VERSION = 3
"""Increase it when the comparison changes, so that all photos are compared anew."""

NEIGHBOURS = 20
"""Most similar photos that are proposed for each one."""

MIN_COSINE = 0.45
"""On the scale of `closeness.BAND_THRESHOLDS`: below it only 1 in 1,000 copies is found, with two harsh edits."""

MAX_MISSES = 4
"""Candidates of a photo that may turn out to be other photos before the less similar ones are left out: of 765 copies of 300
photos all are found, where there are 8 candidates of each photo in a collection of clothes or flowers."""

_CORRELATION_WEIGHT = 0.4
_MIN_CORRELATION = 0.3
_MIN_SUM = 0.82
"""Of 826 copies of 300 photos among 8,600 that the pixels confirm, with one or two edits, the sum is below this for 9; of
the other pairs there are 2 a photo instead of 15."""


def promising(cosines: Floats, square: Floats, others: Floats) -> npt.NDArray[np.int64]:
    """Return which photos (N,) are worth a look, the most similar first.

    `cosines` (N,) and squares `others` (N, SQUARE * SQUARE) are theirs, `square` (SQUARE * SQUARE,) that of the photo that
    they are compared with.
    """
    correlations = best_correlations(square, others).clip(_MIN_CORRELATION)
    sums = cosines + _CORRELATION_WEIGHT * correlations
    order = np.argsort(-sums, kind="stable")
    return order[sums[order] >= _MIN_SUM]
