"""Vectors with the distribution of embeddings, indexes of them, and a brute-force search."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from photosim.search.exact import NO_ID, Ids, Neighbours, Vectors
from photosim.search.hnsw import HnswGraph
from photosim.search.index import NeighbourIndex

D = 32
EXACT_BELOW = 300  # vectors; from here on the tests use a graph


def unit(vectors: np.ndarray) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def make_vectors(count: int, seed: int = 0) -> Vectors:
    """Return vectors distributed like embeddings: groups of different density with a common direction."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(count // 20, 1), D)) + 1
    spread = rng.uniform(0.1, 0.8, (count, 1))
    return unit(centres[rng.integers(0, len(centres), count)] + spread * rng.normal(size=(count, D)))


def brute_force_search(queries: Vectors, ids: Ids, vectors: Vectors, k: int) -> Neighbours:
    """Return the k nearest by comparing all vectors."""
    found = np.full((len(queries), k), NO_ID), np.full((len(queries), k), -np.inf, np.float32)
    for row, query in enumerate(queries):
        similarities = np.round(vectors.astype(np.float64) @ query, 5)
        best = sorted(range(len(ids)), key=lambda i: (-similarities[i], ids[i]))[:k]
        found[0][row, : len(best)] = ids[best]
        found[1][row, : len(best)] = similarities[best]
    return found


def recall(found: Ids, expected: Ids) -> float:
    return float(np.mean([np.isin(expected[row], found[row]).mean() for row in range(len(expected))]))


def assert_same(found: Neighbours, expected: Neighbours) -> None:
    """The same similarities everywhere, and the same ids where no two similarities are nearly equal."""
    np.testing.assert_allclose(found[1], expected[1], atol=2e-5)
    gaps = np.abs(np.diff(np.maximum(expected[1], -2), axis=1, append=-9.0)) > 1e-4
    clear = gaps & np.roll(gaps, 1, axis=1)
    clear[:, 0] = gaps[:, 0]
    np.testing.assert_array_equal(found[0][clear], expected[0][clear])


def make_index(vectors: Vectors, *, exact_below: int = EXACT_BELOW) -> NeighbourIndex:
    index = NeighbourIndex("model", D, exact_below=exact_below)
    index.add(np.arange(len(vectors)), vectors)
    return index


def make_graph_index(vectors: Vectors) -> NeighbourIndex:
    index = make_index(vectors)
    assert index.merge_pending()
    assert graph_of(index).live.size == len(vectors)
    return index


def graph_of(index: NeighbourIndex) -> HnswGraph:
    assert index._graph is not None
    return index._graph


def load_index(
    folder: Path, model: str = "model", dimensions: int = D, *, for_searches: bool = False
) -> NeighbourIndex:
    return NeighbourIndex.load(folder, model, dimensions, exact_below=EXACT_BELOW, for_searches=for_searches)
