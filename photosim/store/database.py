"""Open one SQLite file of a library: check that it is ours, bring its schema up to date, share it safely."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlite_utils import Database, Migrations

from photosim.errors import DamagedLibraryError, LibraryError, ReadOnlyLibraryError

APPLICATION_ID = 0x50485349  # "PHSI": written into every file of ours, as SQLite's documentation suggests
_OPENING = "opening.lock"
_OPENING_S = 60.0  # bringing a large library up to date may take a while
_NOT_OURS = "{path} is not a PhotoSim library; it was left as it is. Choose another place with --library."
_READ_ONLY = "The library {folder} lies where nothing can be written: it can be looked at and not changed."
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_FILES = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}  # where SQLite may not make its own files
# File names need not be valid Unicode: they are kept as the bytes that the system gave. As os.fsdecode, which is slower.
# Where all text of a question is valid, SQLite's own way gives the same in half the time.
_TEXT = partial(str, encoding=sys.getfilesystemencoding(), errors=sys.getfilesystemencodeerrors())
_IS_UTF8 = sys.getfilesystemencoding() == "utf-8"
# Bytes of the file that are read by mapping them; writing goes the usual way. Two hundred embeddings out of 300,000 take
# 1.4 ms so, and 38 ms with a call of the system for every page, where such calls are slow.
_MAPPED = 2_147_418_112
SIDE_FILES = ("-journal", "-wal", "-shm")  # that SQLite puts beside a file
_LEAST_ROOM = 65_536  # bytes: SQLite lets the memory that programs share grow by half of that
BUSY_TIMEOUT_MS = 10_000  # a reader waits this long for the writer's short transactions


class LibraryDatabase:
    """A SQLite file with its migrations applied, usable from any thread.

    Raises LibraryError when the file is not ours, was made by a newer PhotoSim, or is damaged; such a file is
    left as it is.
    """

    def __init__(self, path: Path, migrations: Migrations, *, memory_mapped: bool = True) -> None:
        """Without `mapped` the file is read by calls: large rows from all over a large file come faster so."""
        self.path = path
        self._lock = threading.RLock()
        self.is_read_only = not _may_write(path)
        """Whether the file lies where this user may not write: it can be asked and not changed."""
        self.read_only_reason = ""
        """Why nothing may be changed, although it could be; empty when it may."""
        try:
            if self.is_read_only:
                self._connection = _connect_to_read(path, migrations)
                self.db = Database(self._connection)
                return
            if not _is_ready(path, migrations):
                # Two programs may open a new library at once: one makes it, the other waits.
                with FileLock(path.with_name(_OPENING), timeout=_OPENING_S):
                    _make_ready(path, migrations)
            self._connection = _connect(path)
            self.db = Database(self._connection)
            if not memory_mapped:
                self._connection.execute("PRAGMA mmap_size = 0")
        except (sqlite3.Error, OSError) as error:
            raise _in_a_sentence(path, error) from error

    def close(self) -> None:
        """Close the file; nothing may be asked of it afterwards."""
        with self._lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """One transaction: all of it is kept or, after an error, none of it."""
        self.check_writable()
        with self._lock, _in_sentences(self.path), self.db.atomic():
            yield self.db

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else of this process asks or writes meanwhile."""
        with self._lock:
            yield

    def check_writable(self) -> None:
        """Raise ReadOnlyLibraryError when nothing can or may be changed."""
        if self.is_read_only or self.read_only_reason:
            raise ReadOnlyLibraryError(self.read_only_reason or _READ_ONLY.format(folder=self.path.parent))

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        with self._lock, _in_sentences(self.path):
            return _all_rows(self._connection, sql, tuple(parameters))

    def scan_rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """The same, of a query that looks at all photos.

        The file is read and not mapped meanwhile: of a large library mapped pages would be most of what the program
        holds in memory.
        """
        with self._lock, _in_sentences(self.path):
            self._connection.execute("PRAGMA mmap_size = 0").fetchall()
            try:
                return _all_rows(self._connection, sql, tuple(parameters))
            finally:
                self._connection.execute(f"PRAGMA mmap_size = {_MAPPED}").fetchall()

    def value(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        """The first column of the first row of a query, or None."""
        with self._lock, _in_sentences(self.path):
            row = self._connection.execute(sql, tuple(parameters)).fetchone()
        return row[0] if row else None

    def vacuum(self) -> None:
        """Give the room of what was deleted back to the disk; while that cannot be, new rows take it."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.execute("VACUUM")

    def data_version(self) -> int:
        """A number that changes when another process has committed to this file."""
        return int(self.value("PRAGMA data_version"))

    def state(self) -> tuple[int, int]:
        """Two numbers that change when this process or another has changed rows of this file."""
        with self._lock:
            return self.data_version(), self._connection.total_changes


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000)
    connection.text_factory = _TEXT
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _all_rows(connection: sqlite3.Connection, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if _IS_UTF8:
        connection.text_factory = str
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if hasattr(error, "sqlite_errorcode"):  # SQLite's; that a text is not Unicode is said by Python
                raise
        finally:
            connection.text_factory = _TEXT
    return connection.execute(sql, parameters).fetchall()


def _is_ready(path: Path, migrations: Migrations) -> bool:
    """Whether the file is ours and up to date; looks at it without changing it.

    Raises LibraryError for a file that is newer than the program, and for one that is no database.
    """
    if not path.exists() or path.stat().st_size == 0:
        return False
    try:
        with closing(_connect_by_uri(path)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return False
            known = {migration.name for migration in migrations.pending(Database(memory=True))}
            applied = {migration.name for migration in migrations.applied(Database(connection))}
    except sqlite3.DatabaseError as error:
        if _is_damage(error) and _was_ours(path):
            raise _in_a_sentence(path, error) from error
        raise LibraryError(_NOT_OURS.format(path=path)) from error
    if not applied <= known:
        raise LibraryError(
            f"The library {path} was made by a newer PhotoSim; it was left as it is. Please update PhotoSim."
        )
    return applied == known


def _make_ready(path: Path, migrations: Migrations) -> None:
    """Make a new file ours, or bring ours up to date. Raises LibraryError for somebody else's file."""
    if _is_ready(path, migrations):
        return
    if not path.exists() or path.stat().st_size == 0:
        _make_new(path, migrations)
        return
    with closing(_connect(path)) as connection:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise LibraryError(_NOT_OURS.format(path=path))
        migrations.apply(Database(connection))


def _make_new(path: Path, migrations: Migrations) -> None:
    """Make a file under another name and put it in place when it is whole.

    Killed in between, it would be a file that does not say yet that it is ours.
    """
    new = path.with_name(f"{path.name}.new")
    delete_database(new)
    try:
        with closing(_connect(new)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrations.apply(Database(connection))
            # Last: what lay in a log might not get from there into the file, and closing does not say so.
            connection.execute("PRAGMA journal_mode = WAL")
        delete_database(path)  # a log left beside it would be taken for its own
        new.replace(path)
    except BaseException:
        delete_database(new)
        raise


def delete_database(path: Path) -> None:
    """Remove a database that nobody has open, with what SQLite puts beside it."""
    for ending in ("", *SIDE_FILES):
        path.with_name(path.name + ending).unlink(missing_ok=True)


@contextmanager
def _in_sentences(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_a_sentence(path, error) from error


def _may_write(path: Path) -> bool:
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _connect_to_read(path: Path, migrations: Migrations) -> sqlite3.Connection:
    """Open a file that cannot be written. Raises LibraryError when it would have to be."""
    if not path.exists():
        raise ReadOnlyLibraryError(f"There is no library in {path.parent}, and none can be made there.")
    if not _is_ready(path, migrations):
        raise ReadOnlyLibraryError(
            f"The library {path.parent} was made by an older PhotoSim and must be brought up to date, "
            "but nothing can be written there."
        )
    connection = _connect_by_uri(path)
    connection.text_factory = _TEXT
    connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
    return connection


def _connect_by_uri(path: Path) -> sqlite3.Connection:
    """A connection that only reads, also where SQLite cannot make its files of shared memory."""
    for options in ("mode=ro", "immutable=1"):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?{options}",
            uri=True,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
        try:
            connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if options != "mode=ro" or _may_write(path) or error.sqlite_errorcode & 0xFF not in _NO_FILES:
                raise
        except sqlite3.Error:
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("unreachable")


def _was_ours(path: Path) -> bool:
    """Whether the beginning of a damaged file still says that it is ours."""
    with path.open("rb") as file:
        header = file.read(72)
    return header[68:72] == APPLICATION_ID.to_bytes(4, "big")


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _has_no_room(folder: Path) -> bool:
    """Whether the disk is full, for the files of which SQLite only says that they failed."""
    with suppress(OSError):
        return shutil.disk_usage(folder).free < _LEAST_ROOM
    return False


def _in_a_sentence(path: Path, error: Exception) -> LibraryError:
    """One of our errors for one of SQLite's or of the system's."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    full = code == sqlite3.SQLITE_IOERR and _has_no_room(path.parent)
    if full or code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in _FULL:
        return LibraryError(
            f"The disk with the library {path.parent} is full. What was read so far is kept: free some space, "
            "then go on."
        )
    if _is_damage(error):
        return DamagedLibraryError(
            f"The library file {path} is damaged ({error}). “photosim repair” saves all that can be read of it "
            "and keeps the damaged file aside."
        )
    if code == sqlite3.SQLITE_READONLY:
        return ReadOnlyLibraryError(_READ_ONLY.format(folder=path.parent))
    return LibraryError(f"The library file {path} could not be read or written: {error}.")
