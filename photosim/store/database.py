"""A SQLite file of a library: checked for being ours, migrated, and shared between threads."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from filelock import FileLock
from sqlite_utils import Database, Migrations

from photosim.errors import ReadOnlyLibraryError
from photosim.store.connection import (
    MMAP_BYTES,
    READ_ONLY,
    bump_content_version,
    connect,
    connect_read_only,
    converted_errors,
    create_or_migrate,
    damaged_error,
    decode_text,
    is_up_to_date,
    is_writable,
    library_error,
    make_database_private,
    require_files,
)
from photosim.store.schema import MAX_ID, column_rules, wrong_column

_OPEN_LOCK = "opening.lock"
_OPEN_TIMEOUT_S = 60.0  # applying migrations to a large library may take a while
_CHUNK_SIZE = 500  # the oldest builds of SQLite allow 999 parameters in a statement
_IS_UTF8 = sys.getfilesystemencoding() == "utf-8"

_TEXT_END = "\0\n\0"
"""Between texts that are fetched as one; no path holds it."""

_PARSED_CHARACTERS = 1 << 17
"""Characters of joined ids that are parsed at once, in about a millisecond."""

Ids = npt.NDArray[np.int64]

_Item = TypeVar("_Item")


def in_chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Split items into slices that are short enough to be the parameters of one statement."""
    for start in range(0, len(items), _CHUNK_SIZE):
        yield items[start : start + _CHUNK_SIZE]


def placeholders(items: Sized, placeholder: str = "?") -> str:
    """Return a comma-separated placeholder for each item, for `IN (...)`."""
    return ",".join([placeholder] * len(items))


JSON_IDS = "(SELECT value FROM json_each(?))"
"""For `IN`: any number of ids as one parameter, made by `json_ids`."""


def json_ids(ids: Iterable[int]) -> str:
    """Return ids as JSON, for JSON_IDS."""
    return json.dumps([int(number) for number in ids])


class LibraryDatabase:
    """A SQLite file with its migrations applied, usable from any thread.

    Raises LibraryError when the file is not ours, was created by a newer PhotoSim, or is damaged; such a file is
    left unchanged.
    """

    def __init__(self, path: Path, migrations: Migrations, *, memory_mapped: bool = True) -> None:
        """Open the file; `memory_mapped=False` suits large rows that are scattered over a large file."""
        self.path = path
        self.is_read_only = not is_writable(path)
        """Whether this user may not write the file or its folder."""
        self.read_only_reason = ""
        """Error message for every write while the library must not be changed; empty when it may be."""
        self._lock = threading.RLock()
        self._write_count = 0
        self._migrations = migrations
        try:
            require_files(path)
            if self.is_read_only:
                self._connection = connect_read_only(path, migrations)
                self.db = Database(self._connection)
                return
            if not is_up_to_date(path, migrations):
                # Two programs may open a new library at the same time: one creates it, the other waits.
                with FileLock(path.with_name(_OPEN_LOCK), timeout=_OPEN_TIMEOUT_S, mode=0o600):
                    create_or_migrate(path, migrations)
            make_database_private(path)
            self._connection = connect(path)
            self.db = Database(self._connection)
            if not memory_mapped:
                self._connection.execute("PRAGMA mmap_size = 0")
        except (sqlite3.Error, OSError) as error:
            raise library_error(path, error) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.db.close()

    @contextmanager
    def transaction(self, *, bump_revision: bool = True) -> Iterator[Database]:
        """Run a transaction that is rolled back on errors; nested ones are savepoints of the outer one.

        Pass `bump_revision=False` for writes to tables from which nothing is cached, see `revision`.
        Raises ReadOnlyLibraryError when the library cannot or must not be changed.
        """
        self.check_writable()
        with self._lock, converted_errors(self.path):
            before = self._connection.total_changes
            with self.db.atomic():
                yield self.db
                is_changed = bump_revision and self._connection.total_changes != before
                if is_changed:
                    bump_content_version(self._connection)
            self._write_count += is_changed

    def check_writable(self) -> None:
        """Raise ReadOnlyLibraryError when the library cannot or must not be changed."""
        if self.is_read_only or self.read_only_reason:
            raise ReadOnlyLibraryError(self.read_only_reason or READ_ONLY.format(folder=self.path.parent))

    def rows(
        self, sql: str, parameters: Iterable[Any] = (), *, checked: bool = True
    ) -> list[tuple[Any, ...]]:
        """Fetch all rows of a query.

        Raises DamagedLibraryError for a value that its column cannot have; with `checked=False` the caller looks at
        the values.
        """
        with self._lock, converted_errors(self.path):
            return self._fetch_all(sql, tuple(parameters), checked=checked)

    def scan_rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Fetch all rows of a query that scans whole tables.

        The memory map is off meanwhile: the pages of a large library would be most of the process's memory.
        """
        with self._lock, converted_errors(self.path), self._without_map():
            return self._fetch_all(sql, tuple(parameters))

    def release_map(self) -> None:
        """Take the pages that were read through the memory map out of the process; they are mapped again when needed."""
        with self._lock, converted_errors(self.path), self._without_map():
            pass

    @contextmanager
    def _without_map(self) -> Iterator[None]:
        self._connection.execute("PRAGMA mmap_size = 0").fetchall()
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA mmap_size = {MMAP_BYTES}").fetchall()

    def scan_ids(self, columns: Sequence[str], query: str, parameters: Iterable[Any] = ()) -> list[Ids]:
        """Fetch these columns of a query that scans whole tables, all of them ids, (N,) each, in its order.

        Raises DamagedLibraryError for a value that is no id.
        """
        return self._scan_columns(columns, (), query, parameters)[0]

    def fetch_ids(self, columns: Sequence[str], query: str, parameters: Iterable[Any] = ()) -> list[Ids]:
        """Fetch columns of ids as `scan_ids` does, with the memory map: of a query that scans no large table."""
        return self._ids_of_columns(columns, (), query, parameters, self.rows)[0]

    def scan_ids_and_text(
        self, columns: Sequence[str], text: str, query: str, parameters: Iterable[Any] = ()
    ) -> tuple[list[Ids], Iterator[str]]:
        """Fetch columns of ids as `scan_ids` does, and one of text, whose values are made as they are iterated over."""
        joined = f"GROUP_CONCAT({text}, CHAR(0, 10, 0))"
        wrong = f"TOTAL(TYPEOF({text}) <> 'text' OR INSTR({text}, CHAR(0, 10, 0)))"
        ids, (texts, is_wrong) = self._scan_columns(columns, (joined, wrong), query, parameters)
        if is_wrong:
            raise damaged_error(self.path, f"a value in the column “{text}” is wrong")
        return ids, _texts_in(texts)

    def scan_ids_and_blobs(
        self, columns: Sequence[str], blob: str, query: str, parameters: Iterable[Any] = ()
    ) -> tuple[list[Ids], bytes]:
        """Fetch columns of ids as `scan_ids` does, and all blobs of one column as one; the query finds only sound ones."""
        ids, (joined,) = self._scan_columns(columns, (f"GROUP_CONCAT(HEX({blob}), '')",), query, parameters)
        return ids, bytes.fromhex(joined or "")

    def _scan_columns(
        self, columns: Sequence[str], others: Sequence[str], query: str, parameters: Iterable[Any]
    ) -> tuple[list[Ids], tuple[Any, ...]]:
        """Fetch columns of ids, and other aggregates of the query."""
        return self._ids_of_columns(columns, others, query, parameters, self.scan_rows)

    def _ids_of_columns(
        self,
        columns: Sequence[str],
        others: Sequence[str],
        query: str,
        parameters: Iterable[Any],
        fetch: Callable[[str, Iterable[Any]], list[tuple[Any, ...]]],
    ) -> tuple[list[Ids], tuple[Any, ...]]:
        # One text instead of a row each takes a quarter of the time, during most of which other threads can run.
        # GROUP_CONCAT keeps the order of a subquery.
        joined = [*(f"GROUP_CONCAT({column})" for column in columns), *others]
        [row] = fetch(f"SELECT COUNT(*), {', '.join(joined)} FROM ({query})", parameters)  # noqa: S608
        count, found = row[0], row[1 : len(columns) + 1]
        ids = [_ids_in(joined_ids or "") for joined_ids in found]
        for name, numbers in zip(columns, ids, strict=True):
            if len(numbers) != count:
                raise damaged_error(self.path, f"a value in the column “{name}” is wrong")
        return ids, row[len(columns) + 1 :]

    def value(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        """Fetch the first column of the first row of a query, or None."""
        with self._lock, converted_errors(self.path):
            cursor = self._connection.execute(sql, tuple(parameters))
            row = cursor.fetchone()
            self._check([row] if row else [], cursor)
        return row[0] if row else None

    def vacuum(self) -> None:
        """Return the space of deleted rows to the disk; where that fails, new rows reuse it."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.execute("VACUUM")

    def data_version(self) -> int:
        """Return a number that changes when another process has committed to this file."""
        return int(self.value("PRAGMA data_version"))

    def content_version(self) -> int:
        """Return a number for caches that are saved in this file: it changes as `revision` does, whoever commits.

        Read inside a transaction it is that of what the transaction writes on.
        """
        return int(self.value("PRAGMA user_version"))

    def revision(self) -> tuple[int, int]:
        """Return a key for caches: it changes with commits of other processes and of this one.

        Transactions of this process with `bump_revision=False` leave it as it is.
        """
        with self._lock:
            return self.data_version(), self._write_count

    def _fetch_all(
        self, sql: str, parameters: tuple[Any, ...], *, checked: bool = True
    ) -> list[tuple[Any, ...]]:
        cursor, rows = _execute(self._connection, sql, parameters)
        if checked:
            self._check(rows, cursor)
        return rows

    def _check(self, rows: Sequence[tuple[Any, ...]], cursor: sqlite3.Cursor) -> None:
        column = wrong_column(
            rows, [name for name, *_ in cursor.description or ()], column_rules(self._migrations)
        )
        if column is not None:
            raise damaged_error(self.path, f"a value in the column “{column}” is wrong")


def _texts_in(joined: str | None) -> Iterator[str]:
    """Yield texts that _TEXT_END separates, one at a time: a list takes as much memory again, and leaves gaps in it."""
    start = 0
    while joined is not None and start <= len(joined):
        end = joined.find(_TEXT_END, start)
        end = len(joined) if end < 0 else end
        yield joined[start:end]
        start = end + len(_TEXT_END)


def _ids_in(joined: str) -> Ids:
    """Return ids that are joined by commas; none if anything else is among them."""
    parts, start = [np.empty(0, np.int64)], 0
    while start < len(joined):  # in parts, between which other threads can run
        end = joined.find(",", start + _PARSED_CHARACTERS)
        end = len(joined) if end < 0 else end
        ids = _parsed_ids(joined[start:end])
        if not len(ids):
            return ids
        parts.append(ids)
        start = end + 1
    return np.concatenate(parts)


def _parsed_ids(joined: str) -> Ids:
    # SQLite takes several times as long to look at each.
    is_numbers = joined.isascii() and joined.replace(",", "").isdecimal()
    try:
        ids = np.fromstring(joined if is_numbers else "", np.int64, sep=",")
    except ValueError:  # nothing between two commas
        return np.empty(0, np.int64)
    return ids if len(ids) and 0 < ids.min() <= ids.max() <= MAX_ID else ids[:0]


def _execute(
    connection: sqlite3.Connection, sql: str, parameters: tuple[Any, ...]
) -> tuple[sqlite3.Cursor, list[tuple[Any, ...]]]:
    if _IS_UTF8:
        # Valid text, as nearly all is, is decoded in half the time by SQLite's own way.
        connection.text_factory = str
        try:
            cursor = connection.execute(sql, parameters)
            return cursor, cursor.fetchall()
        except sqlite3.OperationalError as error:
            if hasattr(error, "sqlite_errorcode"):  # from SQLite; Python's error about invalid text has none
                raise
        finally:
            connection.text_factory = decode_text
    cursor = connection.execute(sql, parameters)
    return cursor, cursor.fetchall()
