"""An index whose graph holds reduced vectors and fetches the full ones, against a comparison of all pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.clustering.mutual_graph import mutual_graph
from photosim.search import hnsw
from photosim.search.exact import Ids, Vectors
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import BASIS_FILE, GRAPH_FILE, HEADER_FILE

D, REDUCED, SMALL = 64, 24, 300


@pytest.fixture(autouse=True)
def few_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hnsw, "REDUCED_DIMENSIONS", REDUCED)


class VectorStore:
    """The full vectors, as the library stores them."""

    def __init__(self, count: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        centres = rng.normal(size=(max(count // 20, 1), D)) * np.linspace(3, 0.5, D)
        vectors = centres[rng.integers(0, len(centres), count)] + rng.normal(size=(count, D))
        self.vectors: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        self.deleted: set[int] = set()
        self.fetched = 0

    def __call__(self, ids: Ids) -> Vectors:
        if self.deleted & set(ids.tolist()):
            raise KeyError("deleted")
        self.fetched += len(ids)
        return self.vectors[ids]

    def index(self) -> NeighbourIndex:
        index = NeighbourIndex("model", D, self, exact_below=SMALL)
        index.add(np.arange(len(self.vectors)), self.vectors)
        index.merge_pending()
        return index

    def load(self, folder: Path) -> NeighbourIndex:
        return NeighbourIndex.load(folder, "model", D, self, exact_below=SMALL)


def nearest(store: VectorStore, queries: Vectors, k: int) -> Ids:
    return np.argsort(-(queries @ store.vectors.T), axis=1)[:, :k]


def recall(found: Ids, right: Ids) -> float:
    return float(np.mean([np.isin(right[row], found[row]).mean() for row in range(len(right))]))


def test_the_full_vectors_decide_what_is_nearest() -> None:
    store = VectorStore(3000)
    queries = store.vectors[:200]
    ids, similarities = store.index().search(queries, 20)
    assert recall(ids, nearest(store, queries, 20)) > 0.98
    np.testing.assert_allclose(similarities, np.einsum("qd,qkd->qk", queries, store.vectors[ids]), atol=1e-5)
    assert (np.diff(similarities, axis=1) <= 0).all()


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_any_number_of_queries_is_answered_at_once(count: int) -> None:
    store = VectorStore(1000)
    index = store.index()
    batch = index.search(store.vectors[:count], 10)[0]
    assert batch.shape == (count, 10)
    for row in range(count):
        np.testing.assert_array_equal(batch[row], index.search(store.vectors[row : row + 1], 10)[0][0])


def test_a_search_for_many_finds_as_many() -> None:
    store = VectorStore(1000)
    ids, _ = store.index().search(store.vectors[:3], 400)
    assert recall(ids, nearest(store, store.vectors[:3], 400)) > 0.95


def test_the_graph_is_smaller_than_its_vectors(tmp_path: Path) -> None:
    store = VectorStore(2000)
    store.index().save(tmp_path)
    assert (tmp_path / GRAPH_FILE).stat().st_size < 2000 * (REDUCED * 4 + 200)


def test_a_search_fetches_only_the_candidates() -> None:
    store = VectorStore(3000)
    index = store.index()
    store.fetched = 0
    index.search(store.vectors[:1], 20)
    assert 0 < store.fetched <= hnsw.CANDIDATES


def test_a_saved_index_answers_as_before(tmp_path: Path) -> None:
    store = VectorStore(1000)
    index = store.index()
    index.save(tmp_path)
    reloaded = store.load(tmp_path)
    assert reloaded.load_error is None
    np.testing.assert_array_equal(
        reloaded.search(store.vectors[:50], 10)[0], index.search(store.vectors[:50], 10)[0]
    )


@pytest.mark.parametrize("damage", ["flip", "cut", "missing"])
def test_a_damaged_basis_rebuilds_the_index(tmp_path: Path, damage: str) -> None:
    store = VectorStore(500)
    store.index().save(tmp_path)
    path = tmp_path / BASIS_FILE
    data = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data if damage == "flip" else data[:100])
    index = store.load(tmp_path)
    assert (len(index), index.load_error is not None) == (0, True)
    index.sync(np.arange(500), store)
    index.merge_pending()
    index.save(tmp_path)
    assert len(store.load(tmp_path)) == 500


def test_a_graph_of_full_vectors_is_replaced_by_a_reduced_one(tmp_path: Path) -> None:
    store = VectorStore(500)
    full = NeighbourIndex("model", D, exact_below=SMALL)
    full.add(np.arange(500), store.vectors)
    full.merge_pending()
    full.save(tmp_path)
    assert len(store.load(tmp_path)) == 0
    store.index().save(tmp_path)
    assert NeighbourIndex.load(tmp_path, "model", D, exact_below=SMALL).load_error is not None


def test_too_many_removed_photos_make_a_new_graph_of_what_is_left() -> None:
    store = VectorStore(1000)
    index = store.index()
    index.remove(np.arange(500))
    store.deleted = set(range(500))
    index.merge_pending()
    assert index._graph is not None
    assert not index._graph.removed.size
    assert index.ids.tolist() == list(range(500, 1000))


def test_a_photo_that_is_gone_from_the_library_first_fails_no_search() -> None:
    store = VectorStore(1000)
    index = store.index()
    store.deleted = {3}
    ids, _ = index.search(store.vectors[:10], 20)
    assert recall(ids, nearest(store, store.vectors[:10], 20)) > 0.4


def test_the_same_photos_make_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        VectorStore(800).index().save(tmp_path / name)
    for file in (BASIS_FILE, HEADER_FILE):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_clusters_are_computed_from_full_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    store = VectorStore(2000)
    ids = np.arange(2000)
    exact = mutual_graph(ids, store.vectors, None, 12, 0.99)
    monkeypatch.setattr("photosim.clustering.neighbour_search.EXACT_UP_TO", 10)
    approximate = mutual_graph(ids, store.vectors, store.index().search_approximate, 12, 0.99)
    pairs = [set(map(tuple, graph.pairs.tolist())) for graph in (exact, approximate)]
    assert len(pairs[0] & pairs[1]) > 0.95 * len(pairs[0] | pairs[1])
