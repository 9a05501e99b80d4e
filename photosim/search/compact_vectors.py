"""The vectors of all photos of a library, in half the memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xxhash
from numpy.typing import NDArray

from photosim.search.exact import Ids, Vectors

_MAX_VALUE = np.float32(np.iinfo(np.int16).max)
_LEAST = np.float32(1e-30)
_ROWS = 32_768
"""Vectors converted at once: 64 MB at 512 dimensions. With many rows the library gives back the pages of its file that it
has read."""

_CACHED_ROWS = 512
"""Vectors converted at once: 1 MB, which stay in the processor's cache."""


class CompactVectors:
    """Unit vectors (N, D), each as integers of 16 bits and a factor.

    Rows of it are float32, as those of an array. A cosine of two of them differs from that of the original vectors by
    2e-6 (standard deviation).
    """

    def __init__(self, count: int, dimensions: int) -> None:
        self._values = np.zeros((count, dimensions), np.int16)
        self._factors = np.zeros(count, np.float32)
        self.digests = np.zeros(count, np.uint64)
        """Hashes (N,) of the original vectors: equal for equal vectors."""

    @classmethod
    def fetched(cls, ids: Ids, dimensions: int, fetch: Callable[[Ids], Vectors]) -> CompactVectors:
        """Return the vectors of ids (N,), from a function that returns those (n, D) of some; raises what it raises."""
        found = cls(len(ids), dimensions)
        order = np.argsort(ids)  # as they are stored
        for start in range(0, len(ids), _ROWS):
            rows = order[start : start + _ROWS]
            vectors = fetch(ids[rows])
            for first in range(0, len(rows), _CACHED_ROWS):
                part = slice(first, first + _CACHED_ROWS)
                found[rows[part]] = vectors[part]
        return found

    def __len__(self) -> int:
        return len(self._values)

    @property
    def shape(self) -> tuple[int, int]:
        """Their number and dimensions."""
        return len(self._values), self._values.shape[1]

    def __setitem__(self, rows: Ids, vectors: Vectors) -> None:
        self.digests[rows] = digests(vectors)
        largest = np.maximum(vectors.max(axis=1), -vectors.min(axis=1))
        scaled = vectors * (_MAX_VALUE / np.maximum(largest, _LEAST))[:, np.newaxis]
        np.rint(scaled, out=scaled)
        self._values[rows] = scaled
        self._factors[rows] = 1 / np.maximum(np.linalg.norm(scaled, axis=1), 1)

    def __getitem__(self, rows: Ids) -> Vectors:
        vectors: Vectors = self._values[rows].astype(np.float32)
        vectors *= self._factors[rows][..., np.newaxis]
        return vectors

    def cosines(self, queries: Vectors, rows: Ids) -> Vectors:
        """Return the cosines (Q, C) of each query (Q, D) and its rows (Q, C)."""
        found: Vectors = np.einsum("qd,qcd->qc", queries, self._values[rows].astype(np.float32))
        found *= self._factors[rows]
        return found


UnitVectors = Vectors | CompactVectors
"""Rows of unit length, float32 when they are taken."""


def digests(vectors: UnitVectors) -> NDArray[np.uint64]:
    """Return hashes (N,) of vectors (N, D): equal for equal vectors."""
    if isinstance(vectors, CompactVectors):
        return vectors.digests
    hashes = (xxhash.xxh3_64_intdigest(row.tobytes()) for row in vectors)
    return np.fromiter(hashes, np.uint64, len(vectors))


def cosines_of(vectors: UnitVectors, queries: Vectors, rows: Ids) -> Vectors:
    """Return the cosines (Q, C) of each query (Q, D) and its rows (Q, C) of the vectors."""
    if isinstance(vectors, CompactVectors):
        return vectors.cosines(queries, rows)
    return np.asarray(np.einsum("qd,qcd->qc", queries, vectors[rows]), np.float32)
