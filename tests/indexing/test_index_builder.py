"""The order of saved clusters."""

from __future__ import annotations

import numpy as np

from photosim.indexing.index_builder import in_fixed_order


def test_clusters_of_one_size_and_the_photos_of_a_pair_are_in_the_order_of_their_rows() -> None:
    clusters = [[7, 2], [9, 1, 5], [4, 0], [8, 3, 6]]
    expected = [[9, 1, 5], [8, 3, 6], [0, 4], [2, 7]]
    for given in (clusters, clusters[::-1]):
        ordered = in_fixed_order([np.array(rows, np.int64) for rows in given])
        assert [rows.tolist() for rows in ordered] == expected
