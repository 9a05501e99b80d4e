"""Recover what can be read of a damaged library into a new file; the damaged one is kept."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from photosim.errors import LibraryError
from photosim.files.operations.renaming import sync_file, sync_folder
from photosim.store import migrations
from photosim.store.connection import SIDE_FILES, decode_text, delete_database
from photosim.store.database import LibraryDatabase
from photosim.store.embeddings import checksum
from photosim.store.objects import is_sound_object
from photosim.store.recovery.page_reader import PageReader
from photosim.store.recovery.row_recovery import RowRecovery
from photosim.store.schema import UNREADABLE, known_objects, known_schema, read_objects

_FETCH_ROWS = 1000
_TYPES = {"N": "null", "I": "integer", "R": "real", "T": "text", "B": "blob"}


@dataclass(frozen=True, slots=True)
class SalvageResult:
    """Result of a repair: the copy of the damaged file and the number of recovered rows by table."""

    damaged_file: Path
    rows: dict[str, int]


def is_intact(path: Path) -> bool:
    """Check the whole file: its structure, its schema, its references, and the checksums of its vectors."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = decode_text
            return (
                read_objects(connection) == known_objects(migrations.library)
                and connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
                and not connection.execute("PRAGMA foreign_key_check").fetchone()
                and _has_known_types(connection)
                and _has_sound_embeddings(connection)
                and _has_sound_objects(connection)
            )
    except UNREADABLE:
        return False


def salvage(path: Path, now: datetime) -> SalvageResult:
    """Replace a damaged library file by a new one with all that could be read of it.

    The damaged file is kept as `library.db.damaged-DATE`. Nobody else may have the library open. Raises LibraryError,
    leaving everything unchanged, when the library is of a newer PhotoSim or the new file cannot be written.
    """
    new = path.with_name(f"{path.name}.new")
    damaged_file = _unused(path.with_name(f"{path.name}.damaged-{now:%Y-%m-%d-%H%M%S}"))
    delete_database(new)
    try:
        LibraryDatabase(new, migrations.library).close()
        with PageReader(path) as pages, closing(_connect_new(new)) as connection:
            connection.execute("BEGIN")
            rows = RowRecovery(pages, connection).run()
            connection.execute("COMMIT")
        sync_file(str(new))
        _keep_damaged(path, damaged_file)
        new.replace(path)
        sync_folder(str(path.parent))
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(f"The library {path} could not be repaired: {error}.") from error
    finally:
        delete_database(new)
    return SalvageResult(damaged_file, rows)


def _unused(path: Path) -> Path:
    """Return the path, with a number behind it if it exists already."""
    candidates = itertools.chain([path], (path.with_name(f"{path.name}-{n}") for n in itertools.count(2)))
    return next(candidate for candidate in candidates if not candidate.exists())


def _connect_new(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = decode_text
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _keep_damaged(path: Path, damaged_file: Path) -> None:
    """Give the damaged file and its side files another name.

    The file itself also stays at its path, which the new one then replaces: after a crash in between, the library is
    damaged as before and not missing.
    """
    for suffix in SIDE_FILES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            _copy(part, damaged_file.with_name(damaged_file.name + suffix))
    try:
        os.link(path, damaged_file)
    except OSError:  # the file system has no hard links
        _copy(path, damaged_file)
    sync_folder(str(path.parent))
    for suffix in SIDE_FILES:  # SQLite would apply a leftover log to the new file
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    shutil.copy2(source, target)
    sync_file(str(target))


def _has_known_types(connection: sqlite3.Connection) -> bool:
    """Check the types of all values, which SQLite does not."""
    for table in known_schema(migrations.library).tables:
        conditions = [
            f"typeof({column}) NOT IN ({', '.join(repr(_TYPES[letter]) for letter in letters)})"
            for index, (column, letters) in enumerate(zip(table.columns, table.letters, strict=True))
            if index != table.id_column
        ]
        sql = f"SELECT 1 FROM {table.name} WHERE {' OR '.join(conditions)} LIMIT 1"  # noqa: S608
        if connection.execute(sql).fetchone():
            return False
    return True


def _has_sound_embeddings(connection: sqlite3.Connection) -> bool:
    cursor = connection.execute("SELECT photo_id, model, vector, checksum FROM embeddings")
    while rows := cursor.fetchmany(_FETCH_ROWS):
        if any(checksum(photo_id, model, vector) != expected for photo_id, model, vector, expected in rows):
            return False
    return True


def _has_sound_objects(connection: sqlite3.Connection) -> bool:
    cursor = connection.execute("SELECT photo_id, label_id, score, box, vector, checksum FROM objects")
    while rows := cursor.fetchmany(_FETCH_ROWS):
        if not all(is_sound_object(*row) for row in rows):
            return False
    return True
