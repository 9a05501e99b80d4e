"""How sharp a picture is, for telling the better of two takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def sharpness(grey: npt.NDArray[np.uint8]) -> float:
    """The variance of the Laplacian of a grey picture (H, W), 0 for one without edges.

    Only pictures of one scene at the same size compare. After Pech-Pacheco et al., "Diatom autofocusing in brightfield
    microscopy" (ICPR 2000).
    """
    if min(grey.shape) < 3:
        return 0.0
    wide = grey.astype(np.float32)
    middle = wide[1:-1, 1:-1]
    edges = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] - 4 * middle
    return float(edges.var())
