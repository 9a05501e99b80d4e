"""Damaged libraries: a plain message, and a repair that recovers what can be read."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photosim.cli.main import main
from photosim.duplicates.results import JudgedPair, ReviewRow, Verdict, VerdictRow
from photosim.errors import DamagedLibraryError, LibraryError
from photosim.library import Library
from photosim.library.repair import repair
from photosim.records import EmbeddedObject, FileEntry, PhotoFacts, PhotoObject
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.collections import CollectionTable
from photosim.store.duplicates import DuplicateTable
from photosim.store.files.known_files import incomplete_photos
from photosim.store.objects import ObjectTable
from photosim.store.recovery.page_reader import PageReader
from photosim.store.recovery.salvage import is_intact, salvage
from photosim.store.thumbnails import ThumbnailCache
from photosim.store.user_clusters import UserClusterTable
from photosim.store.verdicts import VerdictTable

NOW = datetime(2026, 5, 4, 12, 30, 1)
PHOTOS = 300
MEMBERS = 40
PAGE = 4096
TABLES = (
    "sources",
    "photos",
    "files",
    "embeddings",
    "user_clusters",
    "user_cluster_photos",
    "verdicts",
    "duplicate_reviews",
    "collections",
    "collection_photos",
    "objects",
    "detected_photos",
)


def make_objects(count: int) -> tuple[EmbeddedObject, ...]:
    vector = np.ones(16, np.float16) / np.float16(4)
    return tuple(
        EmbeddedObject(PhotoObject("dog", 0.5, (0, 0, 0.5, n / 9)), vector) for n in range(1, count + 1)
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A library file with photos, their embeddings and some unreadable files."""
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    readings = []
    for number in range(PHOTOS):
        entry = FileEntry(f"/photos/{number:04}.jpg", 1000 + number, number)
        digest = random.Random(number).randbytes(16)
        vector = random.Random(number).randbytes(1280)
        objects = make_objects(number % 3)
        readings.append(FileRecord(entry, digest, PhotoFacts(640, 480, "JPEG"), vector, (), objects))
    readings += [
        FileRecord(FileEntry(f"/photos/bad {n}.jpg", n, n), reason="The file is empty.") for n in range(5)
    ]
    catalog.save("/photos", readings, "model")
    clusters = UserClusterTable(catalog.database)
    clusters.rename(clusters.assign(range(1, MEMBERS + 1)), "Holiday")
    _add_duplicates(catalog)
    collections = CollectionTable(catalog.database)
    collections.create("Trip", digests=[bytes([n]) * 16 for n in range(1, MEMBERS + 1)])
    collections.create("Dogs", '{"words": "dog"}')
    catalog.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    catalog.close()
    return tmp_path / "library.db"


def _add_duplicates(catalog: Catalog) -> None:
    """Add every kind of row about duplicates, the numbers with and without a fraction."""
    found = DuplicateTable(catalog.database)
    pairs = [JudgedPair(n, n + 1, confidence) for n, confidence in ((1, 1.0), (3, 0.5))]
    found.save({1: 0.0, 2: 1.0, 3: 2.5, 4: None}, 1, pairs)
    found.replace_burst_links([(n, n + 1) for n in range(1, 50)], {1: 1.0, 2: 2.5})
    kept = VerdictRow(b"1" * 16, b"1" * 16, Verdict.KEPT, NOW.isoformat(), copies=2)
    verdicts = [
        VerdictRow(b"1" * 16, bytes([n]) * 16, Verdict.SAME, NOW.isoformat(), confidence)
        for n, confidence in enumerate((1.0, 0.25, None), ord("2"))
    ]
    reviews = [ReviewRow(n, "same-1", n == 1, 1000, n) for n in range(1, 4)]
    VerdictTable(catalog.database).replace([], [kept, *verdicts], [], reviews)


def damage(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def photos_in(folder: Path) -> int:
    catalog = Catalog(folder)
    try:
        assert catalog.database.value("PRAGMA integrity_check") == "ok"
        assert catalog.database.rows("PRAGMA foreign_key_check") == []
        return len(catalog.photos())
    finally:
        catalog.close()


def test_a_sound_library_is_left_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    assert is_intact(path)
    assert repair(path.parent) is None
    assert path.read_bytes() == before


def test_a_truncated_library_is_said_to_be_damaged_and_what_is_left_is_saved(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(DamagedLibraryError, match="photosim repair"):
        Catalog(path.parent).photos()
    damaged = path.read_bytes()
    salvaged = salvage(path, NOW)
    assert salvaged.damaged_file.name == "library.db.damaged-2026-05-04-123001"
    assert salvaged.damaged_file.read_bytes() == damaged
    assert salvaged.rows["sources"] == 1
    assert 0 < photos_in(path.parent) < PHOTOS


@pytest.mark.parametrize(
    ("first", "size"), [(0, 16), (16, 2), (28, 12), (40, 60), (PAGE - 900, 900), (0, PAGE)]
)
def test_a_library_whose_first_page_is_damaged_loses_no_photo(path: Path, first: int, size: int) -> None:
    damage(path, first, b"\xee" * size)
    if not is_intact(path):
        salvage(path, NOW)
    assert photos_in(path.parent) == PHOTOS


def rows_of(path: Path, table: str) -> set[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        return set(connection.execute(f"SELECT * FROM {table}"))  # noqa: S608


def leaves_of(path: Path, table: str) -> set[int]:
    """The numbers of the pages that hold rows of a table."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'"
            return {number for (number,) in connection.execute(sql, (table,))}
        except sqlite3.OperationalError:
            pytest.skip("this SQLite does not tell which page belongs to which table")


def schema_pages(path: Path) -> list[int]:
    with PageReader(path) as pages:
        return pages._reachable([1])


def test_a_damaged_schema_costs_no_row(path: Path) -> None:
    before = {table: rows_of(path, table) for table in TABLES}
    whole = path.read_bytes()
    numbers = schema_pages(path)
    assert len(numbers) > 1
    for number in numbers:
        path.write_bytes(whole)
        damage(path, PAGE * (number - 1) + 100 * (number == 1), b"\xee" * 512)
        assert not is_intact(path)
        salvage(path, NOW.replace(second=number % 60))
        assert {table: rows_of(path, table) for table in TABLES} == before


def test_a_damaged_page_costs_only_the_rows_in_it(path: Path) -> None:
    whole = path.read_bytes()
    before = {table: rows_of(path, table) for table in TABLES}
    with PageReader(path) as pages:
        count = pages.page_count
        rows_in = {number: pages.rows(number, 13) for number in range(1, count + 1)}
    for number in random.Random(0).sample(range(2, count + 1), 8):
        path.write_bytes(whole)
        damage(path, PAGE * (number - 1), bytes(PAGE))
        salvage(path, NOW.replace(minute=number // 60, second=number % 60))
        gone = {table: before[table] - rows_of(path, table) for table in TABLES}
        files = {row[0] for row in gone["files"]}
        gone["duplicate_reviews"] = {row for row in gone["duplicate_reviews"] if row[0] not in files}
        incomplete = {row[1] for row in gone["objects"]}
        gone["detected_photos"] = {row for row in gone["detected_photos"] if row[0] not in incomplete}
        lost = sum(map(len, gone.values()))
        assert lost <= len(rows_in[number]), f"page {number}"
        assert is_intact(path)


def test_photos_whose_rows_are_lost_keep_their_id_and_their_clusters(path: Path) -> None:
    clusters = rows_of(path, "user_cluster_photos")
    digests = {row[:2] for row in rows_of(path, "photos")}
    for number in leaves_of(path, "photos"):
        damage(path, PAGE * (number - 1), bytes(PAGE))
    salvage(path, NOW)
    assert {row[:2] for row in rows_of(path, "photos")} == digests
    assert rows_of(path, "user_cluster_photos") == clusters
    catalog = Catalog(path.parent)
    photo = catalog.photos()[0]
    digest = catalog.digest(photo.photo_id)
    assert digest is not None
    assert not catalog.has_embedding(digest, "model"), "its facts are read again"
    thumbnails = ThumbnailCache(path.parent)
    assert len(incomplete_photos(catalog.database, "model", thumbnails)) == PHOTOS
    facts = PhotoFacts(640, 480, "JPEG", "2024-05-04T10:00:00")
    catalog.save("/photos", [FileRecord(FileEntry(photo.path, 1, 1), digest, facts)], "model")
    again = catalog.find(photo.path)
    assert again is not None
    assert (again.photo_id, again.facts) == (photo.photo_id, facts)
    assert catalog.has_embedding(digest, "model")
    thumbnails.close()
    catalog.close()


def test_a_lost_photo_costs_its_own_rows_and_no_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM photos WHERE id = 7")
        connection.commit()
    assert not is_intact(path)
    salvage(path, NOW)
    assert len(rows_of(path, "user_cluster_photos")) == MEMBERS - 1
    assert len(rows_of(path, "photos")) == PHOTOS - 1


@pytest.mark.parametrize("with_index", [True, False])
def test_lost_sources_come_back_with_their_files(path: Path, with_index: bool) -> None:
    files = rows_of(path, "files")
    names = ["sources"] if with_index else ["sources", "sqlite_autoindex_sources_1"]
    for number in set().union(*(leaves_of(path, name) for name in names)):
        damage(path, PAGE * (number - 1), bytes(PAGE))
    salvage(path, NOW)
    catalog = Catalog(path.parent)
    assert [source.path for source in catalog.sources()] == ["/photos"]
    catalog.close()
    assert rows_of(path, "files") == files


def test_a_cluster_whose_row_is_lost_keeps_its_photos(path: Path) -> None:
    [page] = leaves_of(path, "user_clusters")
    damage(path, PAGE * (page - 1), bytes(PAGE))
    salvage(path, NOW)
    catalog = Catalog(path.parent)
    [cluster] = UserClusterTable(catalog.database).all()
    assert (cluster.name, len(cluster.members)) == (None, MEMBERS)
    catalog.close()


def test_a_collection_whose_row_is_lost_keeps_its_photos(path: Path) -> None:
    before = rows_of(path, "collection_photos")
    [page] = leaves_of(path, "collections")
    damage(path, PAGE * (page - 1), bytes(PAGE))
    salvage(path, NOW)
    catalog = Catalog(path.parent)
    assert [row.name for row in CollectionTable(catalog.database).all()] == ["Recovered 1"]
    catalog.close()
    assert rows_of(path, "collection_photos") == before


def test_names_that_are_not_utf8_come_back(path: Path) -> None:
    name = os.fsdecode(b"/photos/caf\xe9.jpg")
    catalog = Catalog(path.parent)
    record = FileRecord(FileEntry(name, 1, 1), b"n" * 16, PhotoFacts(1, 1, "JPEG"))
    catalog.save("/photos", [record], "model")
    catalog.close()
    damage(path, 0, bytes(100))
    salvage(path, NOW)
    catalog = Catalog(path.parent)
    assert catalog.find(name) is not None
    assert len(catalog.photos()) == PHOTOS + 1
    catalog.close()


@pytest.mark.parametrize("size", [100, PAGE])
@pytest.mark.parametrize("content", [b"\0", b"\xee"])
def test_a_library_whose_head_is_gone_is_said_to_be_damaged(path: Path, size: int, content: bytes) -> None:
    damage(path, 0, content * size)
    for open_library in (Catalog, Library.open):
        with pytest.raises(DamagedLibraryError, match="photosim repair"):
            open_library(path.parent)
    assert repair(path.parent) is not None
    assert photos_in(path.parent) == PHOTOS


def test_a_changed_application_id_is_damage(path: Path) -> None:
    damage(path, 68, b"\x01")
    with pytest.raises(DamagedLibraryError):
        Catalog(path.parent)
    assert repair(path.parent) is not None
    assert photos_in(path.parent) == PHOTOS


def test_a_schema_that_sqlite_accepts_but_is_not_ours_is_damage(path: Path) -> None:
    damage(path, path.read_bytes().index(b"latitude REAL"), b"l\xedtitude")
    assert not is_intact(path)
    with pytest.raises(DamagedLibraryError, match="schema"):
        Catalog(path.parent)
    assert repair(path.parent) is not None
    assert photos_in(path.parent) == PHOTOS


def test_a_damaged_byte_of_an_embedding_is_noticed(path: Path) -> None:
    vector = random.Random(77).randbytes(1280)
    damage(path, path.read_bytes().index(vector) + 700, b"\x01")
    assert not is_intact(path)
    rows = repair(path.parent)
    assert rows is not None
    assert rows.rows["embeddings"] == PHOTOS - 1
    assert rows.rows["photos"] == PHOTOS


@pytest.mark.parametrize("content", [b"a text, and none of ours " * 400, None])
def test_the_file_of_another_program_is_not_repaired(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "library.db"
    if content is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE photos (id INTEGER PRIMARY KEY, name TEXT)")
            connection.execute("INSERT INTO photos VALUES (1, 'theirs')")
            connection.commit()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="not a PhotoSim library"):
        repair(tmp_path)
    assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} <= {"library.db", "lock", "open.lock"}


def test_a_library_of_a_newer_version_is_not_repaired(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations VALUES (99, 'library', 'm999_of_the_future', 'then')"
        )
        connection.commit()
    damage(path, 0, bytes(100))
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="newer version"):
        repair(path.parent)
    assert path.read_bytes() == before


def test_ids_of_lost_photos_are_not_given_again(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    salvage(path, NOW)
    catalog = Catalog(path.parent)
    entry = FileEntry("/photos/new.jpg", 1, 1)
    catalog.save("/photos", [FileRecord(entry, b"n" * 16, PhotoFacts(1, 1, "JPEG"))], "model")
    photo = catalog.find("/photos/new.jpg")
    assert photo is not None
    assert photo.photo_id > PHOTOS
    catalog.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows opens no folders")
def test_a_repaired_file_is_on_the_disk_before_it_takes_its_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, replace = os.fsync, Path.replace
    steps: list[str | int] = []

    def record_sync(descriptor: int) -> None:
        steps.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def record_replace(new: Path, target: Path) -> Path:
        steps.append("replaced" if target == path else "created")
        return replace(new, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(Path, "replace", record_replace)
    path.write_bytes(path.read_bytes()[:20_000])
    assert repair(path.parent) is not None
    file, folder = path.stat().st_ino, path.parent.stat().st_ino
    before, after = steps[: steps.index("replaced")], steps[steps.index("replaced") :]
    assert file in before  # its content
    assert folder in before  # the name under which the damaged file is kept
    assert folder in after  # its name


def test_the_command_reports_what_was_recovered(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair", "--library", str(path.parent)]) == 0
    assert "is not damaged" in capsys.readouterr().out
    damage(path, 0, bytes(16))
    assert main(["repair", "--library", str(path.parent)]) == 0
    out = capsys.readouterr().out
    assert f"1 folder, {PHOTOS + 5} files, {PHOTOS} photos and {PHOTOS} embeddings" in out
    assert "library.db.damaged-" in out
    assert main(["repair", "--library", str(path.parent / "nowhere")]) == 1


def test_photos_whose_objects_are_lost_are_searched_again(path: Path) -> None:
    before = rows_of(path, "objects")
    number = min(leaves_of(path, "objects"))
    damage(path, PAGE * (number - 1), bytes(PAGE))
    salvage(path, NOW)
    left = rows_of(path, "objects")
    assert left < before
    lost = {row[1] for row in before - left}
    searched = {row[0] for row in rows_of(path, "detected_photos")}
    assert searched == set(range(1, PHOTOS + 1)) - lost
    catalog = Catalog(path.parent)
    assert set(ObjectTable(catalog.database, "model", 16).undetected_photo_ids()) == lost
    catalog.close()


def test_an_object_with_a_changed_byte_is_damage(path: Path) -> None:
    """SQLite would not notice it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE objects SET score = 0.75 WHERE id = 1")
    assert not is_intact(path)
    salvage(path, NOW)
    assert is_intact(path)
    assert 1 not in {row[0] for row in rows_of(path, "objects")}
