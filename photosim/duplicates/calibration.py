"""The probability that a pair is the same photo, learned from the user's verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_PRIOR_WEIGHT = 8.0
"""Verdicts that the measured curve counts as at each of its knots, so that a few verdicts do not overturn it."""

_PRIOR_KNOTS = 11


@dataclass(frozen=True, slots=True)
class Calibration:
    """A non-decreasing step-free curve from confidence to probability, with the number of verdicts behind it."""

    confidences: tuple[float, ...]
    probabilities: tuple[float, ...]
    verdicts: int

    def probability(self, confidence: float) -> float:
        """Return the probability, 0 to 1, that a pair with this confidence (0 to 1) is the same photo."""
        return float(np.interp(confidence, self.confidences, self.probabilities))

    def most_informative(self, confidences: Sequence[float]) -> list[int]:
        """Return the positions of pairs, the one whose verdict is least certain first."""
        probabilities = np.interp(confidences, self.confidences, self.probabilities)
        return [int(position) for position in np.argsort(np.abs(probabilities - 0.5), kind="stable")]


def isotonic(values: Floats, weights: Floats) -> Floats:
    """Return the non-decreasing sequence (N,) nearest to `values` (N,) in weighted least squares.

    Pool adjacent violators, after Ayer et al., "An empirical distribution function for sampling with incomplete
    information" (1955). `weights` are above 0.
    """
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, total, count = value, weight, 1
        while blocks and blocks[-1][0] >= mean:
            before, before_total, before_count = blocks.pop()
            mean = (before * before_total + mean * total) / (before_total + total)
            total, count = total + before_total, count + before_count
        blocks.append((mean, total, count))
    return np.repeat([mean for mean, _, _ in blocks], [count for _, _, count in blocks]).astype(np.float64)


def calibrate(verdicts: Sequence[tuple[float, bool]]) -> Calibration:
    """Fit the curve to verdicts, (confidence 0 to 1, whether the user said that the pair is the same photo).

    Without verdicts the confidence is the probability, as it was fitted to pairs of known origin.
    """
    knots = np.linspace(0.0, 1.0, _PRIOR_KNOTS)
    confidences = np.concatenate([knots, [confidence for confidence, _ in verdicts]])
    values = np.concatenate([knots, [float(is_same) for _, is_same in verdicts]])
    weights = np.concatenate([np.full(_PRIOR_KNOTS, _PRIOR_WEIGHT), np.ones(len(verdicts))])
    places, inverse = np.unique(confidences, return_inverse=True)
    total = np.bincount(inverse, weights).astype(np.float64)
    mean = np.bincount(inverse, weights * values).astype(np.float64) / total
    return Calibration(tuple(places.tolist()), tuple(isotonic(mean, total).tolist()), len(verdicts))
