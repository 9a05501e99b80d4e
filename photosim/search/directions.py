"""The directions in which vectors lie: a few of them tell most of what is near what."""

from __future__ import annotations

import numpy as np

from photosim.search.exact import Vectors


def strongest(vectors: Vectors, count: int) -> Vectors:
    """The `count` directions (D, count) that hold most of vectors (N, D), strongest first: a PCA, not centred."""
    wide = vectors.astype(np.float64)
    _, directions = np.linalg.eigh(wide.T @ wide)
    return np.ascontiguousarray(directions[:, ::-1][:, :count], np.float32)
