"""The catalog of sources, files and photos."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import ModelEmbeddings, pack_vector

MODEL = "model"
FACTS = PhotoFacts(40, 30, "JPEG", "2024-07-01T18:03:11", "Camera", "Lens", 48.2, 16.4)


def reading(path: Path, content: int) -> FileRecord:
    vector = np.eye(8, dtype=np.float32)[content % 8]
    return FileRecord(FileEntry(str(path), 100, 200), bytes([content]) * 16, FACTS, pack_vector(vector))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path)


def test_a_recorded_photo_comes_back_with_its_facts(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    [file_id] = catalog.save(str(tmp_path), [reading(tmp_path / "a.jpg", 1)], MODEL)
    [photo] = catalog.photos()
    assert (photo.file_id, photo.path, photo.size, photo.mtime_ns) == (
        file_id,
        str(tmp_path / "a.jpg"),
        100,
        200,
    )
    assert photo.facts == FACTS
    assert catalog.find(photo.path) == photo
    assert catalog.photos_by_id([file_id, 99]) == [photo]


def test_two_files_with_the_same_bytes_share_one_photo_and_one_embedding(
    catalog: Catalog, tmp_path: Path
) -> None:
    catalog.add_source(str(tmp_path))
    catalog.save(str(tmp_path), [reading(tmp_path / "a.jpg", 1), reading(tmp_path / "b.jpg", 1)], MODEL)
    first, second = catalog.photos()
    assert first.file_id != second.file_id
    assert first.photo_id == second.photo_id
    assert len(ModelEmbeddings(catalog.database, MODEL, 8).photo_ids()) == 1
    assert catalog.files_by_photo([first.photo_id]) == {first.photo_id: [first, second]}


def test_the_newest_photos_come_first_and_those_without_a_date_not_at_all(
    catalog: Catalog, tmp_path: Path
) -> None:
    catalog.add_source(str(tmp_path))
    days = {
        "b.jpg": "2024-07-02T10:00:00",
        "a.jpg": "2024-07-03T10:00:00",
        "d.jpg": None,
        "c.jpg": "2023-01-01T10:00:00",
    }
    readings = [
        replace(reading(tmp_path / name, number), facts=replace(FACTS, taken_at=day))
        for number, (name, day) in enumerate(days.items())
    ]
    catalog.save(str(tmp_path), readings, MODEL)
    assert [Path(photo.path).name for photo in catalog.newest_photos(9)] == ["a.jpg", "b.jpg", "c.jpg"]
    newest = catalog.newest_photos(2)
    assert newest == catalog.photos()[:2]


def test_the_newest_of_one_time_come_by_path(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    readings = [reading(tmp_path / name, number) for number, name in enumerate(("c.jpg", "a.jpg", "b.jpg"))]
    catalog.save(str(tmp_path), readings, MODEL)
    assert catalog.newest_photos(2) == catalog.photos()[:2]


def test_a_moved_photo_keeps_its_embedding(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    [old] = catalog.save(str(tmp_path), [reading(tmp_path / "a.jpg", 1)], MODEL)
    [before] = catalog.photos()
    catalog.save(
        str(tmp_path), [FileRecord(FileEntry(str(tmp_path / "b.jpg"), 100, 200), bytes([1]) * 16)], MODEL
    )
    catalog.missing_files.reconcile({str(tmp_path): {str(tmp_path / "a.jpg"): old}}, lambda *_: False)
    assert catalog.delete_orphans() == []
    [after] = catalog.photos()
    assert (after.path, after.photo_id) == (str(tmp_path / "b.jpg"), before.photo_id)
    assert catalog.has_embedding(bytes([1]) * 16, MODEL)


def test_a_photo_that_no_file_holds_is_forgotten_with_its_embedding(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    ids = catalog.save(str(tmp_path), [reading(tmp_path / "a.jpg", 1), reading(tmp_path / "b.jpg", 2)], MODEL)
    catalog.missing_files.reconcile({str(tmp_path): {str(tmp_path / "a.jpg"): ids[0]}}, lambda *_: False)
    assert catalog.delete_orphans() == [bytes([1]) * 16]
    assert len(ModelEmbeddings(catalog.database, MODEL, 8).photo_ids()) == 1


def test_an_unreadable_file_is_listed_and_no_photo(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    entry = FileEntry(str(tmp_path / "bad.jpg"), 1, 2)
    assert catalog.save(str(tmp_path), [FileRecord(entry, reason="It is empty.")], MODEL) == []
    assert [(one.path, one.reason) for one in catalog.unreadable()] == [(entry.path, "It is empty.")]
    assert catalog.photos() == []
    catalog.save(str(tmp_path), [reading(tmp_path / "bad.jpg", 3)], MODEL)
    assert catalog.unreadable() == []
    assert [photo.path for photo in catalog.photos()] == [entry.path]


def test_embeddings_of_two_models_never_mix(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    catalog.save(str(tmp_path), [reading(tmp_path / "a.jpg", 1)], MODEL)
    assert catalog.has_embedding(bytes([1]) * 16, MODEL)
    assert not catalog.has_embedding(bytes([1]) * 16, "other")
    assert ModelEmbeddings(catalog.database, "other", 8).photo_ids().size == 0


def test_a_folder_around_added_folders_takes_over_their_files(catalog: Catalog, tmp_path: Path) -> None:
    inner, beside = tmp_path / "inner", tmp_path / "inner beside"
    catalog.add_source(str(inner))
    catalog.add_source(str(beside))
    catalog.save(str(inner), [reading(inner / "a.jpg", 1)], MODEL)
    catalog.save(str(beside), [reading(beside / "b.jpg", 2)], MODEL)
    catalog.add_source(str(tmp_path))
    assert [(source.path, source.photos) for source in catalog.sources()] == [(str(tmp_path), 2)]
    assert catalog.source_of(str(inner)) == str(tmp_path)


def test_a_folder_with_a_similar_name_is_not_inside(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path / "a"))
    assert catalog.source_of(str(tmp_path / "ab")) is None
    catalog.add_source(str(tmp_path / "ab"))
    catalog.save(str(tmp_path / "ab"), [reading(tmp_path / "ab" / "x.jpg", 1)], MODEL)
    assert catalog.known_files(str(tmp_path / "a")).disappeared == set()
    assert len(catalog.known_files(str(tmp_path / "ab")).disappeared) == 1
    assert len(catalog.sources()) == 2


def test_a_removed_folder_takes_its_files_with_it(catalog: Catalog, tmp_path: Path) -> None:
    for number, name in enumerate(("a", "b")):
        catalog.add_source(str(tmp_path / name))
        catalog.save(str(tmp_path / name), [reading(tmp_path / name / "x.jpg", number)], MODEL)
    catalog.remove_source(str(tmp_path / "a"))
    assert [photo.path for photo in catalog.photos()] == [str(tmp_path / "b" / "x.jpg")]
    assert catalog.delete_orphans() == [bytes(16)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux allows such names")
def test_a_file_name_that_is_not_valid_text_survives(catalog: Catalog, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    catalog.add_source(str(tmp_path))
    catalog.save(str(tmp_path), [reading(tmp_path / name, 1)], MODEL)
    [photo] = catalog.photos()
    assert photo.path == str(tmp_path / name)
    assert catalog.find(photo.path) == photo
    assert catalog.known_files(str(tmp_path)).disappeared == {(photo.path, photo.size, photo.mtime_ns)}


def test_sources_tell_whether_they_are_there(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    catalog.add_source(str(tmp_path / "away"))
    catalog.add_source(str(tmp_path / "here"))
    assert [(Path(source.path).name, source.online) for source in catalog.sources()] == [
        ("away", False),
        ("here", True),
    ]


def test_where_a_date_was_found_is_kept(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    sources = ("exif", "name", "file", None)
    readings = [
        replace(reading(tmp_path / f"{number}.jpg", number), facts=replace(FACTS, taken_from=source))
        for number, source in enumerate(sources)
    ]
    catalog.save(str(tmp_path), readings, MODEL)
    assert tuple(photo.facts.taken_from for photo in catalog.photos()) == sources


def test_a_folder_holds_the_photos_below_it_and_counts_those_in_it(catalog: Catalog, tmp_path: Path) -> None:
    catalog.add_source(str(tmp_path))
    names = ("a.jpg", "in/b.jpg", "in/deep/c.jpg", "in/deep/d.jpg", "inner/e.jpg", "in.jpg")
    readings = [reading(tmp_path / name, number) for number, name in enumerate(names)]
    catalog.save(str(tmp_path), readings, MODEL)
    inside = [Path(photo.path).name for photo in catalog.photos(str(tmp_path / "in"))]
    assert inside == ["b.jpg", "c.jpg", "d.jpg"]
    assert len(catalog.photos(str(tmp_path))) == len(names)
    assert catalog.folder_counts() == {
        str(tmp_path): 2,
        str(tmp_path / "in"): 1,
        str(tmp_path / "in" / "deep"): 2,
        str(tmp_path / "inner"): 1,
    }
