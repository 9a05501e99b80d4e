"""Storing labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.records import FileEntry, Label, LabelCount, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.labels import LabelTable

MODEL, OTHER = "model", "other"
FACTS = PhotoFacts(40, 30, "JPEG")
VECTOR = pack_vector(np.eye(8, dtype=np.float32)[0])
DOG, CAT, CAR = Label("dog", 0.9), Label("cat", 0.8), Label("car", 0.7)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    return catalog


@pytest.fixture
def labels(catalog: Catalog) -> LabelTable:
    return LabelTable(catalog.database, MODEL)


def add(catalog: Catalog, name: str, content: int, *found: Label, model: str = MODEL) -> int:
    """Record a labelled photo; returns the id of its file."""
    entry = FileEntry(f"/photos/{name}.jpg", 100, 200)
    reading = FileRecord(entry, bytes([content]) * 16, FACTS, VECTOR, found)
    [file_id] = catalog.save("/photos", [reading], model)
    return file_id


def test_labels_come_back_best_first(catalog: Catalog, labels: LabelTable) -> None:
    file_id = add(catalog, "a", 1, CAT, DOG)
    [photo] = catalog.photos_by_id([file_id])
    assert labels.labels_of(photo.photo_id) == (DOG, CAT)
    assert labels.labels_of(photo.photo_id + 1) == ()


def test_a_second_look_takes_the_place_of_the_first(catalog: Catalog, labels: LabelTable) -> None:
    add(catalog, "a", 1, DOG, CAT)
    file_id = add(catalog, "a", 1, CAR)
    [photo] = catalog.photos_by_id([file_id])
    assert labels.labels_of(photo.photo_id) == (CAR,)
    assert labels.counts() == [LabelCount("car", 1)]


def test_counts_are_of_files_most_first(catalog: Catalog, labels: LabelTable) -> None:
    add(catalog, "a", 1, DOG, CAT)
    add(catalog, "copy of a", 1, DOG, CAT)
    add(catalog, "b", 2, DOG)
    add(catalog, "c", 3)
    assert labels.counts() == [LabelCount("dog", 3), LabelCount("cat", 2)]


def test_models_do_not_hear_of_each_other(catalog: Catalog, labels: LabelTable) -> None:
    file_id = add(catalog, "a", 1, DOG)
    add(catalog, "a", 1, CAT, model=OTHER)
    [photo] = catalog.photos_by_id([file_id])
    assert labels.labels_of(photo.photo_id) == (DOG,)
    assert LabelTable(catalog.database, OTHER).labels_of(photo.photo_id) == (CAT,)
    assert LabelTable(catalog.database, OTHER).counts() == [LabelCount("cat", 1)]


def test_a_photo_of_which_nothing_was_named_is_not_asked_about_again(
    catalog: Catalog, labels: LabelTable
) -> None:
    asked = add(catalog, "a", 1)
    catalog.save("/photos", [FileRecord(FileEntry("/photos/b.jpg", 1, 1), b"b" * 16, FACTS, VECTOR)], MODEL)
    lacking = catalog.find("/photos/b.jpg")
    assert lacking is not None
    assert labels.unlabelled_photo_ids() == [lacking.photo_id]
    labels.save({lacking.photo_id: [DOG], 99: [CAT]})
    assert labels.unlabelled_photo_ids() == []
    assert labels.labels_of(lacking.photo_id) == (DOG,)
    assert labels.counts() == [LabelCount("dog", 1)]
    assert catalog.photos_by_id([asked])


def test_a_moved_photo_keeps_its_labels(catalog: Catalog, labels: LabelTable) -> None:
    old = add(catalog, "a", 1, DOG)
    catalog.save("/photos", [FileRecord(FileEntry("/photos/b.jpg", 100, 200), bytes([1]) * 16)], MODEL)
    catalog.missing_files.reconcile({"/photos": {"/photos/a.jpg": old}}, lambda *_: False)
    catalog.delete_orphans()
    [photo] = catalog.photos()
    assert photo.path == "/photos/b.jpg"
    assert labels.labels_of(photo.photo_id) == (DOG,)


def test_a_forgotten_photo_takes_its_labels_with_it(catalog: Catalog, labels: LabelTable) -> None:
    add(catalog, "a", 1, DOG)
    catalog.remove_source("/photos")
    catalog.delete_orphans()
    assert labels.counts() == []
    assert labels.labelled_file_ids().tolist() == []


def test_dropped_embeddings_take_their_labels_with_them_and_no_others(
    catalog: Catalog, labels: LabelTable
) -> None:
    add(catalog, "a", 1, DOG)
    add(catalog, "a", 1, CAT, model=OTHER)
    with catalog.database.transaction() as db:
        db.execute("DELETE FROM embeddings WHERE model = ?", (MODEL,))
    assert labels.counts() == []
    assert labels.labelled_file_ids().tolist() == []
    assert LabelTable(catalog.database, OTHER).counts() == [LabelCount("cat", 1)]


@pytest.mark.parametrize("name", ["'; DROP TABLE labels; --", '"', "%", "犬", "a b"])
def test_any_name_is_only_a_name(catalog: Catalog, labels: LabelTable, name: str) -> None:
    file_id = add(catalog, "a", 1, Label(name, 0.5))
    assert labels.counts() == [LabelCount(name, 1)]
    files, _, names, scores = labels.assignments()
    assert (files.tolist(), names, scores.tolist()) == ([file_id], [name], [0.5])


def test_all_pairs_come_with_their_names(catalog: Catalog, labels: LabelTable) -> None:
    add(catalog, "a", 1, DOG, CAT)
    add(catalog, "b", 2, CAT)
    files, places, names, _ = labels.assignments()
    assigned = sorted(
        (file_id, names[place]) for file_id, place in zip(files.tolist(), places.tolist(), strict=True)
    )
    first, second = (photo.file_id for photo in catalog.photos())
    assert assigned == [(first, "cat"), (first, "dog"), (second, "cat")]
    assert LabelTable(catalog.database, OTHER).assignments()[2] == []


def test_a_raw_file_that_another_one_shows_is_not_counted_twice(catalog: Catalog, labels: LabelTable) -> None:
    shown = add(catalog, "a", 1, DOG)
    raw = add(catalog, "a raw", 2, DOG, CAT)
    with catalog.database.transaction() as db:
        db.execute("UPDATE files SET primary_id = ? WHERE id = ?", (shown, raw))
    assert labels.counts() == [LabelCount("dog", 1)]
    files, _, names, _ = labels.assignments()
    assert (files.tolist(), names) == ([shown], ["dog"])
