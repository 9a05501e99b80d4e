"""Storing the objects found in photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.ml.models.catalog import DEFAULT
from photosim.records import EmbeddedObject, FileEntry, PhotoFacts, PhotoObject
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import DamagedEmbeddingsError, pack_vector
from photosim.store.objects import ObjectTable, pack_box, unpack_box

MODEL, OTHER = "model", "other"
DIMENSIONS = 8
FACTS = PhotoFacts(40, 30, "JPEG")
VECTOR = pack_vector(np.eye(8, dtype=np.float32)[0])


def make_object(
    label: str,
    score: float = 0.5,
    row: int = 0,
    box: tuple[float, float, float, float] = (0.1, 0.2, 0.3, 0.4),
) -> EmbeddedObject:
    """An object with a unit vector along one axis."""
    return EmbeddedObject(PhotoObject(label, score, box), np.eye(DIMENSIONS, dtype=np.float16)[row])


DOG, CAT = make_object("dog", 0.9, 1), make_object("cat", 0.8, 2)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    return catalog


@pytest.fixture
def objects(catalog: Catalog) -> ObjectTable:
    return ObjectTable(catalog.database, MODEL, DIMENSIONS)


def add(catalog: Catalog, name: str, content: int, *found: EmbeddedObject, model: str = MODEL) -> int:
    """Record a photo with objects; returns its id."""
    entry = FileEntry(f"/photos/{name}.jpg", 100, 200)
    record = FileRecord(entry, bytes([content]) * 16, FACTS, VECTOR, (), found)
    [file_id] = catalog.save("/photos", [record], model)
    return catalog.photos_by_id([file_id])[0].photo_id


def names(objects: ObjectTable, photo_id: int) -> list[str]:
    return [one.object.label for one in objects.of_photos([photo_id]).get(photo_id, ())]


def test_objects_come_back_best_first(catalog: Catalog, objects: ObjectTable) -> None:
    photo_id, other = add(catalog, "a", 1, CAT, DOG), add(catalog, "b", 2)
    found = objects.of_photos([photo_id, other, 99])
    assert [one.object for one in found[photo_id]] == [DOG.object, CAT.object]
    assert list(found) == [photo_id]
    ids = [one.id for one in found[photo_id]]
    assert objects.vectors_of(ids).tolist() == [DOG.vector.tolist(), CAT.vector.tolist()]
    assert objects.objects([ids[1], 99]) == {ids[1]: CAT.object}


def test_a_second_look_takes_the_place_of_the_first_with_new_ids(
    catalog: Catalog, objects: ObjectTable
) -> None:
    photo_id = add(catalog, "a", 1, DOG)
    [before] = objects.of_photos([photo_id])[photo_id]
    objects.save({photo_id: [CAT, DOG]}, closer=True)
    after = {one.id for one in objects.of_photos([photo_id])[photo_id]}
    assert len(after) == 2
    assert min(after) > before.id, "an index may still know the old object by its id"
    with pytest.raises(KeyError):
        objects.vectors_of([before.id])


def test_models_do_not_hear_of_each_other(catalog: Catalog, objects: ObjectTable) -> None:
    photo_id = add(catalog, "a", 1, DOG)
    assert add(catalog, "a", 1, CAT, model=OTHER) == photo_id
    other = ObjectTable(catalog.database, OTHER, DIMENSIONS)
    assert (names(objects, photo_id), names(other, photo_id)) == (["dog"], ["cat"])
    assert objects.object_and_photo_ids()[1].tolist() == [photo_id]
    with catalog.database.transaction() as db:
        db.execute("DELETE FROM embeddings WHERE model = ?", (MODEL,))
    assert (names(objects, photo_id), names(other, photo_id)) == ([], ["cat"])
    assert (objects.counts(), other.counts()) == ((0, 0), (1, 0))


def test_a_photo_without_objects_is_not_searched_again(catalog: Catalog, objects: ObjectTable) -> None:
    searched = add(catalog, "a", 1)
    record = FileRecord(FileEntry("/photos/b.jpg", 1, 1), b"b" * 16, FACTS, VECTOR)
    catalog.save("/photos", [record], MODEL)
    photo = catalog.find("/photos/b.jpg")
    assert photo is not None
    assert objects.undetected_photo_ids() == [photo.photo_id]
    assert objects.undetected_photo_ids(closer=True) == [searched, photo.photo_id]
    objects.save({photo.photo_id: [DOG], 99: [CAT]}, closer=True)
    assert objects.undetected_photo_ids() == []
    assert objects.undetected_photo_ids(closer=True) == [searched]
    assert objects.counts() == (2, 1)


def test_a_forgotten_photo_takes_its_objects_with_it(catalog: Catalog, objects: ObjectTable) -> None:
    add(catalog, "a", 1, DOG)
    catalog.remove_source("/photos")
    catalog.delete_orphans()
    assert objects.counts() == (0, 0)
    assert objects.object_ids().tolist() == []


def test_all_boxes_come_with_their_files_and_labels(catalog: Catalog, objects: ObjectTable) -> None:
    box = (0.5, 0.25, 0.25, 0.125)
    add(catalog, "a", 1, make_object("dog", box=box), CAT)
    add(catalog, "copy of a", 1, make_object("dog", box=box), CAT)
    add(catalog, "b", 2)
    add(catalog, "c", 3, DOG, model=OTHER)
    files, indices, names, boxes = objects.boxes()
    found = sorted(
        (file_id, names[index], tuple(box))
        for file_id, index, box in zip(files.tolist(), indices.tolist(), boxes.tolist(), strict=True)
    )
    assert [one[:2] for one in found] == [(1, "cat"), (1, "dog"), (2, "cat"), (2, "dog")]
    assert found[1][2] == box
    assert ObjectTable(catalog.database, "none", DIMENSIONS).boxes()[2] == []


def test_a_raw_file_that_another_one_shows_has_no_objects_of_its_own(
    catalog: Catalog, objects: ObjectTable
) -> None:
    shown, hidden = add(catalog, "a", 1, DOG), add(catalog, "a raw", 2, DOG, CAT)
    with catalog.database.transaction() as db:
        db.execute("UPDATE files SET primary_id = 1 WHERE photo_id = ?", (hidden,))
    assert objects.object_and_photo_ids()[1].tolist() == [shown]


@pytest.mark.parametrize("label", ["'; DROP TABLE objects; --", '"', "%", "犬", "a b"])
def test_any_label_is_only_a_label(catalog: Catalog, objects: ObjectTable, label: str) -> None:
    assert names(objects, add(catalog, "a", 1, make_object(label))) == [label]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE objects SET vector = zeroblob(16) WHERE score > 0.85",
        "UPDATE objects SET vector = 'text' WHERE score > 0.85",
        "UPDATE objects SET box = zeroblob(8) WHERE score > 0.85",
        "UPDATE objects SET checksum = checksum + 1 WHERE score > 0.85",
        "UPDATE objects SET label_id = label_id + 1 WHERE score > 0.85",
        "UPDATE objects SET score = 0.86 WHERE score > 0.85",
        "UPDATE objects SET photo_id = 2 WHERE score > 0.85",
    ],
)
def test_a_damaged_object_costs_its_photo_another_search(
    catalog: Catalog, objects: ObjectTable, damage: str
) -> None:
    damaged, sound = add(catalog, "a", 1, DOG), add(catalog, "b", 2, CAT)
    [cat] = objects.of_photos([sound])[sound]
    ids = objects.object_ids()
    with catalog.database.transaction() as db:
        db.execute(damage)
    with pytest.raises(DamagedEmbeddingsError):
        objects.vectors_of(ids)
    if "photo_id" not in damage:
        assert objects.vectors_of([cat.id]).tolist() == [CAT.vector.tolist()]
    again = sound if "photo_id" in damage else damaged
    assert objects.undetected_photo_ids() == [again]
    assert names(objects, again) == []


def test_an_object_without_a_name_is_searched_but_not_shown(catalog: Catalog, objects: ObjectTable) -> None:
    photo_id = add(catalog, "a", 1, DOG, make_object("", 0.2, 3))
    assert names(objects, photo_id) == ["dog"]
    assert objects.boxes()[2] == ["dog"]
    every = [one.id for one in objects.of_photos([photo_id], with_unnamed=True)[photo_id]]
    assert objects.object_ids().tolist() == sorted(every)
    assert len(every) == 2


def test_a_box_outside_of_its_photo_is_not_shown(catalog: Catalog, objects: ObjectTable) -> None:
    """A library of somebody else may hold any numbers."""
    photo_id = add(catalog, "a", 1, DOG, CAT)
    with catalog.database.transaction() as db:
        box = np.array([9000, 0, 2000, 10], "<u2").tobytes()
        db.execute("UPDATE objects SET box = ? WHERE score > 0.85", (box,))
    assert names(objects, photo_id) == ["cat"]


fractions = st.integers(0, 10_000)


@given(fractions, fractions, fractions, fractions)
def test_boxes_are_stored_as_they_are_found(left: int, right: int, top: int, bottom: int) -> None:
    (left, right), (top, bottom) = sorted((left, right)), sorted((top, bottom))
    box = (left / 10_000, top / 10_000, (right - left) / 10_000, (bottom - top) / 10_000)
    stored = unpack_box(pack_box(box))
    assert stored is not None
    if min(box[2:]) > 0:
        assert stored == box
    assert stored[0] + stored[2] <= 1 + 1e-9
    assert stored[1] + stored[3] <= 1 + 1e-9
    assert min(stored[2:]) > 0


@given(st.binary(max_size=16))
def test_any_bytes_are_a_box_in_the_photo_or_none(packed: bytes) -> None:
    box = unpack_box(packed)
    assert box is None or (min(box) >= 0 and box[0] + box[2] <= 1 + 1e-9 and box[1] + box[3] <= 1 + 1e-9)


def test_objects_of_an_earlier_projection_are_searched_for_again(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    photo_id = add(catalog, "a", 1, DOG)
    with catalog.database.transaction() as db:
        db.execute("DROP TABLE cluster_facts")
        db.execute("DELETE FROM _sqlite_migrations WHERE name >= 'm009'")
    catalog.close()
    migrated = Catalog(tmp_path)
    objects = ObjectTable(migrated.database, MODEL, DIMENSIONS)
    assert objects.of_photos([photo_id]) == {}
    assert objects.undetected_photo_ids() == [photo_id]
    migrated.close()


def test_another_projection_needs_a_migration() -> None:
    """Vectors of two projections are not comparable, and objects are stored by the model only."""
    assert DEFAULT.object_projection is not None
    assert DEFAULT.object_projection.sha256.startswith("88602eda"), "append a migration like m009"
