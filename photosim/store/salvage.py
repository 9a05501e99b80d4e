"""Save what can be read of a damaged library into a new one; the damaged file is kept aside."""

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

_HEADER = 100  # bytes at the beginning of an SQLite file
_UNKNOWN_ROWS = 1_000_000  # rows looked for in a table that does not tell how many it has
_MOST_ROWS = 100_000_000  # a table that says it has more is damaged there too
_MOST_FAILURES = 50_000  # reads that fail before a table is left: some seconds
_OWN_TABLES = ("sqlite_%", "_sqlite_migrations")


@dataclass(frozen=True, slots=True)
class SalvageResult:
    """What came of a repair: where the damaged file lies now, and how many rows of each table were saved."""

    damaged_file: Path
    rows: dict[str, int]


def is_intact(path: Path) -> bool:
    """Whether SQLite finds no fault in a file: reads all of it."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            return bool(answer == "ok" and not connection.execute("PRAGMA foreign_key_check").fetchone())
    except sqlite3.DatabaseError:
        return False


def salvage(path: Path, now: datetime) -> SalvageResult:
    """Replace a damaged library file by one with all that could be read of it.

    The damaged file is renamed to `library.db.damaged-DATE`; nothing of it is deleted. Nobody else may have the
    library open. Raises LibraryError when the new file cannot be written; then all is as it was.
    """
    new = path.with_name(f"{path.name}.new")
    work = path.with_name(f"{path.name}.work")
    aside = path.with_name(f"{path.name}.damaged-{now:%Y-%m-%d-%H%M%S}")
    delete_database(new)
    LibraryDatabase(new, migrations.library).close()
    try:
        rows = _copy_what_is_readable(path, work, new)
        _move(path, aside)
        _move(new, path)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(f"The library {path} could not be repaired: {error}.") from error
    finally:
        delete_database(new)
        delete_database(work)
    return SalvageResult(aside, rows)


def _copy_what_is_readable(path: Path, work: Path, new: Path) -> dict[str, int]:
    """Try the file as it is, then with a mended header, then with the first page of a new library."""
    best: dict[str, int] = {}
    for mend in (0, _HEADER, 4096):
        _copy(path, work)
        if mend:
            _mend(work, new, mend)
        with closing(sqlite3.connect(new.resolve().as_uri(), uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            try:
                connection.execute("ATTACH ? AS damaged", (f"{work.resolve().as_uri()}?mode=rw",))
                connection.execute("SELECT COUNT(*) FROM damaged.sqlite_master").fetchone()
            except sqlite3.DatabaseError as error:
                _log.warning("The library's file cannot be opened as it is: %s", error)
                continue
            best = _copy_tables(connection)
        if any(best.values()):
            break
    return best


def _mend(work: Path, new: Path, size: int) -> None:
    """Put the first bytes of a new library in the place of damaged ones."""
    with new.open("rb") as file:
        good = bytearray(file.read(size))
    good[28:40] = bytes(12)  # size and free pages: SQLite then goes by the size of the file
    with work.open("r+b") as file:
        file.write(good)


def _copy_tables(connection: sqlite3.Connection) -> dict[str, int]:
    known = " AND ".join("name NOT LIKE ?" for _ in _OWN_TABLES)
    sql = f"SELECT name FROM sqlite_master WHERE type = 'table' AND {known}"  # noqa: S608
    tables = [name for (name,) in connection.execute(sql, _OWN_TABLES)]
    for table in tables:
        with suppress(sqlite3.DatabaseError):
            _copy_table(connection, table)
    with suppress(sqlite3.DatabaseError):
        # An id that something outside the library remembers must never name another photo.
        connection.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, coalesce("
            "(SELECT seq FROM damaged.sqlite_sequence old WHERE old.name = sqlite_sequence.name), 0))"
        )
    _drop_what_hangs_in_the_air(connection)
    return {name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _copy_table(connection: sqlite3.Connection, table: str) -> None:
    wanted = [row[1] for row in connection.execute(f'PRAGMA main.table_info("{table}")')]
    there = {row[1] for row in connection.execute(f'PRAGMA damaged.table_info("{table}")')}
    columns = ", ".join(f'"{name}"' for name in wanted if name in there)
    if not columns:
        return
    copy = f'INSERT OR IGNORE INTO main."{table}" ({columns}) SELECT {columns} FROM damaged."{table}"'  # noqa: S608
    try:
        connection.execute(copy)
    except sqlite3.DatabaseError:
        with suppress(sqlite3.OperationalError):  # a table without row ids holds what can be made again
            highest = _highest(connection, table)
            _copy_range(connection, f"{copy} WHERE rowid BETWEEN ? AND ?", 1, highest)


def _highest(connection: sqlite3.Connection, table: str) -> int:
    """The highest row id that a table may hold; what a damaged page says of it is not believed beyond reason."""
    for sql in (
        f"SELECT seq FROM damaged.sqlite_sequence WHERE name = '{table}'",  # noqa: S608
        f'SELECT max(rowid) FROM damaged."{table}"',  # noqa: S608
    ):
        with suppress(sqlite3.DatabaseError, TypeError, ValueError):
            row = connection.execute(sql).fetchone()
            if row and 0 < int(row[0]) <= _MOST_ROWS:
                return int(row[0])
    return _UNKNOWN_ROWS


def _copy_range(connection: sqlite3.Connection, copy: str, first: int, last: int) -> None:
    """Copy a range of rows; where it holds damage, its halves."""
    waiting = deque([(first, last)])
    failures = 0
    while waiting and failures < _MOST_FAILURES:
        first, last = waiting.popleft()
        try:
            connection.execute(copy, (first, last))
        except sqlite3.DatabaseError:
            failures += 1
            if first < last:
                middle = (first + last) // 2
                waiting += [(first, middle), (middle + 1, last)]


def _drop_what_hangs_in_the_air(connection: sqlite3.Connection) -> None:
    """Remove rows whose other half was lost: such a file is read again, such an embedding is made again."""
    while broken := connection.execute("PRAGMA main.foreign_key_check").fetchall():
        for table, rowid, *_ in broken:
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
    for ending in ("", *SIDE_FILES):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.replace(target.with_name(target.name + ending))
