"""Opening database files: ours, foreign, newer and damaged ones; migrations and revisions."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from photosim.errors import DamagedLibraryError, LibraryError
from photosim.library.repair import repair
from photosim.store import migrations
from photosim.store.connection import APPLICATION_ID
from photosim.store.database import LibraryDatabase, in_chunks
from photosim.store.schema import MAX_ID


def test_a_new_file_is_marked_as_ours_and_uses_write_ahead_logging(tmp_path: Path) -> None:
    LibraryDatabase(tmp_path / "library.db", migrations.library).close()
    connection = sqlite3.connect(tmp_path / "library.db")
    assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_foreign_keys_are_enforced(tmp_path: Path) -> None:
    database = LibraryDatabase(tmp_path / "library.db", migrations.library)
    with pytest.raises(LibraryError, match="FOREIGN KEY"), database.transaction() as db:
        db.execute("INSERT INTO embeddings VALUES (7, 'model', x'00', 0)")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    database = LibraryDatabase(tmp_path / "thumbnails.db", migrations.thumbnails)
    with pytest.raises(RuntimeError), database.transaction() as db:
        db.execute("INSERT INTO thumbnails VALUES (x'01', x'02')")
        raise RuntimeError
    assert database.value("SELECT COUNT(*) FROM thumbnails") == 0


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read", b"SQLite format 3\0" + b"x" * 200]
)
def test_a_file_that_is_not_a_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="not a PhotoSim library"):
        LibraryDatabase(path, migrations.library)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="not a PhotoSim library"):
        LibraryDatabase(path, migrations.library)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["thumbnails.db", "neighbours/model/neighbours.hnsw", "library.db-wal"])
def test_an_empty_file_beside_other_data_was_a_library(tmp_path: Path, name: str) -> None:
    path = tmp_path / "library.db"
    path.touch()
    LibraryDatabase(path, migrations.library).close()
    path.write_bytes(b"")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    if name == "thumbnails.db":
        LibraryDatabase(tmp_path / name, migrations.thumbnails).close()
    else:
        (tmp_path / name).write_bytes(b"of a former library")
    with pytest.raises(DamagedLibraryError, match=r"it is empty.*photosim repair"):
        LibraryDatabase(path, migrations.library)
    assert repair(tmp_path) is not None
    LibraryDatabase(path, migrations.library).close()


def test_a_library_without_its_list_of_migrations_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    LibraryDatabase(path, migrations.library).close()
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM _sqlite_migrations")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedLibraryError, match="migrations"):
        LibraryDatabase(path, migrations.library)


def test_a_library_of_a_newer_program_is_refused_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    LibraryDatabase(path, migrations.library).close()
    newer = Migrations("library")

    @newer()
    def m999_of_the_future(db: Database) -> None:
        db.execute("CREATE TABLE future (x)")

    db = Database(path)
    newer.apply(db)
    db.close()
    with pytest.raises(LibraryError, match="newer version of PhotoSim"):
        LibraryDatabase(path, migrations.library)


def later_migrations(function: Callable[[Database], None]) -> Migrations:
    """The library's migrations and one more, named as the function."""
    later = Migrations("library")
    for migration in migrations.library.pending(Database(memory=True)):
        later(name=migration.name)(migration.fn)
    later()(function)
    return later


def test_a_later_migration_is_applied_and_the_library_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    database = LibraryDatabase(path, migrations.library)
    with database.transaction() as db:
        db.execute("INSERT INTO sources (path, added_at) VALUES ('/photos', 'then')")
    database.close()

    def m999_add_a_note(db: Database) -> None:
        db.execute("ALTER TABLE sources ADD COLUMN note TEXT NOT NULL DEFAULT 'none'")

    database = LibraryDatabase(path, later_migrations(m999_add_a_note))
    assert database.rows("SELECT path, note FROM sources") == [("/photos", "none")]


def test_a_failed_migration_changes_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    LibraryDatabase(path, migrations.library).close()

    def m999_fails(db: Database) -> None:
        db.execute("ALTER TABLE sources ADD COLUMN note TEXT")
        db.execute("DELETE FROM no_such_table")

    for _ in range(2):
        with pytest.raises(LibraryError, match="no_such_table"):
            LibraryDatabase(path, later_migrations(m999_fails))
    database = LibraryDatabase(path, migrations.library)
    assert "note" not in [row[1] for row in database.rows("PRAGMA table_info(sources)")]


def test_another_process_committing_changes_the_version(tmp_path: Path) -> None:
    database = LibraryDatabase(tmp_path / "thumbnails.db", migrations.thumbnails)
    before = database.data_version()
    other = LibraryDatabase(tmp_path / "thumbnails.db", migrations.thumbnails)
    with other.transaction() as db:
        db.execute("INSERT INTO thumbnails VALUES (x'01', x'02')")
    assert database.data_version() != before


def test_the_revision_counts_what_caches_depend_on(tmp_path: Path) -> None:
    database = LibraryDatabase(tmp_path / "thumbnails.db", migrations.thumbnails)
    first = database.revision()
    with database.transaction() as db:
        db.execute("DELETE FROM thumbnails")  # changes no row
    with database.transaction(bump_revision=False) as db:
        db.execute("INSERT INTO thumbnails VALUES (x'01', x'02')")
    assert database.revision() == first
    with database.transaction() as db:
        db.execute("INSERT INTO thumbnails VALUES (x'02', x'02')")
    second = database.revision()
    assert second != first
    other = LibraryDatabase(tmp_path / "thumbnails.db", migrations.thumbnails)
    with other.transaction(bump_revision=False) as db:
        db.execute("INSERT INTO thumbnails VALUES (x'03', x'02')")
    assert database.revision() != second


@pytest.mark.parametrize("count", [0, 1, 500, 501, 1500])
def test_chunks_are_short_and_leave_nothing_out(count: int) -> None:
    chunks = list(in_chunks(range(count)))
    assert [item for chunk in chunks for item in chunk] == list(range(count))
    assert all(0 < len(chunk) <= 999 for chunk in chunks)


def test_programs_that_open_a_new_library_at_once_all_get_it(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    program = (
        "import sys; from pathlib import Path; from photosim.store import migrations; "
        "from photosim.store.database import LibraryDatabase; LibraryDatabase(Path(sys.argv[1]), migrations.library)"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, path]) for _ in range(6)]
    assert [process.wait() for process in processes] == [0] * 6


def test_a_new_file_stands_in_its_place_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    making = Migrations("making")
    stood_there = []

    @making()
    def m001_first(db: Database) -> None:
        stood_there.append(path.exists())
        db["things"].create({"id": int}, pk="id")

    LibraryDatabase(path, making).close()
    assert stood_there == [False]
    assert path.exists()
    assert not list(tmp_path.glob("*.new*"))


def test_what_a_killed_start_left_behind_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    _leave_a_hot_journal(tmp_path / "library.db.new")
    database = LibraryDatabase(path, migrations.library)
    assert database.value("PRAGMA integrity_check") == "ok"
    assert not list(tmp_path.glob("*.new*"))


def test_a_log_left_beside_a_removed_file_is_not_taken_for_the_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    old = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    old.execute("PRAGMA journal_mode = WAL")
    old.execute("CREATE TABLE theirs (x)")
    shutil.copy(tmp_path / "old.db-wal", tmp_path / "library.db-wal")
    database = LibraryDatabase(path, migrations.library)
    assert database.value("SELECT COUNT(*) FROM sqlite_master WHERE name = 'theirs'") == 0
    assert database.value("PRAGMA integrity_check") == "ok"


def _leave_a_hot_journal(path: Path) -> None:
    """As a process leaves it that is killed within its first transaction."""
    busy = path.with_name("busy.db")
    connection = sqlite3.connect(busy, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE half (x)")
    for _ in range(100):
        connection.execute("INSERT INTO half VALUES (zeroblob(2000))")
    for ending in ("", "-journal"):
        shutil.copy(f"{busy}{ending}", f"{path}{ending}")
    connection.close()


def test_a_scan_sees_the_same_rows_and_leaves_the_file_mapped(tmp_path: Path) -> None:
    database = LibraryDatabase(tmp_path / "file.db", migrations.thumbnails)
    with database.transaction() as db:
        db.execute("INSERT INTO thumbnails VALUES (?, ?)", (b"digest", b"jpeg"))
    sql, mapped = "SELECT digest, jpeg FROM thumbnails", database.value("PRAGMA mmap_size")
    assert database.scan_rows(sql) == database.rows(sql) == [(b"digest", b"jpeg")]
    assert database.value("PRAGMA mmap_size") == mapped


def test_after_the_memory_map_was_released_the_file_is_read_as_before(tmp_path: Path) -> None:
    database = LibraryDatabase(tmp_path / "file.db", migrations.thumbnails)
    with database.transaction() as db:
        db.execute("INSERT INTO thumbnails VALUES (?, ?)", (b"digest", b"jpeg"))
    mapped = database.value("PRAGMA mmap_size")
    database.release_map()
    assert database.value("PRAGMA mmap_size") == mapped
    assert database.rows("SELECT digest FROM thumbnails") == [(b"digest",)]


@pytest.mark.parametrize("value", [None, 0, -1, 1.5, "x", "", "7 ", MAX_ID + 1, 10**18, b"\xff", "٣"])
def test_a_column_of_ids_with_anything_else_is_damaged(tmp_path: Path, value: object) -> None:
    database = LibraryDatabase(tmp_path / "library.db", migrations.library)
    query = "SELECT 1 AS first, ? AS second UNION ALL SELECT 2, ?"
    found = database.scan_ids(("first", "second"), query, (MAX_ID, 5))
    assert [ids.tolist() for ids in found] == [[1, 2], [MAX_ID, 5]]
    with pytest.raises(DamagedLibraryError, match="second"):
        database.scan_ids(("first", "second"), query, (5, value))
    assert [len(ids) for ids in database.scan_ids(("first", "second"), f"{query} LIMIT 0", (1, 1))] == [0, 0]


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["", ""], ["é\n", "b", ""], ["\n", "a" * 9]])
def test_a_column_of_text_is_read_as_it_is(tmp_path: Path, texts: list[str]) -> None:
    database = LibraryDatabase(tmp_path / "library.db", migrations.library)
    query = "SELECT key + 1 AS id, value AS text FROM json_each(?)"
    [ids], found = database.scan_ids_and_text(("id",), "text", query, (json.dumps(texts),))
    assert list(found) == texts
    assert ids.tolist() == list(range(1, len(texts) + 1))


def test_the_content_version_changes_with_commits_and_not_with_what_is_rolled_back(tmp_path: Path) -> None:
    database = LibraryDatabase(tmp_path / "library.db", migrations.library)
    insert = "INSERT INTO sources (path, added_at) VALUES (?, 'then')"
    versions = [database.content_version()]
    with database.transaction() as db:
        db.execute(insert, ["/a"])
    versions.append(database.content_version())
    assert versions[1] != versions[0]
    with pytest.raises(RuntimeError), database.transaction() as db:
        db.execute(insert, ["/b"])
        raise RuntimeError
    with database.transaction():
        pass
    with database.transaction(bump_revision=False) as db:
        db.execute("UPDATE sources SET video_count = 1")
    assert database.content_version() == versions[1]
    database.close()

    def m999_add_a_note(db: Database) -> None:
        db.execute("ALTER TABLE sources ADD COLUMN note TEXT NOT NULL DEFAULT 'none'")

    migrated = LibraryDatabase(tmp_path / "library.db", later_migrations(m999_add_a_note))
    assert migrated.content_version() not in versions, "a migration may change what a cache was made of"
    migrated.close()
