"""Storing embeddings and clusters."""

from pathlib import Path

import numpy as np
import pytest

from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import (
    DamagedEmbeddingsError,
    ModelEmbeddings,
    checksum,
    pack_vector,
    without_damaged,
)

MODEL = "model"


@pytest.fixture
def vectors(tmp_path: Path) -> ModelEmbeddings:
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    random = np.random.default_rng(0)
    readings = []
    for number in range(1200):
        vector = random.normal(size=16).astype(np.float32)
        vector /= np.linalg.norm(vector)
        digest = (997 * number % 1200).to_bytes(16, "big")
        entry = FileEntry(f"/photos/{number}.jpg", 1, 2)
        readings.append(FileRecord(entry, digest, PhotoFacts(1, 1, "JPEG"), pack_vector(vector)))
    catalog.save("/photos", readings, MODEL)
    return ModelEmbeddings(catalog.database, MODEL, 16)


def test_vectors_come_back_at_unit_length_in_the_order_asked_for(vectors: ModelEmbeddings) -> None:
    random = np.random.default_rng(0)
    ids = list(range(1200, 0, -1))
    got = vectors.vectors_of(ids)
    kept = random.normal(size=(1200, 16)).astype(np.float32)
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    assert got.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(got, kept[::-1], atol=1e-3)


def test_a_vector_may_be_asked_for_twice_but_must_be_there(vectors: ModelEmbeddings) -> None:
    both = vectors.vectors_of([7, 3, 7])
    np.testing.assert_array_equal(both[[0, 1]], both[[2, 1]])
    np.testing.assert_array_equal(both[1:], vectors.vectors_of(np.array([3, 7])))
    assert vectors.vectors_of([]).shape == (0, 16)
    with pytest.raises(KeyError):
        vectors.vectors_of([3, 5000])


def test_ids_come_in_the_order_of_their_content(vectors: ModelEmbeddings) -> None:
    ids = vectors.photo_ids()
    assert ids.dtype == np.int64
    assert [997 * (photo_id - 1) % 1200 for photo_id in ids.tolist()] == list(range(1200))


def test_saved_clusters_are_returned_for_the_same_photos_only(vectors: ModelEmbeddings) -> None:
    assert vectors.clusters("a", 0) is None
    vectors.save_clusters("a", [[[3, 1, 2], [9, 8]], [[1, 2]], []])
    assert [vectors.clusters("a", level) for level in range(3)] == [[(3, 1, 2), (9, 8)], [(1, 2)], []]
    assert vectors.clusters("b", 0) is None
    vectors.save_clusters("b", [[]])
    assert vectors.clusters("b", 0) == []
    assert not vectors.has_clusters("a")


def test_the_ids_shown_are_the_same_in_any_order(vectors: ModelEmbeddings) -> None:
    assert sorted(vectors.photo_ids_unordered().tolist()) == sorted(vectors.photo_ids().tolist())


def test_damaged_embeddings_are_refused_one_by_one(vectors: ModelEmbeddings) -> None:
    whole = vectors.vectors_of([5])[0]
    database = vectors._database
    with database.transaction() as db:
        db.execute("UPDATE embeddings SET vector = x'00' || substr(vector, 2) WHERE photo_id = 1")
        db.execute("UPDATE embeddings SET vector = substr(vector, 2) WHERE photo_id = 2")
        infinite = b"\x00\x7c" * 16
        values = (infinite, checksum(3, vectors._model, infinite))
        db.execute("UPDATE embeddings SET vector = ?, checksum = ? WHERE photo_id = 3", values)
        db.execute("UPDATE embeddings SET vector = 'text' WHERE photo_id = 4")
        db.execute(
            "UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE photo_id = 7) WHERE photo_id = 6"
        )
    before = vectors.revision()
    ids = list(range(1, 1201))
    with pytest.raises(DamagedEmbeddingsError):
        vectors.vectors_of(ids)
    assert vectors.revision() != before
    with pytest.raises(KeyError) as error:
        vectors.vectors_of(ids)
    assert not isinstance(error.value, DamagedEmbeddingsError), "reported once"
    left = set(ids) - {1, 2, 3, 4, 6}
    assert set(vectors.photo_ids().tolist()) == set(vectors.photo_ids_unordered().tolist()) == left
    np.testing.assert_array_equal(without_damaged(lambda: vectors.vectors_of([5]))[0], whole)
    assert vectors.delete_damaged() == 0, "they are deleted when they are found"
    assert set(vectors.photo_ids().tolist()) == left
    assert database.value("SELECT COUNT(*) FROM embeddings") == len(left)


def test_damaged_clusters_are_none(vectors: ModelEmbeddings) -> None:
    vectors.save_clusters("a", [[[3, 1, 2], [9, 8]], [[1, 2]]])
    with vectors._database.transaction() as db:
        db.execute(
            "UPDATE cluster_levels SET clusters = substr(clusters, 1, 8) || x'07' || substr(clusters, 10) WHERE level = 1"
        )
    assert not vectors.has_clusters("a")
    assert vectors.clusters("a", 0) is None
    vectors.save_clusters("a", [[[3, 1, 2]]])
    assert vectors.clusters("a", 0) == [(3, 1, 2)]
