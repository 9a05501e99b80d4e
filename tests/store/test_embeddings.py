"""Storing embeddings and clusters."""

from pathlib import Path

import numpy as np
import pytest

from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import ModelEmbeddings, pack_vector

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
    assert [vectors.clusters("a", level) for level in range(3)] == [[[3, 1, 2], [9, 8]], [[1, 2]], []]
    assert vectors.clusters("b", 0) is None
    vectors.save_clusters("b", [[]])
    assert vectors.clusters("b", 0) == []
    assert not vectors.has_clusters("a")


def test_the_ids_shown_are_the_same_in_any_order(vectors: ModelEmbeddings) -> None:
    assert sorted(vectors.photo_ids_unordered().tolist()) == sorted(vectors.photo_ids().tolist())
