"""Tiny pictures of all photos, compared with each other: proposes copies that the embedding misses.

These are above all grey, very small and turned copies: their embeddings differ, their tiny pictures hardly do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

EDGE = 8
SIGNATURE_BYTES = EDGE * EDGE
"""A signature is EDGE x EDGE values, int8."""

PROPOSALS = 5
"""Photos proposed for each one at most, itself included: of pictures with little in them, many are alike."""

MIN_CORRELATION = 0.9
"""Of 41 copies that the embedding misses among 874, four others from here on have 22; they are 0.2 pairs a photo."""

_BLOCK_ROWS = 8_192
"""Signatures compared at once: 17 MB with 128 photos in four ways."""

_MAX_PARTS = 64
"""Parts that were added, from which on they are joined."""


def signature(square: Floats) -> bytes:
    """Return the signature of a photo from its square, see `PhotoLook.square`."""
    step = math.isqrt(len(square)) // EDGE
    tiny = square.reshape(EDGE, step, EDGE, step).mean(axis=(1, 3))
    tiny = tiny - tiny.mean()
    values: npt.NDArray[np.int8] = np.rint(tiny * (127 / max(float(np.abs(tiny).max()), 1e-6))).astype(
        np.int8
    )
    return values.tobytes()


class SignatureSearch:
    """The signatures of photos, which grow during a run."""

    def __init__(self, ids: Ids, signatures: list[bytes]) -> None:
        """Search among photos `ids` (N,) with these signatures at first."""
        self._ids, self._vectors = [ids], [_vectors(signatures)]

    def add(self, ids: Ids, signatures: list[bytes]) -> None:
        """Add photos (n,), which must be new."""
        self._ids.append(ids)
        self._vectors.append(_vectors(signatures))
        if len(self._ids) > _MAX_PARTS:
            self._ids, self._vectors = [np.concatenate(self._ids)], [np.concatenate(self._vectors)]

    def nearest(self, signatures: list[bytes]) -> list[list[int]]:
        """Return for each signature up to PROPOSALS photos whose picture is alike, upright, mirrored or turned."""
        own = _vectors(signatures).reshape(-1, EDGE, EDGE)
        ways = np.stack([own, own[:, :, ::-1], np.rot90(own, 1, (1, 2)), np.rot90(own, 3, (1, 2))])
        queries = ways.reshape(-1, SIGNATURE_BYTES)
        found: list[list[tuple[float, int]]] = [[] for _ in signatures]
        for ids, vectors in zip(self._ids, self._vectors, strict=True):
            for start in range(0, len(ids), _BLOCK_ROWS):
                part = slice(start, start + _BLOCK_ROWS)
                products = (queries @ vectors[part].T).reshape(len(ways), len(own), len(ids[part]))
                for photo, correlation, other in _best(products.max(axis=0), ids[part]):
                    found[photo].append((-correlation, other))
        return [[other for _, other in sorted(alike)[:PROPOSALS]] for alike in found]


def _best(correlations: Floats, ids: Ids) -> Iterator[tuple[int, float, int]]:
    """Yield the best PROPOSALS of each row of correlations (n, N) with photos `ids` (N,): row, correlation, photo."""
    rows, columns = np.nonzero(correlations >= MIN_CORRELATION)
    values, others = np.round(correlations[rows, columns], 4), ids[columns]
    order = np.lexsort((others, -values, rows))
    rows, values, others = rows[order], values[order], others[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = rank < PROPOSALS
    yield from zip(rows[kept].tolist(), values[kept].tolist(), others[kept].tolist(), strict=True)


def _vectors(signatures: list[bytes]) -> Floats:
    """Return signatures as vectors (N, SIGNATURE_BYTES) of unit length; of pictures without any pattern, 0."""
    values = np.frombuffer(b"".join(signatures), np.int8).reshape(-1, SIGNATURE_BYTES).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-3), np.float32)
