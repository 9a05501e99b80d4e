"""How clusters are made from what is saved of the neighbours, and their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from photosim.clustering import neighbour_search
from photosim.indexing import index_builder
from photosim.indexing.index_builder import IndexBuilder, in_fixed_order
from photosim.search.exact import Ids, Vectors
from photosim.search.index import NeighbourIndex

D = 24


class FakeEmbeddings:
    """Vectors of photos, by their ids; keeps the clusters that are saved."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self.saved: list[Any] = []

    def vectors_of(self, ids: Ids) -> Vectors:
        return self._vectors[ids]

    def save_clusters(self, _fingerprint: str, levels: Any) -> None:
        self.saved.append(levels)


def clustered(builder: IndexBuilder, ids: Ids, embeddings: FakeEmbeddings) -> tuple[int, Any]:
    """Return how many photos were searched, and the clusters that were saved."""
    index = NeighbourIndex("model", D, exact_below=10)
    index.add(ids, embeddings.vectors_of(ids))
    index.merge_pending()
    counts: list[int] = []
    builder._group(ids, index, lambda _, total: not counts.append(total), with_clusters=True, with_map=False)
    return max(counts, default=0), embeddings.saved[-1]


def test_photos_that_were_searched_are_not_searched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (neighbour_search, index_builder):
        monkeypatch.setattr(module, "EXACT_UP_TO", 1)
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(60, D)), 10, axis=0) + 0.4 * rng.normal(size=(600, D))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    embeddings = FakeEmbeddings(vectors.astype(np.float32))
    builder = IndexBuilder(tmp_path, embeddings, Mock(), "model", D, 0.99)  # type: ignore[arg-type]
    assert clustered(builder, np.arange(570), embeddings)[0] == 570
    searched, updated = clustered(builder, np.arange(600), embeddings)
    assert searched == 30
    assert clustered(builder, np.arange(600), embeddings)[0] == 0
    anew = IndexBuilder(tmp_path / "new", embeddings, Mock(), "model", D, 0.99)  # type: ignore[arg-type]
    searched, expected = clustered(anew, np.arange(600), embeddings)
    assert searched == 600
    assert [[sorted(group) for group in level] for level in updated] == [
        [sorted(group) for group in level] for level in expected
    ]


def test_clusters_of_one_size_and_the_photos_of_a_pair_are_in_the_order_of_their_rows() -> None:
    clusters = [[7, 2], [9, 1, 5], [4, 0], [8, 3, 6]]
    expected = [[9, 1, 5], [8, 3, 6], [0, 4], [2, 7]]
    for given in (clusters, clusters[::-1]):
        ordered = in_fixed_order([np.array(rows, np.int64) for rows in given])
        assert [rows.tolist() for rows in ordered] == expected
