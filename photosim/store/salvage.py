"""Recover what can be read of a damaged library into a new file; the damaged one is kept."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections import deque
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from photosim.errors import LibraryError
from photosim.store import migrations
from photosim.store.connection import SIDE_FILES, delete_database
from photosim.store.database import LibraryDatabase

_log = logging.getLogger(__name__)

_HEADER_BYTES = 100
_FIRST_PAGE_BYTES = 4096
_DEFAULT_MAX_ROW_ID = 1_000_000  # for tables whose highest row id cannot be read
_MAX_ROW_ID = 100_000_000  # higher values are taken for damage
_MAX_FAILED_READS = 50_000  # for each table; takes some seconds
_INTERNAL_TABLES = ("sqlite_%", "_sqlite_migrations")


@dataclass(frozen=True, slots=True)
class SalvageResult:
    """Result of a repair: the renamed damaged file and the number of recovered rows by table."""

    damaged_file: Path
    rows: dict[str, int]


def is_intact(path: Path) -> bool:
    """Check the whole file with SQLite's integrity checks."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            result = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            return bool(result == "ok" and not connection.execute("PRAGMA foreign_key_check").fetchone())
    except sqlite3.DatabaseError:
        return False


def salvage(path: Path, now: datetime) -> SalvageResult:
    """Replace a damaged library file by a new one with all that could be read of it.

    The damaged file is renamed to `library.db.damaged-DATE`. Nobody else may have the library open. Raises
    LibraryError, leaving everything unchanged, when the new file cannot be written.
    """
    new = path.with_name(f"{path.name}.new")
    work = path.with_name(f"{path.name}.work")
    damaged_file = path.with_name(f"{path.name}.damaged-{now:%Y-%m-%d-%H%M%S}")
    delete_database(new)
    LibraryDatabase(new, migrations.library).close()
    try:
        rows = _copy_readable(path, work, new)
        _move(path, damaged_file)
        _move(new, path)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(f"The library {path} could not be repaired: {error}.") from error
    finally:
        delete_database(new)
        delete_database(work)
    return SalvageResult(damaged_file, rows)


def _copy_readable(path: Path, work: Path, new: Path) -> dict[str, int]:
    """Copy from the file as it is, else with a new header, else with the first page of a new library."""
    best: dict[str, int] = {}
    for size in (0, _HEADER_BYTES, _FIRST_PAGE_BYTES):
        _copy(path, work)
        if size:
            _replace_start(work, new, size)
        with closing(sqlite3.connect(new.resolve().as_uri(), uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            try:
                connection.execute("ATTACH ? AS damaged", (f"{work.resolve().as_uri()}?mode=rw",))
                connection.execute("SELECT COUNT(*) FROM damaged.sqlite_master").fetchone()
            except sqlite3.DatabaseError as error:
                _log.warning("The library file cannot be opened as it is: %s", error)
                continue
            best = _copy_tables(connection)
        if any(best.values()):
            break
    return best


def _replace_start(work: Path, new: Path, size: int) -> None:
    """Replace the first bytes of a damaged file by those of a new one."""
    with new.open("rb") as file:
        start = bytearray(file.read(size))
    start[28:40] = bytes(12)  # page count and free list: SQLite then uses the file's size
    with work.open("r+b") as file:
        file.write(start)


def _copy_tables(connection: sqlite3.Connection) -> dict[str, int]:
    known = " AND ".join("name NOT LIKE ?" for _ in _INTERNAL_TABLES)
    sql = f"SELECT name FROM sqlite_master WHERE type = 'table' AND {known}"  # noqa: S608
    tables = [name for (name,) in connection.execute(sql, _INTERNAL_TABLES)]
    for table in tables:
        with suppress(sqlite3.DatabaseError):
            _copy_table(connection, table)
    with suppress(sqlite3.DatabaseError):
        # Ids must not be reused, since files outside the database may refer to them.
        connection.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, coalesce("
            "(SELECT seq FROM damaged.sqlite_sequence old WHERE old.name = sqlite_sequence.name), 0))"
        )
    _delete_dangling_rows(connection)
    return {name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _copy_table(connection: sqlite3.Connection, table: str) -> None:
    wanted = [row[1] for row in connection.execute(f'PRAGMA main.table_info("{table}")')]
    present = {row[1] for row in connection.execute(f'PRAGMA damaged.table_info("{table}")')}
    columns = ", ".join(f'"{name}"' for name in wanted if name in present)
    if not columns:
        return
    copy = f'INSERT OR IGNORE INTO main."{table}" ({columns}) SELECT {columns} FROM damaged."{table}"'  # noqa: S608
    try:
        connection.execute(copy)
    except sqlite3.DatabaseError:
        with suppress(sqlite3.OperationalError):  # tables without row ids hold what can be computed again
            _copy_range(connection, f"{copy} WHERE rowid BETWEEN ? AND ?", 1, _max_row_id(connection, table))


def _max_row_id(connection: sqlite3.Connection, table: str) -> int:
    """Return the highest row id of a damaged table, or a default if it is unreadable or implausible."""
    for sql in (
        f"SELECT seq FROM damaged.sqlite_sequence WHERE name = '{table}'",  # noqa: S608
        f'SELECT max(rowid) FROM damaged."{table}"',  # noqa: S608
    ):
        with suppress(sqlite3.DatabaseError, TypeError, ValueError):
            row = connection.execute(sql).fetchone()
            if row and 0 < int(row[0]) <= _MAX_ROW_ID:
                return int(row[0])
    return _DEFAULT_MAX_ROW_ID


def _copy_range(connection: sqlite3.Connection, copy: str, first: int, last: int) -> None:
    """Copy a range of rows, halving ranges that contain damage."""
    pending = deque([(first, last)])
    failures = 0
    while pending and failures < _MAX_FAILED_READS:
        first, last = pending.popleft()
        try:
            connection.execute(copy, (first, last))
        except sqlite3.DatabaseError:
            failures += 1
            if first < last:
                middle = (first + last) // 2
                pending += [(first, middle), (middle + 1, last)]


def _delete_dangling_rows(connection: sqlite3.Connection) -> None:
    """Delete rows that refer to lost rows: their files are read again by the next indexing."""
    while violations := connection.execute("PRAGMA main.foreign_key_check").fetchall():
        for table, rowid, *_ in violations:
            if rowid is None:
                connection.execute(f'DELETE FROM main."{table}"')  # noqa: S608
            else:
                connection.execute(f'DELETE FROM main."{table}" WHERE rowid = ?', (rowid,))  # noqa: S608


def _copy(path: Path, target: Path) -> None:
    delete_database(target)
    shutil.copyfile(path, target)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        shutil.copyfile(log, target.with_name(f"{target.name}-wal"))


def _move(path: Path, target: Path) -> None:
    for suffix in ("", *SIDE_FILES):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(target.with_name(target.name + suffix))
