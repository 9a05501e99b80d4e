"""The photos that stand for a cluster."""

from __future__ import annotations

import numpy as np
import pytest

from photosim.clustering.covers import COVER_PHOTOS, cover_first, covers_first
from tests.support.vectors import unit

D = 64


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, 60])
def test_a_cover_is_of_typical_photos_that_differ(size: int) -> None:
    rng = np.random.default_rng(size)
    core = unit(rng.normal(size=D) + 0.3 * rng.normal(size=(size, D)))
    vectors = core[np.arange(size).repeat(3)]  # three copies of each
    vectors = unit(vectors + 0.001 * rng.normal(size=vectors.shape))
    order = cover_first(vectors)
    assert sorted(order.tolist()) == list(range(3 * size))
    cover = order[:COVER_PHOTOS]
    assert len(set((cover // 3).tolist())) == min(size, COVER_PHOTOS), "no copies as long as there are others"
    similarities = vectors @ vectors.T
    assert similarities[cover[0]].sum() >= similarities.sum(axis=1).max() - 1e-3


def test_a_cover_leaves_out_what_is_least_typical() -> None:
    rng = np.random.default_rng(0)
    centre = rng.normal(size=D)
    typical, odd = centre + 0.3 * rng.normal(size=(16, D)), centre + 1.5 * rng.normal(size=(4, D))
    order = cover_first(unit(np.concatenate([typical, odd])))
    assert (order[:COVER_PHOTOS] < 16).all()


def test_clusters_of_any_sizes_are_ordered_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    vectors = unit(rng.normal(size=(200, D)) + 0.5)
    rows = rng.permutation(200)
    clusters = np.split(rng.permutation(200), [1, 3, 5, 8, 11, 15, 30, 45, 110])
    for cluster, ordered in zip(clusters, covers_first(vectors, rows, clusters), strict=True):
        np.testing.assert_array_equal(ordered, cluster[cover_first(vectors[rows[cluster]])])
