"""The schema as the program knows it: to check that of a file, and to recognize rows without it."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlite_utils import Database, Migrations

MIGRATIONS_TABLE = "_sqlite_migrations"
"""Table in which sqlite-utils records applied migrations; its definition depends on the version of that library."""

_LETTERS = {"INTEGER": "I", "TEXT": "T", "REAL": "RI", "BLOB": "B"}
_OBJECTS = f"""
    SELECT type, name, tbl_name, sql FROM sqlite_master
    WHERE tbl_name <> '{MIGRATIONS_TABLE}' AND name NOT LIKE 'sqlite_stat%'
"""  # noqa: S608

MAX_ID = 100_000_000
"""Higher ids are taken for damage; arrays are indexed by ids."""

_PYTHON_TYPES: dict[str, set[type]] = {"INTEGER": {int}, "TEXT": {str}, "REAL": {float, int}, "BLOB": {bytes}}

_MIGRATION_NAME = re.compile(r"m\d{3}_[a-z0-9_]+")

UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""Errors for a damaged schema: SQLite may quote damaged names in its messages, which Python then cannot decode."""

SchemaObject = tuple[str, str, str, str | None]
"""Type, name, table and SQL of a table, index or trigger."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """How the records of a table look.

    `letters` are the letters of `page_reader.Row.types` that each column may have. Records written before a migration
    added columns have at least `min_columns`.
    """

    name: str
    columns: tuple[str, ...]
    letters: tuple[str, ...]
    min_columns: int
    id_column: int | None
    """Index of the column that stands for the row id, which is stored as null."""
    has_rowid: bool

    def matches(self, types: str) -> bool:
        """Check whether a record with these types can be of this table."""
        if not self.min_columns <= len(types) <= len(self.columns):
            return False
        return all(letter in allowed for letter, allowed in zip(types, self.letters, strict=False))


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of a file with all migrations applied.

    `roots` are the root pages that its tables and indexes have in a new file, then those in a vacuumed one.
    """

    tables: tuple[TableShape, ...]
    roots: tuple[int, ...]

    def table_of(self, types: str, *, has_rowid: bool) -> TableShape | None:
        """Return the table that records with these types are of, None if there is none."""
        for table in self.tables:
            if table.has_rowid == has_rowid and table.matches(types):
                return table
        return None


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What the values of a column can be."""

    types: frozenset[type]
    is_id: bool


def wrong_column(
    rows: Sequence[tuple[Any, ...]], names: Sequence[str], rules: Mapping[str, ColumnRule]
) -> str | None:
    """Return the name of a column that has a value which no PhotoSim wrote there, None if all are right.

    SQLite stores any value in any column. Results of expressions, which have no rule, are not checked.
    """
    ruled = [(index, name, rules[name]) for index, name in enumerate(names) if name in rules]
    signatures = {tuple(map(type, row)) for row in rows} if ruled else set()  # few: rows are alike
    for index, name, rule in ruled:
        if not {signature[index] for signature in signatures} <= rule.types:
            return name
        if rule.is_id:
            ids = [row[index] for row in rows if row[index] is not None]
            if ids and not 0 < min(ids) <= max(ids) <= MAX_ID:
                return name
    return None


@cache
def column_rules(migrations: Migrations) -> Mapping[str, ColumnRule]:
    """Return what the columns of these migrations may hold, by name; those of one name in several tables are alike."""
    types: defaultdict[str, set[type]] = defaultdict(set)
    with closing(sqlite3.connect(":memory:")) as connection:
        migrations.apply(Database(connection))
        columns = connection.execute(
            'SELECT p.name, p.type, p."notnull", p.pk FROM sqlite_master AS m, pragma_table_info(m.name) AS p'
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> ?",
            (MIGRATIONS_TABLE,),
        )
        for name, declared, not_null, key_position in columns:
            types[name] |= _PYTHON_TYPES[declared] | (set() if not_null or key_position else {type(None)})
    return {
        name: ColumnRule(frozenset(allowed), name == "id" or name.endswith("_id"))
        for name, allowed in types.items()
    }


@cache
def known_objects(migrations: Migrations) -> frozenset[SchemaObject]:
    """Return what these migrations create."""
    with closing(sqlite3.connect(":memory:")) as connection:
        migrations.apply(Database(connection))
        return read_objects(connection)


@cache
def known_schema(migrations: Migrations) -> Schema:
    """Return all about the schema that these migrations create."""
    with closing(sqlite3.connect(":memory:")) as connection:
        migrations.apply(Database(connection))
        roots = _roots(connection)
        connection.execute("VACUUM")
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", MIGRATIONS_TABLE))
        ]
        created = _columns_at_creation(migrations)
        tables = tuple(_shape(connection, name, created[name]) for name in names)
        return Schema(tables, (*roots, *_roots(connection)))


def migration_names(migrations: Migrations) -> list[str]:
    """Return the names of all migrations, in order."""
    return [migration.name for migration in migrations.pending(Database(memory=True))]


def is_newer(applied: set[str], known: list[str]) -> bool:
    """Check whether a file has all known migrations and later ones; an unknown name alone may be damage."""
    return applied.issuperset(known) and any(
        _MIGRATION_NAME.fullmatch(name) and name[:4] > known[-1][:4] for name in applied.difference(known)
    )


def read_objects(connection: sqlite3.Connection) -> frozenset[SchemaObject]:
    """Return what the schema of a file defines, with single spaces. Raises UNREADABLE."""
    return frozenset(
        (kind, name, table, None if sql is None else " ".join(sql.split()))
        for kind, name, table, sql in connection.execute(_OBJECTS)
    )


def _roots(connection: sqlite3.Connection) -> list[int]:
    return [root for (root,) in connection.execute("SELECT rootpage FROM sqlite_master WHERE rootpage > 1")]


def _columns_at_creation(migrations: Migrations) -> dict[str, int]:
    """Return the number of columns that each table had when it was created, before later migrations added some."""
    counts: dict[str, int] = {}
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in migrations.pending(Database(memory=True)):
            migration.fn(Database(connection))
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                counts.setdefault(name, len(connection.execute(f'PRAGMA table_info("{name}")').fetchall()))
    return counts


def _shape(connection: sqlite3.Connection, name: str, min_columns: int) -> TableShape:
    columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
    [(sql,)] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,))
    has_rowid = "WITHOUT ROWID" not in sql
    letters = []
    id_column = None
    for index, _, declared, not_null, _, key_position in columns:
        if has_rowid and key_position and declared == "INTEGER":
            id_column = index
            letters.append("N")
        else:
            letters.append(_LETTERS[declared] + ("" if not_null else "N"))
    return TableShape(
        name, tuple(column[1] for column in columns), tuple(letters), min_columns, id_column, has_rowid
    )
