"""The schema as the program knows it."""

from __future__ import annotations

import itertools
import sqlite3

from sqlite_utils import Database, Migrations

from photosim.store import migrations
from photosim.store.schema import (
    TableShape,
    is_newer,
    known_objects,
    known_schema,
    migration_names,
    read_objects,
)


def can_be_confused(one: TableShape, other: TableShape) -> bool:
    lengths = range(max(one.min_columns, other.min_columns), min(len(one.columns), len(other.columns)) + 1)
    return any(
        all(
            set(a) & set(b)
            for a, b in itertools.islice(zip(one.letters, other.letters, strict=False), length)
        )
        for length in lengths
    )


def test_a_repair_can_tell_the_rows_of_all_tables_apart() -> None:
    tables = known_schema(migrations.library).tables
    assert len(tables) > 5
    for one, other in itertools.combinations(tables, 2):
        if one.has_rowid == other.has_rowid:
            assert not can_be_confused(one, other), f"{one.name} and {other.name}"


def test_rows_written_before_a_column_was_added_are_recognized() -> None:
    later = Migrations("library")
    for migration in migrations.library.pending(Database(memory=True)):
        later(name=migration.name)(migration.fn)

    @later()
    def m900_add_a_note(db: Database) -> None:
        db.execute("ALTER TABLE labels ADD COLUMN note TEXT")

    schema = known_schema(later)
    for types in ("NTT", "NTTN", "NTTT"):
        table = schema.table_of(types, has_rowid=True)
        assert table is not None
        assert table.name == "labels"
    assert schema.table_of("NT", has_rowid=True) is None


def test_every_definition_is_compared() -> None:
    connection = sqlite3.connect(":memory:")
    migrations.library.apply(Database(connection))
    assert read_objects(connection) == known_objects(migrations.library)
    connection.execute("CREATE TRIGGER theirs AFTER DELETE ON files BEGIN DELETE FROM photos; END")
    assert read_objects(connection) != known_objects(migrations.library)
    connection.close()


def test_a_newer_file_has_all_migrations_and_later_ones() -> None:
    known = migration_names(migrations.library)
    later = "m999_of_the_future"
    assert is_newer({*known, later}, known)
    assert not is_newer(set(known), known)
    assert not is_newer({later}, known), "a damaged name"
    assert not is_newer({*known, "m999_\xed"}, known)
    assert not is_newer(set(), known)
