"""Libraries that somebody else wrote: nothing in their schema is executed, and unusable vectors cost their own rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from photosim.errors import DamagedLibraryError
from photosim.records import FileEntry, PhotoFacts
from photosim.store import initial_schema, migrations
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.connection import connect, connect_read_only
from photosim.store.database import LibraryDatabase
from photosim.store.embeddings import DamagedEmbeddingsError, ModelEmbeddings, checksum, pack_vector
from photosim.store.thumbnails import ThumbnailCache

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i FROM n"

HOSTILE = {
    "a view": [f"CREATE VIEW more AS {ENDLESS}"],
    "a view in the place of a table": [
        "DROP TABLE labels",
        f"CREATE VIEW labels AS {ENDLESS}",
    ],
    "a view in the place of the migrations": [
        "DROP TABLE _sqlite_migrations",
        f"CREATE VIEW _sqlite_migrations AS {ENDLESS}",
    ],
    "a trigger": ["CREATE TRIGGER more AFTER INSERT ON sources BEGIN DELETE FROM photos; END"],
    "another trigger of our name": [
        "DROP TRIGGER delete_labels_with_embedding",
        "CREATE TRIGGER delete_labels_with_embedding AFTER INSERT ON photos BEGIN DELETE FROM files; END",
    ],
    "a virtual table": ["CREATE VIRTUAL TABLE more USING fts5(x)"],
    "a computed column": [
        "DROP TABLE labels",
        "CREATE TABLE labels (id INTEGER PRIMARY KEY, model TEXT, name TEXT AS (hex(zeroblob(400000000))))",
    ],
}


def make_library(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    LibraryDatabase(folder / "library.db", migrations.library).close()
    return folder / "library.db"


def execute(path: Path, statements: list[str]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_schema_that_computes_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    path = make_library(tmp_path)
    execute(path, HOSTILE[name])
    before = path.read_bytes()
    with pytest.raises(DamagedLibraryError, match="PhotoSim didn't create"):
        LibraryDatabase(path, migrations.library)
    with pytest.raises(DamagedLibraryError, match="PhotoSim didn't create"):
        connect_read_only(path, migrations.library)
    assert path.read_bytes() == before


def test_a_thumbnail_cache_that_computes_is_recreated(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path)
    cache.add({b"1": b"jpeg"})
    cache.close()
    execute(tmp_path / "thumbnails.db", ["DROP TABLE thumbnails", f"CREATE VIEW thumbnails AS {ENDLESS}"])
    cache = ThumbnailCache(tmp_path)
    assert cache.get(b"1") is None
    cache.add({b"1": b"jpeg"})
    assert cache.get(b"1") == b"jpeg"
    cache.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_the_schema_is_not_trusted(tmp_path: Path, read_only: bool) -> None:
    path = make_library(tmp_path)
    with closing(connect_read_only(path, migrations.library) if read_only else connect(path)) as connection:
        assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
        assert connection.execute("PRAGMA cell_size_check").fetchone() == (1,)
        with pytest.raises(sqlite3.DataError):
            connection.execute("SELECT zeroblob(900000000)").fetchone()


def test_a_trigger_of_our_own_is_accepted_with_other_white_space(tmp_path: Path) -> None:
    path = make_library(tmp_path)
    trigger = initial_schema.LABELS_TRIGGER.replace(" ", "\n\t ")
    execute(path, ["DROP TRIGGER delete_labels_with_embedding", trigger])
    LibraryDatabase(path, migrations.library).close()


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """A library with ten embeddings of 16 values."""
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    records = [
        FileRecord(
            FileEntry(f"/photos/{number}.jpg", 1, 2),
            number.to_bytes(16, "big"),
            PhotoFacts(1, 1, "JPEG"),
            pack_vector(np.eye(16, dtype=np.float32)[number]),
        )
        for number in range(10)
    ]
    catalog.save("/photos", records, "model")
    return catalog


@pytest.mark.parametrize(
    "vector",
    [
        b"",
        bytes(31),
        bytes(34),
        bytes(10**6),
        np.full(16, np.nan, "<f2").tobytes(),
        np.array([1] * 15 + [np.inf], "<f2").tobytes(),
        "text of 32 characters...........",
        7,
        0.5,
    ],
    ids=["empty", "short", "long", "large", "nan", "infinite", "text", "integer", "real"],
)
def test_a_vector_that_is_none_costs_only_its_row(catalog: Catalog, vector: object) -> None:
    with catalog.database.transaction() as db:
        stored = checksum(4, "model", vector) if isinstance(vector, bytes) else 0
        db.execute("UPDATE embeddings SET vector = ?, checksum = ? WHERE photo_id = 4", (vector, stored))
    embeddings = ModelEmbeddings(catalog.database, "model", 16)
    with pytest.raises(DamagedEmbeddingsError):
        embeddings.vectors_of(range(1, 11))
    left = embeddings.photo_ids()
    assert left.tolist() == [1, 2, 3, *range(5, 11)]
    np.testing.assert_array_equal(
        embeddings.vectors_of(left), np.delete(np.eye(16, dtype=np.float32)[:10], 3, 0)
    )
