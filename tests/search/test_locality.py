"""The order in which similar vectors follow each other."""

from __future__ import annotations

import numpy as np

from photosim.search.hnsw import principal_directions
from photosim.search.locality import locality_order

D, KINDS = 16, 8


def test_vectors_of_a_kind_follow_each_other() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, KINDS, 400)
    vectors = np.eye(KINDS, D, dtype=np.float32)[kinds] + rng.normal(0, 0.01, (400, D)).astype(np.float32)
    directions = principal_directions(vectors, KINDS)
    order = locality_order((vectors[start : start + 64] for start in range(0, 400, 64)), vectors, directions)
    np.testing.assert_array_equal(np.sort(order), np.arange(400))
    sample = [np.flatnonzero(kinds == kind)[0] for kind in range(KINDS)]
    order = locality_order([vectors], vectors[sample], directions)
    assert np.count_nonzero(np.diff(kinds[order])) == KINDS - 1


def test_no_vectors_have_an_empty_order() -> None:
    nothing = np.empty((0, D), np.float32)
    assert locality_order([], nothing, np.eye(D, 4, dtype=np.float32)).tolist() == []
