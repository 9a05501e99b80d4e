"""Tells damaged files of ours from files of other programs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Migrations

from photosim.search.index_files import INDEXES_FOLDER
from photosim.store.recovery.page_reader import PageReader, Row, Value
from photosim.store.schema import UNREADABLE, known_objects, known_schema, read_objects

APPLICATION_ID = 0x50485349
"""Marks our files in the header field that SQLite reserves for it: "PHSI" in ASCII."""

_ID_OFFSET = 68
_NEIGHBOUR = "thumbnails.db"
"""File of ours that lies beside every library file."""

_SCHEMA_TYPES = "TTTIT"
_DISTINCTIVE_TABLES = {"sources", "photos", "files"}


def has_our_header(path: Path) -> bool:
    """Check whether the header of a file has our application id. Raises OSError."""
    with path.open("rb") as file:
        header = file.read(_ID_OFFSET + 4)
    return header[_ID_OFFSET:] == APPLICATION_ID.to_bytes(4, "big")


def is_damaged_file_of_ours(path: Path, migrations: Migrations) -> bool:
    """Check whether a file that is not marked as ours, or cannot be opened, was written by this program.

    Raises OSError.
    """
    if has_our_header(path):
        return True
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            objects = read_objects(connection)
            return bool(objects & known_objects(migrations))
    except UNREADABLE:
        return is_beside_our_data(path) or _holds_our_rows(path, migrations)


def is_beside_our_data(path: Path) -> bool:
    """Check whether a library file lies in a folder with other data of a library. Raises OSError."""
    neighbour = path.with_name(_NEIGHBOUR)
    if neighbour == path:
        return False
    has_cache = neighbour.is_file() and has_our_header(neighbour)
    log = path.with_name(f"{path.name}-wal")
    has_log = log.is_file() and log.stat().st_size > 0
    return has_cache or has_log or any(path.parent.glob(f"{INDEXES_FOLDER}/*/*"))


def is_other_program(path: Path, migrations: Migrations) -> bool:
    """Check whether a file is a sound database of another program. Raises OSError."""
    if not path.is_file() or has_our_header(path):
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            objects = read_objects(connection)
            return bool(objects) and not objects & known_objects(migrations)
    except UNREADABLE:
        return False


def _holds_our_rows(path: Path, migrations: Migrations) -> bool:
    schema, objects = known_schema(migrations), known_objects(migrations)
    with PageReader(path) as pages:
        for rows in pages.table_rows(range(1, pages.page_count + 1)):
            for row in rows:
                if row.types == _SCHEMA_TYPES:
                    kind, name, table_name, _, sql = (" ".join(_text(value).split()) for value in row.values)
                    if (kind, name, table_name, sql) in objects:
                        return True
                    continue
                table = schema.table_of(row.types, has_rowid=True)
                if (
                    table is not None
                    and table.name in _DISTINCTIVE_TABLES
                    and _has_sound_key(row, table.columns)
                ):
                    return True
    return False


def _text(value: Value) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else ""


def _has_sound_key(row: Row, columns: tuple[str, ...]) -> bool:
    facts = dict(zip(columns, row.values, strict=False))
    path = facts.get("path")
    return "digest" in facts or (isinstance(path, bytes) and os.path.isabs(os.fsdecode(path)))  # noqa: PTH117 - any bytes
