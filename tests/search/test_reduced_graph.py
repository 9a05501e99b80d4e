"""A neighbour index whose graph keeps vectors reduced and fetches them whole, against comparing every pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.clustering.mutual_graph import mutual_graph
from photosim.search import hnsw
from photosim.search.exact import Ids, Vectors
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import BASIS_FILE, GRAPH_FILE, HEADER_FILE

D, KEPT, SMALL = 64, 24, 300


@pytest.fixture(autouse=True)
def few_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hnsw, "REDUCED_DIMENSIONS", KEPT)


class Kept:
    """Where the vectors lie, as in the library."""

    def __init__(self, count: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        centres = rng.normal(size=(max(count // 20, 1), D)) * np.linspace(3, 0.5, D)
        vectors = centres[rng.integers(0, len(centres), count)] + rng.normal(size=(count, D))
        self.vectors: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        self.gone: set[int] = set()
        self.fetched = 0

    def __call__(self, ids: Ids) -> Vectors:
        if self.gone & set(ids.tolist()):
            raise KeyError("gone")
        self.fetched += len(ids)
        return self.vectors[ids]

    def index(self) -> NeighbourIndex:
        index = NeighbourIndex("model", D, self, exact_below=SMALL)
        index.add(np.arange(len(self.vectors)), self.vectors)
        index.merge_pending()
        return index

    def load(self, folder: Path) -> NeighbourIndex:
        return NeighbourIndex.load(folder, "model", D, self, exact_below=SMALL)


def nearest(kept: Kept, queries: Vectors, k: int) -> Ids:
    return np.argsort(-(queries @ kept.vectors.T), axis=1)[:, :k]


def recall(found: Ids, right: Ids) -> float:
    return float(np.mean([np.isin(right[row], found[row]).mean() for row in range(len(right))]))


def test_the_whole_vectors_decide_what_is_nearest() -> None:
    kept = Kept(3000)
    queries = kept.vectors[:200]
    ids, similarities = kept.index().search(queries, 20)
    assert recall(ids, nearest(kept, queries, 20)) > 0.98
    np.testing.assert_allclose(similarities, np.einsum("qd,qkd->qk", queries, kept.vectors[ids]), atol=1e-5)
    assert (np.diff(similarities, axis=1) <= 0).all()


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_any_number_of_photos_is_asked_about_at_once(count: int) -> None:
    kept = Kept(1000)
    index = kept.index()
    together = index.search(kept.vectors[:count], 10)[0]
    assert together.shape == (count, 10)
    for row in range(count):
        np.testing.assert_array_equal(together[row], index.search(kept.vectors[row : row + 1], 10)[0][0])


def test_a_search_for_many_finds_as_many() -> None:
    kept = Kept(1000)
    ids, _ = kept.index().search(kept.vectors[:3], 400)
    assert recall(ids, nearest(kept, kept.vectors[:3], 400)) > 0.95


def test_the_graph_is_smaller_than_its_vectors(tmp_path: Path) -> None:
    kept = Kept(2000)
    kept.index().save(tmp_path)
    assert (tmp_path / GRAPH_FILE).stat().st_size < 2000 * (KEPT * 4 + 200)


def test_a_search_fetches_the_candidates_alone() -> None:
    kept = Kept(3000)
    index = kept.index()
    kept.fetched = 0
    index.search(kept.vectors[:1], 20)
    assert 0 < kept.fetched <= hnsw.CANDIDATES


def test_a_saved_index_answers_as_before(tmp_path: Path) -> None:
    kept = Kept(1000)
    index = kept.index()
    index.save(tmp_path)
    again = kept.load(tmp_path)
    assert again.load_error is None
    np.testing.assert_array_equal(
        again.search(kept.vectors[:50], 10)[0], index.search(kept.vectors[:50], 10)[0]
    )


@pytest.mark.parametrize("harm", ["flip", "cut", "missing"])
def test_a_damaged_basis_makes_the_index_anew(tmp_path: Path, harm: str) -> None:
    kept = Kept(500)
    kept.index().save(tmp_path)
    path = tmp_path / BASIS_FILE
    data = bytearray(path.read_bytes())
    if harm == "missing":
        path.unlink()
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data if harm == "flip" else data[:100])
    index = kept.load(tmp_path)
    assert (len(index), index.load_error is not None) == (0, True)
    index.sync(np.arange(500), kept)
    index.merge_pending()
    index.save(tmp_path)
    assert len(kept.load(tmp_path)) == 500


def test_a_graph_of_whole_vectors_gives_way_to_a_reduced_one(tmp_path: Path) -> None:
    kept = Kept(500)
    whole = NeighbourIndex("model", D, exact_below=SMALL)
    whole.add(np.arange(500), kept.vectors)
    whole.merge_pending()
    whole.save(tmp_path)
    assert len(kept.load(tmp_path)) == 0
    kept.index().save(tmp_path)
    assert NeighbourIndex.load(tmp_path, "model", D, exact_below=SMALL).load_error is not None


def test_too_many_removed_photos_make_a_new_graph_of_what_is_left() -> None:
    kept = Kept(1000)
    index = kept.index()
    index.remove(np.arange(500))
    kept.gone = set(range(500))
    index.merge_pending()
    assert index._graph is not None
    assert not index._graph.removed.size
    assert index.ids.tolist() == list(range(500, 1000))


def test_a_photo_that_is_gone_from_the_library_first_fails_no_search() -> None:
    kept = Kept(1000)
    index = kept.index()
    kept.gone = {3}
    ids, _ = index.search(kept.vectors[:10], 20)
    assert recall(ids, nearest(kept, kept.vectors[:10], 20)) > 0.4


def test_the_same_photos_make_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Kept(800).index().save(tmp_path / name)
    for file in (BASIS_FILE, HEADER_FILE):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_clusters_rest_on_whole_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(2000)
    ids = np.arange(2000)
    exact = mutual_graph(ids, kept.vectors, None, 12)
    monkeypatch.setattr("photosim.clustering.mutual_graph.EXACT_UP_TO", 10)
    asked = mutual_graph(ids, kept.vectors, kept.index().search_approximate, 12)
    pairs = [set(map(tuple, graph.pairs.tolist())) for graph in (exact, asked)]
    assert len(pairs[0] & pairs[1]) > 0.95 * len(pairs[0] | pairs[1])
