"""Measure the sharpness of a picture, to find the better of two shots."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def laplacian_variance(grey: npt.NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian of a grey picture (H, W), 0 without edges.

    Comparable only between pictures of the same scene and size. After Pech-Pacheco et al., "Diatom autofocusing in
    brightfield microscopy" (ICPR 2000).
    """
    if min(grey.shape) < 3:
        return 0.0
    values = grey.astype(np.float32)
    neighbours = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return float((neighbours - 4 * values[1:-1, 1:-1]).var())
